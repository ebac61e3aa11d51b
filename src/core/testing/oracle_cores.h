// The oracle and the core that ships, and planted faults in the second one.
#pragma once

#include <optional>
#include <string_view>

#include "core/core.h"
#include "core/plain/plain_core.h"
#include "core/testing/oracle.h"
#include "core/testing/planted_core.h"

namespace oki::core {

// Their snapshots are different formats.
inline CorePair shipped_cores() { return {make_core<plain::PlainCore>, make_core<Core>, false}; }

// "difference", "crash" or "hang" in the second core.
inline std::optional<CorePair> planted_cores(std::string_view fault) {
  if (fault == "difference") {
    return CorePair{make_core<Core>, make_core<PlantedCore<Core, CoreFault::difference>>};
  }
  if (fault == "crash") {
    return CorePair{make_core<Core>, make_core<PlantedCore<Core, CoreFault::crash>>};
  }
  if (fault == "hang") {
    return CorePair{make_core<Core>, make_core<PlantedCore<Core, CoreFault::hang>>};
  }
  return std::nullopt;
}

}  // namespace oki::core
