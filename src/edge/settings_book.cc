#include "edge/settings_book.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/utf8.h"
#include "edge/settings_json.h"

namespace oki::edge {
namespace {

constexpr const char* kind_names[change_kinds] = {"started", "apply", "rollback", "tighten",
                                                  "restore", "drain", "undrain"};

bool makes_a_version(ChangeKind kind) { return kind <= ChangeKind::rollback; }

bool is_line(const std::string& text, std::size_t bytes_max) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return text.size() <= bytes_max && is_utf8(text) &&
         std::none_of(text.begin(), text.end(), control);
}

Result<void> check(const Said& said) {
  if (said.by.empty() || !is_line(said.by, change_by_bytes_max)) {
    return error(Errc::invalid, "'by' must say who, in one short line");
  }
  if (!is_line(said.words, change_words_bytes_max)) {
    return error(Errc::invalid, "'words' must be one line of at most 300 bytes");
  }
  return {};
}

Result<void> check(const Said& said, std::int64_t for_ms) {
  if (for_ms < 1 || for_ms > tighten_ms_max) {
    return error(Errc::invalid, "'for_ms' must be from 1 to " + std::to_string(tighten_ms_max));
  }
  return check(said);
}

}  // namespace

const char* name(ChangeKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

SettingsBook::SettingsBook(const Settings& first, WallTimeMs now) : base_(first) {
  changes_.push_back({1, now, ChangeKind::started, 1, "start", "", first});
}

// The one in force is never dropped: what it is going back from must be seen.
void SettingsBook::add(ChangeKind kind, const Settings& settings, const Said& said,
                       WallTimeMs now) {
  const Change& last = changes_.back();
  const std::uint32_t version = last.version + (makes_a_version(kind) ? 1 : 0);
  changes_.push_back({last.number + 1, now, kind, version, said.by, said.words, settings});
  if (makes_a_version(kind)) base_ = settings;
  if (changes_.size() <= book_changes_max) return;
  const auto dropped = std::find_if(changes_.begin(), changes_.end(), [&](const Change& change) {
    return !(makes_a_version(change.kind) && change.version == version);
  });
  changes_.erase(dropped);
}

const Change* SettingsBook::version_change(std::uint32_t version) const {
  for (const Change& change : changes_) {
    if (makes_a_version(change.kind) && change.version == version) return &change;
  }
  return nullptr;
}

Result<void> SettingsBook::apply(const SettingChanges& changes, const Said& said, WallTimeMs now) {
  if (auto fine = check(said); !fine) return fine;
  const Result<Settings> settings = changed(base_, changes);
  if (!settings) return tl::unexpected<Error>(settings.error());
  if (*settings == base_) return error(Errc::exists, "these settings are in force already");
  add(ChangeKind::apply, *settings, said, now);
  return {};
}

Result<void> SettingsBook::roll_back(std::uint32_t to, const Said& said, WallTimeMs now) {
  if (auto fine = check(said); !fine) return fine;
  // Done twice by mistake, it must not bring the wrong version back.
  if (to == 0 && version_change(version())->kind == ChangeKind::rollback) {
    return error(Errc::exists, "the last version is a rollback already; say which one is wanted");
  }
  const std::uint32_t wanted = to == 0 ? version() - 1 : to;
  const Change* found = wanted == version() ? nullptr : version_change(wanted);
  if (found == nullptr) {
    return error(Errc::not_found, "there is no earlier version " + std::to_string(wanted));
  }
  add(ChangeKind::rollback, Settings(found->settings), said, now);
  return {};
}

Result<void> SettingsBook::tighten(const SettingChanges& changes, std::int64_t for_ms,
                                   const Said& said, WallTimeMs now) {
  if (auto fine = check(said, for_ms); !fine) return fine;
  const Result<Settings> settings = changed(loosest(), changes);
  if (!settings) return tl::unexpected<Error>(settings.error());
  tightening_ = *settings;
  tightened_until_ = WallTimeMs{now.value + for_ms};
  add(ChangeKind::tighten, tightening_, said, now);
  return {};
}

Result<void> SettingsBook::restore(const Said& said, WallTimeMs now) {
  if (auto fine = check(said); !fine) return fine;
  if (!tightened_until_) return error(Errc::exists, "nothing is tightened");
  tightened_until_.reset();
  add(ChangeKind::restore, base_, said, now);
  return {};
}

Result<void> SettingsBook::drain(std::int64_t for_ms, const Said& said, WallTimeMs now) {
  if (auto fine = check(said, for_ms); !fine) return fine;
  draining_until_ = WallTimeMs{now.value + for_ms};
  add(ChangeKind::drain, base_, said, now);
  return {};
}

Result<void> SettingsBook::undrain(const Said& said, WallTimeMs now) {
  if (auto fine = check(said); !fine) return fine;
  if (!draining_until_) return error(Errc::exists, "this edge is not being drained");
  draining_until_.reset();
  add(ChangeKind::undrain, base_, said, now);
  return {};
}

bool SettingsBook::pass(WallTimeMs now) {
  bool passed = false;
  if (tightened_until_ && *tightened_until_ <= now) {
    passed = true;
    tightened_until_.reset();
    add(ChangeKind::restore, base_, {"time", "it was over"}, now);
  }
  if (draining_until_ && *draining_until_ <= now) {
    passed = true;
    draining_until_.reset();
    add(ChangeKind::undrain, base_, {"time", "it was over"}, now);
  }
  return passed;
}

std::optional<WallTimeMs> SettingsBook::next_end() const {
  if (!tightened_until_) return draining_until_;
  if (!draining_until_) return tightened_until_;
  return std::min(*tightened_until_, *draining_until_);
}

Settings SettingsBook::in_force() const {
  return tightened_until_ ? tighter(base_, tightening_) : base_;
}

// --- The file.

Bytes SettingsBook::text() const {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("format", 1).key("changes").begin_array();
  for (const Change& change : changes_) write(json, change);
  json.end_array().key("tightened");
  if (tightened_until_) {
    json.begin_object().key("settings");
    write(json, tightening_);
    json.field("until", tightened_until_->value).end_object();
  } else {
    json.null();
  }
  json.field("draining_until", draining_until_ ? draining_until_->value : std::int64_t{0});
  json.end_object();
  return out;
}

Result<SettingsBook> SettingsBook::read(ByteView text) {
  auto stored = read_stored_book(text);
  if (!stored) return tl::unexpected<Error>(stored.error());
  SettingsBook book;
  book.changes_ = std::move(stored->changes);
  book.tightening_ = stored->tightening;
  book.tightened_until_ = stored->tightened_until;
  book.draining_until_ = stored->draining_until;
  if (const char* fault = book.fault()) {
    return error(Errc::corrupt, std::string("the stored settings: ") + fault);
  }
  book.base_ = book.version_change(book.version())->settings;
  return book;
}

const char* SettingsBook::fault() const {
  if (changes_.empty() || changes_.size() > book_changes_max) return "too few or too many changes";
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i].number == 0 || changes_[i].version == 0) return "a number is 0";
    if (i > 0 && changes_[i].number <= changes_[i - 1].number) return "numbers do not rise";
    if (i > 0 && changes_[i].version < changes_[i - 1].version) return "versions fall";
  }
  if (version_change(version()) == nullptr) return "the version in force is not there";
  return nullptr;
}

}  // namespace oki::edge
