#include "watch/host/host_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/testing/stepped.h"
#include "watch/host/host_page.h"

namespace oki::watch {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// A machine of texts.
class Recorded : public HostFiles {
 public:
  std::optional<Bytes> read(const std::string& path, std::size_t bytes_max) override {
    const auto found = texts.find(path);
    if (found == texts.end()) return std::nullopt;
    return found->second.substr(0, bytes_max);
  }
  std::optional<SpaceReading> space(const std::string& path) override {
    ++spaces_asked;
    if (path == "gone") return std::nullopt;
    return SpaceReading{1000, 100, 50, 20};
  }
  std::optional<std::uint64_t> count_entries(const std::string&, std::uint64_t most) override {
    return std::min<std::uint64_t>(entries, most);
  }

  void cpu(int user, int idle, int steal) {
    texts["/proc/stat"] = "cpu  " + std::to_string(user) + " 0 0 " + std::to_string(idle) +
                          " 0 0 0 " + std::to_string(steal) + " 0 0\n";
  }
  void disk(int busy_ms) {
    texts["/proc/diskstats"] = " 254 0 vda 1 0 8 1 1 0 8 1 0 " + std::to_string(busy_ms) + " 4\n";
  }
  void network(int received) {
    texts["/proc/net/dev"] =
        "eth0: " + std::to_string(received) + " 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
  }

  std::map<std::string, Bytes> texts{
      {"/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 250 kB\n"},
      {"/proc/loadavg", "1.56 1.63 2.02 2/99 15970\n"},
      {"/proc/pressure/io", "some avg10=0 avg60=0 avg300=0 total=1500000\n"},
      {"/sys/class/net/eth0/speed", "8\n"},
      {"/proc/self/stat", "1 (okiagari) R 2 3 4 5 6 7 8 9 10 11 120 30 0 0 20\n"},
      {"/proc/self/status", "VmSize:  2000 kB\nVmRSS:   1000 kB\nThreads: 3\n"},
      {"/proc/self/limits", "Max open files  100 100 files\n"},
  };
  std::uint64_t entries = 25;
  int spaces_asked = 0;
};

// A disk on which writes end when the test says so.
class SlowDisk : public Disk {
 public:
  Result<std::vector<std::string>> list() override { return std::vector<std::string>{}; }
  Result<std::uint64_t> size(const std::string&) override {
    if (is_there) return std::uint64_t{512};
    return error(Errc::not_found, "no such file");
  }
  Result<Bytes> read(const std::string&, std::uint64_t, std::uint64_t) override { return Bytes(); }
  void create(const std::string&, std::uint64_t, Done done) override { waiting = std::move(done); }
  void write(const std::string&, std::uint64_t, Bytes data, Done done) override {
    ++writes;
    written = std::move(data);
    waiting = std::move(done);
  }
  void replace(const std::string&, Bytes, Done) override {}
  void rename(const std::string&, const std::string&, Done) override {}
  void remove(const std::string&, Done) override {}

  void finish(Result<void> result = {}) { std::exchange(waiting, nullptr)(std::move(result)); }

  bool is_there = false;
  int writes = 0;
  Bytes written;
  Done waiting;
};

struct HostSamplerTest : ::testing::Test {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  Recorded files;

