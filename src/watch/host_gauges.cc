#include "watch/host_gauges.h"

#include <algorithm>
#include <utility>

#include "watch/host/host_page.h"

namespace oki::watch {

using detect::GaugeKind;

HostGauges::HostGauges(detect::Detectors& detectors, std::string about,
                       detect::Detectors::Components components)
    : detectors_(detectors), about_(std::move(about)), components_(std::move(components)) {}

std::optional<std::size_t> HostGauges::series(GaugeKind kind, const detect::Moment& now) {
  auto& series = series_[static_cast<std::size_t>(kind)];
  if (series) return series;
  const auto added = detectors_.watch_gauge(kind, about_, components_, now, false);
  if (added) series = *added;
  return series;
}

void HostGauges::take(ByteView page, const detect::Moment& now) {
  if (taken_ && now.mono - *taken_ < host_gauges_every_ms) return;
  taken_ = now.mono;
  std::array<std::optional<std::int64_t>, detect::gauge_kinds> worst{};
  for (const HostGauge& gauge : read_host_gauges(page)) {
    for (std::size_t i = 0; i < detect::gauge_kinds; ++i) {
      if (gauge.kind != detect::name(static_cast<GaugeKind>(i))) continue;
      worst[i] = std::max(worst[i].value_or(0), gauge.value);
    }
  }
  for (std::size_t i = 0; i < detect::gauge_kinds; ++i) {
    if (!worst[i]) continue;
    const auto found = series(static_cast<GaugeKind>(i), now);
    if (found) detectors_.on_gauge(*found, *worst[i], now);
  }
}

}  // namespace oki::watch
