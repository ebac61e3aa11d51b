// Every change of an edge's settings, so that each can be seen and taken back: versions, a
// tightening that ends by itself, and whether the edge is being taken out.
//
// A version stays in force until the next one; a rollback is a new version with the content of an
// earlier one, so history is never rewritten. A tightening lies over the version in force, lets
// only less through, and ends at its time; so does draining. Both are kept over a restart.
//
// Format of the file, JSON in UTF-8: {"format":1, "changes":[{"number","at","kind","version",
// "by","words","settings"}...], "tightened":{"settings","until"}|null, "draining_until":ms|0}.
// Invariants: numbers of changes rise; versions rise by one with each change that makes one; at
// most book_changes_max changes are kept, the version in force always among them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "edge/settings.h"

namespace oki::edge {

constexpr std::size_t book_changes_max = 200;
constexpr std::size_t book_bytes_max = 512u << 10;
constexpr std::size_t change_by_bytes_max = 64;
constexpr std::size_t change_words_bytes_max = 300;
constexpr std::int64_t tighten_ms_max = 86'400'000;

enum class ChangeKind : std::uint8_t {
  started = 0,  // Version 1: the defaults.
  apply = 1,
  rollback = 2,
  tighten = 3,
  restore = 4,  // The tightening ended, by hand or by time.
  drain = 5,
  undrain = 6,
};
constexpr std::uint8_t change_kinds = 7;
const char* name(ChangeKind kind);

struct Change {
  std::uint32_t number = 0;
  WallTimeMs at;
  ChangeKind kind = ChangeKind::started;
  std::uint32_t version = 0;  // In force after it.
  std::string by;             // Who, as he was told to the edge; "time" for what ended by itself.
  std::string words;
  Settings settings;  // Of that version; of the tightening, with `tighten`.
  friend bool operator==(const Change&, const Change&) = default;
};

// Who changes something, and why.
struct Said {
  std::string by, words;
};

class SettingsBook {
 public:
  explicit SettingsBook(const Settings& first, WallTimeMs now);

  // Errc::corrupt with a sentence when it is no book.
  static Result<SettingsBook> read(ByteView text);
  Bytes text() const;

  // --- Errc::invalid, not_found or exists with a sentence; nothing is changed then.
  Result<void> apply(const SettingChanges& changes, const Said& said, WallTimeMs now);
  // To version `to`; 0: the one before the one in force, unless that one is a rollback itself.
  Result<void> roll_back(std::uint32_t to, const Said& said, WallTimeMs now);
  Result<void> tighten(const SettingChanges& changes, std::int64_t for_ms, const Said& said,
                       WallTimeMs now);
  Result<void> restore(const Said& said, WallTimeMs now);
  Result<void> drain(std::int64_t for_ms, const Said& said, WallTimeMs now);
  Result<void> undrain(const Said& said, WallTimeMs now);

  // Ends what is over by now; true when something was.
  bool pass(WallTimeMs now);
  std::optional<WallTimeMs> next_end() const;

  Settings in_force() const;  // The version, and the tightening over it.
  const Settings& version_settings() const { return base_; }
  std::uint32_t version() const { return changes_.back().version; }
  std::optional<WallTimeMs> tightened_until() const { return tightened_until_; }
  std::optional<WallTimeMs> draining_until() const { return draining_until_; }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  SettingsBook() = default;
  void add(ChangeKind kind, const Settings& settings, const Said& said, WallTimeMs now);
  const Change* version_change(std::uint32_t version) const;
  const char* fault() const;

  std::vector<Change> changes_;  // Oldest first, never empty.
  Settings base_;
  Settings tightening_;
  std::optional<WallTimeMs> tightened_until_;
  std::optional<WallTimeMs> draining_until_;
};

}  // namespace oki::edge
