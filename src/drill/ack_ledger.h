// What the customers of a drill were told, and whether the log agrees.
//
// Every customer account has at most one order request outstanding, so the orders of an account
// stand in the log in the order of its requests. Checked at the end:
//   lost:    an acknowledged order or cancel that the log does not have.
//   doubled: an order in the log that no request accounts for: neither an acknowledged one nor one
//            whose outcome was unknown to the customer, or an order id that appears twice.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "core/events.h"
#include "core/types.h"
#include "replica/client.h"

namespace oki::drill {

struct OrderTerms {
  core::MarketId market;
  core::Side side = core::Side::buy;
  core::Price price;
  core::Lots amount;

  friend bool operator==(const OrderTerms&, const OrderTerms&) = default;
};

// Follows the log and keeps what the audit needs. REQUIRES: following started before the customers.
class LogRecord : public replica::EventFollower {
 public:
  Result<void> on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) override;
  void on_block(const replica::EventBlock& block) override;

  struct Order {
    core::OrderId id;
    OrderTerms terms;
  };
  const std::vector<Order>& orders(core::AccountId account) const;
  bool closed(core::OrderId id) const { return closed_.contains(id.value); }

  // False when the follower had to start over from a snapshot: the audit cannot tell.
  bool complete() const { return complete_; }
  std::uint64_t repeated_ids() const { return repeated_ids_; }
  LogIndex index() const { return index_; }
  std::uint64_t trades() const { return trades_; }
  std::uint64_t quarantined() const { return quarantined_; }

 private:
  void take(const core::Event& event);

  std::map<std::uint64_t, std::vector<Order>> by_account_;
  std::map<std::uint64_t, bool> closed_;
  std::map<std::uint64_t, bool> seen_;
  std::uint64_t repeated_ids_ = 0;
  std::uint64_t trades_ = 0;
  std::uint64_t quarantined_ = 0;  // Steps that broke an invariant and were undone.
  LogIndex index_;
  bool started_ = false;
  bool complete_ = true;
};

struct AuditResult {
  std::uint64_t acknowledged = 0;
  std::uint64_t unknown = 0;
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  bool complete = true;
};

class AckLedger {
 public:
  void order_acknowledged(core::AccountId account, core::OrderId id);
  void order_unknown(core::AccountId account, const OrderTerms& terms);
  void cancel_acknowledged(core::OrderId id);

  std::uint64_t acknowledged() const { return acknowledged_; }
  AuditResult audit(const LogRecord& log) const;

 private:
  struct Account {
    std::vector<core::OrderId> acknowledged;
    std::vector<OrderTerms> unknown;
  };
  static void audit_account(const Account& told, const std::vector<LogRecord::Order>& log,
                            AuditResult& result);

  std::map<std::uint64_t, Account> accounts_;
  std::vector<core::OrderId> canceled_;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace oki::drill
