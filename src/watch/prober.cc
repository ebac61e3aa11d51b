#include "watch/prober.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/decimal.h"
#include "base/json.h"

namespace oki::watch {
namespace {

constexpr const char* order_target = "/v1/user/spot/order";
constexpr const char* cancel_target = "/v1/user/spot/cancel_order";

ByteView string_of(const net::Json& object, ByteView field) {
  const net::Json* value = object.find(field);
  return value == nullptr ? ByteView{} : value->string().value_or(ByteView{});
}

std::int64_t integer_of(const net::Json& object, ByteView field) {
  const net::Json* value = object.find(field);
  return value == nullptr ? 0 : value->integer().value_or(0);
}

// Half the best bid, on a tick, within bounds; the lowest allowed price without a bid. Nothing when
// the ticker cannot be read.
std::optional<std::uint64_t> far_price(const net::Json& ticker, const ProbeMarket& market) {
  const net::Json* buy = ticker.find("buy");
  if (buy == nullptr) return std::nullopt;
  if (buy->is_null()) return market.price_ticks;
  const auto text = buy->string();
  if (!text) return std::nullopt;
  const auto best = parse_decimal(*text, market.price_digits);
  if (!best) return std::nullopt;
  return std::max(*best / 2, market.price_ticks);
}

struct OrderBody {
  const char* side;
  const char* type;
  std::optional<std::uint64_t> price_ticks;
  bool post_only = false;
};

std::string order_body(const ProbeMarket& market, const OrderBody& order) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("pair", market.name);
  json.field("amount", decimal(market.amount_lots, market.amount_digits));
  if (order.price_ticks) json.field("price", decimal(*order.price_ticks, market.price_digits));
  json.field("side", order.side).field("type", order.type);
  if (order.post_only) json.field("post_only", true);
  json.end_object();
  return body;
}

std::string cancel_body(const ProbeMarket& market, std::int64_t order_id) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("pair", market.name).field("order_id", order_id).end_object();
  return body;
}

void count(const CallResult& call, FirstTries& tries) {
  ++tries.made;
  if (call.turned_away) ++tries.turned_away;
}

ProbeReason reason_of(CallEnd end) {
  switch (end) {
    case CallEnd::answered:
      return ProbeReason::none;
    case CallEnd::refused:
      return ProbeReason::refused;
    case CallEnd::unavailable:
      return ProbeReason::unavailable;
    case CallEnd::unknown:
      return ProbeReason::timeout;
    case CallEnd::nonsense:
      break;
  }
  return ProbeReason::wrong;
}

}  // namespace

const char* name(ProbeReason reason) {
  switch (reason) {
    case ProbeReason::none:
      return "none";
    case ProbeReason::timeout:
      return "timeout";
    case ProbeReason::unavailable:
      return "unavailable";
    case ProbeReason::refused:
      return "refused";
    case ProbeReason::wrong:
      return "wrong";
  }
  return "";
}

Prober::Prober(const Parts& parts, Options options, Report report)
    : parts_(parts),
      options_(std::move(options)),
      report_(std::move(report)),
      caller_(parts.clock, parts.timers, parts.send, probe_deadline_ms),
      failures_in_row_(checks()) {
  ASSERT(options_.first_check < checks());
  result_.check = options_.first_check;
}

Prober::~Prober() { parts_.timers.cancel(timer_); }

void Prober::start() {
  next_slot_ = parts_.clock.mono_now() + options_.first_after_ms * ns_per_ms;
  timer_ = parts_.timers.after_ms(options_.first_after_ms, [this] { run_check(); });
}

const ProbeMarket& Prober::market() const {
  return is_cross() ? options_.cross : options_.markets[result_.check];
}

const HouseKey& Prober::maker() const { return a_makes_ ? options_.house.a : options_.house.b; }
const HouseKey& Prober::taker() const { return a_makes_ ? options_.house.b : options_.house.a; }

void Prober::run_check() {
  timer_ = {};
  const std::size_t check = result_.check;
  result_ = {};
  result_.check = check;
  result_.started = parts_.clock.mono_now();
  result_.started_wall = parts_.clock.wall_now();
  order_id_ = 0;
  a_makes_ = result_.started_wall.value / cross_roles_ms % 2 == 0;
  if (is_cross()) {
    place_maker();
  } else {
    read_ticker();
  }
}

// A missed slot is left out, so that a slow exchange is not asked ever faster.
void Prober::schedule_next() {
  const MonoTimeNs now = parts_.clock.mono_now();
  const std::int64_t slot_ns = slot_ms() * ns_per_ms;
  next_slot_ = next_slot_ + slot_ns;
  while (next_slot_ + slot_ns <= now) next_slot_ = next_slot_ + slot_ns;
  run_after_ns(next_slot_ - now);
}

void Prober::schedule_repeat() {
  run_after_ns(result_.started + repeat_after_ms * ns_per_ms - parts_.clock.mono_now());
}

