#include "app/own_gauges.h"

#include <optional>

namespace oki::app {
namespace {

constexpr std::int64_t every_ms = 1'000;
constexpr std::size_t series_max = 32;

std::optional<watch::detect::GaugeKind> kind_of(const std::string& name) {
  for (std::size_t i = 0; i < watch::detect::gauge_kinds; ++i) {
    const auto kind = static_cast<watch::detect::GaugeKind>(i);
    if (name == watch::detect::name(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace

OwnGauges::OwnGauges(Process& process, watch::Feed& feed, std::string about)
    : process_(process), feed_(feed), about_(std::move(about)) {
  take();
}

OwnGauges::~OwnGauges() { process_.loop().timers().cancel(timer_); }

void OwnGauges::take() {
  timer_ = process_.loop().timers().after_ms(every_ms, [this] { take(); });
  for (const watch::HostGauge& gauge : process_.host_gauges()) {
    const auto kind = kind_of(gauge.kind);
    if (!kind) continue;
    auto found = series_.find({gauge.kind, gauge.about});
    if (found == series_.end()) {
      if (series_.size() >= series_max) continue;
      const std::string about = gauge.about.empty() ? about_ : about_ + " " + gauge.about;
      const auto added = feed_.add_gauge(*kind, about, {});
      if (!added) continue;
      found = series_.emplace(std::pair{gauge.kind, gauge.about}, *added).first;
    }
    feed_.on_gauge(found->second, gauge.value);
  }
}

}  // namespace oki::app
