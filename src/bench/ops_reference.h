// What the operations of a file must lead to, computed by an engine of its own: sorted maps of
// lists, no code shared with the books of the core. Slow and plain on purpose.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <unordered_map>

#include "bench/ops_file.h"

namespace oki::bench {

class Reference {
 public:
  explicit Reference(std::uint32_t symbols) : books_(symbols) {}

  void apply(const Op& op);
  bool is_live(std::uint64_t id) const { return orders_.contains(id); }
  const OpsOutcome& outcome();

  // Prefill is not counted.
  void forget_trades() { outcome_ = {}; }

  // 0 where a side is empty.
  std::int32_t best(std::uint16_t symbol, OpSide side) const;

  // Called with each order that leaves, and with each that comes to rest.
  std::function<void(std::uint64_t id)> on_gone = [](std::uint64_t) {};
  std::function<void(std::uint64_t id)> on_rest = [](std::uint64_t) {};

 private:
  struct Order {
    std::uint64_t id;
    std::uint32_t lots;
  };
  using Queue = std::list<Order>;
  struct Book {
    std::map<std::int32_t, Queue> bids;
    std::map<std::int32_t, Queue> asks;
  };
  struct Where {
    std::uint16_t symbol;
    OpSide side;
    std::int32_t price;
    Queue::iterator order;
  };

  void place(Op op, bool rests);
  void fill(Op& op, std::int32_t price, Queue& queue);
  std::uint32_t remove(std::uint64_t id);
  std::map<std::int32_t, Queue>& side_of(std::uint16_t symbol, OpSide side) {
    return side == OpSide::buy ? books_[symbol].bids : books_[symbol].asks;
  }

  std::vector<Book> books_;
  std::unordered_map<std::uint64_t, Where> orders_;
  OpsOutcome outcome_;
};

// Of all records, with the timed part counted.
OpsOutcome reference_outcome(const Ops& ops);

}  // namespace oki::bench
