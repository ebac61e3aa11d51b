// A cluster of nothing but the core, for tests and the fuzzer: commands wait until step(), then
// take effect, are told to the follower and are answered. Failures are switched on by the test.
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "base/clock.h"
#include "core/core.h"
#include "edge/cluster.h"

namespace oki::edge::testing {

class CoreCluster : public Cluster {
 public:
  explicit CoreCluster(const Clock& clock) : clock_(clock), core_(core::CoreLimits{}) {
    view_.leader_known = true;
    view_.leader_seat = 1;
    view_.term = {1};
    view_.connected = {true};
  }

  void submit(Bytes command, std::function<void(const replica::Answer&)> done) override {
    waiting_.push_back({std::move(command), std::move(done)});
  }
  const replica::ClusterView& view() const override { return view_; }

  // Told of every block as it is made, before the answers of its commands.
  std::function<void(const replica::EventBlock&)> follower;

  replica::ClusterView view_;
  replica::Outcome outcome = replica::Outcome::answered;  // Of the commands stepped from now on.

  std::size_t waiting() const { return waiting_.size(); }
  const replica::EventBlock& last_block() const { return block_; }

  // Applies the oldest waiting command as a log entry of its own; false when none waits.
  bool step() {
    if (waiting_.empty()) return false;
    auto [command, done] = std::move(waiting_.front());
    waiting_.pop_front();
    replica::Answer answer;
    answer.outcome = outcome;
    answer.why = "as the test wants it";
    if (outcome != replica::Outcome::not_taken) {
      answer.reply = apply(command);
      answer.index = block_.index;
      if (follower) follower(block_);
    }
    if (outcome != replica::Outcome::answered) answer.reply.clear();
    done(answer);
    return true;
  }

  void run() {
    while (step()) continue;
  }

  // A command by the house, at once.
  core::Reply apply_now(const core::Command& command) {
    const Bytes reply = apply(core::encode(command));
    if (follower) follower(block_);
    return core::decode_reply(reply).value_or(core::Reply{core::Refusal::malformed, {}});
  }

 private:
  Bytes apply(ByteView command) {
    Bytes reply;
    replica::EventBlock block;
    block.index = {block_.index.value + 1};
    block.time = clock_.wall_now();
    block.hash_before = block_.hash;
    core_.apply(block.time, command, reply, block.events);
    block.hash = replica::event_hash(block.hash_before, block.index, block.time, block.events);
    block_ = std::move(block);
    return reply;
  }

  struct Waiting {
    Bytes command;
    std::function<void(const replica::Answer&)> done;
  };
  const Clock& clock_;
  core::Core core_;
  replica::EventBlock block_;
  std::deque<Waiting> waiting_;
};

}  // namespace oki::edge::testing
