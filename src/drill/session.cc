#include "drill/session.h"

#include <algorithm>
#include <cstdio>

#include "node/activate_releases.h"
#include "node/exchange_config.h"
#include "node/submit_all.h"

namespace oki::drill {
namespace {

constexpr std::int64_t look_ms = 50;
constexpr std::size_t setup_attempts_max = 20;
constexpr std::size_t release_attempts_max = 200;
constexpr std::uint64_t load_seed = 20'261'121;

// Waits inside the loop until a condition holds.
bool run_until(host::Loop& loop, std::int64_t patience_ms, const std::function<bool()>& holds) {
  const MonoTimeNs deadline = loop.clock().mono_now() + patience_ms * ns_per_ms;
  bool held = false;
  std::function<void()> look = [&] {
    held = holds();
    if (held || loop.clock().mono_now() >= deadline) {
      loop.stop();
    } else {
      loop.timers().after_ms(look_ms, look);
    }
  };
  loop.timers().after_ms(0, look);
  loop.run();
  return held;
}

}  // namespace

class Session::Impl {
 public:
  explicit Impl(const SessionOptions& options)
      : options_(options),
        log_(loop_.clock(), "demo", {}),
        accounts_(make_accounts(random_, options.makers, options.oracles, options.watches)) {}

  ~Impl() {
    if (cluster_) cluster_->stop_all();
  }

  Result<void> start(const std::function<void(const std::string&)>& progress);
  FinalAudit finish();

  SessionOptions options_;
  host::Loop loop_;
  crypto::SystemRandom random_;
  Log log_;
  Metrics metrics_;
  DrillAccounts accounts_;
  std::vector<core::Command> exchange_;
  LogRecord record_;
  AckLedger ledger_;
  std::optional<Cluster> cluster_;
  std::unique_ptr<replica::Client> client_;
  std::unique_ptr<NodeStates> node_states_;
  std::vector<std::unique_ptr<StatusPoller>> statuses_;
  std::unique_ptr<ApiClient> api_;
  std::unique_ptr<Load> load_;
  MonoTimeNs started_;

 private:
  Result<void> plan();
  Result<void> start_cluster();
  Result<void> set_up_exchange();
  Result<void> activate_newest_rules();
  Result<void> wait_for_edges();
  Result<void> wait_for_green();
  Result<void> wait(const char* what, const std::function<bool()>& holds);
  bool at_rest();
  void compare_hashes(FinalAudit& audit);

  std::string toml_;
  std::vector<core::Command> setup_;

