#include "drill/trial.h"

#include <algorithm>

#include "base/assert.h"
#include "node/exchange_config.h"

namespace oki::drill {
namespace {

constexpr std::size_t oracles = 31;  // Four orders a second each, of 120.
constexpr std::int64_t well_patience_ms = 60'000;
constexpr std::int64_t well_for_ns = 1'000 * ns_per_ms;

SessionOptions session_options(const TrialOptions& options) {
  SessionOptions session;
  session.directory = options.directory;
  session.nodes = options.nodes;
  session.edges = options.edges;
  session.watches = options.watches;
  session.status_sites = options.status_sites;
  session.status_poll_ms = options.status_poll_ms;
  session.makers = options.makers;
  session.oracles = oracles;
  session.customers = options.customers;
  session.intruders = options.intruders;
  return session;
}

std::vector<std::string> listed_markets() {
  std::vector<std::string> names;
  const auto exchange = node::read_exchange_config(node::default_exchange_config());
  ASSERT(exchange.has_value());
  for (const OracleMarket& market : oracle_markets(*exchange)) names.push_back(market.name);
  return names;
}

std::vector<Address> watch_metrics(Session& session) {
  std::vector<Address> addresses;
  for (const auto& watch : session.cluster().watches()) addresses.push_back(watch.metrics);
  return addresses;
}

}  // namespace

Trial::Trial(const TrialOptions& options) : options_(options), session_(session_options(options)) {}

Trial::~Trial() = default;

Result<void> Trial::start(const std::function<void(const std::string&)>& progress) {
  staff_ = std::make_unique<Staff>(session_, random_);
  auto prepared =
      staff_->prepare({options_.directory, options_.nodes, options_.edges, options_.watches,
                       listed_markets(), options_.runbooks, options_.desks});
  if (!prepared) return prepared;
  if (auto done = session_.start(progress); !done) return done;
  host::Loop& loop = session_.loop();
  incidents_ = std::make_unique<IncidentView>(loop.timers(), loop.net(), watch_metrics(session_));
  oracle_ = std::make_unique<OracleTrader>(
      loop.clock(), loop.timers(), loop.net(), session_.cluster().edge_addresses(),
      oracle_markets(session_.exchange()), session_.accounts().oracles);
  steps_ = std::make_unique<Steps>(session_);
  harm_ = std::make_unique<Harm>(*steps_);
  for (const int signal : {SIGINT, SIGTERM}) {
    loop.on_signal(signal, [this](int) { session_.stop_running(); });
  }
  oracle_->start();
  return {};
}

MonoTimeNs Trial::now() { return session_.loop().clock().mono_now(); }

bool Trial::green() {
  const auto& copies = session_.statuses();
  return std::all_of(copies.begin(), copies.end(), [](const auto& copy) { return copy->green(); });
}

std::optional<MonoTimeNs> Trial::nongreen(MonoTimeNs from) {
  MonoTimeNs last = from;
  for (const auto& copy : session_.statuses()) {
    const auto first = copy->first_nongreen(from);
    if (!first) return std::nullopt;
    last = std::max(last, *first);
  }
  return last;
}

std::optional<MonoTimeNs> Trial::trading(MonoTimeNs from) {
  return oracle_->record().working_since(from);
}

bool Trial::wait_until_well() {
  const MonoTimeNs from = now();
  return steps_->wait_for(well_patience_ms, [&] {
    const auto working = trading(from);
    if (!green() || !working || now() - *working < well_for_ns) return false;
    const auto& copies = session_.statuses();
    return std::all_of(copies.begin(), copies.end(), [&](const auto& copy) {
      return !copy->first_nongreen(now() + -well_for_ns).has_value();
    });
  });
}

std::int64_t Trial::falsely_green_ms(MonoTimeNs from, MonoTimeNs to) {
  const auto broken = oracle_->record().broken_beyond(lease_ms * ns_per_ms, to);
  std::int64_t total = 0;
  for (const auto& copy : session_.statuses()) {
    total += total_ns(common(broken, copy->green_spans(from, to)));
  }
  return (total + ns_per_ms - 1) / ns_per_ms;
}

}  // namespace oki::drill
