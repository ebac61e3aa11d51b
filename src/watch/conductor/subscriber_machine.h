// The book of subscribers as a part of the watches' machine. A reply is one byte: SubscriberResult.
#pragma once

#include "notify/subscribers.h"
#include "replica/state_machine.h"

namespace oki::watch {

class SubscriberMachine final : public replica::StateMachine {
 public:
  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) override;
  void end_block(const replica::EventBlock&) override {}
  std::optional<WallTimeMs> next_timer() const override { return book_.next_timer(); }

  // No command of the book: it is malformed, and lets time pass.
  Bytes tick_command() const override { return {}; }
  Bytes snapshot() const override { return book_.snapshot(); }
  Result<void> restore(ByteView snapshot) override { return book_.restore(snapshot); }
  std::uint64_t hash() const override { return book_.hash(); }
  std::uint64_t running_hash() const override { return book_.hash(); }
  Bytes reader_snapshot() const override { return snapshot(); }
  void verify() const override { book_.verify(); }

  const notify::SubscriberBook& book() const { return book_; }

 private:
  notify::SubscriberBook book_;
};

}  // namespace oki::watch
