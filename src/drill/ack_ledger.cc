#include "drill/ack_ledger.h"

#include <algorithm>
#include <set>

namespace oki::drill {

Result<void> LogRecord::on_snapshot(LogIndex index, std::uint64_t, ByteView) {
  // The first snapshot stands before all trading. A later one skips over orders: a projection
  // cannot say which there were.
  if (started_) complete_ = false;
  started_ = true;
  index_ = index;
  return {};
}

void LogRecord::on_block(const replica::EventBlock& block) {
  ByteView bytes = block.events;
  while (const std::optional<core::Event> event = core::take_event(bytes)) take(*event);
  if (!bytes.empty()) complete_ = false;
  index_ = block.index;
}

void LogRecord::take(const core::Event& event) {
  if (const auto* accepted = std::get_if<core::OrderAccepted>(&event)) {
    const core::OrderView& order = accepted->order;
    if (!seen_.emplace(order.id.value, true).second) ++repeated_ids_;
    by_account_[order.account.value].push_back(
        {order.id, {order.market, order.side, order.price, order.amount}});
  } else if (const auto* changed = std::get_if<core::OrderChanged>(&event)) {
    if (core::is_final(changed->status)) closed_.emplace(changed->id.value, true);
  } else if (std::holds_alternative<core::Traded>(event)) {
    ++trades_;
  } else if (std::holds_alternative<core::Quarantined>(event)) {
    ++quarantined_;
  }
}

const std::vector<LogRecord::Order>& LogRecord::orders(core::AccountId account) const {
  static const std::vector<Order> none;
  const auto it = by_account_.find(account.value);
  return it == by_account_.end() ? none : it->second;
}

void AckLedger::order_acknowledged(core::AccountId account, core::OrderId id) {
  accounts_[account.value].acknowledged.push_back(id);
  ++acknowledged_;
}

void AckLedger::order_unknown(core::AccountId account, const OrderTerms& terms) {
  accounts_[account.value].unknown.push_back(terms);
}

void AckLedger::cancel_acknowledged(core::OrderId id) {
  canceled_.push_back(id);
  ++acknowledged_;
}

AuditResult AckLedger::audit(const LogRecord& log) const {
  AuditResult result;
  result.acknowledged = acknowledged_;
  result.complete = log.complete();
  result.doubled = log.repeated_ids();
  for (const auto& [id, account] : accounts_) audit_account(account, log.orders({id}), result);
  for (const core::OrderId id : canceled_) result.lost += log.closed(id) ? 0 : 1;
  return result;
}

void AckLedger::audit_account(const Account& told, const std::vector<LogRecord::Order>& log,
                              AuditResult& result) {
  result.unknown += told.unknown.size();
  std::set<std::uint64_t> acknowledged;
  for (const core::OrderId id : told.acknowledged) {
    // The same id told for two requests means that one of them has no order of its own.
    if (!acknowledged.insert(id.value).second) ++result.lost;
  }
  std::set<std::uint64_t> found;
  std::vector<OrderTerms> unclaimed = told.unknown;
  for (const LogRecord::Order& order : log) {
    if (acknowledged.contains(order.id.value)) {
      found.insert(order.id.value);
      continue;
    }
    const auto claim = std::find(unclaimed.begin(), unclaimed.end(), order.terms);
    if (claim == unclaimed.end()) {
      ++result.doubled;
    } else {
      unclaimed.erase(claim);
    }
  }
  result.lost += acknowledged.size() - found.size();
}

}  // namespace oki::drill
