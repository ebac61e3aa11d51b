// What a source said, whatever protocol it spoke: everything in it was written by strangers, and is
// clean_line()d where it is text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/strong.h"

namespace oki::watch::inputs {

constexpr std::size_t labels_max = 64;        // Of one alert; further ones are left out.
constexpr std::size_t label_bytes_max = 200;  // Of its value; the name is half of that at most.
constexpr std::size_t title_bytes_max = 120;
constexpr std::size_t text_bytes_max = 300;

// Sorted by name, each once.
using Labels = std::vector<std::pair<std::string, std::string>>;

// Keeps what fits the limits above. The last value of a name counts.
void add_label(Labels& labels, const std::string& name, const std::string& value);
const std::string* find_label(const Labels& labels, const std::string& name);

struct Alert {
  std::string id;  // What it is about, unique in its source: key_part()s.
  bool firing = true;
  WallTimeMs since;       // As claimed; 0: not said.
  WallTimeMs occurrence;  // Which time it is that it fires, where the protocol says so; else 0.
  std::string title, text, severity;
  Labels labels;
};

}  // namespace oki::watch::inputs
