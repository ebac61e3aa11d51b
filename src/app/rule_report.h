// What past alarms say of each rule, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "watch/detect/tuning.h"

namespace oki::app {

std::string rules_in_words(const std::vector<watch::detect::RuleReport>& rules);
std::string rules_in_json(const std::vector<watch::detect::RuleReport>& rules);  // An array.

}  // namespace oki::app
