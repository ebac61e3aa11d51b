#include "watch/logs/drain.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::watch::logs {
namespace {

constexpr ByteView wild = "<*>";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Within numbers, addresses and times.
bool joins(char c) { return c == '.' || c == ':' || c == '%'; }

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

struct Drain::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
  std::vector<TemplateId> templates;  // In leaves, rising.
};

Drain::Drain(const DrainOptions& options) : options_(options), root_(std::make_unique<Node>()) {
  ASSERT(options.templates_max > 0 && options.words_max > 0 && options.children_max > 0 &&
         options.in_leaf_max > 0);
}

Drain::~Drain() = default;

std::string mask_word(ByteView word) {
  std::string out;
  for (std::size_t at = 0; at < word.size();) {
    std::size_t end = at;
    bool number = false;
    while (end < word.size() &&
           (is_digit(word[end]) || is_letter(word[end]) || (end > at && joins(word[end])))) {
      number |= is_digit(word[end]);
      ++end;
    }
    if (end == at) {
      out += word[at++];
      continue;
    }
    if (number) {
      out += wild;
    } else {
      out += word.substr(at, end - at);
    }
    at = end;
  }
  return out;
}

Drain::Words Drain::words_of(ByteView line) const {
  line = line.substr(0, options_.line_bytes_max);
  Words words;
  std::size_t at = 0;
  while (at < line.size()) {
    while (at < line.size() && is_space(line[at])) ++at;
    std::size_t end = at;
    while (end < line.size() && !is_space(line[end])) ++end;
    if (end == at) break;
    if (words.size() == options_.words_max) {
      words.back() = wild;
      break;
    }
    words.push_back(mask_word(line.substr(at, end - at)));
    at = end;
  }
  return words;
}

Drain::Node& Drain::leaf_of(const Words& words) {
  Node* node = root_.get();
  const auto step = [&](ByteView key) {
    auto found = node->children.find(key);
    if (found == node->children.end()) {
      const bool full = node->children.size() >= options_.children_max;
      const std::string name(full ? wild : key);
      found = node->children.try_emplace(name, nullptr).first;
      if (!found->second) found->second = std::make_unique<Node>();
    }
    node = found->second.get();
  };
  step(std::to_string(words.size()));
  for (std::size_t i = 0; i < std::min(options_.depth, words.size()); ++i) step(words[i]);
  return *node;
}

TemplateId Drain::most_similar(const Node& leaf, const Words& words) const {
  TemplateId best = 0;
  std::size_t best_equal = 0;
  for (const TemplateId id : leaf.templates) {
    const Words& known = templates_.at(id).words;
    if (known.size() != words.size()) continue;
    std::size_t equal = 0;
    for (std::size_t i = 0; i < words.size(); ++i) equal += words[i] == known[i];
    const bool similar = equal * 1'000 >= words.size() * options_.similar_permille;
    if (similar && (best == 0 || equal > best_equal)) {
      best = id;
      best_equal = equal;
    }
  }
  return best;
}

void Drain::forget(TemplateId id) {
  const Template& known = templates_.at(id);
  by_age_.erase(known.seen);
  std::vector<TemplateId>& list = known.leaf->templates;
  list.erase(std::find(list.begin(), list.end(), id));
  templates_.erase(id);
}

// The one that had to go; 0 when there was room.
TemplateId Drain::make_room(const Node& leaf) {
  TemplateId oldest = 0;
  if (leaf.templates.size() >= options_.in_leaf_max) {
    oldest = *std::min_element(leaf.templates.begin(), leaf.templates.end(),
                               [this](TemplateId a, TemplateId b) {
                                 return templates_.at(a).seen < templates_.at(b).seen;
                               });
  } else if (templates_.size() >= options_.templates_max) {
    oldest = by_age_.begin()->second;
  }
  if (oldest != 0) forget(oldest);
  return oldest;
}

Drain::Match Drain::add(ByteView line) {
  const Words words = words_of(line);
  Node& leaf = leaf_of(words);
  Match match;
  match.id = most_similar(leaf, words);
  ++lines_;
  if (match.id == 0) {
    match.forgotten = make_room(leaf);
    match.created = true;
    match.id = ++last_;
    leaf.templates.push_back(match.id);
    templates_[match.id] = {words, &leaf, lines_};
  } else {
    Template& known = templates_.at(match.id);
    by_age_.erase(known.seen);
    known.seen = lines_;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (known.words[i] != words[i]) known.words[i] = wild;
    }
  }
  by_age_[lines_] = match.id;
  return match;
}

std::string Drain::text(TemplateId id) const {
  const auto found = templates_.find(id);
  std::string out;
  if (found == templates_.end()) return out;
  for (const std::string& word : found->second.words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

}  // namespace oki::watch::logs
