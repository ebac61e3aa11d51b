#include "replica/testing/scripted_node.h"

#include "base/assert.h"

namespace oki::replica::testing {

Address ScriptedNode::listen_at(const Address& address) {
  const auto listening = net_.listen(address, *this, {});
  ASSERT(listening.has_value());
  return *listening;
}

void ScriptedNode::say(const Frame& frame) {
  for (const auto& [connection, reader] : readers_) net_.send(connection, encode_frame(frame));
}

void ScriptedNode::say_status(std::uint32_t leader_seat, std::uint64_t term,
                              std::uint64_t applied) {
  say(Status{{seat_}, seat_, leader_seat, {term}, leader_seat == seat_, {applied}});
}

std::vector<Frame> ScriptedNode::heard() {
  given_ = std::move(arrived_);
  arrived_.clear();
  std::vector<Frame> frames;
  for (const Bytes& bytes : given_) {
    frames.push_back(*decode_frame(ByteView(bytes).substr(frame_header_bytes)));
  }
  return frames;
}

void ScriptedNode::on_open(ConnectionId connection, const Address&) {
  readers_.emplace(connection, FrameReader());
}

void ScriptedNode::on_bytes(ConnectionId connection, ByteView bytes) {
  const auto fed = readers_.at(connection).feed(bytes, [&](const Frame& frame) -> Result<void> {
    if (std::holds_alternative<Hello>(frame)) {
      Hello hello;
      hello.cluster = cluster_;
      hello.role = Role::node;
      hello.node = {seat_};
      hello.seat = seat_;
      net_.send(connection, greeting.empty() ? encode_frame(hello) : greeting);
    } else if (const auto* open = std::get_if<OpenSession>(&frame);
               open != nullptr && opens_sessions_as.value != 0) {
      net_.send(connection, encode_frame(SessionOpened{open->request, SubmitResult::applied,
                                                       opens_sessions_as, seat_}));
    } else if (!std::holds_alternative<Ping>(frame)) {
      arrived_.push_back(encode_frame(frame));
    }
    return {};
  });
  ASSERT(fed.has_value());
}

void ScriptedNode::on_closed(ConnectionId connection, CloseReason) { readers_.erase(connection); }

}  // namespace oki::replica::testing
