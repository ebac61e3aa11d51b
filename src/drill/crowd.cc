#include "drill/crowd.h"

#include <fmt/format.h>

#include <iterator>

#include "base/assert.h"
#include "base/decimal.h"
#include "base/json.h"
#include "base/prng.h"
#include "drill/api_client.h"

namespace oki::drill {
namespace {

constexpr std::int64_t tick_ms = 10;
constexpr std::int64_t late_ns = 1000 * ns_per_ms;
constexpr std::size_t connections_per_edge_max = 256;
constexpr std::uint64_t parts = 10;        // Of ten requests,
constexpr std::uint64_t public_parts = 5;  // these many read the market,
constexpr std::uint64_t query_parts = 2;   // these many read one's own orders.

net::HttpClientOptions client_options() {
  net::HttpClientOptions options;
  options.deadline_ms = crowd_patience_ms;
  options.connections_max = connections_per_edge_max;
  options.waiting_max = crowd_outstanding_max;
  return options;
}

void add(Felt& to, const Felt& more) {
  to.offered += more.offered;
  to.served += more.served;
  to.late += more.late;
  to.refused += more.refused;
  to.throttled += more.throttled;
  to.not_taken += more.not_taken;
  to.unknown += more.unknown;
  to.given_up += more.given_up;
}

}  // namespace

std::uint64_t rate_at(const RateProfile& profile, std::int64_t after_ms) {
  const auto between = [](std::uint64_t from, std::uint64_t to, std::int64_t part,
                          std::int64_t whole) {
    const auto difference = static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from);
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(from) + difference * part / whole);
  };
  const std::uint64_t usual = profile.usual_per_second, high = profile.high_per_second;
  after_ms -= profile.usual_ms;
  if (after_ms < 0) return usual;
  if (after_ms < profile.rise_ms) return between(usual, high, after_ms, profile.rise_ms);
  after_ms -= profile.rise_ms;
  if (after_ms < profile.high_ms) return high;
  after_ms -= profile.high_ms;
  if (after_ms < profile.fall_ms) return between(high, usual, after_ms, profile.fall_ms);
  return usual;
}

class Crowd::Impl {
 public:
  Impl(const Clock& clock, Timers& timers, Net& net, const std::vector<Address>& edges,
       const std::vector<DrillAccount>& accounts, const std::vector<LoadMarket>& markets,
       std::uint64_t seed)
      : clock_(clock),
        timers_(timers),
        api_(clock, net, timers, edges, client_options()),
        accounts_(accounts),
        markets_(markets),
        random_(seed) {
    ASSERT(!accounts.empty() && !markets.empty());
  }

  ~Impl() { timers_.cancel(timer_); }

  void start(const RateProfile& profile) {
    profile_ = profile;
    started_ = clock_.mono_now();
    tick();
  }

  // Owed requests are counted in thousandths, so that low rates come out exactly.
  void tick() {
    timer_ = timers_.after_ms(tick_ms, [this] { tick(); });
    const std::int64_t now_ms = (clock_.mono_now() - started_) / ns_per_ms;
    for (; ticked_ms_ < now_ms; ++ticked_ms_) owed_ += rate_at(profile_, ticked_ms_);
    for (; owed_ >= 1000; owed_ -= 1000) send();
  }

  Felt& second(MonoTimeNs sent) {
    const std::int64_t number = (sent - started_) / (1000 * ns_per_ms);
    while (static_cast<std::int64_t>(seconds_.size()) <= number) {
      seconds_.push_back({static_cast<std::int64_t>(seconds_.size()), {}});
    }
    return seconds_[static_cast<std::size_t>(number)].felt;
  }

  void send() {
    const MonoTimeNs sent = clock_.mono_now();
    ++second(sent).offered;
    if (outstanding_ >= crowd_outstanding_max) {
      ++second(sent).given_up;
      return;
    }
    ++outstanding_;
    const DrillAccount& account = accounts_[random_.below(accounts_.size())];
    const LoadMarket& market = markets_[random_.below(markets_.size())];
    const std::size_t edge = random_.below(1u << 16);
    const std::uint64_t part = random_.below(parts);
    const auto done = [this, sent](const ApiAnswer& answer) { take(sent, answer); };
    if (part < public_parts) {
      api_.get_public(edge, "/" + market.name + "/ticker", done);
    } else if (part < public_parts + query_parts) {
      api_.get(edge, account.key, account.secret, "/v1/user/spot/active_orders?pair=" + market.name,
               done);
    } else {
      api_.post(edge, account.key, account.secret, "/v1/user/spot/order", order(market), done);
    }
  }

