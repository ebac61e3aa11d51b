#include "watch/inputs/alert.h"

#include <algorithm>

#include "watch/inputs/outside_words.h"

namespace oki::watch::inputs {

void add_label(Labels& labels, const std::string& name, const std::string& value) {
  std::string clean = clean_line(name, label_bytes_max / 2);
  if (clean.empty()) return;
  const auto at = std::ranges::lower_bound(labels, clean, {}, &Labels::value_type::first);
  if (at != labels.end() && at->first == clean) {
    at->second = clean_line(value, label_bytes_max);
  } else if (labels.size() < labels_max) {
    labels.insert(at, {std::move(clean), clean_line(value, label_bytes_max)});
  }
}

const std::string* find_label(const Labels& labels, const std::string& name) {
  const auto at = std::ranges::lower_bound(labels, name, {}, &Labels::value_type::first);
  return at != labels.end() && at->first == name ? &at->second : nullptr;
}

}  // namespace oki::watch::inputs
