// An exchange that exists only as events and failed requests, made at random with faults in it, and
// the scope of its incident said a second time: from the bare facts, by sorting them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/prng.h"
#include "core/events.h"
#include "edge/records_format.h"
#include "replica/state_machine.h"
#include "response/scope_calculator.h"

namespace oki::response {

struct ScopeWorldOptions {
  std::uint64_t accounts = 20;
  std::uint64_t orders = 60;
  std::uint16_t markets = 3;  // And one that is not listed.
  std::uint64_t edges = 2;
};

class ScopeWorld {
 public:
  using OnBlock = std::function<void(const replica::EventBlock&)>;
  using OnRecord = std::function<void(std::size_t edge, const edge::FailedRequest&)>;

  ScopeWorld(std::uint64_t seed, const ScopeWorldOptions& options);

  // Tells everything in the order in which it happens.
  void run(const OnBlock& on_block, const OnRecord& on_record);

  const ScopeQuery& query() const { return query_; }
  std::vector<core::AccountId> house_accounts() const { return {{1}, {2}}; }

  // --- The same again. REQUIRES: run() was called. `complete`, `missing`, `first` and `last` are
  // not filled in.
  ScopeReport expected_report() const;
  Bytes expected_accounts() const;

 private:
  struct Order {
    std::uint64_t account = 0;
    std::uint16_t market = 0;
    std::int64_t opened = 0, closed = 0;
  };
  struct Withdrawal {
    std::uint64_t account = 0, units = 0;
    std::uint16_t asset = 0;
    std::int64_t opened = 0, closed = 0;
  };
  struct Hit {
    std::uint64_t account = 0;
    std::uint16_t market = 0;
    char how = 'f';
    friend auto operator<=>(const Hit&, const Hit&) = default;
  };

  void choose_query();
  void tell_markets();
  void step();
  void open_order();
  void close_order();
  void pass_order();
  void move_withdrawal();
  void fail_request();
  void say(const core::Event& event) { core::append(events_, event); }
  void end_block();
  core::OrderAccepted accepted(std::uint64_t id, const Order& order) const;
  static core::OrderChanged closed(std::uint64_t id, const Order& order);
  void say_withdrawal(std::size_t number, core::WithdrawalState state);
  std::uint64_t any_account() { return 1 + random_.below(options_.accounts); }

  bool is_hit(std::uint16_t market) const;
  bool is_named(std::uint16_t market) const;
  std::vector<Hit> hits() const;
  bool counts(const edge::FailedRequest& record) const;
  std::uint64_t accounts_of(const std::vector<Hit>& hits, std::uint16_t market,
                            const char* how) const;

  Prng random_;
  ScopeWorldOptions options_;
  ScopeQuery query_;
  OnBlock on_block_;
  OnRecord on_record_;
  std::int64_t now_ = 1'763'737'200'000;
  std::uint64_t fault_percent_ = 0;
  Bytes events_;
  replica::EventBlock block_;
  std::vector<Order> orders_;  // Order id = position + 1.
  std::vector<std::uint64_t> open_;
  std::vector<Withdrawal> withdrawals_;
  std::vector<std::size_t> withdrawing_;
  std::vector<edge::FailedRequest> failed_;
};

}  // namespace oki::response
