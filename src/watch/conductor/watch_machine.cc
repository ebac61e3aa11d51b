#include "watch/conductor/watch_machine.h"

#include <algorithm>

#include "base/assert.h"

namespace oki::watch {
namespace {

constexpr ByteView magic = "OKIWTCH1";
constexpr std::size_t part_bytes_max = 1u << 30;

}  // namespace

Bytes to_part(Part part, ByteView command) {
  Bytes out(1, static_cast<char>(part));
  out += command;
  return out;
}

WatchMachine::WatchMachine(std::vector<NumberedPart> parts) : parts_(std::move(parts)) {
  Part last = Part::all;
  for (const NumberedPart& part : parts_) {
    ASSERT(part.number > last);
    last = part.number;
    empty_.push_back(part.machine.snapshot());
  }
}

void WatchMachine::apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) {
  if (command.empty()) return;
  const Part number = static_cast<Part>(command.front());
  if (number == Part::all && command.size() == 1) {
    for (const NumberedPart& part : parts_) {
      const std::optional<WallTimeMs> due = part.machine.next_timer();
      Bytes unread;
      if (due && *due <= time) apply_to(part, time, part.machine.tick_command(), unread, events);
    }
    return;
  }
  const auto part = std::ranges::find(parts_, number, &NumberedPart::number);
  if (part != parts_.end()) apply_to(*part, time, command.substr(1), reply, events);
}

void WatchMachine::apply_to(const NumberedPart& part, WallTimeMs time, ByteView command,
                            Bytes& reply, Bytes& events) {
  Bytes told;
  part.machine.apply(time, command, reply, told);
  if (told.empty()) return;
  Writer out(events);
  out.u8(static_cast<std::uint8_t>(part.number));
  out.blob(told);
}

void WatchMachine::end_block(const replica::EventBlock& block) {
  for (const NumberedPart& part : parts_) part.machine.end_block(block);
  if (changed_) changed_();
}

std::optional<WallTimeMs> WatchMachine::next_timer() const {
  std::optional<WallTimeMs> next;
  for (const NumberedPart& part : parts_) {
    const std::optional<WallTimeMs> due = part.machine.next_timer();
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

Bytes WatchMachine::tick_command() const { return to_part(Part::all, {}); }

Bytes WatchMachine::snapshot() const {
  Bytes bytes(magic);
  Writer out(bytes);
  for (const NumberedPart& part : parts_) {
    out.u8(static_cast<std::uint8_t>(part.number));
    out.blob(part.machine.snapshot());
  }
  return bytes;
}

Result<void> WatchMachine::restore(ByteView snapshot) {
  if (!snapshot.starts_with(magic)) {
    return error(Errc::invalid, "The snapshot is not one of the watches.");
  }
  std::vector<Bytes> wanted = empty_;
  Reader in(snapshot.substr(magic.size()));
  Part last = Part::all;
  while (in.ok() && in.left() > 0) {
    const Part number = static_cast<Part>(in.u8());
    const auto part = std::ranges::find(parts_, number, &NumberedPart::number);
    if (number <= last || part == parts_.end()) in.fail();
    last = number;
    const ByteView bytes = in.blob(part_bytes_max);
    if (in.ok()) wanted[static_cast<std::size_t>(part - parts_.begin())] = Bytes(bytes);
  }
  if (!in.done()) return error(Errc::invalid, "The snapshot of the watches is malformed.");
  std::vector<Bytes> before;
  for (const NumberedPart& part : parts_) before.push_back(part.machine.snapshot());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Result<void> done = parts_[i].machine.restore(wanted[i]);
    if (done) continue;
    for (std::size_t back = 0; back < i; ++back) {
      ASSERT(parts_[back].machine.restore(before[back]).has_value());
    }
    return done;
  }
  if (changed_) changed_();
  return {};
}

std::uint64_t WatchMachine::hash() const { return hash64(snapshot()); }

std::uint64_t WatchMachine::running_hash() const {
  Hash64 hash;
  for (const NumberedPart& part : parts_) hash.add(part.machine.running_hash());
  return hash.value();
}

void WatchMachine::verify() const {
  for (const NumberedPart& part : parts_) part.machine.verify();
}

}  // namespace oki::watch
