#include "watch/detect/detectors.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"
#include "watch/detect/baseline.h"

namespace oki::watch::detect {

using notify::ComponentKind;
using notify::State;
using response::SignalKind;
using response::Trust;

namespace {

// From this share of errors on, "partial outage" is the honest word.
constexpr std::int64_t partial_outage_ppm = 10'000;

Result<std::size_t> too_many_series() {
  return error(Errc::full, "more than " + std::to_string(series_max) + " series to watch");
}

response::Fact fact(const char* name, std::int64_t value) { return {name, std::to_string(value)}; }

std::string percent(std::int64_t ppm) {
  const std::string tenths = std::to_string(ppm / 1000 % 10);
  return std::to_string(ppm / 10'000) + "." + tenths + " %";
}

}  // namespace

struct Detectors::Source {
  Silence silence;
  Alarms::Id alarm;
};

struct Detectors::ErrorSeries {
  struct Test {
    const NamedTarget* named;  // In the settings.
    ErrorCusum sum;
  };
  std::size_t source;
  Alarms::Id alarm;
  std::vector<Test> tests;
};

struct Detectors::RateSeries {
  std::size_t source;
  Alarms::Id alarm;
  RateDrop test;
};

struct Detectors::LatencySeries {
  std::size_t source;
  Alarms::Id alarm;
  LatencyShift test;
};

struct Detectors::GaugeSeries {
  std::optional<std::size_t> source;
  Alarms::Id alarm;
  Threshold test;
  GaugeKind kind;
  std::optional<Baseline> baseline;
};

struct Detectors::SloSeries {
  Alarms::Id alarm;
  std::unique_ptr<BurnRate> test;
};

Detectors::Detectors(Settings settings, const Probers& probers, const Moment& now)
    : settings_(std::move(settings)),
      alarms_(settings_.level, settings_.signal),
      trades_(settings_.test_trades, probers.edges, probers.per_edge, probers.markets.size() + 1),
      inquiries_(settings_.inquiries) {
  add_test_trades(probers, now);
}

Detectors::~Detectors() = default;

Result<Alarms::Id> Detectors::add_alarm(AlarmWords words) { return alarms_.add(std::move(words)); }

Result<std::size_t> Detectors::add_source(response::Source source, const std::string& what,
                                          const Components& components, const Moment& now) {
  const bool prober = source == response::Source::test_trade;
  const auto alarm = add_alarm({"silent/" + what, source, SignalKind::source_silent, Trust::hint,
                                components, "Nothing is heard of " + what + "."});
  if (!alarm) return tl::unexpected(alarm.error());
  const SilenceSettings& silence = settings_.silence;
  sources_.push_back({Silence(prober ? silence.prober_ms : silence.series_ms, now.mono), *alarm});
  return sources_.size() - 1;
}

void Detectors::add_test_trades(const Probers& probers, const Moment& now) {
  const auto add = [this](AlarmWords words) {
    const auto alarm = add_alarm(std::move(words));
    ASSERT(alarm.has_value());
    return *alarm;
  };
  const auto trades = response::Source::test_trade;
  for (const std::string& market : probers.markets) {
    market_alarms_.push_back(add({"trades/" + market,
                                  trades,
                                  SignalKind::down,
                                  Trust::proof,
                                  {{ComponentKind::market, market}},
                                  "Test trades in " + market + " fail."}));
  }
  market_alarms_.push_back(add({"trades/cross",
                                trades,
                                SignalKind::down,
                                Trust::proof,
                                {},
                                "Test trades between two house accounts fail."}));
  for (std::size_t edge = 1; edge <= probers.edges; ++edge) {
    const std::string number = std::to_string(edge);
    edge_alarms_.push_back(add({"trades/edge " + number,
                                trades,
                                SignalKind::down,
                                Trust::proof,
                                {{ComponentKind::edge, number}},
                                "Edge " + number + " does not answer test trades."}));
  }
  wrong_alarm_ = add({"trades/wrong",
                      trades,
                      SignalKind::wrong,
                      Trust::proof,
                      {},
                      "A test trade was answered with what cannot be true."});
  ledger_alarm_ = add({"ledger/house",
                       response::Source::ledger,
                       SignalKind::wrong,
                       Trust::proof,
                       {{ComponentKind::ledger, "house"}},
                       "Balances of the house are not explained by its trades."});
  inquiry_alarm_ =
      add({"inquiries",
           response::Source::inquiry,
           SignalKind::inquiry_surge,
           Trust::evidence,
           {},
           "Many more customers than usual write who have a failed order or transfer."});
  for (std::size_t i = 0; i < trades_.probers(); ++i) {
    const auto source =
        add_source(response::Source::test_trade, "prober " + std::to_string(i + 1), {}, now);
    ASSERT(source.has_value());
    prober_sources_.push_back(*source);
  }
}

Result<std::size_t> Detectors::watch_errors(const std::string& about, Components components,
                                            const Moment& now, response::Source origin) {
  if (errors_.size() >= series_max) return too_many_series();
  const auto source = add_source(origin, "errors/" + about, components, now);
  if (!source) return tl::unexpected(source.error());
  const auto alarm =
      add_alarm({"errors/" + about, origin, SignalKind::errors, Trust::evidence,
                 std::move(components), "More requests fail than usual: " + about + "."});
  if (!alarm) return tl::unexpected(alarm.error());
  ErrorSeries series{*source, *alarm, {}};
  const bool counted_by_us = origin == response::Source::metric;
  if (counted_by_us) {
    for (const NamedTarget& named : settings_.errors) {
      series.tests.push_back({&named, ErrorCusum(named.target)});
    }
  } else {
    series.tests.push_back({&settings_.line, ErrorCusum(settings_.line.target)});
  }
  errors_.push_back(std::move(series));
  return errors_.size() - 1;
}

Result<std::size_t> Detectors::watch_rate(const std::string& about, Components components,
                                          const Moment& now) {
  if (rates_.size() >= series_max) return too_many_series();
  const auto source = add_source(response::Source::metric, "rate/" + about, components, now);
  if (!source) return tl::unexpected(source.error());
  const auto alarm =
      add_alarm({"rate/" + about, response::Source::metric, SignalKind::rate_drop, Trust::evidence,
                 std::move(components), "Far less comes in than a moment ago: " + about + "."});
  if (!alarm) return tl::unexpected(alarm.error());
  rates_.push_back({*source, *alarm, RateDrop(settings_.rate_drop)});
  return rates_.size() - 1;
}

Result<std::size_t> Detectors::watch_latency(const std::string& about, Components components,
                                             const Moment& now) {
  if (latencies_.size() >= series_max) return too_many_series();
  const auto source = add_source(response::Source::metric, "latency/" + about, components, now);
  if (!source) return tl::unexpected(source.error());
  const auto alarm =
      add_alarm({"latency/" + about, response::Source::metric, SignalKind::slow, Trust::evidence,
                 std::move(components), "Answers are several times slower: " + about + "."});
  if (!alarm) return tl::unexpected(alarm.error());
  latencies_.push_back({*source, *alarm, LatencyShift(settings_.latency)});
  return latencies_.size() - 1;
}

Result<std::size_t> Detectors::watch_gauge(GaugeKind kind, const std::string& about,
                                           Components components, const Moment& now,
                                           bool must_speak) {
  if (gauges_.size() >= series_max) return too_many_series();
  const std::string what = std::string(name(kind)) + "/" + about;
  const bool lags = kind == GaugeKind::replica_lag_ms;
  // What is seen of one machine is one voice: a disk that hangs and the replica that falls behind
  // for it do not confirm each other.
  const auto origin = response::Source::host;
  std::optional<std::size_t> source;
  if (must_speak) {
    const auto added = add_source(origin, what, components, now);
    if (!added) return tl::unexpected(added.error());
    source = *added;
  }
  const GaugeSettings& gauge = settings_.gauges[static_cast<std::size_t>(kind)];
  const auto alarm =
      add_alarm({what, origin, lags ? SignalKind::lag : SignalKind::resource,
                 gauge.evidence ? Trust::evidence : Trust::hint, std::move(components),
                 "Beyond its threshold for " + std::to_string(gauge.threshold.hold_ms) +
                     " ms: " + what + "."});
  if (!alarm) return tl::unexpected(alarm.error());
  std::optional<Baseline> baseline;
  if (gauge.above_usual > 0) baseline.emplace(gauge.above_usual);
  gauges_.push_back({source, *alarm, Threshold(gauge.threshold), kind, baseline});
  return gauges_.size() - 1;
}

Result<std::size_t> Detectors::watch_level(AlarmWords words) { return add_alarm(std::move(words)); }

void Detectors::on_level(std::size_t level, bool bad, MonoMs began, Findings findings,
                         const Moment& now) {
  alarms_.set(level, bad, began, now, [&] { return std::move(findings); });
}

bool Detectors::errors_fire() const {
  return std::ranges::any_of(
      errors_, [this](const ErrorSeries& series) { return alarms_.firing(series.alarm); });
}

Result<std::size_t> Detectors::watch_slo(Slo slo, Components components) {
  if (slos_.size() >= slos_max) {
    return error(Errc::full, "more than " + std::to_string(slos_max) + " objectives");
  }
  const auto alarm = add_alarm({"slo/" + slo.name, response::Source::metric, SignalKind::errors,
                                Trust::evidence, std::move(components),
                                "The error budget of " + slo.name + " is being spent too fast."});
  if (!alarm) return tl::unexpected(alarm.error());
  slos_.push_back({*alarm, std::make_unique<BurnRate>(std::move(slo))});
  return slos_.size() - 1;
}

void Detectors::on_requests(std::size_t series, std::uint32_t requests, std::uint32_t errors,
                            const Moment& now) {
  ErrorSeries& s = errors_[series];
  Silence& silence = sources_[s.source].silence;
  const std::int64_t elapsed = now.mono - silence.last_heard();
  silence.heard(now.mono);
  const ErrorSeries::Test* worst = nullptr;
  MonoMs quiet_since = 0;
  for (ErrorSeries::Test& test : s.tests) {
    const bool bad = test.sum.add(requests, errors, elapsed, now.mono);
    quiet_since = std::max(quiet_since, test.sum.quiet_since());
    if (bad && (worst == nullptr || worst->sum.target().bad_ppm < test.sum.target().bad_ppm)) {
      worst = &test;
    }
  }
  const MonoMs began = worst == nullptr ? now.mono : worst->sum.began();
  const auto find = [&] {
    if (worst == nullptr) return Findings{};
    const ErrorTarget& target = worst->sum.target();
    Findings findings;
    findings.proven = worst->named->proof;
    findings.state =
        target.bad_ppm >= partial_outage_ppm ? State::partial_outage : State::degraded_performance;
    findings.facts = {{"rule", "errors." + worst->named->name},
                      {"tested_share", percent(target.bad_ppm)},
                      fact("score_milli", worst->sum.score_milli()),
                      fact("alarm_milli", target.alarm_milli)};
    return findings;
  };
  alarms_.set(s.alarm, worst != nullptr, began, now, find, quiet_since);
}

void Detectors::on_rate(std::size_t series, std::uint32_t count, const Moment& now) {
  RateSeries& s = rates_[series];
  Silence& silence = sources_[s.source].silence;
  const bool bad = s.test.add(count, now.mono - silence.last_heard(), now.mono);
  silence.heard(now.mono);
  alarms_.set(s.alarm, bad, s.test.began(), now, [&] {
    return Findings{State::partial_outage,
                    {{"rule", "rate_drop"}, fact("usual_per_second", s.test.usual_per_second())}};
  });
}

void Detectors::on_latency(std::size_t series, std::uint32_t requests, std::int64_t quantile_us,
                           const Moment& now) {
  LatencySeries& s = latencies_[series];
  sources_[s.source].silence.heard(now.mono);
  const bool bad = s.test.add(requests, quantile_us, now.mono);
  alarms_.set(s.alarm, bad, s.test.began(), now, [&] {
    return Findings{
        State::degraded_performance,
        {{"rule", "latency"}, fact("usual_us", s.test.usual_us()), fact("now_us", quantile_us)}};
  });
}

void Detectors::on_gauge(std::size_t series, std::int64_t value, const Moment& now) {
  GaugeSeries& s = gauges_[series];
  if (s.source) sources_[*s.source].silence.heard(now.mono);
  const bool unusual = !s.baseline || s.baseline->add(value, now.mono);
  const bool bad = s.test.add(value, now.mono) && unusual;
  alarms_.set(s.alarm, bad, s.test.began(), now, [&] {
    Findings findings{State::degraded_performance,
                      {{"rule", std::string("gauges.") + name(s.kind)},
                       fact("value", value),
                       fact("threshold", s.test.settings().enter)}};
    if (s.baseline) findings.facts.push_back(fact("usual", s.baseline->usual()));
    return findings;
  });
}

void Detectors::on_slo(std::size_t slo, std::uint32_t requests, std::uint32_t errors,
                       const Moment& now) {
  SloSeries& s = slos_[slo];
  const bool bad = s.test->add(requests, errors, now.mono);
  const auto find = [&] {
    return Findings{State::degraded_performance,
                    {{"rule", "slo"}, fact("target_ppm", s.test->slo().target_ppm)}};
  };
  alarms_.set(s.alarm, bad, s.test->began(), now, find, s.test->good_since());
}

void Detectors::on_inquiries(std::uint32_t inquiries, std::uint32_t with_failure,
                             const Moment& now) {
  const bool bad = inquiries_.add(inquiries, with_failure, now.mono);
  alarms_.set(inquiry_alarm_, bad, inquiries_.began(), now, [&] {
    return Findings{State::degraded_performance,
                    {{"rule", "inquiries"}, fact("usual_share_ppm", inquiries_.usual_share_ppm())}};
  });
}

Findings Detectors::market_findings(std::size_t check) const {
  const std::size_t failing = trades_.failing(check);
  return {failing == trades_.probers() ? State::major_outage : State::partial_outage,
          {{"rule", "test_trades.market"},
           fact("probers_failing", static_cast<std::int64_t>(failing)),
           fact("probers", static_cast<std::int64_t>(trades_.probers()))}};
}

void Detectors::on_probe(std::size_t prober, std::size_t check, Outcome outcome, MonoMs started,
                         const Moment& now) {
  sources_[prober_sources_[prober]].silence.heard(now.mono);
  if (trades_.add(prober, check, outcome, started, now.mono) || alarms_.firing() > 0) {
    set_test_trades(check, now);
  }
}

void Detectors::excuse_prober(std::size_t prober, const Moment& now) {
  sources_[prober_sources_[prober]].silence.heard(now.mono);
  trades_.forget(prober, now.mono);
  if (alarms_.firing() == 0) return;
  for (std::size_t check = 0; check < market_alarms_.size(); ++check) set_test_trades(check, now);
}

void Detectors::excuse_requests(std::size_t series, const Moment& now) {
  for (ErrorSeries::Test& test : errors_[series].tests) test.sum.forget(now.mono);
  on_requests(series, 0, 0, now);
}

void Detectors::excuse_latency(std::size_t series, const Moment& now) {
  LatencySeries& s = latencies_[series];
  sources_[s.source].silence.heard(now.mono);
  alarms_.set(s.alarm, false, now.mono, now, [] { return Findings{}; });
}

void Detectors::set_test_trades(std::size_t check, const Moment& now) {
  alarms_.set(market_alarms_[check], trades_.market_bad(check), trades_.market_began(check), now,
              [&] { return market_findings(check); });
  std::size_t edges_bad = 0;
  for (std::size_t edge = 0; edge < trades_.edges(); ++edge) {
    edges_bad += trades_.edge_bad(edge) ? 1 : 0;
  }
  for (std::size_t edge = 0; edge < trades_.edges(); ++edge) {
    alarms_.set(edge_alarms_[edge], trades_.edge_bad(edge), trades_.edge_began(edge), now, [&] {
      const bool all = edges_bad == trades_.edges();
      return Findings{all ? State::major_outage : State::partial_outage,
                      {{"rule", "test_trades.edge"},
                       fact("edges_failing", static_cast<std::int64_t>(edges_bad))}};
    });
  }
  alarms_.set(wrong_alarm_, trades_.wrong(), trades_.wrong_began(), now,
              [&] { return Findings{State::major_outage, {{"rule", "test_trades.wrong"}}}; });
}

void Detectors::on_ledger(bool explained, const Moment& now) {
  alarms_.set(ledger_alarm_, !explained, now.mono, now,
              [] { return Findings{State::major_outage, {{"rule", "ledger"}}}; });
}

void Detectors::tick(const Moment& now) {
  for (Source& source : sources_) {
    alarms_.set(
        source.alarm, source.silence.silent(now.mono), source.silence.last_heard(), now, [&] {
          return Findings{State::degraded_performance,
                          {{"rule", "silence"}, fact("after_ms", source.silence.after_ms())}};
        });
  }
  alarms_.refresh(now);
}

}  // namespace oki::watch::detect
