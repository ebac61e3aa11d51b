#include "watch/access.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/assert.h"
#include "watch/metrics_text.h"

namespace oki::watch {
namespace {

constexpr std::uint64_t believed_max = 1'000'000'000;

response::Fact fact(const char* name, std::int64_t value) { return {name, std::to_string(value)}; }

}  // namespace

std::optional<AccessReading> read_access(ByteView page) {
  static constexpr std::array<MetricWish, 5> wishes{{
      {"okiagari_edge_refused_most", "by=\"address\""},
      {"okiagari_edge_refused_most", "by=\"account\""},
      {"okiagari_edge_refused_many", "by=\"address\""},
      {"okiagari_edge_refused_many", "by=\"account\""},
      {"okiagari_edge_unknown_ids_most"},
  }};
  const auto values = read_metrics(page, wishes);
  std::array<std::int64_t, wishes.size()> numbers{};
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (!values[i] || *values[i] > believed_max) return std::nullopt;
    numbers[i] = static_cast<std::int64_t>(*values[i]);
  }
  return AccessReading{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]};
}

AccessLevels::AccessLevels(detect::Detectors& detectors, std::size_t edge) : detectors_(detectors) {
  const std::string number = std::to_string(edge);
  const auto add = [&](Level& level, const char* what, response::Trust trust, const char* words) {
    const auto added = detectors_.watch_level({std::string("access/") + what + "/edge " + number,
                                               response::Source::metric,
                                               response::SignalKind::abnormal_access,
                                               trust,
                                               {{notify::ComponentKind::edge, number}},
                                               words + number + "."});
    ASSERT(added.has_value());
    level.level = *added;
  };
  add(one_, "one", response::Trust::hint, "One sender is refused again and again at edge ");
  add(many_, "many", response::Trust::evidence,
      "Requests in the names of many accounts, or of many addresses, are refused at edge ");
  add(ids_, "ids", response::Trust::hint,
      "One account asks for many orders that are not its own at edge ");
}

void AccessLevels::set(Level& level, bool bad, detect::Findings findings,
                       const detect::Moment& now) {
  if (!bad || level.good == 0) level.good = now.mono;
  detectors_.on_level(level.level, bad, level.good, std::move(findings), now);
}

void AccessLevels::take(ByteView page, const detect::Moment& now) {
  const auto reading = read_access(page);
  if (!reading) return;
  const auto findings = [](const char* rule, response::Fact first, response::Fact second) {
    return detect::Findings{notify::State::degraded_performance,
                            {{"rule", rule}, std::move(first), std::move(second)}};
  };
  set(one_, std::max(reading->most_address, reading->most_account) >= access::one_min,
      findings("access.one", fact("of_one_address", reading->most_address),
               fact("of_one_account", reading->most_account)),
      now);
  const bool many = reading->many_accounts >= access::many_accounts_min ||
                    reading->many_addresses >= access::many_addresses_min;
  set(many_, many,
      findings("access.many", fact("accounts", reading->many_accounts),
               fact("addresses", reading->many_addresses)),
      now);
  set(ids_, reading->unknown_ids >= access::ids_min,
      findings("access.ids", fact("orders", reading->unknown_ids),
               fact("threshold", access::ids_min)),
      now);
}

}  // namespace oki::watch
