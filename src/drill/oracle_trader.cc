#include "drill/oracle_trader.h"

#include "base/assert.h"
#include "base/decimal.h"
#include "base/json.h"
#include "drill/api_client.h"

namespace oki::drill {
namespace {

struct Path {
  std::size_t edge = 0;
  OracleMarket market;
  std::size_t outstanding = 0;
};

}  // namespace

std::string oracle_order(const OracleMarket& market) {
  std::string body;
  JsonWriter(body)
      .begin_object()
      .field("pair", market.name)
      .field("side", "buy")
      .field("type", "limit")
      .field("time_in_force", "ioc")
      .field("price", market.price)
      .field("amount", market.amount)
      .end_object();
  return body;
}

class OracleTrader::Impl {
 public:
  Impl(const Clock& clock, Timers& timers, Net& net, const std::vector<Address>& edges,
       const std::vector<OracleMarket>& markets, const std::vector<DrillAccount>& accounts)
      : clock_(clock),
        timers_(timers),
        record_(edges.size() * markets.size()),
        accounts_(accounts) {
    ASSERT(!edges.empty() && !markets.empty() && !accounts.empty());
    net::HttpClientOptions options;
    options.deadline_ms = oracle_deadline_ms;
    options.connections_max = oracle_outstanding_max * markets.size();
    api_ = std::make_unique<ApiClient>(clock, net, timers, edges, options);
    for (std::size_t edge = 0; edge < edges.size(); ++edge) {
      for (const OracleMarket& market : markets) {
        paths_.push_back({edge, market});
      }
    }
  }

  ~Impl() { timers_.cancel(timer_); }

  // One path after the other, so that each is tried once in a period.
  void step() {
    const std::size_t turns = paths_.size();
    const MonoTimeNs now = clock_.mono_now();
    if (next_.value == 0) next_ = now;
    const std::int64_t slot_ns = oracle_period_ms * ns_per_ms / static_cast<std::int64_t>(turns);
    next_ = std::max(next_ + slot_ns, now);
    const std::int64_t wait_ns = next_ - now;
    timer_ = timers_.after_ms((wait_ns + ns_per_ms - 1) / ns_per_ms, [this] { step(); });
    try_path(turn_++ % turns);
  }

  void try_path(std::size_t position) {
    Path& path = paths_[position];
    if (path.outstanding >= oracle_outstanding_max) return;
    ++path.outstanding;
    const MonoTimeNs begun = clock_.mono_now();
    const DrillAccount& account = accounts_[account_++ % accounts_.size()];
    api_->post(path.edge, account.key, account.secret, "/v1/user/spot/order",
               oracle_order(path.market), [this, position, begun](const ApiAnswer& answer) {
                 --paths_[position].outstanding;
                 const MonoTimeNs ended = clock_.mono_now();
                 const bool worked = answer.outcome == ApiOutcome::ok &&
                                     ended - begun <= oracle_deadline_ms * ns_per_ms;
                 record_.note(position, {begun, ended, worked});
               });
  }

  const Clock& clock_;
  Timers& timers_;
  OracleRecord record_;
  std::vector<DrillAccount> accounts_;
  std::size_t account_ = 0;
  std::unique_ptr<ApiClient> api_;
  std::vector<Path> paths_;
  std::size_t turn_ = 0;
  MonoTimeNs next_;
  TimerId timer_;
};

OracleTrader::OracleTrader(const Clock& clock, Timers& timers, Net& net,
                           const std::vector<Address>& edges,
                           const std::vector<OracleMarket>& markets,
                           const std::vector<DrillAccount>& accounts)
    : impl_(std::make_unique<Impl>(clock, timers, net, edges, markets, accounts)) {}

OracleTrader::~OracleTrader() = default;
void OracleTrader::start() { impl_->step(); }
std::size_t OracleTrader::paths() const { return impl_->paths_.size(); }
const OracleRecord& OracleTrader::record() const { return impl_->record_; }
void OracleTrader::begin_at(MonoTimeNs time) { impl_->record_.begin_at(time); }

std::vector<OracleMarket> oracle_markets(const std::vector<core::Command>& exchange_config) {
  std::vector<OracleMarket> markets;
  for (const core::Command& command : exchange_config) {
    const auto* add = std::get_if<core::AddMarket>(&command);
    if (add == nullptr || !add->spec.listed) continue;
    markets.push_back({add->spec.name, decimal(add->spec.price_min.value, add->spec.price_digits),
                       decimal(add->spec.amount_min.value, add->spec.amount_digits)});
  }
  return markets;
}

}  // namespace oki::drill
