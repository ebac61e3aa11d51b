#include "watch/sweeper.h"

#include <utility>

#include "base/assert.h"
#include "base/json.h"
#include "watch/prober.h"

namespace oki::watch {
namespace {

std::string cancel_body(const std::string& market, const std::vector<std::int64_t>& orders) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("pair", market).key("order_ids").begin_array();
  for (const std::int64_t order : orders) json.number(order);
  json.end_array().end_object();
  return body;
}

}  // namespace

Sweeper::Sweeper(const Clock& clock, Timers& timers, std::vector<Send> edges,
                 std::vector<HouseKey> accounts)
    : clock_(clock), timers_(timers), accounts_(std::move(accounts)) {
  ASSERT(!edges.empty() && !accounts_.empty());
  for (Send& send : edges) {
    callers_.push_back(std::make_unique<Caller>(clock, timers, std::move(send), probe_deadline_ms));
  }
}

Sweeper::~Sweeper() { timers_.cancel(timer_); }

void Sweeper::start() {
  timer_ = timers_.after_ms(sweep_every_ms, [this] { sweep(); });
}

void Sweeper::sweep() {
  const auto make = [this](WallTimeMs now) {
    return signed_get(account(), "/v1/user/spot/active_orders", now);
  };
  caller().call(make, true, [this](const CallResult& call) { cancel(old_orders(call.data)); });
}

Sweeper::OrdersByMarket Sweeper::old_orders(const net::Json& active) const {
  OrdersByMarket old;
  const net::Json* orders = active.find("orders");
  if (orders == nullptr || orders->array() == nullptr) return old;
  const std::int64_t oldest_kept = clock_.wall_now().value - sweep_age_ms;
  for (const net::Json& order : *orders->array()) {
    const net::Json* pair = order.find("pair");
    const net::Json* id = order.find("order_id");
    const net::Json* ordered_at = order.find("ordered_at");
    if (pair == nullptr || id == nullptr || ordered_at == nullptr) continue;
    if (!pair->string() || !id->integer() || !ordered_at->integer()) continue;
    if (*ordered_at->integer() > oldest_kept) continue;
    std::vector<std::int64_t>& of_market = old[std::string(*pair->string())];
    if (of_market.size() < sweep_orders_max) of_market.push_back(*id->integer());
  }
  return old;
}

void Sweeper::cancel(OrdersByMarket left) {
  if (left.empty()) {
    ++turn_;
    start();
    return;
  }
  const auto first = left.extract(left.begin());
  const std::string body = cancel_body(first.key(), first.mapped());
  const auto make = [this, body](WallTimeMs now) {
    return signed_post(account(), "/v1/user/spot/cancel_orders", body, now);
  };
  caller().call(make, false, [this, rest = std::move(left)](const CallResult&) { cancel(rest); });
}

}  // namespace oki::watch
