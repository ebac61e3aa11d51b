#include "watch/host/host_page.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace oki::watch {
namespace {

constexpr std::size_t about_bytes_max = 128;
constexpr unsigned whole_digits_max = 15;
constexpr std::int64_t million = 1'000'000;

// What one line says in millionths: all that is read here is a share, a number of seconds, or a
// count.
struct Line {
  ByteView name;
  std::string about;  // The value of its only label.
  std::int64_t millionths = 0;
};

// "name{device=\"vda\"} 0.25"; escapes of the label's value are undone.
std::optional<std::string> take_label(ByteView& line) {
  const std::size_t begin = line.find("=\"");
  if (begin == ByteView::npos) return std::nullopt;
  line.remove_prefix(begin + 2);
  std::string value;
  while (!line.empty() && line.front() != '"') {
    if (line.front() == '\\' && line.size() > 1) line.remove_prefix(1);
    value.push_back(line.front());
    line.remove_prefix(1);
  }
  if (!line.starts_with("\"} ") || value.size() > about_bytes_max) return std::nullopt;
  line.remove_prefix(2);
  return value;
}

std::optional<std::int64_t> read_millionths(ByteView text) {
  constexpr unsigned digits_kept = 6;
  std::int64_t value = 0;
  unsigned whole = 0, behind = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.' && !point && whole > 0) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9' || whole > whole_digits_max) return std::nullopt;
    if (point && behind == digits_kept) continue;
    value = value * 10 + (c - '0');
    ++(point ? behind : whole);
  }
  if (whole == 0 || whole > whole_digits_max) return std::nullopt;
  for (; behind < digits_kept; ++behind) {
    if (__builtin_mul_overflow(value, 10, &value)) return std::nullopt;
  }
  return value;
}

std::optional<Line> read_line(ByteView text) {
  Line line;
  const std::size_t end = text.find_first_of("{ ");
  if (end == ByteView::npos) return std::nullopt;
  line.name = text.substr(0, end);
  text.remove_prefix(end);
  if (text.front() == '{') {
    auto about = take_label(text);
    if (!about) return std::nullopt;
    line.about = std::move(*about);
  }
  const auto value = read_millionths(text.substr(1));
  if (!value) return std::nullopt;
  line.millionths = *value;
  return line;
}

struct Known {
  ByteView metric;
  const char* kind;
};
constexpr std::array<Known, 6> direct{{
    {"okiagari_host_cpu_busy_ratio", "cpu_ppm"},
    {"okiagari_host_cpu_steal_ratio", "steal_ppm"},
    {"okiagari_host_disk_busy_ratio", "disk_busy_ppm"},
    {"okiagari_host_network_busy_ratio", "network_ppm"},
    {"okiagari_host_fsync_probe_seconds", "fsync_probe_us"},
    {"okiagari_process_loop_lag_seconds", "loop_lag_us"},
}};

// Shares that are made of two metrics: of `whole`, either `left` is what is free, or `used` is
// used.
struct Made {
  const char* kind;
  ByteView whole, part;
  bool part_is_free;
};
constexpr std::array<Made, 3> made{{
    {"memory_ppm", "okiagari_host_memory_total_bytes", "okiagari_host_memory_available_bytes",
     true},
    {"disk_used_ppm", "okiagari_host_filesystem_size_bytes",
     "okiagari_host_filesystem_available_bytes", true},
    {"open_files_ppm", "process_max_fds", "process_open_fds", false},
}};

// By kind and what it is about: the whole and the part, in units.
using Halves = std::map<std::pair<std::string, std::string>,
                        std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>>>;

void keep_half(Halves& halves, const Line& line) {
  for (const Made& share : made) {
    if (line.name != share.whole && line.name != share.part) continue;
    if (halves.size() >= host_gauges_max) return;
    auto& [whole, part] = halves[{share.kind, line.about}];
    (line.name == share.whole ? whole : part) = line.millionths / million;
  }
}

void add_made(const Halves& halves, std::vector<HostGauge>& gauges) {
  for (const auto& [what, half] : halves) {
    const auto& [whole, part] = half;
    if (gauges.size() >= host_gauges_max) return;
    if (!whole || !part || *whole == 0) continue;
    const auto share = std::ranges::find(made, what.first, &Made::kind);
    const std::int64_t held = std::min(*part, *whole);
    const std::int64_t used = share->part_is_free ? *whole - held : held;
    // In steps that cannot overflow: a machine with 2^40 bytes and more is told to a part in 2^20.
    const std::int64_t unit = std::max<std::int64_t>(*whole >> 40, 1);
    gauges.push_back({what.first, what.second, (used / unit) * million / (*whole / unit)});
  }
}

}  // namespace

std::vector<HostGauge> read_host_gauges(ByteView page) {
  std::vector<HostGauge> gauges;
  Halves halves;
  while (!page.empty()) {
    const std::size_t end = std::min(page.find('\n'), page.size());
    const ByteView text = page.substr(0, end);
    page.remove_prefix(std::min(end + 1, page.size()));
    if (!text.starts_with("okiagari_host_") && !text.starts_with("okiagari_process_") &&
        !text.starts_with("process_")) {
      continue;
    }
    const auto line = read_line(text);
    if (!line) continue;
    const auto known = std::ranges::find(direct, line->name, &Known::metric);
    if (known == direct.end()) {
      keep_half(halves, *line);
    } else if (gauges.size() < host_gauges_max) {
      gauges.push_back({known->kind, line->about, line->millionths});
    }
  }
  add_made(halves, gauges);
  return gauges;
}

}  // namespace oki::watch
