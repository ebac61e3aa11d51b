#include "drill/load.h"

#include <deque>

#include "base/decimal.h"
#include "base/json.h"

namespace oki::drill {
namespace {

constexpr std::uint64_t spread_ppm = 500;    // Best prices stand about this far from the middle.
constexpr std::uint64_t depth_ppm = 10'000;  // Resting orders spread up to here.
constexpr std::uint64_t taker_parts = 12;    // Of 100 orders, this many cross the spread.
constexpr std::uint64_t lots_max = 2'000;

std::uint64_t part(std::uint64_t value, std::uint64_t ppm) {
  return std::max<std::uint64_t>(1, value / 1'000'000 * ppm + value % 1'000'000 * ppm / 1'000'000);
}

core::Price starting_price(const std::string& market, unsigned digits) {
  const char* text = market == "btc_jpy"   ? "15000000"
                     : market == "eth_jpy" ? "500000"
                     : market == "xrp_jpy" ? "350"
                                           : "1000";
  return {parse_decimal(text, digits).value_or(1'000'000)};
}

}  // namespace

struct Load::Shared {
  const Clock& clock;
  Timers& timers;
  ApiClient& api;
  AckLedger& ledger;
  LoadOptions options;
  Prng random;
  std::vector<LoadMarket> markets;
  bool stopping = false;
  std::uint64_t answered = 0, not_taken = 0, unknown = 0, refused = 0;
  Histogram latency;
  MonoTimeNs waiting_since;
  std::function<void(std::int64_t)> on_next;

  void acknowledged(MonoTimeNs sent) {
    ++answered;
    const MonoTimeNs now = clock.mono_now();
    latency.record_ns(now - sent);
    if (on_next && sent >= waiting_since) {
      const auto action = std::move(on_next);
      on_next = nullptr;
      action(now - waiting_since);
    }
  }
};

class Load::Maker {
 public:
  Maker(Shared& shared, const DrillAccount& account, std::size_t number)
      : shared_(shared), account_(account), edge_(number), open_(shared.markets.size()) {}

  ~Maker() { shared_.timers.cancel(timer_); }

  void schedule() {
    const std::int64_t pause_ms = shared_.random.between(1, 2 * shared_.options.pause_ms);
    timer_ = shared_.timers.after_ms(pause_ms, [this] { step(); });
  }

  bool busy() const { return busy_; }

 private:
  void step() {
    if (shared_.stopping) return;
    const std::size_t market = shared_.random.below(shared_.markets.size());
    if (open_[market].size() >= shared_.options.open_orders_max) {
      cancel(market);
    } else {
      place(market);
    }
  }

  void place(std::size_t position) {
    LoadMarket& market = shared_.markets[position];
    Prng& random = shared_.random;
    const std::uint64_t walk = part(market.mid.value, random.below(100) + 1);
    market.mid.value += random.chance(1, 2) ? walk : 0 - walk;
    OrderTerms terms{market.id, random.chance(1, 2) ? core::Side::buy : core::Side::sell, {}, {}};
    const bool taker = random.chance(taker_parts, 100);
    const std::uint64_t away = part(market.mid.value, spread_ppm + random.below(depth_ppm));
    const bool below = (terms.side == core::Side::buy) != taker;
    terms.price = {below ? market.mid.value - away : market.mid.value + away};
    terms.amount = {1 + random.below(taker ? lots_max / 4 : lots_max)};
    Bytes body;
    JsonWriter json(body);
    json.begin_object().field("pair", market.name);
    json.field("side", terms.side == core::Side::buy ? "buy" : "sell").field("type", "limit");
    json.field("price", decimal(terms.price.value, market.price_digits));
    json.field("amount", decimal(terms.amount.value, market.amount_digits)).end_object();
    const MonoTimeNs sent = shared_.clock.mono_now();
    busy_ = true;
    shared_.api.post(edge_, account_.key, account_.secret, "/v1/user/spot/order", std::move(body),
                     [this, position, terms, sent](const ApiAnswer& answer) {
                       placed(position, terms, sent, answer);
                     });
  }

