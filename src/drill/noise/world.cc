#include "drill/noise/world.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::drill::noise {

using watch::detect::GaugeKind;
using watch::detect::Moment;
using watch::detect::MonoMs;
using watch::detect::Outcome;

namespace {

constexpr std::int64_t round_ms = 1000;
constexpr std::int64_t slot_ms = round_ms / static_cast<std::int64_t>(checks);
constexpr std::int64_t deadline_ms = 400;
constexpr std::int64_t repeat_ms = 250;
constexpr std::int64_t refusal_ms = 10;
constexpr std::int64_t ledger_every_ms = 1000;
constexpr std::int64_t ledger_accounts = 2;
constexpr std::int64_t ledger_reads_ms = 60;
constexpr std::int64_t ledger_again_ms = 200;
constexpr std::uint32_t pulse_a_tick = 20;
constexpr std::uint32_t update_share = 3;
constexpr std::int64_t requests_a_test = 3;
constexpr std::int64_t never_ms = INT64_MAX / 2;
constexpr std::size_t broken_market = 1;
constexpr std::size_t broken_edge = 0;
constexpr std::size_t broken_node = 2;

}  // namespace

World::World(std::unique_ptr<Model> model, const watch::detect::Settings& settings,
             std::uint64_t seed)
    : model_(std::move(model)), shapes_(mix64(seed)), update_shapes_(mix64(seed + 1)) {
  ASSERT(model_ != nullptr);
  watch::detect::Detectors::Probers all{edges, probers_per_edge, {}};
  for (std::size_t i = 1; i <= markets; ++i) all.markets.push_back("market_" + std::to_string(i));
  watch::detect::Settings others = settings;
  others.silence.prober_ms = never_ms;  // Their test trades are not sampled.
  for (auto& of_watch : of_watch_) {
    const bool first = &of_watch == &of_watch_.front();
    of_watch =
        std::make_unique<watch::detect::Detectors>(first ? settings : others, all, moment(0));
  }
  detectors_ = of_watch_.front().get();
  watch_everything();
  for (std::size_t i = 0; i < probers; ++i) {
    // As watch::Watch staggers them.
    tests_[i].at = slot_ms * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(probers);
    tests_[i].next_slot = tests_[i].at;
    tests_[i].next_check =
        (i / probers_per_edge + i % probers_per_edge * checks / probers_per_edge) % checks;
  }
}

