#include "watch/feed.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "watch/lease_keeper.h"
#include "watch/speakers.h"

namespace oki::watch {

using detect::Moment;
using detect::MonoMs;
using detect::Outcome;
using response::CheckKind;
using response::Signal;
using response::SignalKind;
using response::Source;
using response::Trust;

namespace {

MonoMs in_ms(MonoTimeNs time) { return time.value / ns_per_ms; }

Outcome outcome_of(const ProbeResult& result) {
  if (result.ok) return Outcome::ok;
  if (is_transport(result.reason)) return Outcome::transport;
  return result.reason == ProbeReason::wrong ? Outcome::wrong : Outcome::refused;
}

}  // namespace

Feed::Feed(const Parts& parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      speaker_(watch_speaker(options_.number)),
      detectors_(options_.detection, {options_.edges, probers_per_edge, options_.markets},
                 moment()),
      changes_({parts.clock, parts.metrics, parts.tell}, options_.markets),
      drained_(options_.edges),
      trades_(options_.edges * probers_per_edge),
      failing_since_(trades_.size()),
      second_began_(parts.clock.wall_now()),
      told_(parts.metrics.counter("okiagari_watch_told_total",
                                  "Commands given to the incident machine")) {
  ASSERT(parts_.tell);
  const Moment now = moment();
  pages_ = std::make_unique<PageFeed>(
      PageFeed::Parts{parts_.clock, parts_.timers, parts_.metrics, detectors_,
                      [this](MonoTimeNs asked) { heard(asked); }, changes_},
      PageFeed::Options{options_.edge_pages, options_.node_pages, options_.objectives}, now);
  watch_nodes();
  watch_pulses();
}

Feed::~Feed() {
  parts_.timers.cancel(timer_);
  parts_.timers.cancel(pulse_timer_);
}

Moment Feed::moment() const { return {in_ms(parts_.clock.mono_now()), parts_.clock.wall_now()}; }

// A node that is away is nothing that customers feel, and people must look.
void Feed::watch_nodes() {
  for (std::size_t i = 1; i <= options_.nodes; ++i) {
    const std::string number = std::to_string(i);
    const auto level = detectors_.watch_level({"away/node " + number,
                                               Source::host,
                                               SignalKind::down,
                                               Trust::evidence,
                                               {{notify::ComponentKind::node, number}},
                                               "Node " + number + " cannot be reached."});
    ASSERT(level.has_value());
    nodes_.push_back({*level, true, 0});
  }
}

void Feed::watch_pulses() {
  if (options_.detection.pulse.reads == 0) return;
  const Moment now = moment();
  for (std::size_t i = 0; i < options_.pulses.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const auto series =
        detectors_.watch_errors("pulse of edge " + number, {{notify::ComponentKind::edge, number}},
                                now, Source::test_trade);
    ASSERT(series.has_value());
    const auto orders =
        detectors_.watch_errors("orders through edge " + number,
                                {{notify::ComponentKind::edge, number}}, now, Source::test_trade);
    ASSERT(orders.has_value());
    pulses_.push_back({std::make_unique<Pulse>(Pulse::Parts{parts_.timers, options_.pulses[i]},
                                               "/" + options_.markets.front() + "/ticker",
                                               options_.detection.pulse),
                       *series,
                       *orders,
                       {},
                       {}});
  }
}

void Feed::sample_pulses() {
  pulse_timer_ = parts_.timers.after_ms(pulse_sample_ms, [this] { sample_pulses(); });
  const Moment now = moment();
  for (std::size_t i = 0; i < pulses_.size(); ++i) {
    EdgePulse& edge = pulses_[i];
    const Pulse::Counts counts = edge.pulse->take();
    const FirstTries reads = std::exchange(edge.trade_reads, {});
    const FirstTries orders = std::exchange(edge.trade_orders, {});
    if (excused(i)) {
      detectors_.excuse_requests(edge.errors, now);
      detectors_.excuse_requests(edge.order_errors, now);
      continue;
    }
    detectors_.on_requests(edge.errors, counts.reads + reads.made,
                           counts.failures + reads.turned_away, now);
    detectors_.on_requests(edge.order_errors, orders.made, orders.turned_away, now);
  }
  tell_signals(now);
}

void Feed::start() {
  pages_->start();
  for (std::size_t i = 0; i < pulses_.size(); ++i) {
    pulses_[i].pulse->start(options_.detection.pulse.every_ms * static_cast<std::int64_t>(i) /
                            static_cast<std::int64_t>(pulses_.size()));
  }
  if (!pulses_.empty()) sample_pulses();
  timer_ = parts_.timers.after_ms(feed_every_ms, [this] { second(); });
}

void Feed::on_probe(std::size_t prober, const ProbeResult& result) {
  const Moment now = moment();
  if (result.reached) heard(result.started);
  const std::size_t edge = prober / probers_per_edge;
  const auto& until = drained_[edge].until;
  if (excused(edge) || (until && result.started < *until)) {
    detectors_.excuse_prober(prober, now);
    return tell_signals(now);
  }
  if (result.ok) failing_since_[prober].reset();
  if (!result.ok) witness(prober, in_ms(result.started));
  if (!pulses_.empty()) {
    pulses_[edge].trade_reads += result.reads;
    pulses_[edge].trade_orders += result.orders;
  }
  Trades& trades = trades_[prober];
  // One that began in the second before may have begun before what that second told of.
  if (result.ok && result.started_wall >= second_began_) ++trades.succeeded;
  if (!result.ok) {
    ++trades.failed;
    failed_at_ = now.mono;
  }
  detectors_.on_probe(prober, result.check, outcome_of(result), in_ms(result.started), now);
  tell_signals(now);
}

void Feed::on_ledger(bool explained) {
  const Moment now = moment();
  ledger_explained_ = explained;
  ledger_at_ = now.mono;
  detectors_.on_ledger(explained, now);
  tell_signals(now);
}

// When every edge says so nothing is excused: then nobody serves.
bool Feed::excused(std::size_t edge) const {
  return drained_[edge].now && !std::ranges::all_of(drained_, &Drained::now);
}

void Feed::on_drained(std::size_t edge, bool drained) {
  if (drained_[edge].now && !drained) drained_[edge].until = parts_.clock.mono_now();
  drained_[edge].now = drained;
  changes_.on_drained(edge, drained);
  for (std::size_t i = 0; i < drained_.size(); ++i) pages_->on_drained(i, excused(i));
}

void Feed::on_nodes(const std::vector<bool>& up) {
  const Moment now = moment();
  for (std::size_t i = 0; i < std::min(up.size(), nodes_.size()); ++i) {
    NodeAway& node = nodes_[i];
    if (node.up != up[i]) node.since = now.mono;
    node.up = up[i];
    const bool away = !node.up && now.mono - node.since >= node_missing_ms;
    detectors_.on_level(node.level, away, node.since,
                        {notify::State::degraded_performance, {{"rule", "node_away"}}}, now);
  }
  tell_signals(now);
}

void Feed::on_inquiries(std::uint32_t inquiries, std::uint32_t with_failure) {
  const Moment now = moment();
  inquiries_at_ = now.mono;
  detectors_.on_inquiries(inquiries, with_failure, now);
  tell_signals(now);
}

Result<std::size_t> Feed::add_gauge(detect::GaugeKind kind, const std::string& about,
                                    std::vector<notify::ComponentId> components) {
  return detectors_.watch_gauge(kind, about, std::move(components), moment());
}

void Feed::on_gauge(std::size_t gauge, std::int64_t value) {
  const Moment now = moment();
  detectors_.on_gauge(gauge, value, now);
  tell_signals(now);
}

void Feed::second() {
  timer_ = parts_.timers.after_ms(feed_every_ms, [this] { second(); });
  const Moment now = moment();
  pages_->second(now);
  detectors_.tick(now);
  tell_signals(now);
  tell_withheld(now);
  tell_trades(now);
  tell_checks(now);
}

void Feed::tell_trades(const Moment& now) {
  const WallTimeMs from = std::exchange(second_began_, now.wall);
  for (std::size_t prober = 0; prober < trades_.size(); ++prober) {
    const Trades trades = std::exchange(trades_[prober], {});
    // A clock that was set makes a stretch that is none; its trades are not counted.
    if (from > now.wall || now.wall.value - from.value > response::proof_span_ms_max) continue;
    if (trades.succeeded == 0 && trades.failed == 0) continue;
    told_.add();
    parts_.tell(response::Prove{prober_speaker(options_.number, prober), from, now.wall,
                                trades.succeeded, trades.failed});
  }
}

bool Feed::errors_quiet(MonoMs now) const {
  return pages_->edges_fresh(now) && !detectors_.errors_fire() &&
         (!failed_at_ || now - *failed_at_ >= probe_quiet_ms);
}

void Feed::tell_checks(const Moment& now) {
  if (ledger_at_ && now.mono - *ledger_at_ < ledger_fresh_ms) {
    tell_check(CheckKind::ledger, ledger_explained_, now);
  }
  const auto invariants = pages_->invariants_hold(now.mono);
  if (invariants) tell_check(CheckKind::invariants, *invariants, now);
  tell_check(CheckKind::error_rate, errors_quiet(now.mono), now);
  if (inquiries_at_ && now.mono - *inquiries_at_ < inquiries_fresh_ms) {
    tell_check(CheckKind::inquiries, !detectors_.inquiries_fire(), now);
  }
}

void Feed::tell_check(CheckKind kind, bool fine, const Moment& now) {
  told_.add();
  parts_.tell(response::Check{speaker_, kind, fine, now.wall});
}

void Feed::heard(MonoTimeNs asked) {
  const MonoMs now = moment().mono;
  if (now - in_ms(asked) > heard_within_ms) return;
  heard_.push_back(in_ms(asked));
  if (heard_.size() > heard_kept_max) heard_.pop_front();
  if (!withheld_.empty() && !heard_again_) heard_again_ = now;
}

// A test trade failed that was begun at `failed`. What was asked just after the first failure may
// have been answered just before the line broke.
void Feed::witness(std::size_t prober, MonoMs failed) {
  if (!failing_since_[prober]) failing_since_[prober] = failed;
  MonoMs before = 0;
  for (const MonoMs asked : heard_) {
    if (asked <= failed) before = std::max(before, asked);
  }
  if (before < *failing_since_[prober] + heard_within_ms) return;
  const bool comes_back = !withheld_.empty();
  if (comes_back && (!heard_again_ || failed - *heard_again_ < seen_again_ms)) return;
  witnessed_ = std::max(witnessed_, before);
}

bool Feed::blind_since(MonoMs began) const {
  return options_.watches > 1 && witnessed_ < began + heard_within_ms;
}

void Feed::tell_signals(const Moment& now) {
  if (!detectors_.has_signals()) return;
  for (Signal& signal : detectors_.take()) {
    signal.key = speaker_ + "/" + signal.key;
    const MonoMs began = now.mono - (signal.seen.value - signal.since.value);
    const bool claims =
        signal.source == Source::test_trade && signal.firing && signal.kind == SignalKind::down;
    if (claims && blind_since(began)) {
      const std::string key = signal.key;
      withheld_[key] = {std::move(signal), began};
      continue;
    }
    withheld_.erase(signal.key);
    tell_signal(std::move(signal));
  }
  tell_withheld(now);
}

void Feed::tell_signal(Signal signal) {
  told_.add();
  parts_.tell(response::Observe{speaker_, std::move(signal)});
}

// Claims are made when it is known that the line is there and test trades fail.
void Feed::tell_withheld(const Moment& now) {
  for (auto at = withheld_.begin(); at != withheld_.end();) {
    if (blind_since(at->second.began)) {
      ++at;
      continue;
    }
    Signal signal = std::move(at->second.signal);
    at = withheld_.erase(at);
    signal.seen = std::max(now.wall, signal.since);
    tell_signal(std::move(signal));
  }
  if (withheld_.empty()) heard_again_.reset();
  const bool hears = !heard_.empty() && now.mono - heard_.back() < hears_ms;
  const bool silent = !withheld_.empty() && !hears;
  if (silent == silent_ && (!silent || now.mono - silent_told_ < silent_repeat_ms)) return;
  if (silent && !silent_) silent_since_ = withheld_.begin()->second.signal.since;
  silent_ = silent;
  silent_told_ = now.mono;
  tell_signal(hears_nothing(silent, now));
}

Signal Feed::hears_nothing(bool firing, const Moment& now) const {
  Signal signal;
  signal.key = speaker_ + "/hears nothing";
  signal.source = Source::test_trade;
  signal.kind = SignalKind::down;
  signal.trust = Trust::evidence;
  signal.firing = firing;
  signal.state = firing ? notify::State::major_outage : notify::State::operational;
  for (std::size_t edge = 1; edge <= options_.edges; ++edge) {
    signal.components.push_back({notify::ComponentKind::edge, std::to_string(edge)});
  }
  signal.seen = now.wall;
  signal.since = firing ? std::min(silent_since_, now.wall) : now.wall;
  signal.expires_ms = static_cast<std::uint32_t>(options_.detection.signal.expires_ms);
  signal.words = "Nothing at all of the exchange answers this watch.";
  signal.facts = {{"rule", "hears_nothing"}};
  return signal;
}

}  // namespace oki::watch
