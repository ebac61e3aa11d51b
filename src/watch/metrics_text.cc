#include "watch/metrics_text.h"

#include <algorithm>

#include "base/decimal.h"

namespace oki::watch {
namespace {

struct Line {
  ByteView name;
  ByteView labels;  // Between the braces.
  ByteView value;
};

// The closing brace; one within a quoted value is none.
std::size_t end_of_labels(ByteView text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '}' && !quoted) {
      return i;
    }
  }
  return ByteView::npos;
}

std::optional<Line> read_line(ByteView text) {
  if (text.empty() || text[0] == '#' || text.size() > metrics_line_bytes_max) return std::nullopt;
  const std::size_t name_end = text.find_first_of("{ ");
  if (name_end == ByteView::npos) return std::nullopt;
  Line line;
  line.name = text.substr(0, name_end);
  ByteView rest = text.substr(name_end);
  if (rest[0] == '{') {
    const std::size_t end = end_of_labels(rest);
    if (end == ByteView::npos) return std::nullopt;
    line.labels = rest.substr(1, end - 1);
    rest = rest.substr(end + 1);
  }
  const std::size_t begin = rest.find_first_not_of(' ');
  if (begin == ByteView::npos) return std::nullopt;
  rest = rest.substr(begin);
  line.value = rest.substr(0, rest.find(' '));  // A time may follow.
  return line;
}

bool has_label(ByteView labels, ByteView label) {
  if (label.empty()) return true;
  for (std::size_t at = labels.find(label); at != ByteView::npos; at = labels.find(label, at + 1)) {
    const std::size_t end = at + label.size();
    const bool begins = at == 0 || labels[at - 1] == ',';
    if (begins && (end == labels.size() || labels[end] == ',')) return true;
  }
  return false;
}

struct Sum {
  std::uint64_t value = 0;
  bool found = false;
  bool broken = false;

  void add(const std::optional<std::uint64_t>& more) {
    found = true;
    broken = broken || !more || __builtin_add_overflow(value, *more, &value);
  }
};

}  // namespace

std::vector<std::optional<std::uint64_t>> read_metrics(ByteView page,
                                                       std::span<const MetricWish> wishes) {
  std::vector<Sum> sums(wishes.size());
  if (page.size() > metrics_page_bytes_max) page = {};
  while (!page.empty()) {
    const std::size_t end = std::min(page.find('\n'), page.size());
    const auto line = read_line(page.substr(0, end));
    page.remove_prefix(std::min(end + 1, page.size()));
    if (!line) continue;
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      const MetricWish& wish = wishes[i];
      if (line->name != wish.name || !has_label(line->labels, wish.label)) continue;
      sums[i].add(parse_decimal(line->value, wish.digits));
    }
  }
  std::vector<std::optional<std::uint64_t>> values(wishes.size());
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (sums[i].found && !sums[i].broken) values[i] = sums[i].value;
  }
  return values;
}

}  // namespace oki::watch
