// The plainest state machine: a list of every command it was given.
//
// A command is answered with its place in the list and is its own event. A test reads off the list
// what was lost, doubled or reordered.
#pragma once

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>
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
    // What is due comes first, at most `fired_max` at a time.
    for (std::size_t fired = 0; fired < fired_max; ++fired) {
      if (alarms_.empty() || alarms_.front() > time) break;
      alarms_.pop_front();
      commands.emplace_back("alarm");
      Writer(events).blob(commands.back());
    }
    if (command == tick) return;
    if (command.starts_with(alarm)) set_alarm(command.substr(alarm.size()));
    commands.emplace_back(command);
    reply += std::to_string(commands.size());
    Writer(events).blob(command);
  }

  void end_block(const EventBlock& block) override { last_block_ = block.index; }

  // "alarm 250": 250 ms after the command, "alarm" stands in the list.
  static constexpr ByteView alarm = "alarm ";
  static constexpr ByteView tick = "tick";
  static constexpr std::size_t fired_max = 2;
  std::optional<WallTimeMs> next_timer() const override {
    if (alarms_.empty()) return std::nullopt;
    return alarms_.front();
  }
  Bytes tick_command() const override { return Bytes(tick); }

  Bytes snapshot() const override {
    Bytes out;
    Writer writer(out);
    writer.i64(time_.value);
    writer.u32(static_cast<std::uint32_t>(commands.size()));
    for (const Bytes& command : commands) writer.blob(command);
    writer.u32(static_cast<std::uint32_t>(alarms_.size()));
    for (const WallTimeMs at : alarms_) writer.i64(at.value);
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
    alarms_.clear();
    for (std::uint32_t left = reader.u32(); left > 0 && reader.ok(); --left) {
      alarms_.push_back({reader.i64()});
    }
    if (!reader.done()) return error(Errc::corrupt, "a list of commands is malformed");
    return {};
  }

  std::uint64_t hash() const override { return hash64(snapshot()); }
  Bytes reader_snapshot() const override { return snapshot(); }
  void verify() const override {}

  std::vector<Bytes> commands;

 private:
  void set_alarm(ByteView after) {
    std::uint32_t after_ms = 0;
    std::from_chars(after.data(), after.data() + after.size(), after_ms);
    const WallTimeMs at{time_.value + after_ms};
    alarms_.insert(std::upper_bound(alarms_.begin(), alarms_.end(), at), at);
  }

  WallTimeMs time_;
  std::deque<WallTimeMs> alarms_;  // In order.
  LogIndex last_block_;
};

}  // namespace oki::replica
