// The catalogue of faults that drills inject: docs/drills.md lists it.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "drill/harm.h"

namespace oki::drill {

enum class FaultClass : std::uint8_t {
  hard,      // Trading stops for somebody: the oracle trader's orders fail.
  blind,     // Who watches is gone. Trading may go on; green must end by its expiry.
  grey,      // A part of it is wrong, or a few orders fail.
  harmless,  // Nobody may be told anything: what is left carries the whole.
};
const char* name(FaultClass of);

struct FaultKind {
  const char* name;
  FaultClass of;
  const char* en;
  const char* ja;
  std::function<Result<void>(Harm&)> inject;
  bool needs_packets = false;  // A network of its own, and nft.
  bool needs_clock = false;    // libfaketime.
  bool stops_trading = true;   // Its time begins when the oracle trader notices it.
};

const std::vector<FaultKind>& fault_kinds();
const FaultKind* find_fault(std::string_view name);

// Why this kind cannot be injected on this machine; empty when it can.
std::string missing_for(const FaultKind& kind);

}  // namespace oki::drill
