// Drives a book with the operations of a file: the very book of the exchange (FastBook), bare or
// with all that the exchange asks of it, and the plain one for comparison.
//
// An engine offers: Engine(ops), apply(op), the final state, and to be told what comes: where
// wants_to_know(), prepare(op) and approach(op) are called for operations some places ahead. They
// change nothing. They are always inlined, because compilers take a call away that only fetches.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include "bench/ops_file.h"
#include "core/book_fast.h"
#include "core/book_plain.h"
#include "core/order_ids.h"

namespace oki::bench {

// What is asked of every fill, so that all engines do the same work.
class FillCount {
 public:
  void add(std::uint64_t maker, std::uint64_t taker, std::uint64_t price, std::uint64_t lots) {
    ++trades_;
    lots_ += lots;
    hash_ += mix(maker, taker, price, lots);
  }
  void reset() { *this = {}; }
  OpsOutcome outcome() const { return {trades_, lots_, hash_, 0, 0}; }

 private:
  std::uint64_t trades_ = 0;
  std::uint64_t lots_ = 0;
  std::uint64_t hash_ = 0;
};

inline core::Side side_of(OpSide side) { return static_cast<core::Side>(side); }
inline core::Price price_of(std::int32_t price) {
  return core::Price{static_cast<std::uint64_t>(price)};
}

inline std::uint64_t bbo_of(std::uint64_t symbol, std::optional<core::Price> bid,
                            std::optional<core::Price> ask) {
  return mix(symbol, bid ? bid->value : 0, ask ? ask->value : 0, 0);
}

template <typename Policy>
class FastEngine {
 public:
  // The pool could take all orders at once, since what is not used costs nothing; the table of ids
  // grows with the orders that live.
  explicit FastEngine(const Ops& ops)
      : pool_(static_cast<std::uint32_t>(ops.max_id) + 1, ops.symbols), ids_(ids_first) {
    books_.reserve(ops.symbols);
    for (std::uint32_t i = 0; i < ops.symbols; ++i) books_.emplace_back(pool_);
  }

  [[gnu::always_inline]] void apply(const Op& op) {
    switch (op.type) {
      case OpType::cancel:
        cancel(op);
        break;
      case OpType::add:
      case OpType::add_ioc:
        place(op);
        break;
      case OpType::move:
        move(op);
        break;
    }
    if constexpr (Policy::undo == core::Undo::keep) {
      pool_.commit();
      ids_.commit();
    }
  }

  // Books that are in the cache anyway lose more by asking ahead than they gain.
  bool wants_to_know() const { return ids_.size() > known_max; }
  // First asks for the entry of the id, then, when it is there, for what it leads to.
  [[gnu::always_inline]] void prepare(const Op& op) const { ids_.prefetch(op.id); }
  [[gnu::always_inline]] void approach(const Op& op) const { pool_.prefetch(ids_.guess(op.id)); }

  void forget_trades() { fills_.reset(); }
  OpsOutcome outcome() const {
    OpsOutcome outcome = fills_.outcome();
    for (std::uint64_t symbol = 0; symbol < books_.size(); ++symbol) {
      outcome.bbo += bbo_of(symbol, books_[symbol].best(core::Side::buy),
                            books_[symbol].best(core::Side::sell));
    }
    outcome.live = ids_.size();
    return outcome;
  }

 private:
  using Book = core::FastBook<Policy>;
  static constexpr std::size_t ids_first = 1024;
  static constexpr std::size_t known_max = 16'384;

  auto id_of() const {
    return [this](core::Slot slot) { return pool_[slot].id().value; };
  }

  Book& book_of(const Op& op) { return *(books_.data() + op.symbol); }
  const Book& book_of(const Op& op) const { return *(books_.data() + op.symbol); }

  // What is left of `lots` after trading.
  std::uint64_t match(Book& book, const Op& op, core::Side side, std::uint64_t lots) {
    const core::Price limit = price_of(op.price);
    while (lots > 0) {
      const core::Slot maker = book.crossing(side, limit);
      if (maker == 0) break;
      const core::BookNode& node = pool_[maker];
      const std::uint64_t id = node.id().value;
      const std::uint64_t filled = std::min(lots, node.lots);
      fills_.add(id, op.id, node.price, filled);
      lots -= filled;
      if (book.take(maker, core::Lots{filled})) {
        pool_.free(maker);
        ids_.erase(id, maker);
      }
    }
    return lots;
  }

  [[gnu::always_inline]] void cancel(const Op& op) {
    const core::Slot slot = ids_.extract(op.id, id_of());
    if (slot == 0) return;
    book_of(op).remove(slot);
    pool_.free(slot);
  }

  [[gnu::always_inline]] void place(const Op& op) {
    if (ids_.full()) [[unlikely]]
      ids_.reserve_for(ids_.size() * 2, id_of());
    Book& book = book_of(op);
    if (book.may_cross(side_of(op.side), price_of(op.price))) [[unlikely]]
      return place_crossing(book, op);
    if (op.type == OpType::add) rest(book, op, op.lots);
  }

  [[gnu::noinline]] void place_crossing(Book& book, const Op& op) {
    const std::uint64_t lots = match(book, op, side_of(op.side), op.lots);
    if (lots > 0 && op.type == OpType::add) rest(book, op, lots);
  }

  [[gnu::always_inline]] void rest(Book& book, const Op& op, std::uint64_t lots) {
    const core::Slot slot = pool_.allocate();
    book.add(slot, side_of(op.side), price_of(op.price), core::Lots{lots}, core::OrderId{op.id});
    ids_.insert(op.id, slot, id_of());
  }

  [[gnu::noinline]] void move(const Op& op) {
    const core::Slot slot = ids_.find(op.id, id_of());
    if (slot == 0) return;
    Book& book = book_of(op);
    const core::Side side = pool_[slot].side();
    std::uint64_t lots = op.lots == 0 ? pool_[slot].lots : op.lots;
    book.remove(slot);
    lots = match(book, op, side, lots);
    if (lots > 0) {
      book.add(slot, side, price_of(op.price), core::Lots{lots}, core::OrderId{op.id});
    } else {
      pool_.free(slot);
      ids_.erase(op.id, slot);
    }
  }

  core::BookPool<Policy> pool_;
  core::OrderIds<Policy::undo> ids_;
  std::vector<Book> books_;
  FillCount fills_;
};

// The plain book wants ids that rise, and its ids are counted here for it.
class PlainEngine {
 public:
  explicit PlainEngine(const Ops& ops)
      : books_(ops.symbols), number_of_(ops.max_id + 1), id_of_{0} {}

  void apply(const Op& op);
  bool wants_to_know() const { return false; }
  void prepare(const Op&) const {}
  void approach(const Op&) const {}
  void forget_trades() { count_.reset(); }
  OpsOutcome outcome() const;

 private:
  struct Resting {
    std::uint64_t number = 0;  // 0: not in a book.
    core::Side side{};
  };

  void place(const Op& op, core::Side side, std::uint64_t lots, bool rests);

  std::vector<core::PlainBook> books_;
  std::vector<Resting> number_of_;    // By id.
  std::vector<std::uint64_t> id_of_;  // By number.
  std::vector<core::Fill> fills_;
  FillCount count_;
};

}  // namespace oki::bench
