#include "watch/metrics_text.h"

#include <gtest/gtest.h>

#include <array>

#include "base/metrics.h"

namespace oki::watch {
namespace {

std::optional<std::uint64_t> read(ByteView page, MetricWish wish) {
  return read_metrics(page, std::array{wish}).front();
}

TEST(MetricsText, ReadsWhatOurOwnProcessesWrite) {
  Metrics metrics;
  metrics.counter("okiagari_requests_total", "Requests", "class=\"query\"").add(7);
  metrics.counter("okiagari_requests_total", "Requests", "class=\"update\"").add(5);
  metrics.histogram("okiagari_wait_seconds", "Waits").record_ns(1'500'000);
  const Bytes page = metrics.prometheus_text();
  EXPECT_EQ(read(page, {"okiagari_requests_total"}), 12u);
  EXPECT_EQ(read(page, {"okiagari_requests_total", "class=\"update\""}), 5u);
  EXPECT_EQ(read(page, {"okiagari_wait_seconds_count"}), 1u);
  EXPECT_EQ(read(page, {"okiagari_wait_seconds_sum", {}, 9}), 1'500'000u);
  EXPECT_EQ(read(page, {"okiagari_requests"}), std::nullopt);
  EXPECT_EQ(read(page, {"okiagari_requests_total", "class=\"updat\""}), std::nullopt);
}

TEST(MetricsText, PassesOverWhatItDoesNotUnderstand) {
  EXPECT_EQ(read("a{x=\"}\",y=\"\\\"}\"} 3 1700000000\n", {"a", "x=\"}\""}), 3u);
  EXPECT_EQ(read("# a 9\n\n{} 1\na\na{x=\"1 2\na 4", {"a"}), 4u);
  EXPECT_EQ(read("a{xy=\"1\"} 3\n", {"a", "y=\"1\""}), std::nullopt);
  EXPECT_EQ(read("a " + std::string(metrics_line_bytes_max, '0') + "1\na 2\n", {"a"}), 2u);
}

TEST(MetricsText, NumbersThatAreNoneComeToNothing) {
  for (const char* value : {"NaN", "-1", "+Inf", "1.5", "0x10", "99999999999999999999", "1e300"}) {
    EXPECT_EQ(read("a 1\na " + std::string(value) + "\n", {"a"}), std::nullopt) << value;
  }
  EXPECT_EQ(read("a 18446744073709551615\na 1\n", {"a"}), std::nullopt);
  EXPECT_EQ(read("a ", {"a"}), std::nullopt);
}

TEST(MetricsText, APageThatIsTooLongGivesNothing) {
  const std::string page = "a 1\n" + std::string(metrics_page_bytes_max, '\n');
  EXPECT_EQ(read(page, {"a"}), std::nullopt);
  EXPECT_EQ(read(page.substr(0, metrics_page_bytes_max), {"a"}), 1u);
}

}  // namespace
}  // namespace oki::watch
