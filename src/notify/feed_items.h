// Everything that a feed or a calendar lists, in one shape, newest update first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "notify/status_truth.h"
#include "notify/time_text.h"

namespace oki::notify {

struct FeedUpdate {
  WallTimeMs at;
  std::string phase;
  std::string body;
};

struct FeedItem {
  std::string name;  // "notices/inc12", "incidents/o18c", "maintenance/m1": for ids and paths.
  std::string title;
  std::vector<FeedUpdate> updates;  // Newest first, never empty.
  WallTimeMs began;
  std::optional<WallTimeMs> ended;
  std::uint32_t sequence = 0;  // Rises with every update.
  bool cancelled = false;
};

std::vector<FeedItem> feed_items(Language language, const StatusView& view);

}  // namespace oki::notify