  HostSamplerTest() {
    files.cpu(100, 100, 0);
    files.disk(100);
    files.network(0);
  }
};

TEST_F(HostSamplerTest, TellsTheSharesOfTheLastSecond) {
  HostSampler host({clock, timers, files, nullptr}, {"data", "gone"});
  EXPECT_THAT(host.prometheus_text(), Not(HasSubstr("okiagari_host_cpu_busy_ratio")));
  files.cpu(160, 125, 15);  // 100 ticks: 60 busy, 25 idle, 15 stolen.
  files.disk(600);
  files.network(250'000);
  timers.advance_ms(1'000);
  const auto gauges = host.gauges();
  EXPECT_THAT(gauges, Contains(HostGauge{"cpu_ppm", "", 750'000}));
  EXPECT_THAT(gauges, Contains(HostGauge{"steal_ppm", "", 150'000}));
  EXPECT_THAT(gauges, Contains(HostGauge{"memory_ppm", "", 750'000}));
  EXPECT_THAT(gauges, Contains(HostGauge{"disk_used_ppm", "data", 900'000}));
  EXPECT_THAT(gauges, Contains(HostGauge{"disk_busy_ppm", "vda", 500'000}));
  EXPECT_THAT(gauges, Contains(HostGauge{"network_ppm", "eth0", 250'000}));
  EXPECT_THAT(gauges, Contains(HostGauge{"open_files_ppm", "", 250'000}));
}

TEST_F(HostSamplerTest, WritesBaseUnitsExactly) {
  HostSampler host({clock, timers, files, nullptr}, {"da\"ta\\\n"});
  files.cpu(160, 125, 15);
  timers.advance_ms(1'000);
  const Bytes text = host.prometheus_text();
  for (const char* line : {
           "# HELP okiagari_host_cpu_seconds_total Time of all processors, by what they did.\n"
           "# TYPE okiagari_host_cpu_seconds_total counter\n"
           "okiagari_host_cpu_seconds_total{mode=\"user\"} 1.60\n",
           "okiagari_host_cpu_busy_ratio 0.750000\n",
           "okiagari_host_load1 1.56\n",
           "okiagari_host_memory_available_bytes 256000\n",
           "okiagari_host_pressure_seconds_total{resource=\"io\",kind=\"some\"} 1.500000\n",
           "okiagari_host_disk_busy_seconds_total{device=\"vda\"} 0.100\n",
           "okiagari_host_filesystem_size_bytes{path=\"da\\\"ta\\\\\\n\"} 1000\n",
           "okiagari_host_network_bytes_total{device=\"eth0\",direction=\"sent\"} 0\n",
           "process_cpu_seconds_total 1.50\n",
           "process_resident_memory_bytes 1024000\n",
           "process_open_fds 25\n",
           "process_max_fds 100\n",
           "process_start_time_seconds 1700000001.000\n",
           "okiagari_process_loop_delay_seconds_count 10\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(HostSamplerTest, WritesEveryFamilyOnceAndNoneWithoutSamples) {
  const HostSampler host({clock, timers, files, nullptr}, {});
  const Bytes text = host.prometheus_text();
  EXPECT_THAT(text, Not(HasSubstr("filesystem")));
  std::set<std::string> seen;
  for (std::size_t at = text.find("# TYPE "); at != Bytes::npos;
       at = text.find("# TYPE ", at + 1)) {
    const std::string name = text.substr(at + 7, text.find(' ', at + 7) - at - 7);
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_THAT(text, HasSubstr("# HELP " + name + " "));
  }
  EXPECT_GT(seen.size(), 15u);
}

TEST_F(HostSamplerTest, SaysNothingOfWhatTheKernelDoesNotSay) {
  files.texts.clear();
  const HostSampler host({clock, timers, files, nullptr}, {"gone"});
  timers.advance_ms(2'000);
  const auto gauges = host.gauges();
  ASSERT_EQ(gauges.size(), 1u);
  EXPECT_EQ(gauges[0].kind, "loop_lag_us");
  EXPECT_THAT(host.prometheus_text(), Not(HasSubstr("okiagari_host_")));
}

TEST_F(HostSamplerTest, TakesNoShareFromCountersThatWentBack) {
  const HostSampler host({clock, timers, files, nullptr}, {});
  files.disk(5);
  files.network(0);
  files.cpu(0, 0, 0);
  timers.advance_ms(1'000);
  EXPECT_FALSE(host.shares().cpu_busy_ppm);
  EXPECT_THAT(host.gauges(), Contains(HostGauge{"disk_busy_ppm", "vda", 0}));
}

TEST_F(HostSamplerTest, AsksForRoomOnlyNowAndThen) {
  const HostSampler host({clock, timers, files, nullptr}, {"data"});
  timers.advance_ms(9'000);
  EXPECT_EQ(files.spaces_asked, 1);
  timers.advance_ms(1'000);
  EXPECT_EQ(files.spaces_asked, 2);
  EXPECT_THAT(host.gauges(), Contains(HostGauge{"disk_used_ppm", "data", 900'000}));
}

TEST_F(HostSamplerTest, NoticesALoopThatIsLate) {
  const HostSampler host({clock, timers, files, nullptr}, {});
  timers.advance_ms(950);
  clock.advance_ns(320 * ns_per_ms);  // The loop stands still.
  timers.advance_ms(1'000);
  EXPECT_THAT(host.gauges(), Contains(HostGauge{"loop_lag_us", "", 270'000}));
  timers.advance_ms(1'000);
  EXPECT_THAT(host.gauges(), Contains(HostGauge{"loop_lag_us", "", 0}));
}

TEST_F(HostSamplerTest, LeavesNoTimerBehind) {
  {
    const HostSampler host({clock, timers, files, nullptr}, {});
  }
  EXPECT_EQ(timers.pending(), 0u);
}

// What is read back from the page is what the sampler itself says.
TEST_F(HostSamplerTest, IsReadBackFromItsPage) {
  SlowDisk disk;
  disk.is_there = true;
  HostSampler host({clock, timers, files, &disk}, {"da\"ta\\", "more"});
  files.cpu(160, 125, 15);
  files.disk(600);
  files.network(250'000);
  timers.advance_ms(1'000);
  clock.advance_ns(3 * ns_per_ms);
  disk.finish();
  EXPECT_THAT(read_host_gauges(host.prometheus_text()),
              ::testing::UnorderedElementsAreArray(host.gauges()));
}

TEST(HostPage, LeavesOutWhatIsMalformed) {
  for (const char* line :
       {"", "\n", "okiagari_host_cpu_busy_ratio", "okiagari_host_cpu_busy_ratio ",
        "okiagari_host_cpu_busy_ratio NaN", "okiagari_host_cpu_busy_ratio -1",
        "okiagari_host_cpu_busy_ratio 1.2.3", "okiagari_host_cpu_busy_ratio .5",
        "okiagari_host_cpu_busy_ratio 1e3", "okiagari_host_cpu_busy_ratio 9999999999999999",
        "okiagari_host_disk_busy_ratio{device=\"vda",
        "okiagari_host_disk_busy_ratio{device=\"a\"}1", "okiagari_host_disk_busy_ratio{} 1",
        "okiagari_host_memory_total_bytes 5", "process_open_fds 1\nprocess_max_fds 0",
        "# okiagari_host_cpu_busy_ratio 1"}) {
    EXPECT_TRUE(read_host_gauges(line).empty()) << line;
  }
  EXPECT_EQ(
      read_host_gauges("okiagari_host_disk_busy_ratio{device=\"" + std::string(129, 'x') + "\"} 1")
          .size(),
      0u);
  Bytes many;
  for (int i = 0; i < 1'000; ++i) {
    many += "okiagari_host_disk_busy_ratio{device=\"" + std::to_string(i) + "\"} 0.5\n";
    many += "okiagari_host_filesystem_size_bytes{path=\"" + std::to_string(i) + "\"} 5\n";
  }
  EXPECT_EQ(read_host_gauges(many).size(), host_gauges_max);
}

TEST(FsyncProbe, MeasuresOneSectorASecond) {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers(clock);
  SlowDisk disk;
  FsyncProbe probe(clock, timers, disk);
  disk.finish();  // The file is made.
  timers.advance_ms(1'000);
  ASSERT_EQ(disk.writes, 1);
  EXPECT_EQ(disk.written.size(), 512u);
  clock.advance_ns(3 * ns_per_ms);
  disk.finish();
  EXPECT_EQ(probe.duration_ns(), 3 * ns_per_ms);
  EXPECT_EQ(probe.all().count(), 1u);
}

TEST(FsyncProbe, CountsAWriteThatHangsWhileItHangs) {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers(clock);
  SlowDisk disk;
  disk.is_there = true;
  FsyncProbe probe(clock, timers, disk);
  timers.advance_ms(1'000);
  timers.advance_ms(7'000);
  EXPECT_EQ(disk.writes, 1);
  EXPECT_EQ(probe.duration_ns(), 7'000 * ns_per_ms);
}

TEST(FsyncProbe, MakesTheFileAgainAfterAFailure) {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers(clock);
  SlowDisk disk;
  FsyncProbe probe(clock, timers, disk);
  disk.finish(error(Errc::io, "full"));
  EXPECT_EQ(probe.failures(), 1u);
  timers.advance_ms(1'000);
  disk.finish();
  timers.advance_ms(1'000);
  EXPECT_EQ(disk.writes, 1);
  disk.finish(error(Errc::io, "gone"));
  EXPECT_EQ(probe.failures(), 2u);
  EXPECT_EQ(probe.all().count(), 0u);
}

TEST(FsyncProbe, IsNotToldOfWritesThatOutliveIt) {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers(clock);
  SlowDisk disk;
  {
    const FsyncProbe probe(clock, timers, disk);
  }
  disk.finish();
  EXPECT_EQ(timers.pending(), 0u);
}

TEST(KernelFiles, ReadThisMachine) {
  KernelFiles files;
  const HostReading reading = read_host(files);
  EXPECT_TRUE(reading.cpu && reading.memory);
  EXPECT_GT(read_process(files).resident_bytes.value_or(0), 0u);
  EXPECT_GT(files.space("/").value_or(SpaceReading{}).bytes, 0u);
  EXPECT_GT(files.count_entries("/proc/self/fd", 1'000).value_or(0), 2u);
  EXPECT_EQ(files.read("/proc/stat", 3), "cpu");
  EXPECT_FALSE(files.read("/proc/no such file", 10));
}

}  // namespace
}  // namespace oki::watch
