#include "watch/host/proc_text.h"

#include <gtest/gtest.h>

namespace oki::watch {
namespace {

TEST(ProcText, ReadsTheFirstLineOfStat) {
  const auto cpu = parse_cpu(
      "cpu  3098234 2083148 633353 1162364 9895 1 7304 12509 5 6\n"
      "cpu0 1568963 1025311 305988 588736 5481 0 2525 6283 0 0\n");
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->user, 3098234u + 2083148u);
  EXPECT_EQ(cpu->system, 633353u + 1u + 7304u);
  EXPECT_EQ(cpu->idle, 1162364u);
  EXPECT_EQ(cpu->iowait, 9895u);
  EXPECT_EQ(cpu->steal, 12509u);
}

TEST(ProcText, TakesNoCpuLineOfAnotherShape) {
  EXPECT_FALSE(parse_cpu(""));
  EXPECT_FALSE(parse_cpu("cpu  1 2 3 4\n"));
  EXPECT_FALSE(parse_cpu("cpu  1 2 3 4 5 6 7 -8\n"));
  EXPECT_FALSE(parse_cpu("cpu  1 2 3 4 5 6 7 99999999999999999999\n"));
  EXPECT_FALSE(parse_cpu("intr 1 2 3 4 5 6 7 8\n"));
}

TEST(ProcText, ReadsMemory) {
  const auto memory = parse_memory(
      "MemTotal:       24731708 kB\nMemFree:        18441728 kB\nMemAvailable:   23859596 kB\n"
      "SwapTotal:       2000 kB\nSwapFree:       500 kB\n");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->total_bytes, 24731708ull * 1024);
  EXPECT_EQ(memory->available_bytes, 23859596ull * 1024);
  EXPECT_EQ(memory->swap_used_bytes, 1500u * 1024);
  EXPECT_FALSE(parse_memory("MemTotal: 10 kB\nMemAvailable: 11 kB\n"));
  EXPECT_FALSE(parse_memory("MemTotal: 10 kB\n"));
}

TEST(ProcText, ReadsPressureOfOldAndNewKernels) {
  const auto io = parse_pressure("io",
                                 "some avg10=0.61 avg60=0.18 avg300=0.25 total=715709246\n"
                                 "full avg10=0.14 avg60=0.03 avg300=0.11 total=54242272\n");
  EXPECT_EQ(io.some_us, 715709246u);
  EXPECT_EQ(io.full_us, 54242272u);
  const auto cpu = parse_pressure("cpu", "some avg10=0.61 avg60=0.18 avg300=0.25 total=7\n");
  EXPECT_EQ(cpu.some_us, 7u);
  EXPECT_FALSE(cpu.full_us);
}

TEST(ProcText, LeavesOutPartitionsAndIdleDevices) {
  const auto disks = parse_disks(
      "   7       0 loop0 1 0 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
      " 254       0 vda 260039 80414 14384674 63309 6322774 570226 637930680 3922291 0 1093752 4\n"
      " 254       1 vda1 26003 8041 1438467 6330 632277 57022 63793068 392229 0 109375 4\n"
      " 259       0 nvme0n1 1 0 8 1 0 0 0 0 0 5 5\n"
      " 259       1 nvme0n1p1 1 0 8 1 0 0 0 0 0 5 5\n"
      " 253       0 dm-0 3 0 24 1 0 0 0 0 0 5 5\n"
      "   8       0 sda 0 0 0 0 0 0 0 0 0 0 0\n"
      "   8       0 sdb 1 2 3\n");
  ASSERT_EQ(disks.size(), 3u);
  EXPECT_EQ(disks[0].device, "vda");
  EXPECT_EQ(disks[0].read_bytes, 14384674ull * 512);
  EXPECT_EQ(disks[0].written_bytes, 637930680ull * 512);
  EXPECT_EQ(disks[0].busy_ms, 1093752u);
  EXPECT_EQ(disks[1].device, "nvme0n1");
  EXPECT_EQ(disks[2].device, "dm-0");
}

