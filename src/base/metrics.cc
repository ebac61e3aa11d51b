#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <set>

namespace oki {
namespace {

// Bucket b holds durations up to bound(b); bound(0) is 1 us.
std::int64_t bound(std::size_t bucket) {
  const auto octave = static_cast<int>(bucket / 4);
  const auto quarter = static_cast<std::int64_t>(bucket % 4);
  return ((std::int64_t{1024} << octave) * (4 + quarter)) / 4;
}

std::size_t bucket_of(std::int64_t duration_ns) {
  if (duration_ns <= bound(0)) return 0;
  const auto wide = static_cast<std::uint64_t>(duration_ns - 1);
  const int octave = static_cast<int>(std::bit_width(wide >> 10)) - 1;
  const auto quarter = (wide >> (octave + 8)) & 3;
  const std::size_t bucket = static_cast<std::size_t>(octave) * 4 + quarter + 1;
  return std::min(bucket, Histogram::buckets - 1);
}

std::string braces(ByteView labels) { return labels.empty() ? "" : fmt::format("{{{}}}", labels); }

void append_escaped(Bytes& out, ByteView help) {
  for (const char c : help) {
    if (c == '\\' || c == '\n') out.push_back('\\');
    out.push_back(c == '\n' ? 'n' : c);
  }
}

// Prints the series family by family: the format wants all lines of one name together.
template <typename All, typename Print>
void print_families(Bytes& out, const All& all, const char* type, const Print& print) {
  std::set<std::string> seen;
  for (const auto& first : all) {
    if (!seen.insert(first.name).second) continue;
    fmt::format_to(std::back_inserter(out), "# HELP {} ", first.name);
    append_escaped(out, first.help);
    fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", first.name, type);
    for (const auto& series : all) {
      if (series.name == first.name) print(series);
    }
  }
}

}  // namespace

void Histogram::record_ns(std::int64_t duration_ns) {
  duration_ns = std::max<std::int64_t>(duration_ns, 0);
  ++counts_[bucket_of(duration_ns)];
  ++count_;
  sum_ns_ += static_cast<std::uint64_t>(duration_ns);
  max_ns_ = std::max(max_ns_, duration_ns);
}

std::int64_t Histogram::quantile_ns(std::uint64_t parts, std::uint64_t of) const {
  if (count_ == 0) return 0;
  const std::uint64_t wanted = (count_ * parts + of - 1) / of;
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted) return std::min(bound(bucket), max_ns_);
  }
  return max_ns_;
}

template <typename Kind>
Kind& Metrics::find_or_add(std::deque<Series<Kind>>& all, ByteView name, ByteView help,
                           ByteView labels) {
  for (Series<Kind>& series : all) {
    if (series.name == name && series.labels == labels) return series.value;
  }
  Series<Kind>& added = all.emplace_back();
  added.name = name;
  added.help = help;
  added.labels = labels;
  return added.value;
}

Counter& Metrics::counter(ByteView name, ByteView help, ByteView labels) {
  return find_or_add(counters_, name, help, labels);
}

Gauge& Metrics::gauge(ByteView name, ByteView help, ByteView labels) {
  return find_or_add(gauges_, name, help, labels);
}

Histogram& Metrics::histogram(ByteView name, ByteView help, ByteView labels) {
  return find_or_add(histograms_, name, help, labels);
}

Bytes Metrics::prometheus_text() const {
  Bytes out;
  auto to = std::back_inserter(out);
  const auto print_value = [&](const auto& series) {
    fmt::format_to(to, "{}{} {}\n", series.name, braces(series.labels), series.value.value());
  };
  print_families(out, counters_, "counter", print_value);
  print_families(out, gauges_, "gauge", print_value);
  print_families(out, histograms_, "summary", [&](const auto& series) {
    const std::string comma = series.labels.empty() ? "" : series.labels + ",";
    for (const auto& [label, parts] : {std::pair{"0.5", 500u}, {"0.99", 990u}, {"0.999", 999u}}) {
      fmt::format_to(to, "{}{{{}quantile=\"{}\"}} {:.9f}\n", series.name, comma, label,
                     static_cast<double>(series.value.quantile_ns(parts, 1000)) / 1e9);
    }
    fmt::format_to(to, "{}_sum{} {:.9f}\n{}_count{} {}\n", series.name, braces(series.labels),
                   static_cast<double>(series.value.sum_ns()) / 1e9, series.name,
                   braces(series.labels), series.value.count());
  });
  return out;
}

}  // namespace oki
