// The house that a watch sets up when no file describes one: what the shape of the exchange says by
// itself. Nobody is on call in it, and everything that needs no person goes on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "response/changes.h"

namespace oki::watch {

struct HouseShape {
  std::size_t edges = 0;
  std::size_t nodes = 0;
  std::size_t watches = 1;
  std::vector<std::string> markets;
};

// In an order in which an empty house takes them.
std::vector<response::Change> plan_house(const HouseShape& shape);

}  // namespace oki::watch