  void placed(std::size_t position, const OrderTerms& terms, MonoTimeNs sent,
              const ApiAnswer& answer) {
    const net::Json* id = answer.data.find("order_id");
    if (answer.outcome == ApiOutcome::ok && id != nullptr && id->integer()) {
      const core::OrderId order{static_cast<std::uint64_t>(*id->integer())};
      shared_.ledger.order_acknowledged(account_.id, order);
      open_[position].push_back(order);
      shared_.acknowledged(sent);
    } else if (answer.outcome == ApiOutcome::unknown || answer.outcome == ApiOutcome::ok) {
      shared_.ledger.order_unknown(account_.id, terms);
    }
    finish(answer);
  }

  void cancel(std::size_t position) {
    const LoadMarket& market = shared_.markets[position];
    const core::OrderId order = open_[position].front();
    open_[position].pop_front();
    Bytes body;
    JsonWriter(body)
        .begin_object()
        .field("pair", market.name)
        .field("order_id", order.value)
        .end_object();
    const MonoTimeNs sent = shared_.clock.mono_now();
    busy_ = true;
    shared_.api.post(edge_, account_.key, account_.secret, "/v1/user/spot/cancel_order",
                     std::move(body), [this, order, sent](const ApiAnswer& answer) {
                       if (answer.outcome == ApiOutcome::ok) {
                         shared_.ledger.cancel_acknowledged(order);
                         shared_.acknowledged(sent);
                       }
                       // An order that filled meanwhile cannot be canceled: that is no failure.
                       finish(answer);
                     });
  }

  void finish(const ApiAnswer& answer) {
    busy_ = false;
    switch (answer.outcome) {
      case ApiOutcome::ok:
        break;
      case ApiOutcome::refused:
      case ApiOutcome::throttled:
        ++shared_.refused;
        break;
      case ApiOutcome::not_taken:
        ++shared_.not_taken;
        ++edge_;  // Perhaps this edge is down: try the next one.
        break;
      case ApiOutcome::unknown:
        ++shared_.unknown;
        ++edge_;
        break;
    }
    if (!shared_.stopping) schedule();
  }

  Shared& shared_;
  DrillAccount account_;
  std::size_t edge_;
  std::vector<std::deque<core::OrderId>> open_;  // By position of the market.
  TimerId timer_;
  bool busy_ = false;
};

Load::Load(const Clock& clock, Timers& timers, ApiClient& api, AckLedger& ledger,
           const LoadOptions& options, std::uint64_t seed)
    : shared_(new Shared{
          clock, timers, api, ledger, options, Prng(seed), {}, false, 0, 0, 0, 0, {}, {}, {}}) {}

Load::~Load() = default;

void Load::start(const std::vector<DrillAccount>& makers, const std::vector<LoadMarket>& markets) {
  shared_->markets = markets;
  for (const DrillAccount& account : makers) {
    makers_.push_back(std::make_unique<Maker>(*shared_, account, makers_.size()));
    makers_.back()->schedule();
  }
}

void Load::stop() { shared_->stopping = true; }

bool Load::idle() const {
  for (const auto& maker : makers_) {
    if (maker->busy()) return false;
  }
  return true;
}

std::uint64_t Load::orders_answered() const { return shared_->answered; }
std::uint64_t Load::not_taken() const { return shared_->not_taken; }
std::uint64_t Load::unknown() const { return shared_->unknown; }
std::uint64_t Load::refused() const { return shared_->refused; }
Histogram& Load::latency() { return shared_->latency; }

void Load::on_next_acknowledgement(std::function<void(std::int64_t)> action) {
  shared_->waiting_since = shared_->clock.mono_now();
  shared_->on_next = std::move(action);
}

std::vector<LoadMarket> load_markets(const std::vector<core::Command>& exchange_config) {
  std::vector<LoadMarket> markets;
  std::uint16_t position = 0;
  for (const core::Command& command : exchange_config) {
    const auto* add = std::get_if<core::AddMarket>(&command);
    if (add == nullptr) continue;
    const core::MarketSpec& spec = add->spec;
    if (spec.listed) {
      markets.push_back({{position},
                         spec.name,
                         spec.price_digits,
                         spec.amount_digits,
                         starting_price(spec.name, spec.price_digits)});
    }
    ++position;
  }
  return markets;
}

}  // namespace oki::drill
