// What the page of a process says about its machine, as gauges of the detectors: of each kind the
// worst device or path, once a second at most.
//
// A page that lies fills six series and no more. That a machine is silent is not told from here:
// the process's own numbers come from the same page.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "watch/detect/detectors.h"

namespace oki::watch {

constexpr std::int64_t host_gauges_every_ms = 1'000;

class HostGauges {
 public:
  // `about`: "node 1". The detectors must outlive it.
  HostGauges(detect::Detectors& detectors, std::string about,
             detect::Detectors::Components components);

  void take(ByteView page, const detect::Moment& now);

 private:
  std::optional<std::size_t> series(detect::GaugeKind kind, const detect::Moment& now);

  detect::Detectors& detectors_;
  std::string about_;
  detect::Detectors::Components components_;
  std::array<std::optional<std::size_t>, detect::gauge_kinds> series_{};  // Once it was heard of.
  std::optional<detect::MonoMs> taken_;
};

}  // namespace oki::watch
