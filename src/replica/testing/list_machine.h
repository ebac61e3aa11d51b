// The plainest state machine: a list of every command it was given.
//
// A command is answered with its place in the list and is its own event. A test reads off the list
// what was lost, doubled or reordered.
#pragma once

#include <string>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash64.h"
#include "replica/state_machine.h"

namespace oki::replica {

class ListMachine : public StateMachine {
 public:
  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) override {
    ASSERT(time >= time_);
    time_ = time;
    commands.emplace_back(command);
    reply += std::to_string(commands.size());
    Writer(events).blob(command);
  }

  void end_block(const EventBlock& block) override { last_block_ = block.index; }

  Bytes snapshot() const override {
    Bytes out;
    Writer writer(out);
    writer.i64(time_.value);
    writer.u32(static_cast<std::uint32_t>(commands.size()));
    for (const Bytes& command : commands) writer.blob(command);
    return out;
  }

  Result<void> restore(ByteView snapshot) override {
    Reader reader(snapshot);
    time_ = {reader.i64()};
    const std::uint32_t count = reader.u32();
    commands.clear();
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
      commands.emplace_back(reader.blob(1u << 20));
    }
    if (!reader.done()) return error(Errc::corrupt, "a list of commands is malformed");
    return {};
  }

  std::uint64_t hash() const override { return hash64(snapshot()); }
  Bytes reader_snapshot() const override { return snapshot(); }
  void verify() const override {}

  std::vector<Bytes> commands;

 private:
  WallTimeMs time_;
  LogIndex last_block_;
};

}  // namespace oki::replica
