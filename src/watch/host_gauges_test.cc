#include "watch/host_gauges.h"

#include <gtest/gtest.h>

namespace oki::watch {
namespace {

struct HostGaugesTest : ::testing::Test {
  detect::Moment now{1'000'000, {1'700'000'000'000}};
  detect::Detectors detectors{{}, {1, 1, {"btc_jpy"}}, now};
  HostGauges host{detectors, "node 1", {{notify::ComponentKind::node, "1"}}};

  void pass(std::int64_t ms, const std::string& page) {
    for (; ms > 0; ms -= 500) {
      now.mono += 500;
      now.wall.value += 500;
      if (!page.empty()) host.take(page, now);
    }
  }

  // Those told, but for the silence of the prober that this test has none of.
  std::vector<response::Signal> told() {
    std::vector<response::Signal> signals;
    for (response::Signal& signal : detectors.take()) {
      if (signal.source == response::Source::host) signals.push_back(std::move(signal));
    }
    return signals;
  }
};

const std::string full =
    "okiagari_host_filesystem_size_bytes{path=\"/a\"} 1000\n"
    "okiagari_host_filesystem_size_bytes{path=\"/b\"} 1000\n"
    "okiagari_host_filesystem_available_bytes{path=\"/a\"} 900\n"
    "okiagari_host_filesystem_available_bytes{path=\"/b\"} 50\n";

TEST_F(HostGaugesTest, TellOfTheWorstPath) {
  pass(10'000, full);
  const auto signals = told();
  ASSERT_FALSE(signals.empty());
  EXPECT_EQ(signals[0].key, "disk_used_ppm/node 1");
  EXPECT_TRUE(signals[0].firing);
  EXPECT_EQ(signals[0].facts[1], (response::Fact{"value", "950000"}));
}

TEST_F(HostGaugesTest, KeepAProbeApartFromTheJournal) {
  ASSERT_TRUE(detectors.watch_gauge(detect::GaugeKind::fsync_us, "node 1", {}, now));
  pass(90'000, "okiagari_host_fsync_probe_seconds 0.002\n");
  pass(10'000, "okiagari_host_fsync_probe_seconds 7.5\n");
  const auto signals = told();
  ASSERT_FALSE(signals.empty());
  EXPECT_EQ(signals[0].key, "fsync_probe_us/node 1");
  EXPECT_EQ(signals[0].trust, response::Trust::hint);
}

TEST_F(HostGaugesTest, AMachineThatIsAlwaysBusyIsNoNews) {
  const std::string busy =
      "okiagari_host_cpu_busy_ratio 0.99\nokiagari_host_fsync_probe_seconds 0.3\n"
      "okiagari_host_disk_busy_ratio{device=\"d\"} 1.0\n";
  pass(3'600'000, busy);
  EXPECT_TRUE(told().empty());
}

TEST_F(HostGaugesTest, AMachineThatIsFarBusierThanUsualIsAHintUntilThatIsUsual) {
  pass(120'000, "okiagari_host_cpu_busy_ratio 0.4\n");
  pass(120'000, "okiagari_host_cpu_busy_ratio 0.99\n");
  const auto signals = told();
  ASSERT_FALSE(signals.empty());
  EXPECT_EQ(signals[0].key, "cpu_ppm/node 1");
  EXPECT_TRUE(signals[0].firing);
  EXPECT_EQ(signals[0].trust, response::Trust::hint);
  pass(3'600'000, "okiagari_host_cpu_busy_ratio 0.99\n");
  EXPECT_FALSE(told().back().firing);
}

TEST_F(HostGaugesTest, LeaveItToOthersToSayThatNobodySpeaks) {
  pass(2'000, full + "okiagari_host_cpu_busy_ratio 0.5\n");
  told();
  pass(60'000, "");
  detectors.tick(now);
  EXPECT_TRUE(told().empty());
}

TEST_F(HostGaugesTest, FillNoMoreSeriesThanThereAreKinds) {
  std::string page;
  for (int i = 0; i < 100; ++i) {
    page += "okiagari_host_disk_busy_ratio{device=\"d" + std::to_string(i) + "\"} 1.0\n";
  }
  pass(5'000, page);
  std::size_t room = 0;
  while (detectors.watch_gauge(detect::GaugeKind::cpu_ppm, std::to_string(room), {}, now, false)) {
    ++room;
  }
  EXPECT_EQ(room, detect::series_max - 1);
}

}  // namespace
}  // namespace oki::watch
