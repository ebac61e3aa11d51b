// Computes how far an incident reached: from the tables of the log (scope_log.h) and the records of
// the edges, in steps of some milliseconds, with memory bounded by the limits below.
//
// What counts, exactly (docs/incidents.md, 14):
//   failed   a record of an order, cancel, amend or withdrawal with from <= at <= to;
//   waiting  an order open in an affected market in that time: opened <= to and closed > from;
//   withdrawals  a record of one, or one that was open in that time when `withdrawals` is set.
// Accounts of the house and markets that are not listed count nowhere.
//
// The list of accounts is text: a line "account,failed,waiting,withdrawal", then one line for each
// account in rising order, with 0 or 1 for each. Its digest is the SHA-256 of these bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "edge/records_format.h"
#include "response/house.h"
#include "response/incident.h"
#include "response/scope.h"
#include "response/scope_log.h"
#include "response/scope_marks.h"

namespace oki::response {

struct ScopeQuery {
  WallTimeMs from, to;
  bool all_markets = false;           // Nothing could be done anywhere.
  std::vector<std::string> markets;   // Else in these.
  bool all_requests = true;           // Count failed requests of every market, or of those only.
  bool withdrawals = false;           // Count withdrawals that were open meanwhile.
  std::vector<std::string> services;  // Copied to the report.
  std::uint64_t inquiries = 0;        // The same.
};

// What an incident's components make of it, from its beginning to its end, or `now`: a market
// stops that market, a node or the ledger all of them, all edges together too; one edge alone stops
// no market.
ScopeQuery scope_query(const House& house, const Incident& incident, WallTimeMs now);

struct ScopeLimits {
  std::size_t accounts_max = 4'000'000;  // With more the report is incomplete and says so.
  std::size_t pairs_max = 16'000'000;    // Accounts times markets.
  std::size_t rows_per_step = 16'384;
};

class ScopeCalculator {
 public:
  // REQUIRES: `tables` outlives this and stands still from the first step() to the last.
  ScopeCalculator(const ScopeTables& tables, ScopeQuery query,
                  const std::vector<core::AccountId>& house_accounts, const ScopeLimits& limits);
  ~ScopeCalculator();

  // Of any edge, any order, each once.
  void add(const edge::FailedRequest& record);
  // Why the report is a floor: a whole sentence.
  void add_missing(std::string why);

  // True when it is done; then both below are whole.
  bool step();
  ScopeReport take_report();
  Bytes take_accounts();

 private:
  struct Line {
    std::uint64_t account = 0;
    std::uint8_t marks = 0;
  };
  enum class Phase : std::uint8_t { open, closed, withdrawing, withdrawn, sort, merge, done };

  bool counts(core::AccountId account) const;
  bool overlaps(WallTimeMs opened, WallTimeMs closed) const;
  void mark(core::AccountId account, std::uint16_t subject, std::uint8_t marks);
  void add_order(const ScopeOrder& order);
  void add_withdrawal(const ScopeWithdrawal& withdrawal);
  void step_open();
  void step_closed();
  void step_withdrawing();
  void step_withdrawn();
  void step_sort();
  void step_merge();
  void finish();
  std::vector<ScopeAmount> amounts_of_withdrawals() const;

  const ScopeTables& tables_;
  ScopeQuery query_;
  ScopeLimits limits_;
  std::unordered_set<std::uint64_t> house_;
  std::vector<bool> affected_;                              // By market: orders waited there.
  std::vector<bool> counted_;                               // By market: requests count.
  std::vector<MarketScope> markets_;                        // By market.
  std::vector<std::uint64_t> lots_;                         // By market.
  std::map<std::uint16_t, std::uint64_t> withdrawn_units_;  // By asset.
  ScopeMarks accounts_;
  ScopeMarks pairs_;
  bool truncated_ = false;
  Phase phase_ = Phase::open;
  std::size_t at_ = 0;  // Within the phase.
  std::uint64_t withdrawing_after_ = 0;
  std::vector<std::vector<Line>> runs_;
  std::vector<std::size_t> heads_;
  std::vector<std::size_t> heap_;  // Runs, the one with the smallest account on top.
  ScopeReport report_;
  Bytes accounts_text_;
};

}  // namespace oki::response
