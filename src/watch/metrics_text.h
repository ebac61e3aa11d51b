// Reads a few numbers out of a page of metrics: Prometheus text, exposition format 0.0.4.
//
// The page may come from a process that lies or is broken, so nothing in it can do more than leave
// a number out: a page that is too long gives no numbers, a line that is not understood is passed
// over, and a value that is no plain decimal of the wished precision ("NaN", "-1", too large) makes
// its wish come to nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace oki::watch {

constexpr std::size_t metrics_page_bytes_max = 256u << 10;
constexpr std::size_t metrics_line_bytes_max = 4096;  // Longer lines are passed over.

struct MetricWish {
  ByteView name;
  ByteView label = {};  // Like `class="update"`; empty: whatever the labels.
  unsigned digits = 0;  // The number is wanted in units of 10^-digits.
};

// For each wish the sum over all series of that name and label; nothing when there is none.
std::vector<std::optional<std::uint64_t>> read_metrics(ByteView page,
                                                       std::span<const MetricWish> wishes);

}  // namespace oki::watch
