#include "bench/ops_reference.h"

#include <algorithm>

namespace oki::bench {

void Reference::apply(const Op& op) {
  if (is_new(op.type)) return place(op, op.type == OpType::add);
  const auto found = orders_.find(op.id);
  if (found == orders_.end()) return;
  Op moved = op;
  moved.side = found->second.side;
  moved.symbol = found->second.symbol;
  const std::uint32_t left = remove(op.id);
  if (op.type == OpType::cancel) return;
  if (moved.lots == 0) moved.lots = left;
  place(moved, true);
}

void Reference::place(Op op, bool rests) {
  if (op.side == OpSide::buy) {
    auto& asks = books_[op.symbol].asks;
    while (op.lots > 0 && !asks.empty() && asks.begin()->first <= op.price) {
      const auto level = asks.begin();
      fill(op, level->first, level->second);
      if (level->second.empty()) asks.erase(level);
    }
  } else {
    auto& bids = books_[op.symbol].bids;
    while (op.lots > 0 && !bids.empty() && bids.rbegin()->first >= op.price) {
      const auto level = std::prev(bids.end());
      fill(op, level->first, level->second);
      if (level->second.empty()) bids.erase(level);
    }
  }
  if (op.lots == 0 || !rests) return;
  Queue& queue = side_of(op.symbol, op.side)[op.price];
  queue.push_back({op.id, op.lots});
  orders_[op.id] = {op.symbol, op.side, op.price, std::prev(queue.end())};
  on_rest(op.id);
}

// Against one level, oldest first.
void Reference::fill(Op& op, std::int32_t price, Queue& queue) {
  while (op.lots > 0 && !queue.empty()) {
    Order& maker = queue.front();
    const std::uint32_t lots = std::min(op.lots, maker.lots);
    ++outcome_.trades;
    outcome_.lots += lots;
    outcome_.hash += mix(maker.id, op.id, static_cast<std::uint64_t>(price), lots);
    op.lots -= lots;
    maker.lots -= lots;
    if (maker.lots > 0) continue;
    const std::uint64_t id = maker.id;
    orders_.erase(id);
    queue.pop_front();
    on_gone(id);
  }
}

std::uint32_t Reference::remove(std::uint64_t id) {
  const auto found = orders_.find(id);
  const Where where = found->second;
  const std::uint32_t lots = where.order->lots;
  auto& side = side_of(where.symbol, where.side);
  const auto level = side.find(where.price);
  level->second.erase(where.order);
  if (level->second.empty()) side.erase(level);
  orders_.erase(found);
  on_gone(id);
  return lots;
}

std::int32_t Reference::best(std::uint16_t symbol, OpSide side) const {
  const Book& book = books_[symbol];
  if (side == OpSide::buy) return book.bids.empty() ? 0 : book.bids.rbegin()->first;
  return book.asks.empty() ? 0 : book.asks.begin()->first;
}

const OpsOutcome& Reference::outcome() {
  outcome_.bbo = 0;
  for (std::uint16_t symbol = 0; symbol < books_.size(); ++symbol) {
    outcome_.bbo += mix(symbol, static_cast<std::uint64_t>(best(symbol, OpSide::buy)),
                        static_cast<std::uint64_t>(best(symbol, OpSide::sell)), 0);
  }
  outcome_.live = orders_.size();
  return outcome_;
}

OpsOutcome reference_outcome(const Ops& ops) {
  Reference reference(ops.symbols);
  for (std::size_t i = 0; i < ops.records.size(); ++i) {
    if (i == ops.prefill) reference.forget_trades();
    reference.apply(ops.records[i]);
  }
  if (ops.prefill == ops.records.size()) reference.forget_trades();
  return reference.outcome();
}

}  // namespace oki::bench
