// The faults whose delay is measured, what each does to an exchange, and the goals.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace oki::drill::noise {

enum class FaultKind : std::uint8_t {
  full_outage,      // Nothing answers.
  stall,            // Requests are taken and never answered; 98 % of the orders are gone.
  edge_dead,        // One edge of two does not answer.
  test_trade_path,  // Customers trade, test trades do not get through.
  all_refuse,       // Every market says no to every order.
  no_leader,        // Edges answer 503 to everything.
  market_dead,      // One market refuses, the others trade.
  wrong_fill,       // A cross is answered with what cannot be true.
  ledger_break,     // The balance of one house account is off.
  errors_10,        // 10 % of all requests fail.
  errors_2,
  requests_break,  // 2 % of what is sent to one edge is lost on the way; no counter sees it.
  customers_cut,   // 98 % of the customers cannot reach us; test trades can.
  errors_02,       // 0.2 %
  latency_x10,
  slow_disk,    // fsync takes 100 times as long on one node.
  replica_lag,  // One node falls behind, a second each second.
  disk_full,    // One disk fills to 95 %.
  unseen,       // No metric shows it; one customer in two thousand has a failure and writes.
};
constexpr std::size_t fault_kinds = 19;

enum class FaultClass : std::uint8_t { hard, proven, grey, slow, quiet, faint };

struct FaultGoal {
  const char* name;
  FaultClass fault_class;
  std::int64_t p99_ms;
  std::int64_t max_ms;       // 0: none.
  std::int64_t patience_ms;  // After it a fault counts as missed.
  bool told;                 // Customers must be told, within notice_p99_goal_ms.
};

// Hard faults end green; proven ones are seen by test trades or the ledger check, grey ones by
// detectors over what customers do.
constexpr std::int64_t hard_p99_goal_ms = 1'000;
constexpr std::int64_t hard_max_goal_ms = 2'000;
constexpr std::int64_t proven_p99_goal_ms = 2'000;
constexpr std::int64_t grey_p99_goal_ms = 5'000;
constexpr std::int64_t slow_p99_goal_ms = 10'000;
// Some seven customers with a real failure must write before it is more than chance. At the
// quietest hours of these models that takes a minute.
constexpr std::int64_t quiet_p99_goal_ms = 60'000;
constexpr std::int64_t faint_p99_goal_ms = 60'000;
constexpr std::int64_t notice_p99_goal_ms = 5'000;  // From the fault until it is confirmed.

const FaultGoal& goal(FaultKind kind);

// Of the customers' inquiries while `unseen` holds: how many times as many, with what share.
constexpr std::int64_t unseen_inquiries_times = 10;
constexpr std::int64_t unseen_failure_ppm = 600'000;

}  // namespace oki::drill::noise
