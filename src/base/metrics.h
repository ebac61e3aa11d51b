// Counters, gauges and histograms, printed as Prometheus text (exposition format 0.0.4).
//
// A Metrics belongs to one process and is used from its loop thread; a Counter may be added to from
// any thread. Names follow the Prometheus convention: okiagari_<room>_<what>_<unit>[_total].
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>

#include "base/bytes.h"

namespace oki {

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t value) { value_.fetch_add(value, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Durations in nanoseconds in buckets of four to a doubling: 19 % wide, from 1 us to over an hour.
// Quantiles are upper bounds of their bucket.
class Histogram {
 public:
  static constexpr std::size_t buckets = 136;

  void record_ns(std::int64_t duration_ns);
  std::uint64_t count() const { return count_; }
  std::uint64_t sum_ns() const { return sum_ns_; }

  // The duration that `parts` of `of` records do not exceed; 0 when empty.
  std::int64_t quantile_ns(std::uint64_t parts, std::uint64_t of) const;
  std::int64_t max_ns() const { return max_ns_; }
  void reset() { *this = Histogram(); }

 private:
  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
  std::int64_t max_ns_ = 0;
};

class Metrics {
 public:
  // One name is one kind of metric. `labels` is empty or like `market="btc_jpy"`. The reference
  // lives as long as the Metrics. Asking again with the same name and labels gives the same object.
  Counter& counter(ByteView name, ByteView help, ByteView labels = {});
  Gauge& gauge(ByteView name, ByteView help, ByteView labels = {});
  Histogram& histogram(ByteView name, ByteView help, ByteView labels = {});

  Bytes prometheus_text() const;

 private:
  template <typename Kind>
  struct Series {
    std::string name, help, labels;
    Kind value;
  };
  template <typename Kind>
  static Kind& find_or_add(std::deque<Series<Kind>>& all, ByteView name, ByteView help,
                           ByteView labels);

  std::deque<Series<Counter>> counters_;
  std::deque<Series<Gauge>> gauges_;
  std::deque<Series<Histogram>> histograms_;
};

}  // namespace oki
