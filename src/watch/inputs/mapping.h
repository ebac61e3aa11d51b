// From what a source said to what it means for us, by the source's rules.
#pragma once

#include <optional>

#include "watch/inputs/alert.h"
#include "watch/inputs/settings.h"

namespace oki::watch::inputs {

bool fits(const Where& where, const Labels& labels);

// The first rule that fits; nullptr when none does.
const Rule* find_rule(const SourceSettings& source, const Labels& labels);

// By what a source calls severe: critical, fatal, page and emergency claim a major outage; error,
// high and major a partial one; everything else, words that nobody knows included, slower service.
notify::State state_of_severity(const std::string& severity);

// A source can date an alert back by so much; earlier times are taken as this.
constexpr std::int64_t backdate_ms_max = 3'600'000;

// Everything but `firing`, `seen` and `expires_ms`, which depend on when it is told. Without a rule
// it is a hint about nobody knows which part.
response::Signal to_signal(const SourceSettings& source, const Settings& settings,
                           const Alert& alert, const Rule* rule, WallTimeMs now);

}  // namespace oki::watch::inputs