void Prober::run_after_ns(std::int64_t wait_ns) {
  const std::int64_t wait_ms = (std::max<std::int64_t>(wait_ns, 0) + ns_per_ms - 1) / ns_per_ms;
  timer_ = parts_.timers.after_ms(wait_ms, [this] { run_check(); });
}

void Prober::read_ticker() {
  const std::string target = "/" + market().name + "/ticker";
  get(
      "ticker", result_.reads, [target](WallTimeMs) { return public_get(target); },
      [this](const net::Json& ticker) { place_far(ticker); });
}

void Prober::place_far(const net::Json& ticker) {
  const auto price = far_price(ticker, market());
  if (!price) return fail("ticker", ProbeReason::wrong);
  const OrderBody order{"buy", "limit", price, true};
  post(options_.house.a, "place", order_target, order_body(market(), order),
       [this](const net::Json& placed) { cancel_far(placed); });
}

void Prober::cancel_far(const net::Json& order) {
  order_id_ = integer_of(order, "order_id");
  if (order_id_ <= 0 || string_of(order, "status") != "UNFILLED") {
    return fail("place", ProbeReason::wrong);
  }
  post(options_.house.a, "cancel", cancel_target, cancel_body(market(), order_id_),
       [this](const net::Json& canceled) {
         const bool right = integer_of(canceled, "order_id") == order_id_ &&
                            string_of(canceled, "status") == "CANCELED_UNFILLED";
         if (right) return succeed();
         fail("cancel", ProbeReason::wrong);
       });
}

void Prober::place_maker() {
  const OrderBody order{"sell", "limit", market().price_ticks, false};
  post(maker(), "place maker", order_target, order_body(market(), order),
       [this](const net::Json& placed) { place_taker(placed); });
}

void Prober::place_taker(const net::Json& maker_order) {
  order_id_ = integer_of(maker_order, "order_id");
  if (order_id_ <= 0) return fail("place maker", ProbeReason::wrong);
  post(taker(), "place taker", order_target, order_body(market(), {"buy", "market", {}, false}),
       [this](const net::Json& filled) {
         if (string_of(filled, "status") == "FULLY_FILLED") return look_at_maker();
         fail("place taker", ProbeReason::wrong);
       });
}

// Another prober's older order may have been filled in place of ours; then ours is not needed.
void Prober::look_at_maker() {
  const std::string target = std::string(order_target) + "?pair=" + market().name +
                             "&order_id=" + std::to_string(order_id_);
  get(
      "look", result_.orders,
      [this, target](WallTimeMs now) { return signed_get(maker(), target, now); },
      [this](const net::Json& order) {
        if (integer_of(order, "order_id") != order_id_) return fail("look", ProbeReason::wrong);
        const ByteView status = string_of(order, "status");
        if (status == "FULLY_FILLED") return succeed();
        if (status == "UNFILLED" || status == "PARTIALLY_FILLED") return cancel_maker();
        fail("look", ProbeReason::wrong);
      });
}

void Prober::cancel_maker() {
  const auto make = [this](WallTimeMs now) {
    return signed_post(maker(), cancel_target, cancel_body(market(), order_id_), now);
  };
  caller_.call(make, false, [this](const CallResult& call) {
    result_.reached = result_.reached || call.reached;
    count(call, result_.orders);
    // Refused: filled by another prober in between, which is as good.
    if (call.end == CallEnd::answered || call.end == CallEnd::refused) return succeed();
    fail("cancel maker", reason_of(call.end));
  });
}

void Prober::post(const HouseKey& key, const char* step, const char* target, std::string body,
                  std::function<void(const net::Json&)> next) {
  const auto make = [&key, target, body = std::move(body)](WallTimeMs now) {
    return signed_post(key, target, body, now);
  };
  caller_.call(make, false, [this, step, next = std::move(next)](const CallResult& call) {
    count(call, result_.orders);
    proceed(step, call, next);
  });
}

void Prober::get(const char* step, FirstTries& tries, Caller::MakeRequest make,
                 std::function<void(const net::Json&)> next) {
  const auto done = [this, step, &tries, next = std::move(next)](const CallResult& call) {
    count(call, tries);
    proceed(step, call, next);
  };
  caller_.call(std::move(make), true, done);
}

void Prober::proceed(const char* step, const CallResult& call,
                     const std::function<void(const net::Json&)>& next) {
  result_.reached = result_.reached || call.reached;
  if (call.end == CallEnd::answered) return next(call.data);
  fail(step, reason_of(call.end), call.code);
}

void Prober::fail(const char* step, ProbeReason reason, std::int64_t code) {
  result_.ok = false;
  result_.step = step;
  result_.reason = reason;
  result_.code = code;
  ++failures_in_row_[result_.check];
  report();
}

void Prober::succeed() {
  result_.ok = true;
  failures_in_row_[result_.check] = 0;
  report();
}

void Prober::report() {
  result_.ended = parts_.clock.mono_now();
  const ProbeResult finished = result_;
  if (failures_in_row_[finished.check] == 1) {
    schedule_repeat();
  } else {
    result_.check = (finished.check + 1) % checks();
    schedule_next();
  }
  report_(finished);
}

}  // namespace oki::watch
