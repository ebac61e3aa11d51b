#include "watch/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "net/http_client.h"
#include "notify/envelope.h"

namespace oki::watch {
namespace {

constexpr std::size_t prober_connections = 2;
constexpr std::size_t page_connections = 2;
constexpr std::size_t waiting_max = pulse_in_flight_max;

std::string node_name(std::size_t seat) { return std::to_string(seat); }

LeaseKeeper::Options keeper_options(const WatchOptions& options) {
  LeaseKeeper::Options keeper;
  keeper.edges = options.edges.size();
  for (const ProbeMarket& market : options.markets) keeper.markets.push_back(market.name);
  return keeper;
}

}  // namespace

Watch::Watch(const Parts& parts, WatchOptions options)
    : parts_(parts),
      options_(std::move(options)),
      keeper_(parts.clock, keeper_options(options_)),
      cluster_(parts.clock, options_.nodes),
      timeline_(parts.clock, saved_document()),
      publisher_(options_.signing_key, status_clients(), parts.metrics),
      edge_up_(options_.edges.size(), true),
      overall_since_(parts.clock.wall_now()),
      green_(parts.metrics.gauge("okiagari_watch_green", "1 while the lease says operational.")),
      leader_changes_(parts.metrics.counter("okiagari_watch_leader_changes_total",
                                            "Leader changes seen from outside.")),
      probe_time_(parts.metrics.histogram("okiagari_watch_probe_seconds",
                                          "Duration of successful test trades.")) {
  ASSERT(!options_.edges.empty() && !options_.house.empty() && !options_.markets.empty());
  make_probers();
  make_ledger_checks();
  make_sweeper();
  make_drain_watch();
  if (parts_.tell) make_feed();
}

Watch::~Watch() {
  parts_.timers.cancel(look_timer_);
  parts_.timers.cancel(renew_timer_);
}

std::vector<Send> Watch::pages_of(const std::vector<Address>& processes) {
  std::vector<Send> pages;
  for (const Address& process : processes) {
    pages.push_back(client(process, page_deadline_ms, page_connections));
  }
  return pages;
}

void Watch::make_feed() {
  Feed::Options options;
  options.number = options_.number;
  options.watches = options_.watches;
  options.edges = options_.edges.size();
  options.nodes = options_.nodes;
  for (const ProbeMarket& market : options_.markets) options.markets.push_back(market.name);
  options.edge_pages = pages_of(options_.edge_metrics);
  options.node_pages = pages_of(options_.node_metrics);
  for (const Address& edge : options_.edges) {
    options.pulses.push_back(client(edge, pulse_deadline_ms, pulse_connections));
  }
  options.detection = options_.detection;
  options.objectives = options_.objectives;
  feed_ = std::make_unique<Feed>(
      Feed::Parts{parts_.clock, parts_.timers, parts_.metrics, parts_.tell}, std::move(options));
}

void Watch::tell_nodes() {
  std::vector<bool> up;
  for (std::size_t seat = 1; seat <= options_.nodes; ++seat) up.push_back(cluster_.node_up(seat));
  feed_->on_nodes(up);
}

Send Watch::client(const Address& server, std::int64_t deadline_ms, std::size_t connections) {
  net::HttpClientOptions options;
  options.limits.body_bytes_max = answer_bytes_max;
  options.deadline_ms = deadline_ms;
  options.connections_max = connections;
  options.waiting_max = waiting_max;
  auto http = std::make_shared<net::HttpClient>(parts_.net, parts_.timers, server, options);
  return [http](net::HttpRequest request, net::HttpClient::Done done) {
    http->request(std::move(request), std::move(done));
  };
}

std::vector<Send> Watch::status_clients() {
  std::vector<Send> clients;
  for (const Address& site : options_.status_sites) {
    clients.push_back(client(site, publish_deadline_ms, posts_max + 1));
  }
  return clients;
}

notify::StatusDocument Watch::saved_document() {
  const auto names = parts_.disk.list();
  if (names && std::find(names->begin(), names->end(), options_.saved_name) == names->end()) {
    return {};
  }
  const auto saved = parts_.disk.read(options_.saved_name, 0, notify::envelope_bytes_max + 1);
  if (saved) {
    const auto payload = notify::open_envelope(options_.signing_key.public_key,
                                               notify::EnvelopeKind::document, *saved);
    auto document = payload ? notify::decode_status_document(*payload)
                            : Result<notify::StatusDocument>(tl::unexpected(payload.error()));
    if (document) return std::move(*document);
  }
  parts_.log.warning("watch", "the timeline of the last run could not be read; a new one begins");
  return {};
}

void Watch::make_probers() {
  const std::size_t count = options_.edges.size() * probers_per_edge;
  const std::size_t checks = options_.markets.size() + 1;
  const std::int64_t slot_ms = probe_round_ms / static_cast<std::int64_t>(checks);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t edge = i / probers_per_edge;
    Prober::Options options;
    options.house = options_.house[i % options_.house.size()];
    options.markets = options_.markets;
    options.cross = options_.cross;
    options.first_after_ms =
        slot_ms * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(count);
    options.first_check = (edge + i % probers_per_edge * checks / probers_per_edge) % checks;
    const Send send = client(options_.edges[edge], probe_deadline_ms, prober_connections);
    probers_.push_back(std::make_unique<Prober>(
        Prober::Parts{parts_.clock, parts_.timers, send}, std::move(options),
        [this, i](const ProbeResult& result) { on_probe(i, result); }));
  }
}

