#include "edge/settings_json.h"

#include <limits>

namespace oki::edge {
namespace {

tl::unexpected<Error> damaged(const char* what) {
  return error(Errc::corrupt, std::string("the stored settings: ") + what);
}

std::optional<std::uint32_t> number_of(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  const auto value = found == nullptr ? std::nullopt : found->integer();
  if (!value || *value < 0 || *value > std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*value);
}

std::optional<WallTimeMs> time_of(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  const auto value = found == nullptr ? std::nullopt : found->integer();
  if (!value || *value < 0) return std::nullopt;
  return WallTimeMs{*value};
}

std::optional<std::string> text_of(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  if (found == nullptr || !found->string()) return std::nullopt;
  return std::string(*found->string());
}

// A setting that the file does not name has its default: the file may be of an older release.
std::optional<Settings> settings_of(const net::Json& json) {
  const net::Json* found = json.find("settings");
  if (found == nullptr) return std::nullopt;
  const auto changes = read_setting_changes(*found);
  if (!changes) return std::nullopt;
  const auto settings = changed(Settings{}, *changes);
  if (!settings) return std::nullopt;
  return *settings;
}

std::optional<ChangeKind> kind_of(const net::Json& json) {
  const auto text = text_of(json, "kind");
  for (std::uint8_t i = 0; text && i < change_kinds; ++i) {
    if (*text == name(static_cast<ChangeKind>(i))) return static_cast<ChangeKind>(i);
  }
  return std::nullopt;
}

std::optional<Change> change_of(const net::Json& json) {
  const auto number = number_of(json, "number");
  const auto version = number_of(json, "version");
  const auto at = time_of(json, "at");
  const auto kind = kind_of(json);
  const auto by = text_of(json, "by");
  const auto words = text_of(json, "words");
  const auto settings = settings_of(json);
  if (!number || !version || !at || !kind || !by || !words || !settings) return std::nullopt;
  return Change{*number, *at, *kind, *version, *by, *words, *settings};
}

}  // namespace

Result<SettingChanges> read_setting_changes(const net::Json& json) {
  const auto* members = json.object();
  if (members == nullptr) return error(Errc::invalid, "settings must be an object");
  SettingChanges changes;
  for (const auto& [name, value] : *members) {
    const auto number = value.integer();
    if (!number || *number < 0) {
      return error(Errc::invalid, "'" + name + "' must be a whole number, not below 0");
    }
    changes.emplace_back(name, static_cast<std::uint64_t>(*number));
  }
  return changes;
}

void write(JsonWriter& json, const Change& change) {
  json.begin_object().field("number", std::uint64_t{change.number}).field("at", change.at.value);
  json.field("kind", name(change.kind)).field("version", std::uint64_t{change.version});
  json.field("by", change.by).field("words", change.words).key("settings");
  write(json, change.settings);
  json.end_object();
}

Result<StoredBook> read_stored_book(ByteView text) {
  const auto json = net::parse_json(text, book_bytes_max);
  if (!json) return damaged("not JSON");
  if (number_of(*json, "format") != 1u) return damaged("another format");
  const net::Json* list = json->find("changes");
  if (list == nullptr || list->array() == nullptr) return damaged("no changes");
  StoredBook stored;
  for (const net::Json& one : *list->array()) {
    const auto change = change_of(one);
    if (!change) return damaged("a change is malformed");
    stored.changes.push_back(*change);
  }
  const net::Json* tightened = json->find("tightened");
  if (tightened == nullptr) return damaged("no word on a tightening");
  if (!tightened->is_null()) {
    const auto settings = settings_of(*tightened);
    stored.tightened_until = time_of(*tightened, "until");
    if (!settings || !stored.tightened_until) return damaged("the tightening is malformed");
    stored.tightening = *settings;
  }
  const auto draining = time_of(*json, "draining_until");
  if (!draining) return damaged("no word on draining");
  if (draining->value != 0) stored.draining_until = *draining;
  return stored;
}

}  // namespace oki::edge
