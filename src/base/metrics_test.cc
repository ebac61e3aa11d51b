#include "base/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "base/prng.h"

namespace oki {
namespace {

TEST(Metrics, AreTheSameWhenAskedForAgain) {
  Metrics metrics;
  Counter& first = metrics.counter("okiagari_x_total", "X.");
  for (int i = 0; i < 100; ++i) metrics.counter("okiagari_" + std::to_string(i), "Y.");
  EXPECT_EQ(&metrics.counter("okiagari_x_total", "X."), &first);
  EXPECT_NE(&metrics.counter("okiagari_x_total", "X.", "a=\"b\""), &first);
  first.add();
  first.add(2);
  EXPECT_EQ(first.value(), 3u);
}

TEST(Metrics, ArePrintedAsPrometheusReadsThem) {
  Metrics metrics;
  metrics.counter("okiagari_orders_total", "Orders.", "market=\"btc_jpy\"").add(3);
  metrics.gauge("okiagari_term", "Term of the leader.").set(-1);
  metrics.histogram("okiagari_commit_seconds", "Commit.").record_ns(1'500'000);
  EXPECT_EQ(metrics.prometheus_text(),
            "# HELP okiagari_orders_total Orders.\n"
            "# TYPE okiagari_orders_total counter\n"
            "okiagari_orders_total{market=\"btc_jpy\"} 3\n"
            "# HELP okiagari_term Term of the leader.\n"
            "# TYPE okiagari_term gauge\n"
            "okiagari_term -1\n"
            "# HELP okiagari_commit_seconds Commit.\n"
            "# TYPE okiagari_commit_seconds summary\n"
            "okiagari_commit_seconds{quantile=\"0.5\"} 0.001500000\n"
            "okiagari_commit_seconds{quantile=\"0.99\"} 0.001500000\n"
            "okiagari_commit_seconds{quantile=\"0.999\"} 0.001500000\n"
            "okiagari_commit_seconds_sum 0.001500000\n"
            "okiagari_commit_seconds_count 1\n");
}

// The name of a sample line, without the suffixes of a summary.
std::string family(std::string line) {
  line = line.substr(0, line.find_first_of("{ "));
  for (const char* suffix : {"_sum", "_count"}) {
    if (line.ends_with(suffix)) line.resize(line.size() - std::string(suffix).size());
  }
  return line;
}

TEST(Metrics, KeepAllLinesOfANameTogether) {
  Metrics metrics;
  for (const char* market : {"btc_jpy", "eth_jpy"}) {
    const std::string labels = "market=\"" + std::string(market) + "\"";
    metrics.counter("okiagari_a_total", "A.", labels);
    metrics.counter("okiagari_b_total", "B.", labels);
    metrics.gauge("okiagari_c", "C.", labels);
    metrics.gauge("okiagari_d", "D.", labels);
    metrics.histogram("okiagari_e_seconds", "E.", labels);
    metrics.histogram("okiagari_f_seconds", "F.", labels);
  }
  std::istringstream text(metrics.prometheus_text());
  std::set<std::string> seen;
  std::string current;
  std::string line;
  int samples = 0;
  while (std::getline(text, line)) {
    if (line.starts_with("# HELP ")) {
      current = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(seen.insert(current).second) << current << " comes twice";
    } else if (!line.starts_with("# ")) {
      EXPECT_EQ(family(line), current);
      ++samples;
    }
  }
  EXPECT_EQ(seen.size(), 6u);
  EXPECT_EQ(samples, 2 * (4 + 2 * 5));
}

TEST(Metrics, HelpAndLabelsMayHoldAnyText) {
  Metrics metrics;
  metrics.counter("okiagari_a_total", "One\nline, one \\.");
  EXPECT_EQ(metrics.prometheus_text(),
            "# HELP okiagari_a_total One\\nline, one \\\\.\n"
            "# TYPE okiagari_a_total counter\n"
            "okiagari_a_total 0\n");
}

TEST(Histogram, QuantilesAreUpperBoundsOfAtMostAQuarterMore) {
  Prng prng(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto duration = static_cast<std::int64_t>((prng.next() >> 2) >> prng.below(50));
    if (duration < 1024 || duration > 10'000'000'000'000) continue;
    Histogram histogram;
    histogram.record_ns(duration);
    histogram.record_ns(duration * 4);
    const std::int64_t median = histogram.quantile_ns(1, 2);
    ASSERT_GE(median, duration);
    ASSERT_LE(median, duration + duration / 4 + 1);
    ASSERT_EQ(histogram.max_ns(), duration * 4);
  }
}

TEST(Histogram, OrdersItsQuantiles) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile_ns(99, 100), 0);
  for (std::int64_t ms = 1; ms <= 1000; ++ms) histogram.record_ns(ms * 1'000'000);
  EXPECT_EQ(histogram.count(), 1000u);
  EXPECT_EQ(histogram.sum_ns(), 500'500'000'000u);
  EXPECT_GE(histogram.quantile_ns(500, 1000), 500'000'000);
  EXPECT_LE(histogram.quantile_ns(500, 1000), 625'000'000);
  EXPECT_GE(histogram.quantile_ns(990, 1000), 990'000'000);
  EXPECT_EQ(histogram.quantile_ns(1, 1), 1'000'000'000);
  histogram.reset();
  EXPECT_EQ(histogram.count(), 0u);
}

TEST(Histogram, TakesAnyDuration) {
  Histogram histogram;
  for (const std::int64_t duration : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
                                      std::int64_t{1024}, std::int64_t{1025}, INT64_MAX}) {
    histogram.record_ns(duration);
  }
  EXPECT_EQ(histogram.count(), 7u);
  EXPECT_EQ(histogram.max_ns(), INT64_MAX);
  EXPECT_EQ(histogram.quantile_ns(1, 7), 1024);
}

}  // namespace
}  // namespace oki
