#include "drill/noise/faults.h"

namespace oki::drill::noise {
namespace {

constexpr FaultGoal hard(const char* name) {
  return {name, FaultClass::hard, hard_p99_goal_ms, hard_max_goal_ms, 20'000, true};
}
constexpr FaultGoal proven(const char* name) {
  return {name, FaultClass::proven, proven_p99_goal_ms, 0, 20'000, true};
}
constexpr FaultGoal grey(const char* name, bool told) {
  return {name, FaultClass::grey, grey_p99_goal_ms, 0, 120'000, told};
}
constexpr FaultGoal slow(const char* name) {
  return {name, FaultClass::slow, slow_p99_goal_ms, 0, 120'000, false};
}

constexpr std::array<FaultGoal, fault_kinds> goals{{
    hard("full_outage"),
    hard("stall"),
    hard("edge_dead"),
    hard("test_trade_path"),
    hard("all_refuse"),
    hard("no_leader"),
    proven("market_dead"),
    proven("wrong_fill"),
    proven("ledger_break"),
    grey("errors_10_percent", true),
    grey("errors_2_percent", true),
    grey("requests_break_2_percent", true),  // By a second watch.
    grey("customers_cut", false),            // A rate alone is no proof: people look first.
    {"errors_0.2_percent", FaultClass::faint, faint_p99_goal_ms, 0, 600'000, false},
    slow("latency_x10"),
    slow("slow_disk"),
    slow("replica_lag"),
    slow("disk_full"),
    {"unseen_but_inquiries", FaultClass::quiet, quiet_p99_goal_ms, 0, 300'000, false},
}};

}  // namespace

const FaultGoal& goal(FaultKind kind) { return goals[static_cast<std::size_t>(kind)]; }

}  // namespace oki::drill::noise