  std::string order(const LoadMarket& market) {
    const bool buys = random_.chance(1, 2);
    const std::uint64_t away = market.mid.value / 1000;
    std::string body;
    JsonWriter(body)
        .begin_object()
        .field("pair", market.name)
        .field("side", buys ? "buy" : "sell")
        .field("type", "limit")
        .field("time_in_force", "ioc")
        .field("price", decimal(market.mid.value + (buys ? away : 0 - away), market.price_digits))
        .field("amount", decimal(1 + random_.below(20), market.amount_digits))
        .end_object();
    return body;
  }

  void take(MonoTimeNs sent, const ApiAnswer& answer) {
    --outstanding_;
    Felt& felt = second(sent);
    const std::int64_t took_ns = clock_.mono_now() - sent;
    switch (answer.outcome) {
      case ApiOutcome::ok:
        ++(took_ns > late_ns ? felt.late : felt.served);
        felt.latency.record_ns(took_ns);
        total_latency_.push_back(
            {static_cast<std::int64_t>((sent - started_) / (1000 * ns_per_ms)), took_ns});
        break;
      case ApiOutcome::refused:
        ++felt.refused;
        break;
      case ApiOutcome::throttled:
        ++felt.throttled;
        break;
      case ApiOutcome::not_taken:
        ++felt.not_taken;
        break;
      case ApiOutcome::unknown:
        ++felt.unknown;
        break;
    }
  }

  Felt felt(std::int64_t from, std::int64_t to) const {
    Felt sum;
    for (const FeltSecond& row : seconds_) {
      if (row.second >= from && row.second < to) add(sum, row.felt);
    }
    for (const auto& [second, took_ns] : total_latency_) {
      if (second >= from && second < to) sum.latency.record_ns(took_ns);
    }
    return sum;
  }

  const Clock& clock_;
  Timers& timers_;
  ApiClient api_;
  std::vector<DrillAccount> accounts_;
  std::vector<LoadMarket> markets_;
  Prng random_;
  RateProfile profile_;
  MonoTimeNs started_;
  std::int64_t ticked_ms_ = 0;
  std::uint64_t owed_ = 0;
  std::size_t outstanding_ = 0;
  std::vector<FeltSecond> seconds_;
  std::vector<std::pair<std::int64_t, std::int64_t>> total_latency_;  // Second, nanoseconds.
  TimerId timer_;
};

Crowd::Crowd(const Clock& clock, Timers& timers, Net& net, const std::vector<Address>& edges,
             const std::vector<DrillAccount>& accounts, const std::vector<LoadMarket>& markets,
             std::uint64_t seed)
    : impl_(std::make_unique<Impl>(clock, timers, net, edges, accounts, markets, seed)) {}

Crowd::~Crowd() = default;
void Crowd::start(const RateProfile& profile) { impl_->start(profile); }
void Crowd::stop() { impl_->timers_.cancel(impl_->timer_); }
bool Crowd::idle() const { return impl_->outstanding_ == 0; }
MonoTimeNs Crowd::started() const { return impl_->started_; }
const std::vector<FeltSecond>& Crowd::seconds() const { return impl_->seconds_; }
Felt Crowd::felt(std::int64_t from_second, std::int64_t to_second) const {
  return impl_->felt(from_second, to_second);
}

std::string felt_csv(const std::vector<FeltSecond>& seconds) {
  std::string out =
      "second,offered,served,late,refused,throttled,not_taken,unknown,given_up,p50_ms,p99_ms\n";
  for (const FeltSecond& row : seconds) {
    const Felt& felt = row.felt;
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{},{},{},{},{},{}\n", row.second,
                   felt.offered, felt.served, felt.late, felt.refused, felt.throttled,
                   felt.not_taken, felt.unknown, felt.given_up,
                   felt.latency.quantile_ns(50, 100) / ns_per_ms,
                   felt.latency.quantile_ns(99, 100) / ns_per_ms);
  }
  return out;
}

}  // namespace oki::drill
