#include "watch/inputs/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "crypto/crypto.h"
#include "watch/inputs/input_server.h"

namespace oki::watch::inputs {
namespace {

using ::testing::HasSubstr;

std::string file(const char* path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string fault(const std::string& toml) {
  const auto settings = read_settings(toml);
  return settings ? "none" : settings.error().message;
}

std::string source(const std::string& more) {
  return "[[source]]\nname = \"a\"\nprotocol = \"alertmanager\"\n" + more;
}

TEST(SignalSettings, AreThoseThatShip) {
  const auto settings = read_settings(file("deploy/signals.toml"));
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->sources.size(), 4u);
  const SourceSettings& first = settings->sources[0];
  EXPECT_EQ(first.name, "alertmanager");
  EXPECT_EQ(first.heartbeat, "Heartbeat");
  EXPECT_EQ(first.poll, std::vector<Address>({{"127.0.0.1", 9093}}));
  EXPECT_EQ(first.rules[1].where, Where({{"alertname", "OkiagariEdgeDown"}}));
  EXPECT_EQ(first.rules[1].trust, response::Trust::evidence);
  EXPECT_EQ(first.rules[1].state, notify::State::partial_outage);
  EXPECT_EQ(first.rules[1].component_label, "seat");
  EXPECT_EQ(settings->sources[2].metrics[0].limit_milli, 10'000'000);
  EXPECT_TRUE(settings->sources[3].rules[1].ends);
}

TEST(SignalSettings, NameWhatIsWrongWithThem) {
  EXPECT_THAT(fault("x = 1"), HasSubstr("signals: unknown key 'x'"));
  EXPECT_THAT(fault("= ="), HasSubstr("is not TOML"));
  EXPECT_THAT(fault("[[source]]\nprotocol = \"otlp\"\n"), HasSubstr("source 1: 'name' must be"));
  EXPECT_THAT(fault("[[source]]\nname = \"a\"\n"), HasSubstr("'protocol' is missing"));
  EXPECT_THAT(fault("[[source]]\nname = \"a\"\nprotocol = \"smoke\"\n"),
              HasSubstr("alertmanager, pagerduty, otlp, cloud_events"));
  EXPECT_THAT(fault("[[source]]\nname = \"A b\"\nprotocol = \"otlp\"\n"), HasSubstr("'name'"));
  EXPECT_THAT(fault(source("") + source("")), HasSubstr("two of the name 'a'"));
  EXPECT_THAT(fault(source("trust = \"hint\"\n")), HasSubstr("unknown key 'trust'"));
  EXPECT_THAT(fault(source("expires_ms = 9999\n")), HasSubstr("from 10000 to"));
  EXPECT_THAT(fault(source("signals_max = \"1\"\n")), HasSubstr("'signals_max' must be a whole"));
  EXPECT_THAT(fault(source("poll = [\"localhost\"]\n")), HasSubstr("'poll'"));
  EXPECT_THAT(fault(source("poll = [\"127.0.0.1:1\"]\npoll_deadline_ms = 5000\n")),
              HasSubstr("below 'poll_every_ms'"));
  EXPECT_THAT(fault("components = [\"edge\"]\n"), HasSubstr("KIND:NAME"));
  EXPECT_THAT(fault("components = [\"edge:A\"]\n"), HasSubstr("KIND:NAME"));
  EXPECT_THAT(fault("components = [\"edge:1\", \"edge:1\"]\n"), HasSubstr("twice"));
  EXPECT_THAT(fault(std::string(settings_bytes_max + 1, '#')), HasSubstr("longer than"));
}

TEST(SignalSettings, WhoMustBeHeardIsASpeakerOfTheHouse) {
  const auto settings = read_settings(
      source("heartbeat = \"Heartbeat\"\nsilent_ms = 60000\n") +
      "[[source]]\nname = \"b\"\nprotocol = \"alertmanager\"\npoll = [\"127.0.0.1:9093\"]\n");
  ASSERT_TRUE(settings) << settings.error().message;
  const auto speakers = speakers_of(*settings);
  ASSERT_EQ(speakers.size(), 1u);  // The other one may be silent.
  EXPECT_EQ(speakers[0].name, "a");
  EXPECT_EQ(speakers[0].speaker.silent_ms, 60'000u);
  EXPECT_TRUE(speakers[0].present);
  EXPECT_THAT(fault(source("silent_ms = 60000\n")), HasSubstr("needs a 'heartbeat'"));
  EXPECT_THAT(fault(source("heartbeat = \"H\"\nsilent_ms = 9999\n")), HasSubstr("'silent_ms'"));
  EXPECT_THAT(fault("[[source]]\nname = \"a\"\nprotocol = \"otlp\"\nsilent_ms = 60000\n"),
              HasSubstr("unknown key 'silent_ms'"));
}

TEST(SignalSettings, NameWhatIsWrongWithARule) {
  const auto rule = [](const std::string& text) {
    return fault(source("[[source.rule]]\n" + text));
  };
  EXPECT_EQ(rule("where = { a = \"b\" }\n"), "none");
  EXPECT_THAT(rule("trust = \"proof\"\n"), HasSubstr("'trust' must be one of: hint, evidence"));
  EXPECT_THAT(rule("state = \"operational\"\n"), HasSubstr("'state' must be one of"));
  EXPECT_THAT(rule("kind = \"odd\"\n"), HasSubstr("source 1, rule 1: 'kind'"));
  EXPECT_THAT(rule("where = { a = 1 }\n"), HasSubstr("'where'"));
  EXPECT_THAT(rule("component_label = \"seat\"\n"), HasSubstr("need each other"));
  EXPECT_THAT(rule("ends = true\n"), HasSubstr("unknown key 'ends'"));
  const auto event = [](const std::string& text) {
    return fault("[[source]]\nname = \"a\"\nprotocol = \"cloud_events\"\n[[source.rule]]\n" + text);
  };
  EXPECT_EQ(event("ends = true\nkey = \"machine\"\n"), "none");
  EXPECT_THAT(event("ends = true\n"), HasSubstr("needs its 'key'"));
  const auto metric = [](const std::string& text) {
    return fault("[[source]]\nname = \"a\"\nprotocol = \"otlp\"\n[[source.metric]]\n" + text);
  };
  EXPECT_EQ(metric("name = \"x\"\nabove = \"0.25\"\n"), "none");
  EXPECT_THAT(metric("name = \"x\"\n"), HasSubstr("either 'above' or 'below'"));
  EXPECT_THAT(metric("name = \"x\"\nabove = 1\nbelow = 2\n"), HasSubstr("either"));
  EXPECT_THAT(metric("name = \"x\"\nabove = 0.5\n"), HasSubstr("decimal as text"));
  EXPECT_THAT(metric("above = 1\n"), HasSubstr("'name' is missing"));
}

TEST(Tokens, AreKnownByTheirDigests) {
  const std::string token(32, 't');
  const auto tokens = Tokens::read("# comment\n\n a  " + crypto::hex(crypto::sha256(token)) +
                                   " # old one\r\nb " + crypto::hex(crypto::sha256("u" + token)));
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->owner(token), "a");
  EXPECT_EQ(tokens->owner("u" + token), "b");
  EXPECT_FALSE(tokens->owner("v" + token));
  EXPECT_EQ(tokens->owner_by_header("Bearer " + token), "a");
  EXPECT_EQ(tokens->owner_by_header("bearer  " + token), "a");
  EXPECT_EQ(tokens->owner_by_header("Basic " + crypto::base64("a:" + token)), "a");
  EXPECT_FALSE(tokens->owner_by_header("Basic " + crypto::base64("b:" + token)));
  for (const std::string& header :
       {std::string(), std::string("Bearer"), std::string("Bearer "), "Token " + token, token,
        "Basic " + crypto::base64(token), std::string("Basic %%%"), "Bearer " + token + "x"}) {
    EXPECT_FALSE(tokens->owner_by_header(header)) << header;
  }
}

TEST(Tokens, AreLongEnoughOrNobodys) {
  const std::string short_one(token_bytes_min - 1, 't');
  const std::string long_one(token_bytes_max + 1, 't');
  const auto tokens = Tokens::read("a " + crypto::hex(crypto::sha256(short_one)) + "\na " +
                                   crypto::hex(crypto::sha256(long_one)));
  ASSERT_TRUE(tokens);
  EXPECT_FALSE(tokens->owner(short_one));
  EXPECT_FALSE(tokens->owner(long_one));
}

TEST(Tokens, AreRefusedWithoutTellingThem) {
  const auto tokens = Tokens::read("\na secret-secret-secret");
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().message, "line 2 of the tokens must be a name and 64 hex digits");
  EXPECT_FALSE(Tokens::read("a"));
  EXPECT_FALSE(Tokens::read("a abcd"));
  EXPECT_FALSE(Tokens::read(std::string(tokens_bytes_max + 1, '\n')));
}

TEST(InputFiles, FitEachOther) {
  const std::string digest = crypto::hex(crypto::sha256(std::string(32, 't')));
  EXPECT_TRUE(read_input_files(source(""), "a " + digest));
  EXPECT_TRUE(read_input_files(source("poll = [\"127.0.0.1:9093\"]\n"), ""));
  const auto none = read_input_files(source(""), "");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("'a' has no token"));
  const auto nobody = read_input_files(source(""), "a " + digest + "\nb " + digest);
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().message, HasSubstr("'b', which is no source"));
}

}  // namespace
}  // namespace oki::watch::inputs
