#include "watch/host/host_sampler.h"

#include <algorithm>
#include <utility>

#include "watch/host/host_text.h"
#include "watch/host/proc_text.h"

namespace oki::watch {
namespace {

constexpr std::size_t line_bytes = 512;
constexpr std::size_t page_bytes = 16u << 10;
constexpr std::size_t vmstat_bytes = 8u << 10;
constexpr std::uint64_t rarely = 10;  // Every so many samples.
constexpr std::uint64_t open_files_counted_max = 100'000;
constexpr std::int64_t million = 1'000'000;

// 0 when a counter went back: the device was taken out and put in again.
std::uint64_t grown(std::uint64_t before, std::uint64_t after) {
  return after < before ? 0 : after - before;
}

// Of counters that stay far below 2^63 / 10^6 between two looks.
std::int64_t ppm(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return 0;
  constexpr std::uint64_t part_max = 1ull << 40;
  while (whole > part_max) {
    part /= 2;
    whole /= 2;
  }
  return static_cast<std::int64_t>(std::min(part, whole) * million / whole);
}

template <typename Device>
const Device* find(const std::vector<Device>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &Device::device);
  return found == all.end() ? nullptr : &*found;
}

// A file that is longer than what is read of it ends with its last whole line.
template <typename Parse>
auto parsed(HostFiles& files, const std::string& path, std::size_t bytes_max, const Parse& parse) {
  Bytes text = files.read(path, bytes_max).value_or(Bytes());
  if (text.size() == bytes_max) text.resize(text.rfind('\n') + 1);
  return parse(text);
}

void read_devices(HostFiles& files, HostReading& reading) {
  reading.disks = parsed(files, "/proc/diskstats", page_bytes, parse_disks);
  reading.networks = parsed(files, "/proc/net/dev", page_bytes, parse_networks);
  for (NetworkReading& network : reading.networks) {
    network.bytes_per_second_max =
        parsed(files, "/sys/class/net/" + network.device + "/speed", line_bytes, parse_speed);
  }
}

void cpu_shares(const CpuTimes& before, const CpuTimes& after, HostShares& shares) {
  const std::uint64_t total = grown(before.total(), after.total());
  if (total == 0) return;
  const std::uint64_t iowait = grown(before.iowait, after.iowait);
  const std::uint64_t idle = grown(before.idle, after.idle) + iowait;
  shares.cpu_busy_ppm = ppm(total - std::min(total, idle), total);
  shares.cpu_iowait_ppm = ppm(iowait, total);
  shares.cpu_steal_ppm = ppm(grown(before.steal, after.steal), total);
}

std::int64_t used_ppm(const SpaceReading& space) {
  return ppm(space.bytes - std::min(space.bytes, space.available_bytes), space.bytes);
}

}  // namespace

