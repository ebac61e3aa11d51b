// One channel's letters within the outbox: which may go now, which later, which nobody knows of.
// Not for others than outbox.cc.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "notify/outbox.h"

namespace oki::notify {

inline bool is_channel_name(ByteView name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= channel_name_bytes_max &&
         std::all_of(name.begin(), name.end(), is_plain);
}

// A proof or a reason as it is kept: short, one line, UTF-8.
inline std::string kept_text(ByteView text) {
  std::string out;
  while (!text.empty() && out.size() < proof_bytes_max) {
    const std::size_t size = utf8_sequence(text);
    const bool control = size == 1 && static_cast<unsigned char>(text[0]) < ' ';
    if (size == 0 || control) {
      out += size == 0 ? '?' : ' ';
    } else if (out.size() + size > proof_bytes_max) {
      break;
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

constexpr std::size_t firsts_max = 1'000;  // More at once are not measured.

struct Lane {
  std::string name;
  Channel* channel = nullptr;
  ChannelRules rules;
  std::deque<DeliveryId> ready;
  std::set<std::pair<MonoTimeNs, DeliveryId>> delayed;
  std::deque<std::pair<MonoTimeNs, DeliveryId>> to_ask;  // From when on, earliest first.
  std::size_t in_flight = 0;
  std::uint32_t absences = 0;  // Since somebody was there.
  MonoTimeNs paused_until;
  MonoTimeNs next_free;  // Of the rate limit: virtual scheduling, as in ITU-T I.371.
  TimerId wake, ask;
  MonoTimeNs wake_at;
  std::map<DeliveryId, MonoTimeNs> firsts;  // Of each adding, and when that was.
  Gauge* waiting = nullptr;                 // These belong to the metrics.
  Gauge* unsettled = nullptr;
  Histogram* took = nullptr;

  // When the next letter may go.
  MonoTimeNs allowed_at() const {
    if (rules.per_minute_max == 0) return paused_until;
    const std::int64_t burst_ns = (std::int64_t{rules.burst} - 1) * interval_ns();
    return std::max(paused_until, next_free + -burst_ns);
  }
  std::int64_t interval_ns() const {
    constexpr std::int64_t ns_per_minute = 60'000 * ns_per_ms;
    return ns_per_minute / rules.per_minute_max;
  }
  void count_one(MonoTimeNs now) {
    if (rules.per_minute_max != 0) next_free = std::max(next_free, now) + interval_ns();
  }
};

}  // namespace oki::notify
