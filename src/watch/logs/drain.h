// Log lines to templates, one line at a time: "no answer from <*> for <*> ms".
//
// Algorithm: Drain, a parse tree of fixed depth (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing
// Approach with Fixed Depth Tree", ICWS 2017). A line is cut into words; what looks like a number,
// an address or an identifier in a word becomes <*>. The tree goes by the number of words, then by
// the first `depth` words; in the leaf the most similar template takes the line when at least
// `similar_permille` of its words are equal, and words that differ become <*> in it.
//
// Changed from the paper: templates have limits, of all and of each leaf, beyond which the one that
// was seen longest ago is forgotten; so a stranger who writes lines without end makes nothing grow
// and no line dear.
//
// Deterministic: the same lines give the same templates and numbers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace oki::watch::logs {

struct DrainOptions {
  std::size_t depth = 2;  // Words that the tree goes by, after the number of words.
  std::uint32_t similar_permille = 500;
  std::size_t children_max = 50;  // Different words in one node; further ones count as <*>.
  std::size_t templates_max = 2'000;
  std::size_t in_leaf_max = 32;  // Templates that one line is compared with.
  std::size_t words_max = 48;    // Of a line; the rest is one <*>.
  std::size_t line_bytes_max = 1'000;
};

using TemplateId = std::uint64_t;  // From 1, never used twice.

class Drain {
 public:
  explicit Drain(const DrainOptions& options);
  ~Drain();

  struct Match {
    TemplateId id = 0;
    bool created = false;
    TemplateId forgotten = 0;  // The one that had to go for it.
  };

  // A line without any word is one template of its own.
  Match add(ByteView line);

  // Empty when it is not known any more.
  std::string text(TemplateId id) const;
  std::size_t size() const { return templates_.size(); }

 private:
  using Words = std::vector<std::string>;
  struct Node;
  struct Template {
    Words words;
    Node* leaf = nullptr;
    std::uint64_t seen = 0;  // Number of the line that it took last.
  };

  Words words_of(ByteView line) const;
  Node& leaf_of(const Words& words);
  TemplateId most_similar(const Node& leaf, const Words& words) const;
  TemplateId make_room(const Node& leaf);
  void forget(TemplateId id);

  DrainOptions options_;
  std::unique_ptr<Node> root_;
  std::map<TemplateId, Template> templates_;
  std::map<std::uint64_t, TemplateId> by_age_;  // By the line seen last.
  TemplateId last_ = 0;
  std::uint64_t lines_ = 0;
};

// One word with its numbers, addresses and identifiers as <*>: "node-3" is "node-<*>".
std::string mask_word(ByteView word);

}  // namespace oki::watch::logs