std::vector<HouseKey> Watch::house_keys() const {
  std::vector<HouseKey> keys;
  for (const HousePair& pair : options_.house) {
    keys.push_back(pair.a);
    keys.push_back(pair.b);
  }
  return keys;
}

void Watch::make_sweeper() {
  std::vector<Send> edges;
  for (const Address& edge : options_.edges) {
    edges.push_back(client(edge, probe_deadline_ms, prober_connections));
  }
  sweeper_ = std::make_unique<Sweeper>(parts_.clock, parts_.timers, std::move(edges), house_keys());
}

void Watch::make_drain_watch() {
  std::vector<Send> edges;
  for (const Address& edge : options_.edges) edges.push_back(client(edge, drain_deadline_ms, 1));
  drain_watch_ = std::make_unique<DrainWatch>(
      parts_.clock, parts_.timers, edges,
      [this](std::size_t edge, bool drained) { on_drained(edge, drained); });
}

void Watch::on_drained(std::size_t edge, bool drained) {
  const std::string number = std::to_string(edge + 1);
  parts_.log.info("watch",
                  drained ? "an edge says that it is being taken out"
                          : "an edge no longer says that it is being taken out",
                  {{"edge", static_cast<std::int64_t>(edge + 1)}});
  keeper_.on_drained(edge, drained);
  if (feed_) feed_->on_drained(edge, drained);
  timeline_.on_drained({notify::ComponentKind::edge, number}, drained, parts_.clock.wall_now());
  judge(false);
}

void Watch::make_ledger_checks() {
  ledger_explained_.assign(options_.edges.size(), true);
  for (std::size_t edge = 0; edge < options_.edges.size(); ++edge) {
    const Send send = client(options_.edges[edge], probe_deadline_ms, prober_connections);
    // Each edge begins with another account, so that all are looked at as often as can be.
    std::vector<HouseKey> accounts = house_keys();
    const auto first = static_cast<std::ptrdiff_t>(edge % accounts.size());
    std::rotate(accounts.begin(), accounts.begin() + first, accounts.end());
    ledger_checks_.push_back(std::make_unique<LedgerCheck>(
        LedgerCheck::Parts{parts_.clock, parts_.timers, send}, std::move(accounts),
        [this, edge](bool explained) {
          ledger_explained_[edge] = explained;
          const bool all = std::all_of(ledger_explained_.begin(), ledger_explained_.end(),
                                       [](bool each) { return each; });
          keeper_.on_ledger(all);
          if (feed_) feed_->on_ledger(all);
          judge(false);
        }));
  }
}

void Watch::start() {
  const Judgement judgement = keeper_.judge();
  for (const notify::LeaseRow& row : judgement.rows) timeline_.know(row.id);
  for (std::size_t seat = 1; seat <= options_.nodes; ++seat) {
    timeline_.know({notify::ComponentKind::node, node_name(seat)});
  }
  for (const auto& prober : probers_) prober->start();
  for (const auto& check : ledger_checks_) check->start();
  sweeper_->start();
  drain_watch_->start();
  if (feed_) feed_->start();
  look();
  renew();
}

void Watch::on_probe(std::size_t prober, const ProbeResult& result) {
  const std::size_t edge = prober / probers_per_edge;
  count(edge, result);
  if (!result.ok) last_failure_ = result;
  keeper_.on_probe(prober, result);
  note_edge(edge);
  judge(false);
  if (feed_) feed_->on_probe(prober, result);
}

void Watch::count(std::size_t edge, const ProbeResult& result) {
  parts_.metrics
      .counter("okiagari_watch_probes_total", "Test trades by edge and outcome.",
               fmt::format("edge=\"{}\",outcome=\"{}\"", edge + 1,
                           result.ok ? "ok" : name(result.reason)))
      .add();
  if (result.ok) probe_time_.record_ns(result.ended - result.started);
}

