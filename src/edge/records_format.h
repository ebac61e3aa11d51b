// What an edge remembers of requests that did not get what they asked for, through no fault of
// their sender: refused because the exchange was busy or away, answered with neither yes nor no, or
// left without an answer. Refusals by a rule of the exchange are answers and are not remembered.
//
// Bytes on disk and over HTTP: docs/formats/edge-records.md.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/strong.h"
#include "core/types.h"

namespace oki::edge {

enum class RecordKind : std::uint8_t {
  order = 0,       // One order that was to be placed.
  cancel = 1,      // `count` orders that were to be cancelled; 1 for all of a market or account.
  amend = 2,       // One order that was to be changed.
  withdrawal = 3,  // One withdrawal that was requested.
  // About the records themselves:
  started = 4,  // The edge began to keep records. What was under way before is not known.
  unnamed = 5,  // `count` updates that were refused before anyone was known to send them.
  dropped = 6,  // `count` records that could not be kept.
};
constexpr std::uint8_t record_kinds = 7;

enum class Ending : std::uint8_t {
  throttled = 0,        // 429: too many of the account's own requests were under way.
  not_taken = 1,        // 503: surely not done.
  unknown = 2,          // 504: it may have been done.
  internal = 3,         // Another answer from 500 on.
  connection_lost = 4,  // Done or refused by a rule, and nobody was there any more to be told.
};
constexpr std::uint8_t endings = 5;

constexpr std::uint16_t every_market = 0xffff;  // Also: the market does not matter.

struct FailedRequest {
  WallTimeMs at;  // When the edge took the request up.
  core::AccountId account;
  RecordKind kind = RecordKind::order;
  Ending ending = Ending::not_taken;
  std::uint16_t subject = every_market;  // The market; of a withdrawal the asset.
  std::uint64_t amount = 0;              // Lots; of a withdrawal units. 0: of cancels, or unsaid.
  std::uint32_t count = 1;
  friend bool operator==(const FailedRequest&, const FailedRequest&) = default;
};
constexpr std::size_t record_bytes = 32;

void append(Bytes& out, const FailedRequest& record);
// Nothing when it is not exactly one record.
std::optional<FailedRequest> read_record(ByteView bytes);

// Where reading goes on: a segment and a place in it.
struct RecordPlace {
  std::uint64_t segment = 0;
  std::uint32_t offset = 0;
  friend auto operator<=>(const RecordPlace&, const RecordPlace&) = default;
};

// A part of what an edge remembers of a stretch of time.
struct RecordPage {
  WallTimeMs whole_since;           // Nothing from then on has been thrown away or was never kept.
  std::uint64_t dropped = 0;        // Records lost since the edge was started.
  std::optional<RecordPlace> next;  // Nothing: this is the last page.
  std::vector<FailedRequest> records;
  friend bool operator==(const RecordPage&, const RecordPage&) = default;
};
constexpr std::size_t page_records_max = 65'536;

Bytes encode(const RecordPage& page);
std::optional<RecordPage> decode_page(ByteView bytes);

}  // namespace oki::edge
