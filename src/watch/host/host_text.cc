#include "watch/host/host_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "watch/host/host_sampler.h"

namespace oki::watch {
namespace {

using Number = std::optional<std::uint64_t>;

// A label's value may hold anything that a path may.
void append_escaped(Bytes& out, ByteView value) {
  for (const char c : value) {
    if (c == '\\' || c == '"' || c == '\n') out.push_back('\\');
    out.push_back(c == '\n' ? 'n' : c);
  }
}

void append_number(HostText& text, const char* name, const char* type, const char* help,
                   const Number& value, unsigned digits = 0) {
  if (!value) return;
  text.family(name, type, help);
  text.sample({}, *value, digits);
}

void append_share(HostText& text, const char* name, const char* help,
                  const std::optional<std::int64_t>& ppm) {
  if (!ppm) return;
  text.family(name, "gauge", help);
  text.sample({}, *ppm, 6);
}

void append_cpu(HostText& text, const HostReading& reading, const HostShares& shares) {
  if (reading.cpu) {
    const CpuTimes& cpu = *reading.cpu;
    text.family("okiagari_host_cpu_seconds_total", "counter",
                "Time of all processors, by what they did.");
    for (const auto& [mode, ticks] : {std::pair{"user", cpu.user},
                                      {"system", cpu.system},
                                      {"idle", cpu.idle},
                                      {"iowait", cpu.iowait},
                                      {"steal", cpu.steal}}) {
      text.sample({{"mode", mode}}, ticks, 2);
    }
  }
  append_share(text, "okiagari_host_cpu_busy_ratio",
               "Share of the processors that was not idle in the last second.",
               shares.cpu_busy_ppm);
  append_share(text, "okiagari_host_cpu_iowait_ratio",
               "Share of the processors that waited for disks in the last second.",
               shares.cpu_iowait_ppm);
  append_share(text, "okiagari_host_cpu_steal_ratio",
               "Share of the processors that the machine underneath took in the last second.",
               shares.cpu_steal_ppm);
  append_number(text, "okiagari_host_load1", "gauge",
                "Tasks that ran or waited to run, over a minute.", reading.load_centi, 2);
}

void append_memory(HostText& text, const MemoryReading& memory) {
  append_number(text, "okiagari_host_memory_total_bytes", "gauge", "Memory of the machine.",
                memory.total_bytes);
  append_number(text, "okiagari_host_memory_available_bytes", "gauge",
                "Memory that can be had without swapping.", memory.available_bytes);
  append_number(text, "okiagari_host_swap_used_bytes", "gauge", "Memory that lies on disk.",
                memory.swap_used_bytes);
}

void append_pressures(HostText& text, const std::vector<PressureReading>& pressures) {
  text.family("okiagari_host_pressure_seconds_total", "counter",
              "Time in which some or all tasks waited for a resource.");
  for (const PressureReading& pressure : pressures) {
    for (const auto& [kind, us] :
         {std::pair{"some", pressure.some_us}, {"full", pressure.full_us}}) {
      if (us) text.sample({{"resource", pressure.resource}, {"kind", kind}}, *us, 6);
    }
  }
}

template <typename Device>
struct Column {
  const char* name;
  const char* help;
  const char* direction;  // Null: no such label.
  std::uint64_t Device::* value;
  unsigned digits = 0;
};

template <typename Device>
void append_columns(HostText& text, const std::vector<Device>& devices,
                    std::initializer_list<Column<Device>> columns) {
  const char* last = "";
  for (const Column<Device>& column : columns) {
    if (column.name != last) text.family(column.name, "counter", column.help);
    last = column.name;
    for (const Device& device : devices) {
      HostText::Labels labels{{"device", device.device}};
      if (column.direction != nullptr) labels.emplace_back("direction", column.direction);
      text.sample(labels, device.*column.value, column.digits);
    }
  }
}

void append_busy(HostText& text, const char* name, const char* help,
                 const std::vector<HostGauge>& shares) {
  text.family(name, "gauge", help);
  for (const HostGauge& share : shares) text.sample({{"device", share.about}}, share.value, 6);
}

void append_disks(HostText& text, const HostReading& reading, const HostShares& shares) {
  append_columns<DiskReading>(
      text, reading.disks,
      {{"okiagari_host_disk_read_bytes_total", "Read from disks.", nullptr,
        &DiskReading::read_bytes},
       {"okiagari_host_disk_written_bytes_total", "Written to disks.", nullptr,
        &DiskReading::written_bytes},
       {"okiagari_host_disk_busy_seconds_total", "Time with requests under way.", nullptr,
        &DiskReading::busy_ms, 3}});
  append_busy(text, "okiagari_host_disk_busy_ratio",
              "Share of the last second with requests under way.", shares.disks_busy);
}

void append_networks(HostText& text, const HostReading& reading, const HostShares& shares) {
  const char* bytes = "okiagari_host_network_bytes_total";
  const char* errors = "okiagari_host_network_errors_total";
  const char* drops = "okiagari_host_network_drops_total";
  const char* of_bytes = "Bytes through network devices.";
  const char* of_errors = "Packets that were damaged or could not be sent.";
  const char* of_drops = "Packets that were thrown away.";
  append_columns<NetworkReading>(text, reading.networks,
                                 {{bytes, of_bytes, "received", &NetworkReading::received_bytes},
                                  {bytes, of_bytes, "sent", &NetworkReading::sent_bytes},
                                  {errors, of_errors, "received", &NetworkReading::received_errors},
                                  {errors, of_errors, "sent", &NetworkReading::sent_errors},
                                  {drops, of_drops, "received", &NetworkReading::received_drops},
                                  {drops, of_drops, "sent", &NetworkReading::sent_drops}});
  append_busy(text, "okiagari_host_network_busy_ratio",
              "Share of the speed of the device, in its busier direction, in the last second.",
              shares.networks_busy);
}

void append_spaces(HostText& text, const std::vector<PathSpace>& spaces) {
  const auto append = [&](const char* name, const char* help, std::uint64_t SpaceReading::* value) {
    text.family(name, "gauge", help);
    for (const PathSpace& space : spaces) text.sample({{"path", space.path}}, space.space.*value);
  };
  append("okiagari_host_filesystem_size_bytes", "Of the file system that the path lies on.",
         &SpaceReading::bytes);
  append("okiagari_host_filesystem_available_bytes", "Room left on it for us.",
         &SpaceReading::available_bytes);
  append("okiagari_host_filesystem_files_free", "Files that can be made on it.",
         &SpaceReading::files_free);
}

}  // namespace

void HostText::family(const char* name, const char* type, const char* help) {
  name_ = name;
  header_ = fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void HostText::line(ByteView name, const Labels& labels, std::uint64_t value, unsigned digits) {
  out_ += name;
  char separator = '{';
  for (const auto& [label, text] : labels) {
    out_.push_back(separator);
    out_ += label;
    out_ += "=\"";
    append_escaped(out_, text);
    out_.push_back('"');
    separator = ',';
  }
  if (!labels.empty()) out_.push_back('}');
  std::uint64_t unit = 1;
  for (unsigned i = 0; i < digits; ++i) unit *= 10;
  fmt::format_to(std::back_inserter(out_), " {}", value / unit);
  if (digits > 0) fmt::format_to(std::back_inserter(out_), ".{:0{}}", value % unit, digits);
  out_.push_back('\n');
}

void HostText::sample(const Labels& labels, std::uint64_t value, unsigned digits) {
  out_ += std::exchange(header_, {});
  line(name_, labels, value, digits);
}

void HostText::sample(const Labels& labels, std::int64_t value, unsigned digits) {
  sample(labels, static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)), digits);
}

