// All detectors of one watch: samples in, signals out. Pure: no clock, no I/O; the same samples
// give the same signals.
//
// First name what is sampled (errors of an edge, the rate of orders, a gauge of a host); each gives
// a number to hand its samples in with. Time is passed in with each sample and must not go back.
// Samples may be late, lumped together or missing: a sample covers the time since the one before
// it of the same series, and a series that says nothing is a signal of its own.
//
// Memory: some 300 bytes a series, 26 KB an objective, and at most series_max and slos_max of them;
// nothing grows with time.
//
// To act on: take() after each sample, or once in a while. Test trades and the ledger are proofs;
// the rest is evidence; silence and the gauges marked so are hints (response/signal.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "watch/detect/alarms.h"
#include "watch/detect/burn_rate.h"
#include "watch/detect/settings.h"
#include "watch/detect/silence.h"

namespace oki::watch::detect {

constexpr std::size_t series_max = 512;
constexpr std::size_t slos_max = 32;

class Detectors {
 public:
  using Components = std::vector<notify::ComponentId>;
  struct Probers {
    std::size_t edges = 1;
    std::size_t per_edge = 2;
    std::vector<std::string> markets;  // The cross in the probe market is the check after them.
  };

  // REQUIRES: at least one edge, prober and market.
  Detectors(Settings settings, const Probers& probers, const Moment& now);
  ~Detectors();
  Detectors(const Detectors&) = delete;
  Detectors& operator=(const Detectors&) = delete;

  // `about`: "edge 1", "btc_jpy"; unique for its kind. Errc::full beyond series_max.
  // Only errors that our own processes count can be a proof; what a watch finds by asking may be
  // its own network.
  Result<std::size_t> watch_errors(const std::string& about, Components components,
                                   const Moment& now,
                                   response::Source source = response::Source::metric);
  Result<std::size_t> watch_rate(const std::string& about, Components components,
                                 const Moment& now);
  Result<std::size_t> watch_latency(const std::string& about, Components components,
                                    const Moment& now);
  // Without `must_speak` its silence is no signal: others of the same process say so already.
  Result<std::size_t> watch_gauge(GaugeKind kind, const std::string& about, Components components,
                                  const Moment& now, bool must_speak = true);
  // Anything else that is either so or not; the words are the caller's.
  Result<std::size_t> watch_level(AlarmWords words);
  // Counts what watch_errors was told under the name `slo.series`: "errors/edge 1", or any text
  // that the caller passes on. Errc::full beyond slos_max.
  Result<std::size_t> watch_slo(Slo slo, Components components);

  // Each 100 ms to 1 s.
  void on_requests(std::size_t series, std::uint32_t requests, std::uint32_t errors,
                   const Moment& now);
  void on_rate(std::size_t series, std::uint32_t count, const Moment& now);
  // Each second; a quantile of it, the 90th percentile by custom.
  void on_latency(std::size_t series, std::uint32_t requests, std::int64_t quantile_us,
                  const Moment& now);
  void on_gauge(std::size_t series, std::int64_t value, const Moment& now);
  void on_slo(std::size_t slo, std::uint32_t requests, std::uint32_t errors, const Moment& now);
  void on_level(std::size_t level, bool bad, MonoMs began, Findings findings, const Moment& now);
  // Each second.
  void on_inquiries(std::uint32_t inquiries, std::uint32_t with_failure, const Moment& now);
  // As they end.
  void on_probe(std::size_t prober, std::size_t check, Outcome outcome, MonoMs started,
                const Moment& now);
  // What an edge that is being taken out would say, in place of the samples: it is heard of, and
  // whatever was found there holds no more.
  void excuse_prober(std::size_t prober, const Moment& now);
  void excuse_requests(std::size_t series, const Moment& now);
  void excuse_latency(std::size_t series, const Moment& now);
  // After each ledger check that said something; the checker has looked twice already.
  void on_ledger(bool explained, const Moment& now);

  // Once a second: finds silence, sends again what holds.
  void tick(const Moment& now);

  // Some share of errors is too high, or was until a moment ago.
  bool errors_fire() const;
  bool inquiries_fire() const { return alarms_.firing(inquiry_alarm_); }

  bool has_signals() const { return alarms_.has_signals(); }
  std::vector<response::Signal> take() { return alarms_.take(); }
  const Alarms& alarms() const { return alarms_; }

 private:
  struct ErrorSeries;
  struct RateSeries;
  struct LatencySeries;
  struct GaugeSeries;
  struct SloSeries;
  struct Source;

  Result<Alarms::Id> add_alarm(AlarmWords words);
  Result<std::size_t> add_source(response::Source source, const std::string& what,
                                 const Components& components, const Moment& now);
  void add_test_trades(const Probers& probers, const Moment& now);
  void set_test_trades(std::size_t check, const Moment& now);
  Findings market_findings(std::size_t check) const;

  Settings settings_;
  Alarms alarms_;
  TestTrades trades_;
  std::vector<Alarms::Id> market_alarms_;
  std::vector<Alarms::Id> edge_alarms_;
  Alarms::Id wrong_alarm_ = 0;
  Alarms::Id ledger_alarm_ = 0;
  Alarms::Id inquiry_alarm_ = 0;
  std::vector<std::size_t> prober_sources_;
  InquirySurge inquiries_;
  std::vector<Source> sources_;
  std::vector<ErrorSeries> errors_;
  std::vector<RateSeries> rates_;
  std::vector<LatencySeries> latencies_;
  std::vector<GaugeSeries> gauges_;
  std::vector<SloSeries> slos_;
};

}  // namespace oki::watch::detect