TEST(ProcText, ReadsAtMostSoManyDevices) {
  Bytes disks, networks;
  for (int i = 0; i < 100; ++i) {
    disks += " 8 0 disk" + std::to_string(i) + "x 1 0 8 1 1 0 8 1 0 5 5\n";
    networks += "eth" + std::to_string(i) + ": 1 2 3 4 5 6 7 8 9 10 11 12\n";
  }
  EXPECT_EQ(parse_disks(disks).size(), host_devices_max);
  EXPECT_EQ(parse_networks(networks).size(), host_devices_max);
}

TEST(ProcText, ReadsNetworkDevices) {
  const auto networks = parse_networks(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n"
      "    lo: 9620575846 14090774    0    0    0     0          0         0 96 14 0 0 0 0 0 0\n"
      "veth12: 1 1 1 1 0 0 0 0 1 1 1 1 0 0 0 0\n"
      "  eth0:1457443143   52980    3    4    0     0          0         0  3121797   35716    5"
      "    6    0     0       0          0\n"
      "  eth1: 1 2 3\n");
  ASSERT_EQ(networks.size(), 1u);
  EXPECT_EQ(networks[0].device, "eth0");
  EXPECT_EQ(networks[0].received_bytes, 1457443143u);
  EXPECT_EQ(networks[0].received_errors, 3u);
  EXPECT_EQ(networks[0].received_drops, 4u);
  EXPECT_EQ(networks[0].sent_bytes, 3121797u);
  EXPECT_EQ(networks[0].sent_errors, 5u);
  EXPECT_EQ(networks[0].sent_drops, 6u);
}

TEST(ProcText, KnowsNoSpeedOfMostVirtualDevices) {
  EXPECT_EQ(parse_speed("10000\n"), 1'250'000'000u);
  EXPECT_FALSE(parse_speed("-1\n"));
  EXPECT_FALSE(parse_speed(""));
}

TEST(ProcText, FindsNamedColumnsAndLines) {
  const Bytes snmp =
      "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
      "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn RetransSegs\nTcp: 1 200 120000 -1 1537\n";
  EXPECT_EQ(parse_named_column(snmp, "Tcp:", "RetransSegs"), 1537u);
  EXPECT_FALSE(parse_named_column(snmp, "Tcp:", "MaxConn"));
  EXPECT_FALSE(parse_named_column(snmp, "Udp:", "InErrors"));
  EXPECT_FALSE(parse_named_column("Tcp: RetransSegs\n", "Tcp:", "RetransSegs"));
  EXPECT_EQ(parse_named_line("nr_free 1\noom_kill 3\n", "oom_kill"), 3u);
}

TEST(ProcText, ReadsTheOwnProcessWhateverItIsCalled) {
  EXPECT_EQ(parse_process_ticks("1 (a) b (c) R 2 3 4 5 6 7 8 9 10 11 120 30 0 0 20\n"), 150u);
  EXPECT_FALSE(parse_process_ticks("1 (a) R 2 3\n"));
  EXPECT_FALSE(parse_process_ticks("1 a R 2 3 4 5 6 7 8 9 10 11 120 30\n"));
}

TEST(ProcText, ReadsLimitsOfFiles) {
  EXPECT_EQ(parse_open_files_limit("Limit Soft Hard Units\nMax open files            20000  "
                                   "              20001                files     \n"),
            20000u);
  EXPECT_FALSE(parse_open_files_limit("Max open files            unlimited unlimited files\n"));
  HostReading reading;
  parse_open_files("432\t2\t2470938\n", reading);
  EXPECT_EQ(reading.open_files, 430u);
  EXPECT_EQ(reading.open_files_max, 2470938u);
}

// Whatever a kernel may say, cut anywhere: no stop, and no number that is not there.
TEST(ProcText, StopsAtNoCutText) {
  const Bytes line =
      " 254 0 vda 260039 80414 14384674 63309 6322774 570226 637930680 392 0 109 4\n";
  for (std::size_t size = 0; size < line.size(); ++size) {
    const auto disks = parse_disks(ByteView(line).substr(0, size));
    if (!disks.empty()) {
      EXPECT_EQ(disks[0].written_bytes, 637930680ull * 512);
    }
  }
}

}  // namespace
}  // namespace oki::watch