void World::watch_everything() {
  const auto added = [](const Result<std::size_t>& series) {
    ASSERT(series.has_value());
    return *series;
  };
  const Moment now = moment(0);
  for (std::size_t i = 0; i < edges; ++i) {
    const std::string number = std::to_string(i + 1);
    const watch::detect::Detectors::Components edge{{notify::ComponentKind::edge, number}};
    error_series_[i] = added(detectors_->watch_errors("edge " + number, edge, now));
    for (std::size_t w = 0; w < watches; ++w) {
      pulse_series_[w][i] = added(of_watch_[w]->watch_errors("pulse of edge " + number, edge, now,
                                                             response::Source::test_trade));
    }
    update_series_[i] = added(detectors_->watch_errors("updates at edge " + number, edge, now));
    latency_series_[i] = added(detectors_->watch_latency("edge " + number, edge, now));
  }
  all_errors_ = added(detectors_->watch_errors("all", {}, now));
  rate_series_ = added(detectors_->watch_rate("orders", {}, now));
  slo_ = added(detectors_->watch_slo(
      {"requests", "trading", "errors/all", 999'000, watch::detect::usual_burn_alerts()}, {}));
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::string number = std::to_string(i + 1);
    const watch::detect::Detectors::Components node{{notify::ComponentKind::node, number}};
    const auto gauge = [&](GaugeKind kind) {
      return added(detectors_->watch_gauge(kind, "node " + number, node, now));
    };
    cpu_[i] = gauge(GaugeKind::cpu_ppm);
    memory_[i] = gauge(GaugeKind::memory_ppm);
    disk_[i] = gauge(GaugeKind::disk_used_ppm);
    fsync_[i] = gauge(GaugeKind::fsync_us);
    lag_[i] = gauge(GaugeKind::replica_lag_ms);
  }
}

void World::inject(FaultKind kind, MonoMs at_ms) {
  ASSERT(at_ms >= now_);
  fault_ = kind;
  fault_at_ = at_ms;
  ledger_phase_ms_ = shapes_.between(0, ledger_every_ms * ledger_accounts - 1);
}

void World::tick() {
  model_->step(conditions_);
  now_ += tick_ms;
  run_probers();
  sample_requests();
  sample_pulses();
  if (fault_ == FaultKind::ledger_break) check_ledger();
  if (now_ % 1000 != 0) return;
  sample_hosts();
  sample_customers();
  for (const auto& of_watch : of_watch_) of_watch->tick(moment(now_));
}

std::vector<response::Signal> World::take_signals() {
  std::vector<response::Signal> all;
  for (std::size_t w = 0; w < watches; ++w) {
    if (!of_watch_[w]->has_signals()) continue;
    for (response::Signal& signal : of_watch_[w]->take()) {
      signal.key = "watch " + std::to_string(w + 1) + "/" + signal.key;
      all.push_back(std::move(signal));
    }
  }
  return all;
}

bool World::errors_fire() const {
  return std::ranges::any_of(of_watch_, [](const auto& watch) { return watch->errors_fire(); });
}

Second World::take_second() {
  Second second;
  second.trades = std::exchange(trades_, {});
  second.ledger_fine = ledger_fine_;
  second.errors_fine = !errors_fire() && now_ - trade_failed_ >= trades_quiet_ms;
  second.inquiries_fine = !detectors_->inquiries_fire();
  return second;
}

// What the fault does to the requests of customers.
void World::distort(EdgeConditions& edge, std::size_t index) const {
  const auto only = [&](std::uint32_t parts) { edge.requests = edge.requests * parts / 100; };
  switch (*fault_) {
    case FaultKind::full_outage:
      return only(0);
    case FaultKind::stall:
    case FaultKind::customers_cut:
      return only(2);
    case FaultKind::edge_dead:
      return index == broken_edge ? only(0) : only(100);
    case FaultKind::all_refuse:
    case FaultKind::no_leader:
      edge.error_ppb = 990'000'000;
      return;
    case FaultKind::market_dead:
      edge.error_ppb = 0;  // A refusal by a market is an answer and counts as no error of the edge.
      return;
    case FaultKind::errors_10:
      edge.error_ppb += 100'000'000;
      return;
    case FaultKind::errors_2:
      edge.error_ppb += 20'000'000;
      return;
    case FaultKind::errors_02:
      edge.error_ppb += 2'000'000;
      return;
    case FaultKind::latency_x10:
      edge.latency_us *= 10;
      return;
    default:
      return;
  }
}

void World::sample_requests() {
  std::uint32_t arrived = 0;
  std::uint32_t failed = 0;
  const bool faulty = active(now_);
  for (std::size_t i = 0; i < edges; ++i) {
    EdgeConditions edge = conditions_.edge[i];
    if (faulty) distort(edge, i);
    const std::uint32_t errors =
        error_hazard_[i].take(edge.error_ppb * edge.requests, shapes_) + edge.clumped_errors;
    held_requests_[i] += edge.requests;
    held_errors_[i] += std::min(errors, edge.requests);
    sample_updates(i, edge);
  }
  if (conditions_.sample_lost) return;
  const Moment now = moment(now_);
  for (std::size_t i = 0; i < edges; ++i) {
    detectors_->on_requests(error_series_[i], held_requests_[i], held_errors_[i], now);
    arrived += held_requests_[i];
    failed += held_errors_[i];
    second_edge_[i] += held_requests_[i];
    detectors_->on_requests(update_series_[i], held_updates_[i], held_update_errors_[i], now);
    held_requests_[i] = held_errors_[i] = held_updates_[i] = held_update_errors_[i] = 0;
  }
  detectors_->on_requests(all_errors_, arrived, failed, now);
  detectors_->on_rate(rate_series_, arrived, now);
  second_requests_ += arrived;
  second_errors_ += failed;
}

// A third of the requests are orders and cancels; what fails in clumps are all among them, as when
// the leader changes.
void World::sample_updates(std::size_t index, const EdgeConditions& edge) {
  const std::uint32_t updates = edge.requests / update_share;
  const std::uint32_t errors =
      update_hazard_[index].take(edge.error_ppb * updates, update_shapes_) + edge.clumped_errors;
  held_updates_[index] += updates;
  held_update_errors_[index] += std::min(errors, updates);
}

// The reads of watch/pulse.h: a test trade is some three requests, so each has a third of its
// chance to fail.
void World::sample_pulses() {
  if (conditions_.sample_lost) return;
  for (std::size_t w = 0; w < watches; ++w) {
    for (std::size_t i = 0; i < edges; ++i) sample_pulse(w, i);
  }
}

World::Line World::line_of(std::size_t watch, std::size_t edge) const {
  const std::size_t first = edge * probers_per_edge;
  const Line a{conditions_.probe_failure_ppm[first], conditions_.prober_away[first]};
  const Line b{conditions_.probe_failure_ppm[first + 1], conditions_.prober_away[first + 1]};
  if (watch == 0) return a;
  if (watch == 1) return b;
  return {std::min(a.failure_ppm, b.failure_ppm), a.away && b.away};
}

void World::sample_pulse(std::size_t watch, std::size_t edge) {
  const Line line = line_of(watch, edge);
  const std::size_t series = pulse_series_[watch][edge];
  if (line.away) return of_watch_[watch]->on_requests(series, 0, 0, moment(now_));
  std::int64_t ppb = line.failure_ppm * 1000 / requests_a_test;
  if (active(now_)) ppb = pulse_fault_ppb(edge, ppb);
  const std::uint32_t failures =
      std::min(pulse_hazard_[watch][edge].take(ppb * pulse_a_tick, shapes_), pulse_a_tick);
  of_watch_[watch]->on_requests(series, pulse_a_tick, failures, moment(now_));
}

std::int64_t World::pulse_fault_ppb(std::size_t edge, std::int64_t usual_ppb) const {
  switch (*fault_) {
    case FaultKind::full_outage:
    case FaultKind::stall:
      return 1'000'000'000;
    case FaultKind::edge_dead:
      return edge == broken_edge ? 1'000'000'000 : usual_ppb;
    case FaultKind::requests_break:
      return edge == broken_edge ? usual_ppb + 20'000'000 : usual_ppb;
    case FaultKind::errors_10:
      return usual_ppb + 100'000'000;
    case FaultKind::errors_2:
      return usual_ppb + 20'000'000;
    case FaultKind::errors_02:
      return usual_ppb + 2'000'000;
    default:
      return usual_ppb;
  }
}

// In order of time over all probers.
void World::run_probers() {
  for (;;) {
    std::size_t first = 0;
    for (std::size_t i = 1; i < probers; ++i) {
      if (tests_[i].at < tests_[first].at) first = i;
    }
    Test& test = tests_[first];
    if (test.at > now_) return;
    if (test.runs) {
      end_test(first, test);
    } else {
      begin_test(first, test);
    }
  }
}

void World::begin_test(std::size_t prober, Test& test) {
  if (conditions_.prober_away[prober]) {
    test.next_slot += slot_ms;
    test.at = test.next_slot;
    return;
  }
  test.check = test.next_check;
  test.started = test.at;
  test.runs = true;
  test.outcome = Outcome::ok;
  const std::int64_t latency_ms = conditions_.edge[prober / probers_per_edge].latency_us / 1000;
  std::int64_t lasts = std::clamp<std::int64_t>(3 * latency_ms, 2, 150);
  if (shapes_.chance(static_cast<std::uint64_t>(conditions_.probe_failure_ppm[prober]),
                     1'000'000)) {
    // By a timeout, or by an answer that says no.
    const bool times_out = shapes_.chance(1, 2);
    test.outcome = times_out ? Outcome::transport : Outcome::refused;
    if (times_out) lasts = deadline_ms;
  }
  if (active(test.started)) fail_by_fault(prober, test, lasts);
  test.at += lasts;
}

void World::fail_by_fault(std::size_t prober, Test& test, std::int64_t& lasts) {
  const auto fail = [&](Outcome outcome, std::int64_t ms) {
    test.outcome = outcome;
    lasts = ms;
  };
  const auto fail_sometimes = [&](std::uint64_t ppm) {
    if (shapes_.chance(ppm, 1'000'000)) fail(Outcome::refused, refusal_ms);
  };
  switch (*fault_) {
    case FaultKind::full_outage:
    case FaultKind::stall:
    case FaultKind::test_trade_path:
    case FaultKind::no_leader:
      return fail(Outcome::transport, deadline_ms);
    case FaultKind::edge_dead:
      if (prober / probers_per_edge == broken_edge) fail(Outcome::transport, deadline_ms);
      return;
    case FaultKind::all_refuse:
      return fail(Outcome::refused, refusal_ms);
    case FaultKind::market_dead:
      if (test.check == broken_market) fail(Outcome::refused, refusal_ms);
      return;
    case FaultKind::wrong_fill:
      if (test.check == markets) fail(Outcome::wrong, refusal_ms);
      return;
    case FaultKind::errors_10:
      return fail_sometimes(100'000);
    case FaultKind::errors_2:
      return fail_sometimes(20'000);
    case FaultKind::errors_02:
      return fail_sometimes(2'000);
    case FaultKind::requests_break:
      if (prober / probers_per_edge == broken_edge) fail_sometimes(60'000);
      return;
    case FaultKind::latency_x10:
      lasts = std::min<std::int64_t>(lasts * 10, 3 * deadline_ms);
      return;
    default:
      return;
  }
}

void World::end_test(std::size_t prober, Test& test) {
  test.runs = false;
  detectors_->on_probe(prober, test.check, test.outcome, test.started, moment(test.at));
  const bool failed = test.outcome != Outcome::ok;
  if (failed) {
    ++trades_[prober].failed;
    trade_failed_ = test.at;
  } else if (test.started >= now_ - now_ % 1000 - (now_ % 1000 == 0 ? 1000 : 0)) {
    ++trades_[prober].succeeded;
  }
  std::uint8_t& failures = test.failures[test.check];
  failures = failed ? static_cast<std::uint8_t>(std::min(failures + 1, 100)) : std::uint8_t{0};
  if (failures == 2) ++single_prober_alarms_;
  if (failures == 1) {
    test.at = std::max(test.at, test.started + repeat_ms);
    return;
  }
  test.next_check = (test.check + 1) % checks;
  do {
    test.next_slot += slot_ms;
  } while (test.next_slot < test.at);
  test.at = test.next_slot;
}

void World::sample_hosts() {
  const bool faulty = active(now_);
  const Moment now = moment(now_);
  for (std::size_t i = 0; i < nodes; ++i) {
    NodeConditions node = conditions_.node[i];
    if (faulty && i == broken_node) {
      if (fault_ == FaultKind::slow_disk) node.fsync_us *= 100;
      if (fault_ == FaultKind::replica_lag) node.lag_ms += now_ - fault_at_;
      if (fault_ == FaultKind::disk_full) node.disk_used_ppm = 950'000;
    }
    detectors_->on_gauge(cpu_[i], node.cpu_ppm, now);
    detectors_->on_gauge(memory_[i], node.memory_ppm, now);
    detectors_->on_gauge(disk_[i], node.disk_used_ppm, now);
    detectors_->on_gauge(fsync_[i], node.fsync_us, now);
    detectors_->on_gauge(lag_[i], node.lag_ms, now);
  }
  for (std::size_t i = 0; i < edges; ++i) {
    EdgeConditions edge = conditions_.edge[i];
    if (faulty) distort(edge, i);
    detectors_->on_latency(latency_series_[i], second_edge_[i], edge.latency_us, now);
    second_edge_[i] = 0;
  }
  detectors_->on_slo(slo_, second_requests_, second_errors_, now);
  second_requests_ = 0;
  second_errors_ = 0;
}

void World::sample_customers() {
  std::int64_t per_hour = conditions_.inquiries_per_hour;
  std::int64_t share_ppm = conditions_.inquiry_failure_ppm;
  if (active(now_) && fault_ == FaultKind::unseen) {
    per_hour *= unseen_inquiries_times;
    share_ppm = unseen_failure_ppm;
  }
  std::uint32_t joined = 0;
  const std::uint32_t all = per_hour == 0 ? 0 : shapes_.poisson(per_hour * 1000 / 3600);
  for (std::uint32_t i = 0; i < all; ++i) {
    joined += shapes_.chance(static_cast<std::uint64_t>(share_ppm), 1'000'000) ? 1 : 0;
  }
  detectors_->on_inquiries(all, joined, moment(now_));
}

// Each of two edges checks one of two accounts a second, not the same one, so the account that is
// off has its turn every second; the checker looks again before it speaks.
void World::check_ledger() {
  constexpr std::int64_t turn =
      ledger_every_ms * ledger_accounts / static_cast<std::int64_t>(edges);
  const MonoMs since = now_ - tick_ms;
  for (MonoMs at = since + 1; at <= now_; ++at) {
    if ((at + ledger_phase_ms_) % turn != 0) continue;
    const MonoMs read = at - (2 * ledger_reads_ms + ledger_again_ms);
    if (!active(read)) continue;
    ledger_fine_ = false;
    detectors_->on_ledger(false, moment(at));
  }
}

}  // namespace oki::drill::noise
