#include "core/plain/plan.h"

#include <algorithm>
#include <deque>

#include "core/plain/orders.h"

namespace oki::core::plain {
namespace {

struct Maker {
  OrderId id;
  AccountId account;
  Lots visible, open, display;
};

// The plan while it is made: the queues are copies, one price at a time.
class Planner {
 public:
  Planner(const State& state, const OrderView& taker)
      : state_(state), taker_(taker), left_(open_lots(taker).value) {}

  Plan run() {
    const Side side = opposite(taker_.side);
    const auto& book = state_.book.rows();
    auto row = book.lower_bound({taker_.market, side, 0, 0});
    const auto in_side = [&] {
      return row != book.end() && row->first.market == taker_.market && row->first.side == side;
    };
    if (!in_side()) return plan_;
    const std::optional<Price> limit = limit_from(price_of_key(side, row->first.key));
    while (in_side() && left_ > 0) {
      const Price price = price_of_key(side, row->first.key);
      if (limit && !crosses(taker_.side, *limit, price)) break;
      plan_.meets = true;
      std::deque<Maker> queue;
      const std::uint64_t key = row->first.key;
      for (; in_side() && row->first.key == key; ++row) queue.push_back(maker_of(row->second));
      if (!walk(price, queue)) break;
    }
    return plan_;
  }

 private:
  std::optional<Price> limit_from(Price best) const {
    if (taker_.price.value != 0) return taker_.price;
    const std::uint32_t allowance = state_.infos.at(taker_.market).spec.market_allowance_ppm;
    if (!is_market_like(taker_.type) || allowance == 0) return std::nullopt;
    return at_most_64_bits(taker_.side == Side::buy ? widened_up(best, allowance)
                                                    : widened_down(best, allowance));
  }

  Maker maker_of(OrderId id) const {
    const Order& order = state_.orders.at(id);
    return {id, order.view.account, order.visible, open_lots(order.view), order.view.display};
  }

  // False when the plan ends here.
  bool walk(Price price, std::deque<Maker>& queue) {
    while (!queue.empty() && left_ > 0) {
      const bool own = queue.front().account == taker_.account;
      if (own && taker_.self_trade != SelfTrade::allow) {
        if (!meet_own(queue)) return false;
      } else if (!trade(price, queue)) {
        return false;
      }
    }
    return true;
  }

  bool meet_own(std::deque<Maker>& queue) {
    Maker& maker = queue.front();
    if (taker_.self_trade == SelfTrade::cancel_newest) return end(Reason::self_trade);
    if (taker_.self_trade == SelfTrade::decrement) {
      const std::uint64_t both = std::min(left_, maker.open.value);
      plan_.acts.push_back({ActKind::decrement, maker.id, {}, Lots{both}});
      left_ -= both;
      maker.open.value -= both;
      if (maker.open.value == 0) queue.pop_front();
      return left_ > 0 || end(Reason::self_trade);
    }
    plan_.acts.push_back({ActKind::cancel, maker.id, {}, {}});
    queue.pop_front();
    return taker_.self_trade == SelfTrade::cancel_oldest || end(Reason::self_trade);
  }

  bool trade(Price price, std::deque<Maker>& queue) {
    if (trades_ == state_.limits.fills_per_order_max) return end(Reason::fills_limit);
    ++trades_;
    Maker& maker = queue.front();
    const Lots lots{std::min(left_, maker.visible.value)};
    plan_.acts.push_back({ActKind::trade, maker.id, price, lots});
    count(price, lots);
    left_ -= lots.value;
    maker.visible.value -= lots.value;
    maker.open.value -= lots.value;
    if (maker.visible.value > 0) return true;
    if (maker.open.value > 0) {
      Maker again = maker;
      again.visible = std::min(again.display, again.open);
      queue.push_back(again);
    }
    queue.pop_front();
    return true;
  }

  void count(Price price, Lots lots) {
    const MarketInfo& info = state_.infos.at(taker_.market);
    const Amount quote = quote_down(info.scale, price, lots);
    plan_.traded.value += lots.value;
    plan_.quote += quote.value;
    plan_.cost += quote.value;
    const std::int64_t fee = fee_of(quote, fee_ppm(info.spec, taker_, false));
    plan_.cost += static_cast<std::uint64_t>(fee);
  }

  bool end(Reason reason) {
    plan_.left_reason = reason;
    return false;
  }

  const State& state_;
  const OrderView& taker_;
  std::uint64_t left_;
  std::uint32_t trades_ = 0;
  Plan plan_;
};

}  // namespace

Plan plan_of(const State& state, const OrderView& taker) { return Planner(state, taker).run(); }

Wide market_hold(const State& state, const OrderView& taker, const Plan& plan) {
  if (taker.side == Side::buy) return plan.cost;
  if (closes(taker)) return 0;
  return base_of(state.infos.at(taker.market).scale, plan.traded).value;
}

}  // namespace oki::core::plain
