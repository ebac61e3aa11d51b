#include "net/engine_io.h"

#include <gtest/gtest.h>

namespace oki::net {
namespace {

template <typename Packet>
bool is(ByteView text) {
  const auto packet = parse_client_packet(text);
  return packet && std::holds_alternative<Packet>(*packet);
}

TEST(EngineIo, ServerPacketsAreSpelledAsBitbankSpellsThem) {
  EXPECT_EQ(engine_io_open("abc"),
            R"(0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,)"
            R"("maxPayload":1000000})");
  EXPECT_EQ(socket_io_connected("x1"), R"(40{"sid":"x1"})");
  EXPECT_EQ(socket_io_message("ticker_btc_jpy", R"({"sell":"1"})"),
            R"(42["message",{"room_name":"ticker_btc_jpy","message":{"data":{"sell":"1"}}}])");
}

TEST(EngineIo, ReadsWhatClientsSend) {
  EXPECT_TRUE(is<EngineIoPong>("3"));
  EXPECT_TRUE(is<EngineIoClose>("1"));
  EXPECT_TRUE(is<SocketIoConnect>("40"));
  EXPECT_TRUE(is<SocketIoConnect>("40{\"token\":\"x\"}"));
  EXPECT_TRUE(is<SocketIoConnect>("40/,{}"));
  EXPECT_TRUE(is<SocketIoDisconnect>("41"));
  EXPECT_TRUE(is<IgnoredEvent>("6"));
  EXPECT_TRUE(is<IgnoredEvent>("431[]"));
}

TEST(EngineIo, JoinsAndLeavesRooms) {
  const char* joins[] = {R"(42["join-room","depth_whole_btc_jpy"])",
                         R"(42["join-room", "depth_whole_btc_jpy"])",
                         R"(42 [ "join-room" , "depth_whole_btc_jpy" ] )",
                         R"(4217["join-room","depth_whole_btc_jpy"])",
                         R"(42["join-room","depth_whole_btc_jpy",{"more":1}])",
                         R"(42/,["join-room","depth_whole_btc_jpy"])"};
  for (const char* join : joins) {
    const auto packet = parse_client_packet(join);
    ASSERT_TRUE(packet.has_value()) << join;
    ASSERT_TRUE(std::holds_alternative<JoinRoom>(*packet)) << join;
    EXPECT_EQ(std::get<JoinRoom>(*packet).room, "depth_whole_btc_jpy");
  }
  const auto leave = parse_client_packet(R"(42["leave-room","ticker_eth_jpy"])");
  ASSERT_TRUE(leave.has_value());
  EXPECT_EQ(std::get<LeaveRoom>(*leave).room, "ticker_eth_jpy");
}

TEST(EngineIo, IgnoresEventsThatMeanNothingHere) {
  for (const char* text : {R"(42["join-room"])", R"(42["join-room",1])", R"(42["join-room",["a"]])",
                           R"(42["hello","x"])", R"(42["JOIN-ROOM","x"])",
                           R"(42/admin,["join-room","x"])", "40/admin,", "40/admin", "41/admin,"}) {
    EXPECT_TRUE(is<IgnoredEvent>(text)) << text;
  }
}

TEST(EngineIo, RefusesWhatBreaksTheProtocol) {
  for (const char* text : {"",
                           "2",
                           "2probe",
                           "5",
                           "7",
                           "x",
                           "4",
                           "48",
                           "4x",
                           "45-[]",
                           "46",
                           "42",
                           "42[",
                           "42[]",
                           "42[1]",
                           "42{}",
                           "42\"join-room\"",
                           "42[\"a\"]x",
                           "40x",
                           "40{",
                           "41x",
                           "42[\"join-room\",\"\xFF\"]",
                           "b4AAAA"}) {
    EXPECT_FALSE(parse_client_packet(text).has_value()) << text;
  }
}

TEST(EngineIo, RefusesPacketsAboveTheAnnouncedLimit) {
  const Bytes room(engine_io_payload_max, 'r');
  EXPECT_FALSE(parse_client_packet("42[\"join-room\",\"" + room + "\"]").has_value());
  const Bytes nested(100'000, '[');
  EXPECT_FALSE(parse_client_packet("42" + nested).has_value());
}

}  // namespace
}  // namespace oki::net
