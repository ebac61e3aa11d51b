// Schedules written by hand for what seeds find rarely or never: one promise and the worst moment
// for it each.
#pragma once

#include <vector>

#include "sim/world.h"

namespace oki::sim {

struct Script {
  const char* name;
  WorldReport (*run)(replica::Replica::MakeEngine make_engine);
};

const std::vector<Script>& scripts();

}  // namespace oki::sim
