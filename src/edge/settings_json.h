// Settings and their changes from JSON, read strictly: what is not known is refused.
#pragma once

#include <optional>
#include <vector>

#include "base/json.h"
#include "edge/settings_book.h"
#include "net/json_reader.h"

namespace oki::edge {

// {"query_percent":50}: names are not checked here.
Result<SettingChanges> read_setting_changes(const net::Json& json);

void write(JsonWriter& json, const Change& change);

struct StoredBook {
  std::vector<Change> changes;
  Settings tightening;
  std::optional<WallTimeMs> tightened_until, draining_until;
};
Result<StoredBook> read_stored_book(ByteView text);

}  // namespace oki::edge
