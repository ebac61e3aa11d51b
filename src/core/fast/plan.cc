#include "core/fast/plan.h"

#include "core/fast/market.h"
#include "core/fast/math.h"

namespace oki::core::fast {
namespace {

constexpr Price price_end{~std::uint64_t{0}};

// Walks the opposite side for one taker.
class Walk {
 public:
  Walk(State& state, const Taker& taker)
      : state_(state),
        taker_(taker),
        book_(state.books[taker.market.value]),
        facts_(state.facts[taker.market.value]),
        rules_(state.rules[State::market(taker.market)]),
        plan_(state.plan),
        left_(taker.lots.value) {}

  void run() {
    const Price limit = limit_of(state_, taker_);
    Slot slot = book_.crossing(taker_.side, limit);
    while (slot != 0 && left_ > 0) {
      price_ = Price{state_.pool[slot].price};
      if (!walk_level(slot)) return;
      if (left_ == 0) return;
      slot = book_.next_level(opposite(taker_.side), price_).front;
      if (slot != 0 && !crosses(taker_.side, limit, Price{state_.pool[slot].price})) return;
    }
  }

 private:
  // An iceberg order whose visible lots are used up comes again behind the others.
  struct Again {
    Row maker;
    std::uint64_t open;
  };

  bool walk_level(Slot slot) {
    again_.clear();
    for (; slot != 0 && left_ > 0; slot = state_.pool.younger(slot)) {
      if (!meet(slot, state_.pool[slot].lots, state_.orders[slot].open().value)) return false;
    }
    for (std::size_t i = 0; i < again_.size() && left_ > 0; ++i) {
      const auto [maker, open] = again_[i];
      const std::uint64_t display = state_.extras[state_.orders[maker].extra].display.value;
      if (!meet(maker, std::min(display, open), open)) return false;
    }
    return true;
  }

  // False: the plan ends here.
  bool meet(Row maker, std::uint64_t visible, std::uint64_t open) {
    if (state_.orders[maker].account == taker_.account && taker_.self_trade != SelfTrade::allow)
        [[unlikely]] {
      return meet_own(maker, open);
    }
    if (plan_.trades == state_.limits().fills_per_order_max) {
      plan_.rest = Reason::fills_limit;
      return false;
    }
    const std::uint64_t lots = std::min(left_, visible);
    add(maker, Plan::Kind::trade, lots);
    count(lots);
    if (lots == visible && open > lots) again_.push_back({maker, open - lots});
    return true;
  }

  bool meet_own(Row maker, std::uint64_t open) {
    const SelfTrade rule = taker_.self_trade;
    if (rule == SelfTrade::cancel_newest) return end();
    if (rule == SelfTrade::cancel_oldest || rule == SelfTrade::cancel_both) {
      add(maker, Plan::Kind::cancel, 0);
      return rule == SelfTrade::cancel_oldest || end();
    }
    if (open < left_) {
      add(maker, Plan::Kind::shrink_both, open);
      left_ -= open;
      return true;
    }
    add(maker, open == left_ ? Plan::Kind::cancel : Plan::Kind::shrink_maker, left_);
    return end();
  }

  bool end() {
    plan_.rest = Reason::self_trade;
    return false;
  }

  void add(Row maker, Plan::Kind kind, std::uint64_t lots) {
    plan_.items.push_back({maker, kind, price_, Lots{lots}});
  }

  void count(std::uint64_t lots) {
    left_ -= lots;
    ++plan_.trades;
    plan_.traded.value += lots;
    plan_.breaks |= fast::breaks(rules_, price_);
    if (!is_market_type(taker_.type)) return;
    const std::uint64_t quote = quote_of(facts_.scale, price_, Lots{lots}, false);
    Order as_order;
    as_order.side = taker_.side;
    as_order.position = taker_.position;
    plan_.quote += quote;
    plan_.cost +=
        quote + static_cast<std::uint64_t>(fee_for(quote, fee_ppm(facts_, as_order, false)));
  }

  State& state_;
  const Taker& taker_;
  const Book& book_;
  const MarketFacts& facts_;
  const MarketRules& rules_;
  Plan& plan_;
  std::uint64_t left_;
  Price price_;
  std::vector<Again> again_;
};

}  // namespace

Taker taker_of(const Order& order) {
  Taker taker;
  taker.account = order.account;
  taker.market = order.market;
  taker.side = order.side;
  taker.type = order.type;
  taker.post_only = order.post_only;
  taker.time_in_force = order.time_in_force;
  taker.self_trade = order.self_trade;
  taker.position = order.position;
  taker.price = order.price;
  taker.lots = order.open();
  return taker;
}

Price limit_of(const State& state, const Taker& taker) {
  if (!is_market_type(taker.type)) return taker.price;
  const std::uint32_t allowance = state.facts[taker.market.value].spec.market_allowance_ppm;
  const Price none = taker.side == Side::buy ? price_end : Price{};
  if (allowance == 0 || taker.type == OrderType::losscut) return none;
  const auto best = state.books[taker.market.value].best(opposite(taker.side));
  if (!best) return none;
  return taker.side == Side::buy ? price_above(*best, allowance) : price_below(*best, allowance);
}

void make_plan(State& state, const Taker& taker) {
  state.plan.clear();
  const Book& book = state.books[taker.market.value];
  if (!is_market_type(taker.type) && book.crossing(taker.side, taker.price) == 0) [[likely]] {
    return;
  }
  Walk(state, taker).run();
}

Verdict judge(const State& state, const Taker& taker) {
  const Plan& plan = state.plan;
  if (taker.post_only && !plan.items.empty()) return Verdict::would_cross;
  if (taker.post_only && plan.rest != Reason::none) return Verdict::would_cross;
  const bool all = is_market_type(taker.type) ? taker.type != OrderType::losscut
                                              : taker.time_in_force == TimeInForce::fok;
  if (all && plan.traded < taker.lots) return Verdict::not_filled;
  return plan.breaks ? Verdict::breaks : Verdict::carry_out;
}

}  // namespace oki::core::fast