void HostText::summary(const char* name, const char* help, const Histogram& durations) {
  family(name, "summary", help);
  for (const auto& [quantile, parts] : {std::pair{"0.5", 500u}, {"0.99", 990u}, {"0.999", 999u}}) {
    sample({{"quantile", quantile}}, durations.quantile_ns(parts, 1000), 9);
  }
  line(name_ + "_sum", {}, durations.sum_ns(), 9);
  line(name_ + "_count", {}, durations.count(), 0);
}

void append_host(HostText& text, const HostReading& reading, const HostShares& shares) {
  append_cpu(text, reading, shares);
  if (reading.memory) append_memory(text, *reading.memory);
  append_pressures(text, reading.pressures);
  append_disks(text, reading, shares);
  append_spaces(text, reading.spaces);
  append_networks(text, reading, shares);
  append_number(text, "okiagari_host_tcp_retransmits_total", "counter",
                "Segments that had to be sent again.", reading.tcp_retransmits);
  append_number(text, "okiagari_host_listen_overflows_total", "counter",
                "Connections that no listener took in time.", reading.listen_overflows);
  append_number(text, "okiagari_host_oom_kills_total", "counter",
                "Processes that the kernel killed for want of memory.", reading.oom_kills);
  append_number(text, "okiagari_host_open_files", "gauge", "Open files of the machine.",
                reading.open_files);
  append_number(text, "okiagari_host_open_files_max", "gauge", "The most there may be.",
                reading.open_files_max);
}

// The names that the client libraries of Prometheus give to these, so that every dashboard knows
// them.
void append_process(HostText& text, const ProcessReading& reading, WallTimeMs started) {
  append_number(text, "process_cpu_seconds_total", "counter", "Processor time of this process.",
                reading.cpu_ticks, 2);
  append_number(text, "process_resident_memory_bytes", "gauge", "Memory in use.",
                reading.resident_bytes);
  append_number(text, "process_virtual_memory_bytes", "gauge", "Addresses in use.",
                reading.virtual_bytes);
  append_number(text, "process_threads", "gauge", "Threads of this process.", reading.threads);
  append_number(text, "process_open_fds", "gauge", "Open files and connections.",
                reading.open_files);
  append_number(text, "process_max_fds", "gauge", "The most this process may open.",
                reading.open_files_max);
  append_number(text, "process_start_time_seconds", "gauge", "When it began, since 1970.",
                static_cast<std::uint64_t>(std::max<std::int64_t>(started.value, 0)), 3);
}

}  // namespace oki::watch
