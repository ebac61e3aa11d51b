// Every threshold of every detector, with the values that ship, and the file that changes them.
//
// The file is TOML (docs/detection.md lists the keys, deploy/detection.toml holds the defaults). A
// key that is absent keeps its default; an unknown key, a value of the wrong type or outside its
// range is an error that names the key. Integers only: shares in millionths (ppm), times in
// milliseconds, scores in thousandths of a nat.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "watch/detect/error_cusum.h"
#include "watch/detect/inquiry_surge.h"
#include "watch/detect/latency_shift.h"
#include "watch/detect/level.h"
#include "watch/detect/rate_drop.h"
#include "watch/detect/test_trades.h"
#include "watch/detect/threshold.h"

namespace oki::watch::detect {

constexpr std::size_t error_targets_max = 4;
constexpr std::size_t settings_bytes_max = 65'536;

// What a host or a process says about itself.
enum class GaugeKind : std::uint8_t {
  cpu_ppm = 0,
  memory_ppm = 1,
  disk_used_ppm = 2,
  disk_busy_ppm = 3,
  network_ppm = 4,
  fsync_us = 5,
  replica_lag_ms = 6,
  fsync_probe_us = 7,  // Of the machine; fsync_us is the journal's own.
  fsync_stuck_ms = 8,  // One of the journal that does not end, and so has no fsync_us.
};
constexpr std::size_t gauge_kinds = 9;
const char* name(GaugeKind kind);

struct GaugeSettings {
  ThresholdSettings threshold;
  bool evidence = false;  // May open an incident; else context of others' (docs/incidents.md, 4.6).
  std::int64_t above_usual = 0;  // At least so far above its own baseline too; 0: has none.
};

struct NamedTarget {
  std::string name;
  ErrorTarget target;
  bool proof = false;  // Our own counters prove it: people are told without a second source.
};

struct SilenceSettings {
  std::int64_t series_ms = 2'000;
  std::int64_t prober_ms = 3'000;
};

// The small reads through each edge (watch/pulse.h): `reads` of them every `every_ms`; 0: none.
struct PulseSettings {
  std::int64_t every_ms = 10;
  std::int64_t reads = 2;
};

struct SignalSettings {
  std::int64_t expires_ms = 30'000;
  std::int64_t refresh_ms = 10'000;
};

struct Settings {
  LevelSettings level;
  SignalSettings signal;
  TestTradeSettings test_trades;
  std::vector<NamedTarget> errors{{"fast", {1'000, 20'000, 900, 9'000, 20'000}, true},
                                  {"faint", {300, 2'000, 500, 10'000, 22'000}, false}};
  // In place of these for what a watch finds by asking. It convinces nobody alone and may therefore
  // be sure sooner; a share as small as a line that is merely bad loses proves nothing at all.
  NamedTarget line{"line", {1'000, 20'000, 900, 6'000, 16'000}, false};
  RateDropSettings rate_drop;
  LatencySettings latency;
  InquirySettings inquiries;
  SilenceSettings silence;
  PulseSettings pulse;
  std::array<GaugeSettings, gauge_kinds> gauges{{
      {{950'000, 850'000, 60'000}, false, 200'000},
      {{950'000, 900'000, 10'000}, false, 100'000},
      {{900'000, 880'000, 5'000}, true, 0},
      {{980'000, 900'000, 60'000}, false, 300'000},
      {{950'000, 850'000, 10'000}, false, 300'000},
      {{100'000, 50'000, 5'000}, true, 0},
      {{2'000, 500, 3'000}, true, 0},
      {{100'000, 50'000, 5'000}, false, 50'000},
      {{1'500, 500, 0}, true, 0},
  }};
};

Result<Settings> read_settings(ByteView toml);

}  // namespace oki::watch::detect
