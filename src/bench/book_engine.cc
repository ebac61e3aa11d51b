#include "bench/book_engine.h"

namespace oki::bench {

void PlainEngine::apply(const Op& op) {
  if (is_new(op.type)) {
    return place(op, side_of(op.side), op.lots, op.type == OpType::add);
  }
  const Resting resting = number_of_[op.id];
  if (resting.number == 0) return;
  core::PlainBook& book = books_[op.symbol];
  const core::OrderId number{resting.number};
  const std::uint64_t lots = op.lots == 0 ? book.open(number)->value : op.lots;
  book.remove(number);
  number_of_[op.id] = {};
  if (op.type == OpType::move) place(op, resting.side, lots, true);
}

void PlainEngine::place(const Op& op, core::Side side, std::uint64_t lots, bool rests) {
  core::PlainBook& book = books_[op.symbol];
  fills_.clear();
  book.plan(side, price_of(op.price), core::Lots{lots}, fills_);
  for (const core::Fill& fill : fills_) {
    const std::uint64_t maker = id_of_[fill.maker.value];
    count_.add(maker, op.id, fill.price.value, fill.lots.value);
    lots -= fill.lots.value;
    book.take(fill);
    if (!book.open(fill.maker)) number_of_[maker] = {};
  }
  if (lots == 0 || !rests) return;
  number_of_[op.id] = {id_of_.size(), side};
  book.add(side, price_of(op.price), core::OrderId{id_of_.size()}, core::Lots{lots});
  id_of_.push_back(op.id);
}

OpsOutcome PlainEngine::outcome() const {
  OpsOutcome outcome = count_.outcome();
  for (std::uint64_t symbol = 0; symbol < books_.size(); ++symbol) {
    const core::PlainBook& book = books_[symbol];
    outcome.bbo += bbo_of(symbol, book.best(core::Side::buy), book.best(core::Side::sell));
    outcome.live += book.orders();
  }
  return outcome;
}

}  // namespace oki::bench