void Watch::note_edge(std::size_t edge) {
  const bool up = keeper_.edge_reached(edge);
  if (up == edge_up_[edge]) return;
  edge_up_[edge] = up;
  const notify::ComponentId id{notify::ComponentKind::edge, std::to_string(edge + 1)};
  timeline_.on_process(id, up, parts_.clock.wall_now());
  publish_document();
}

void Watch::look() {
  look_timer_ = parts_.timers.after_ms(look_every_ms, [this] { look(); });
  const ClusterChanges changes = cluster_.look(parts_.view());
  for (const NodeChange& node : changes.nodes) {
    timeline_.on_process({notify::ComponentKind::node, node_name(node.seat)}, node.up, node.at);
  }
  if (changes.leader) {
    leader_changes_.add();
    timeline_.on_leader(*changes.leader);
    parts_.log.info("watch", "the leader changed",
                    {{"seat", static_cast<std::int64_t>(changes.leader->new_seat)},
                     {"term", changes.leader->term.value},
                     {"gap_ms", static_cast<std::int64_t>(changes.leader->gap_ms)}});
  }
  publish_document();
  if (feed_) tell_nodes();
}

void Watch::renew() {
  renew_timer_ = parts_.timers.after_ms(renew_every_ms, [this] { renew(); });
  judge(true);
}

void Watch::judge(bool renewing) {
  const Judgement judgement = keeper_.judge();
  const bool changed = judgement.overall != overall_ || judgement.reason != reason_;
  if (changed) note_change(judgement);
  timeline_.on_judgement(judgement);
  if (changed || renewing) {
    notify::Lease lease = lease_of(judgement);
    if (parts_.on_rows) parts_.on_rows(lease.rows);
    publisher_.publish(std::move(lease), changed);
  }
  publish_document();
}

void Watch::note_change(const Judgement& judgement) {
  const bool was_green = overall_ == notify::State::operational;
  const bool green = judgement.overall == notify::State::operational;
  if (was_green != green) {
    overall_since_ = was_green ? judgement.first_failure : parts_.clock.wall_now();
  }
  overall_ = judgement.overall;
  reason_ = judgement.reason;
  green_.set(green ? 1 : 0);
  parts_.log.info("watch", "the status changed",
                  {{"state", notify::name(overall_)},
                   {"reason", notify::name(reason_)},
                   {"last_failed_step", last_failure_.step},
                   {"last_failure", name(last_failure_.reason)},
                   {"code", last_failure_.code}});
}

notify::Lease Watch::lease_of(const Judgement& judgement) {
  notify::Lease lease;
  lease.issued_at = parts_.clock.wall_now();
  lease.expires_at = {lease.issued_at.value + judgement.valid_ms};
  lease.overall = judgement.overall;
  lease.reason = judgement.reason;
  lease.since = overall_since_;
  lease.leader_seat = cluster_.leader_seat();
  lease.leader_term = cluster_.leader_term();
  lease.rows = judgement.rows;
  for (std::size_t seat = 1; seat <= options_.nodes; ++seat) {
    const notify::State state =
        cluster_.node_up(seat) ? notify::State::operational : notify::State::major_outage;
    lease.rows.push_back({{notify::ComponentKind::node, node_name(seat)}, state, {}});
  }
  for (notify::LeaseRow& row : lease.rows) {
    row.since = since(std::string(notify::name(row.id.kind)) + row.id.name, row.state);
  }
  return lease;
}

WallTimeMs Watch::since(const std::string& what, notify::State state) {
  const auto [shown, is_new] = shown_.try_emplace(what);
  if (is_new || shown->second.state != state) shown->second = {state, parts_.clock.wall_now()};
  return shown->second.since;
}

void Watch::publish_document() {
  if (timeline_.document().sequence == published_sequence_) return;
  published_sequence_ = timeline_.document().sequence;
  publisher_.set_document(timeline_.document());
  save_document();
}

void Watch::save_document() {
  if (saving_ || saved_sequence_ == timeline_.document().sequence) return;
  saving_ = true;
  saved_sequence_ = timeline_.document().sequence;
  Bytes envelope = notify::sign_envelope(options_.signing_key, notify::EnvelopeKind::document,
                                         notify::encode(timeline_.document()));
  parts_.disk.replace(options_.saved_name, std::move(envelope), [this](Result<void> saved) {
    saving_ = false;
    if (!saved) {
      parts_.log.warning("watch", "the timeline could not be saved",
                         {{"why", saved.error().message}});
      return;
    }
    save_document();
  });
}

}  // namespace oki::watch
