// The texts of /proc and /sys, parsed: proc(5), and the kernel's iostats.rst and psi.rst.
//
// Whatever the bytes are, nothing stops: what is not as expected is absent.
#pragma once

#include "watch/host/host_reading.h"

namespace oki::watch {

// /proc/stat: its first line is enough.
std::optional<CpuTimes> parse_cpu(ByteView text);

// /proc/loadavg
std::optional<std::uint64_t> parse_load_centi(ByteView text);

// /proc/meminfo
std::optional<MemoryReading> parse_memory(ByteView text);

// /proc/pressure/<resource>
PressureReading parse_pressure(const std::string& resource, ByteView text);

// /proc/diskstats: whole disks that ever did something; no partitions, no loop or RAM devices.
std::vector<DiskReading> parse_disks(ByteView text);

// /proc/net/dev: without the loopback device and the ends of container links (veth…).
std::vector<NetworkReading> parse_networks(ByteView text);

// /sys/class/net/<device>/speed: megabits a second, or -1.
std::optional<std::uint64_t> parse_speed(ByteView text);

// /proc/sys/fs/file-nr: open, and the most there may be.
void parse_open_files(ByteView text, HostReading& into);

// One number of /proc/net/snmp or /proc/net/netstat, where a line of names stands over a line of
// values: ("Tcp:", "RetransSegs").
std::optional<std::uint64_t> parse_named_column(ByteView text, ByteView line, ByteView name);

// One number of /proc/vmstat or /proc/self/status: "oom_kill 0", "VmRSS:     1220 kB".
std::optional<std::uint64_t> parse_named_line(ByteView text, ByteView name);

// /proc/self/stat: user and system time in ticks.
std::optional<std::uint64_t> parse_process_ticks(ByteView text);

// /proc/self/limits; nothing when there is no limit.
std::optional<std::uint64_t> parse_open_files_limit(ByteView text);

}  // namespace oki::watch
