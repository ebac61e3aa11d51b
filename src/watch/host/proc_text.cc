#include "watch/host/proc_text.h"

#include <algorithm>
#include <charconv>

namespace oki::watch {
namespace {

constexpr std::uint64_t sector_bytes = 512;  // Of diskstats, whatever the disk's own are.
constexpr std::uint64_t bytes_per_second_of_megabit = 125'000;
constexpr std::uint64_t kib = 1024;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Takes the first line off the text.
ByteView take_line(ByteView& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const ByteView line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Takes the first word off the line; empty at its end.
ByteView take_word(ByteView& line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  std::size_t end = 0;
  while (end < line.size() && !is_blank(line[end])) ++end;
  const ByteView word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> number(ByteView word) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc() || end != word.data() + word.size() || word.empty()) return std::nullopt;
  return value;
}

std::vector<std::uint64_t> take_numbers(ByteView line, std::size_t count_max) {
  std::vector<std::uint64_t> numbers;
  while (numbers.size() < count_max) {
    const std::optional<std::uint64_t> value = number(take_word(line));
    if (!value) break;
    numbers.push_back(*value);
  }
  return numbers;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "vda1" is a part of "vda", "nvme0n1p2" of "nvme0n1".
bool is_partition_of(ByteView name, ByteView disk) {
  if (name.size() <= disk.size() || !name.starts_with(disk)) return false;
  ByteView rest = name.substr(disk.size());
  if (is_digit(disk.back())) {
    if (rest.front() != 'p') return false;
    rest.remove_prefix(1);
  }
  return !rest.empty() && std::ranges::all_of(rest, is_digit);
}

bool is_no_disk(ByteView name) {
  return name.starts_with("loop") || name.starts_with("ram") || name.starts_with("zram") ||
         name.starts_with("sr") || name.starts_with("fd");
}

}  // namespace

std::optional<CpuTimes> parse_cpu(ByteView text) {
  ByteView line = take_line(text);
  if (take_word(line) != "cpu") return std::nullopt;
  const std::vector<std::uint64_t> ticks = take_numbers(line, 8);
  if (ticks.size() < 8) return std::nullopt;
  // Guests are counted in user and nice already.
  return CpuTimes{ticks[0] + ticks[1], ticks[2] + ticks[5] + ticks[6], ticks[3], ticks[4],
                  ticks[7]};
}

std::optional<std::uint64_t> parse_load_centi(ByteView text) {
  const ByteView word = take_word(text);
  const std::size_t point = word.find('.');
  if (point == ByteView::npos || word.size() != point + 3) return std::nullopt;
  const auto whole = number(word.substr(0, point));
  const auto centi = number(word.substr(point + 1));
  if (!whole || !centi) return std::nullopt;
  return *whole * 100 + *centi;
}

std::optional<MemoryReading> parse_memory(ByteView text) {
  const auto total = parse_named_line(text, "MemTotal:");
  const auto available = parse_named_line(text, "MemAvailable:");
  if (!total || !available || *total == 0 || *available > *total) return std::nullopt;
  const std::uint64_t swap = parse_named_line(text, "SwapTotal:").value_or(0);
  const std::uint64_t swap_free = parse_named_line(text, "SwapFree:").value_or(0);
  return MemoryReading{*total * kib, *available * kib, (swap - std::min(swap, swap_free)) * kib};
}

PressureReading parse_pressure(const std::string& resource, ByteView text) {
  PressureReading reading{resource, {}, {}};
  while (!text.empty()) {
    ByteView line = take_line(text);
    const ByteView kind = take_word(line);
    for (ByteView word = take_word(line); !word.empty(); word = take_word(line)) {
      if (!word.starts_with("total=")) continue;
      if (kind == "some") reading.some_us = number(word.substr(6));
      if (kind == "full") reading.full_us = number(word.substr(6));
    }
  }
  return reading;
}

std::vector<DiskReading> parse_disks(ByteView text) {
  std::vector<DiskReading> disks;
  while (!text.empty() && disks.size() < host_devices_max) {
    ByteView line = take_line(text);
    take_word(line);
    take_word(line);
    const ByteView name = take_word(line);
    const std::vector<std::uint64_t> fields = take_numbers(line, 10);
    if (fields.size() < 10 || is_no_disk(name) || fields[0] + fields[4] == 0) continue;
    const bool is_part = std::ranges::any_of(
        disks, [name](const DiskReading& disk) { return is_partition_of(name, disk.device); });
    if (is_part) continue;
    disks.push_back(
        {std::string(name), fields[2] * sector_bytes, fields[6] * sector_bytes, fields[9]});
  }
  return disks;
}

std::vector<NetworkReading> parse_networks(ByteView text) {
  std::vector<NetworkReading> networks;
  while (!text.empty() && networks.size() < host_devices_max) {
    ByteView line = take_line(text);
    const std::size_t colon = line.find(':');
    if (colon == ByteView::npos) continue;
    ByteView names = line.substr(0, colon);
    const ByteView name = take_word(names);
    const std::vector<std::uint64_t> fields = take_numbers(line.substr(colon + 1), 12);
    if (fields.size() < 12 || name.empty() || name == "lo" || name.starts_with("veth")) continue;
    networks.push_back({std::string(name),
                        fields[0],
                        fields[2],
                        fields[3],
                        fields[8],
                        fields[10],
                        fields[11],
                        {}});
  }
  return networks;
}

std::optional<std::uint64_t> parse_speed(ByteView text) {
  ByteView line = take_line(text);
  const auto megabits = number(take_word(line));
  if (!megabits || *megabits == 0) return std::nullopt;
  return *megabits * bytes_per_second_of_megabit;
}

void parse_open_files(ByteView text, HostReading& into) {
  const std::vector<std::uint64_t> numbers = take_numbers(take_line(text), 3);
  if (numbers.size() < 3) return;
  into.open_files = numbers[0] - std::min(numbers[0], numbers[1]);
  into.open_files_max = numbers[2];
}

std::optional<std::uint64_t> parse_named_column(ByteView text, ByteView line, ByteView name) {
  while (!text.empty()) {
    ByteView names = take_line(text);
    if (take_word(names) != line) continue;
    ByteView values = take_line(text);
    if (take_word(values) != line) return std::nullopt;
    while (!names.empty()) {
      const ByteView column = take_word(names);
      const ByteView value = take_word(values);
      if (column == name) return number(value);
    }
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_named_line(ByteView text, ByteView name) {
  while (!text.empty()) {
    ByteView line = take_line(text);
    if (take_word(line) == name) return number(take_word(line));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_process_ticks(ByteView text) {
  // The program's name stands in brackets and may hold anything, brackets and blanks included.
  const std::size_t end = text.rfind(')');
  if (end == ByteView::npos) return std::nullopt;
  text.remove_prefix(end + 1);
  for (int field = 3; field < 14; ++field) take_word(text);
  const std::vector<std::uint64_t> ticks = take_numbers(take_line(text), 2);
  if (ticks.size() < 2) return std::nullopt;
  return ticks[0] + ticks[1];
}

std::optional<std::uint64_t> parse_open_files_limit(ByteView text) {
  constexpr ByteView title = "Max open files";
  while (!text.empty()) {
    ByteView line = take_line(text);
    if (!line.starts_with(title)) continue;
    line.remove_prefix(title.size());
    return number(take_word(line));
  }
  return std::nullopt;
}

}  // namespace oki::watch