HostShares shares_between(const HostReading& before, const HostReading& after, std::int64_t ns) {
  HostShares shares;
  if (ns <= 0) return shares;
  if (before.cpu && after.cpu) cpu_shares(*before.cpu, *after.cpu, shares);
  for (const DiskReading& disk : after.disks) {
    const DiskReading* was = find(before.disks, disk.device);
    if (was == nullptr) continue;
    const std::uint64_t busy_ns = grown(was->busy_ms, disk.busy_ms) * ns_per_ms;
    shares.disks_busy.push_back(
        {"disk_busy_ppm", disk.device, ppm(busy_ns, static_cast<std::uint64_t>(ns))});
  }
  for (const NetworkReading& network : after.networks) {
    const NetworkReading* was = find(before.networks, network.device);
    if (was == nullptr || !network.bytes_per_second_max) continue;
    const std::uint64_t bytes = std::max(grown(was->received_bytes, network.received_bytes),
                                         grown(was->sent_bytes, network.sent_bytes));
    const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(ns / 1'000, 1));
    const std::uint64_t most = *network.bytes_per_second_max * us / million;
    shares.networks_busy.push_back({"network_ppm", network.device, ppm(bytes, most)});
  }
  return shares;
}

HostReading read_host(HostFiles& files) {
  HostReading reading;
  reading.cpu = parsed(files, "/proc/stat", line_bytes, parse_cpu);
  reading.load_centi = parsed(files, "/proc/loadavg", line_bytes, parse_load_centi);
  reading.memory = parsed(files, "/proc/meminfo", page_bytes, parse_memory);
  for (const char* resource : {"cpu", "memory", "io"}) {
    const auto text = files.read(std::string("/proc/pressure/") + resource, line_bytes);
    if (text) reading.pressures.push_back(parse_pressure(resource, *text));
  }
  read_devices(files, reading);
  if (const auto text = files.read("/proc/sys/fs/file-nr", line_bytes)) {
    parse_open_files(*text, reading);
  }
  const Bytes snmp = files.read("/proc/net/snmp", page_bytes).value_or(Bytes());
  reading.tcp_retransmits = parse_named_column(snmp, "Tcp:", "RetransSegs");
  const Bytes netstat = files.read("/proc/net/netstat", page_bytes).value_or(Bytes());
  reading.listen_overflows = parse_named_column(netstat, "TcpExt:", "ListenOverflows");
  const Bytes vmstat = files.read("/proc/vmstat", vmstat_bytes).value_or(Bytes());
  reading.oom_kills = parse_named_line(vmstat, "oom_kill");
  return reading;
}

ProcessReading read_process(HostFiles& files) {
  constexpr std::uint64_t kib = 1024;
  ProcessReading reading;
  reading.cpu_ticks = parsed(files, "/proc/self/stat", line_bytes, parse_process_ticks);
  const Bytes status = files.read("/proc/self/status", page_bytes).value_or(Bytes());
  if (const auto resident = parse_named_line(status, "VmRSS:")) {
    reading.resident_bytes = *resident * kib;
  }
  if (const auto size = parse_named_line(status, "VmSize:")) reading.virtual_bytes = *size * kib;
  reading.threads = parse_named_line(status, "Threads:");
  return reading;
}

HostSampler::HostSampler(const Parts& parts, std::vector<std::string> paths)
    : parts_(parts),
      paths_(std::move(paths)),
      loop_lag_(parts.clock, parts.timers),
      started_(parts.clock.wall_now()) {
  if (paths_.size() > host_paths_max) paths_.resize(host_paths_max);
  if (parts.probe_disk != nullptr) {
    probe_ = std::make_unique<FsyncProbe>(parts.clock, parts.timers, *parts.probe_disk);
  }
  sample();
}

HostSampler::~HostSampler() { parts_.timers.cancel(timer_); }

void HostSampler::sample() {
  timer_ = parts_.timers.after_ms(host_sample_every_ms, [this] { sample(); });
  const MonoTimeNs now = parts_.clock.mono_now();
  HostReading reading = read_host(parts_.files);
  reading.spaces = std::move(reading_.spaces);
  if (samples_ > 0) shares_ = shares_between(reading_, reading, now - sampled_);
  reading_ = std::move(reading);
  ProcessReading process = read_process(parts_.files);
  process.open_files = process_.open_files;
  process.open_files_max = process_.open_files_max;
  process_ = process;
  sampled_ = now;
  loop_lag_ns_ = loop_lag_.take_longest_ns();
  if (samples_++ % rarely == 0) sample_rarely();
}

void HostSampler::sample_rarely() {
  reading_.spaces.clear();
  for (const std::string& path : paths_) {
    if (const auto space = parts_.files.space(path)) reading_.spaces.push_back({path, *space});
  }
  process_.open_files = parts_.files.count_entries("/proc/self/fd", open_files_counted_max);
  process_.open_files_max =
      parsed(parts_.files, "/proc/self/limits", page_bytes, parse_open_files_limit);
}

std::vector<HostGauge> HostSampler::gauges() const {
  std::vector<HostGauge> all;
  if (shares_.cpu_busy_ppm) all.push_back({"cpu_ppm", "", *shares_.cpu_busy_ppm});
  if (shares_.cpu_steal_ppm) all.push_back({"steal_ppm", "", *shares_.cpu_steal_ppm});
  if (reading_.memory) {
    const MemoryReading& memory = *reading_.memory;
    all.push_back(
        {"memory_ppm", "", ppm(memory.total_bytes - memory.available_bytes, memory.total_bytes)});
  }
  for (const PathSpace& space : reading_.spaces) {
    all.push_back({"disk_used_ppm", space.path, used_ppm(space.space)});
  }
  all.insert(all.end(), shares_.disks_busy.begin(), shares_.disks_busy.end());
  all.insert(all.end(), shares_.networks_busy.begin(), shares_.networks_busy.end());
  if (probe_) all.push_back({"fsync_probe_us", "", probe_->duration_ns() / 1'000});
  if (process_.open_files && process_.open_files_max) {
    all.push_back({"open_files_ppm", "", ppm(*process_.open_files, *process_.open_files_max)});
  }
  all.push_back({"loop_lag_us", "", loop_lag_ns_ / 1'000});
  return all;
}

Bytes HostSampler::prometheus_text() const {
  HostText text;
  append_host(text, reading_, shares_);
  append_process(text, process_, started_);
  text.family("okiagari_process_loop_lag_seconds", "gauge",
              "How late the loop ran at worst what was due, in the last second.");
  text.sample({}, loop_lag_ns_, 9);
  text.summary("okiagari_process_loop_delay_seconds",
               "How late the loop ran what was due, since the start.", loop_lag_.all());
  if (probe_) {
    text.family("okiagari_host_fsync_probe_seconds", "gauge",
                "The last small write until it was durable, or the one under way.");
    text.sample({}, probe_->duration_ns(), 9);
    text.summary("okiagari_host_fsync_seconds", "Small writes until they were durable.",
                 probe_->all());
    text.family("okiagari_host_fsync_failures_total", "counter", "Small writes that failed.");
    text.sample({}, probe_->failures());
  }
  return text.take();
}

}  // namespace oki::watch