 public:
  std::vector<std::vector<std::string>> watch_options_;
};

Result<void> Session::Impl::start(const std::function<void(const std::string&)>& progress) {
  started_ = loop_.clock().mono_now();
  if (auto done = plan(); !done) return done;
  progress("starting nodes and the status site");
  if (auto done = start_cluster(); !done) return done;
  progress("opening accounts and markets");
  if (auto done = set_up_exchange(); !done) return done;
  if (auto done = activate_newest_rules(); !done) return done;
  progress("starting edges");
  if (auto done = cluster_->start_edges(); !done) return done;
  if (auto done = wait_for_edges(); !done) return done;
  progress("starting test trades");
  if (auto done = cluster_->start_watches(accounts_, toml_); !done) return done;
  api_ = std::make_unique<ApiClient>(loop_.clock(), loop_.net(), loop_.timers(),
                                     cluster_->edge_addresses());
  load_ = std::make_unique<Load>(loop_.clock(), loop_.timers(), *api_, ledger_, LoadOptions{},
                                 load_seed);
  std::vector<LoadMarket> markets = load_markets(exchange_);
  std::erase_if(markets,
                [this](const LoadMarket& market) { return market.name == options_.quiet_market; });
  if (options_.makers > 0 && !markets.empty()) load_->start(accounts_.makers, markets);
  return wait_for_green();
}

Result<void> Session::Impl::plan() {
  toml_ = options_.exchange_toml.empty() ? std::string(node::default_exchange_config())
                                         : options_.exchange_toml;
  auto exchange = node::read_exchange_config(toml_);
  if (!exchange) return tl::unexpected(exchange.error());
  exchange_ = std::move(*exchange);
  for (core::Command& command : exchange_) {
    auto* add = std::get_if<core::AddMarket>(&command);
    if (add != nullptr && options_.break_ms != 0) add->spec.break_ms = options_.break_ms;
  }
  add_customers(accounts_, random_, options_.customers, options_.intruders);
  const Result<std::string> binary = host::own_binary();
  if (!binary) return tl::unexpected(binary.error());
  auto cluster = Cluster::plan({.binary = *binary,
                                .directory = options_.directory,
                                .nodes = options_.nodes,
                                .edges = options_.edges,
                                .watches = options_.watches,
                                .status_sites = options_.status_sites,
                                .port_base = options_.port_base,
                                .rate_limits = options_.rate_limits,
                                .watch_options = watch_options_},
                               random_);
  if (!cluster) return tl::unexpected(cluster.error());
  cluster_.emplace(std::move(*cluster));
  auto setup =
      setup_commands(exchange_, accounts_, options_.rate_limits, cluster_->seal_key(), random_);
  if (!setup) return tl::unexpected(setup.error());
  setup_ = std::move(*setup);
  return {};
}

Result<void> Session::Impl::start_cluster() {
  if (auto done = cluster_->start_status(); !done) return done;
  if (auto done = cluster_->start_nodes(); !done) return done;
  std::vector<Address> metrics;
  for (const NodePlace& node : cluster_->nodes()) metrics.push_back(node.metrics);
  node_states_ = std::make_unique<NodeStates>(loop_.net(), loop_.timers(), metrics);
  for (const NodePlace& site : cluster_->statuses()) {
    statuses_.push_back(std::make_unique<StatusPoller>(loop_.clock(), loop_.net(), loop_.timers(),
                                                       site.listen, options_.status_poll_ms));
  }
  replica::ClientOptions options;
  options.cluster = cluster_->id();
  options.nodes = cluster_->node_addresses();
  client_ = std::make_unique<replica::Client>(
      replica::Client::Parts{loop_.clock(), loop_.timers(), loop_.net(), random_, log_, metrics_},
      options);
  client_->follow(record_);
  return wait("a leader", [this] { return client_->view().leader_known; });
}

Result<void> Session::Impl::set_up_exchange() {
  std::optional<Result<node::SubmittedAll>> outcome;
  node::submit_all(*client_, setup_, setup_attempts_max,
                   [&](Result<node::SubmittedAll> done) { outcome = std::move(done); });
  if (auto done = wait("the set-up", [&] { return outcome.has_value(); }); !done) return done;
  if (!*outcome) return tl::unexpected(outcome->error());
  return {};
}

// No node of this cluster is older than this program.
Result<void> Session::Impl::activate_newest_rules() {
  std::optional<Result<void>> outcome;
  node::activate_releases(*client_, loop_.timers(), release_attempts_max,
                          [&](Result<void> done) { outcome = std::move(done); });
  if (auto done = wait("the newest rules", [&] { return outcome.has_value(); }); !done) return done;
  return *outcome;
}

Result<void> Session::Impl::wait_for_edges() {
  std::vector<std::unique_ptr<net::HttpClient>> clients;
  std::size_t ready = 0;
  for (const Address& edge : cluster_->edge_addresses()) {
    clients.push_back(std::make_unique<net::HttpClient>(loop_.net(), loop_.timers(), edge,
                                                        net::HttpClientOptions{}));
  }
  std::size_t asking = 0;
  return wait("the edges", [&] {
    if (asking != 0) return false;
    if (ready == clients.size()) return true;
    ready = 0;
    asking = clients.size();
    for (auto& client : clients) {
      net::HttpRequest request;
      request.method = "GET";
      request.target = "/healthz";
      client->request(request, [&](const Result<net::HttpResponse>& response) {
        --asking;
        if (response && response->status == 200) ++ready;
      });
    }
    return false;
  });
}

Result<void> Session::Impl::wait_for_green() {
  return wait("a green status", [this] {
    return std::all_of(statuses_.begin(), statuses_.end(),
                       [](const auto& status) { return status->green(); });
  });
}

Result<void> Session::Impl::wait(const char* what, const std::function<bool()>& holds) {
  std::vector<std::string> ends;
  const bool held = run_until(loop_, options_.start_patience_ms, [&] {
    ends = cluster_->unexpected_ends();
    return !ends.empty() || holds();
  });
  if (!ends.empty()) return error(Errc::unavailable, ends.front());
  if (held) return {};
  return error(Errc::unavailable, std::string("waited too long for ") + what +
                                      "; the logs are in " + options_.directory);
}

// Nothing is outstanding, and the record has everything the nodes have applied.
bool Session::Impl::at_rest() { return !load_ || load_->idle(); }

FinalAudit Session::Impl::finish() {
  FinalAudit audit;
  if (load_) load_->stop();
  if (!run_until(loop_, options_.audit_patience_ms, [this] { return at_rest(); })) {
    audit.why = "customers still wait for answers";
  }
  compare_hashes(audit);
  audit.customers = ledger_.audit(record_);
  return audit;
}

// Test trades go on, so the nodes rarely stand at one index at one moment: ask until they do.
void Session::Impl::compare_hashes(FinalAudit& audit) {
  bool asking = false;
  run_until(loop_, options_.audit_patience_ms, [&] {
    if (audit.nodes_compared > 0) return true;
    if (asking) return false;
    asking = true;
    node_states_->ask(true, [&](const std::vector<NodeState>& states) {
      asking = false;
      std::uint32_t running = 0;
      const NodeState* first = nullptr;
      for (std::uint32_t seat = 1; seat <= states.size(); ++seat) {
        if (!cluster_->node_running(seat)) continue;
        const NodeState& state = states[seat - 1];
        if (!state.reachable || (first != nullptr && state.applied != first->applied)) return;
        if (first == nullptr) first = &state;
        audit.hashes_equal = (running == 0 || audit.hashes_equal) &&
                             state.event_hash == first->event_hash &&
                             state.state_hash == first->state_hash && !state.state_hash.empty();
        ++running;
      }
      if (first != nullptr && record_.index().value >= first->applied) {
        audit.nodes_compared = running;
      }
    });
    return false;
  });
  if (audit.nodes_compared == 0) {
    audit.hashes_equal = false;
    audit.why = "the nodes did not come to one index";
  }
}

Session::Session(const SessionOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Session::~Session() = default;
Result<void> Session::start(const std::function<void(const std::string&)>& progress) {
  return impl_->start(progress);
}
void Session::set_watch_options(std::vector<std::vector<std::string>> options) {
  impl_->watch_options_ = std::move(options);
}

void Session::run() { impl_->loop_.run(); }
void Session::stop_running() { impl_->loop_.stop(); }
FinalAudit Session::finish() { return impl_->finish(); }
host::Loop& Session::loop() { return impl_->loop_; }
Cluster& Session::cluster() { return *impl_->cluster_; }
Load& Session::load() { return *impl_->load_; }
StatusPoller& Session::status() { return *impl_->statuses_.front(); }
const std::vector<std::unique_ptr<StatusPoller>>& Session::statuses() { return impl_->statuses_; }
ApiClient& Session::api() { return *impl_->api_; }
AckLedger& Session::ledger() { return impl_->ledger_; }
void Session::submit(const core::Command& command,
                     std::function<void(const replica::Answer&)> done) {
  impl_->client_->submit(core::encode(command), std::move(done));
}

std::optional<Session::Market> Session::market(ByteView name) const {
  std::vector<core::AssetSpec> assets;
  std::uint16_t position = 0;
  for (const core::Command& command : impl_->exchange_) {
    if (const auto* asset = std::get_if<core::AddAsset>(&command)) assets.push_back(asset->spec);
    const auto* add = std::get_if<core::AddMarket>(&command);
    if (add == nullptr) continue;
    if (add->spec.name == name && add->spec.quote.value < assets.size()) {
      return Market{{position}, add->spec, assets[add->spec.quote.value]};
    }
    ++position;
  }
  return std::nullopt;
}

const std::vector<core::Command>& Session::exchange() const { return impl_->exchange_; }
const replica::ClusterView& Session::view() const { return impl_->client_->view(); }
const LogRecord& Session::log_record() const { return impl_->record_; }
const DrillAccounts& Session::accounts() const { return impl_->accounts_; }

std::int64_t Session::uptime_ms() const {
  return (impl_->loop_.clock().mono_now() - impl_->started_) / ns_per_ms;
}

void Session::find_leader(std::function<void(std::uint32_t)> done) {
  impl_->node_states_->ask(false, [done = std::move(done)](const std::vector<NodeState>& states) {
    std::uint32_t leader = 0;
    std::uint64_t term = 0;
    for (const NodeState& state : states) {
      if (!state.serving || state.term < term) continue;
      leader = state.seat;
      term = state.term;
    }
    done(leader);
  });
}

}  // namespace oki::drill
