#include "history/sql_writer.h"

#include <algorithm>
#include <string>
#include <variant>

#include "history/sql_schema.h"

namespace oki::history {
namespace {

std::string insert(const std::string& table, std::size_t columns) {
  return "INSERT OR REPLACE INTO " + table + " VALUES (" + parameters(columns) + ")";
}

std::string insert(const std::string& table, const char* columns, const char* letters) {
  return "INSERT OR REPLACE INTO " + table + " (" + columns + ") VALUES (" +
         parameters(ByteView(letters).size()) + ")";
}

AccountTrade side_of(const core::Traded& event, bool maker, WallTimeMs time) {
  AccountTrade trade;
  trade.id = event.id;
  trade.market = event.market;
  trade.order = maker ? event.maker_order : event.taker_order;
  trade.maker = maker;
  trade.price = event.price;
  trade.amount = event.amount;
  trade.fee_quote = trade.fee_occurred = maker ? event.maker_fee : event.taker_fee;
  trade.executed_at = time;
  return trade;
}

}  // namespace

SqlWriter::SqlWriter(SqlSession& session)
    : order_(session, insert("orders", order_columns, order_letters), order_letters),
      order_change_(session,
                    "UPDATE orders SET status = :1, reason = :2, price = :3, trigger_price = :4, "
                    "amount = :5, executed = :6, executed_quote = :7, triggered_at = :8, "
                    "canceled_at = :9, executed_at = :10 WHERE id = :11",
                    "iiiiiiiiiii"),
      trade_(session, insert("trades", trade_columns, trade_letters), trade_letters),
      deposit_(session, insert("deposits", 6), "iiiiit"),
      withdrawal_(session, insert("withdrawals", 10), "iiiiiiiiit"),
      position_(session, insert("position_changes", 11), "iiiiiiiiiii"),
      market_(session, insert("market_states", 17), "iiiiiiiiiiiiiiiii"),
      quarantine_(session, insert("quarantines", 6), "iiiiit"),
      open_orders_statement_(session,
                             "SELECT id, account, side, type, position_side FROM orders "
                             "WHERE status IN (0, 1, 6) AND uncertain = 0",
                             "", "iiiii"),
      doubt_(session, "UPDATE orders SET uncertain = 1 WHERE id = :1", "i"),
      credit_change_(session, insert("credit_changes", 11), "iiiiiiiiiit"),
      withdrawal_change_(session, insert("withdrawal_changes", 11), "iiiiiiiiiit"),
      freeze_(session, insert("withdrawal_freezes", 6), "iiiiii"),
      holdings_(session, insert("holdings_changes", 7), "iiiiiit"),
      restriction_(session, insert("account_restrictions", 6), "iiiiii"),
      auction_(session, insert("auctions", 6), "iiiiii") {}

void SqlWriter::load() {
  open_.clear();
  maker_row_.reset();
  taker_row_.reset();
  open_orders_statement_.run();
  while (open_orders_statement_.next()) {
    core::OrderId id;
    OpenOrder order;
    open_orders_statement_.read(id, order.account, order.side, order.type, order.position);
    open_.emplace(id.value, order);
  }
}

const char* SqlWriter::apply(const replica::EventBlock& block) {
  index_ = block.index;
  time_ = block.time;
  place_ = 0;
  ByteView left = block.events;
  while (const std::optional<core::Event> event = core::take_event(left)) {
    if (!std::holds_alternative<core::MarginTraded>(*event)) flush_trades();
    if (const char* fault = std::visit([this](const auto& x) { return apply(x); }, *event)) {
      return fault;
    }
    ++place_;
  }
  flush_trades();
  return left.empty() ? nullptr : "an event that does not decode";
}

const char* SqlWriter::apply(const core::OrderAccepted& event) {
  const core::OrderView& order = event.order;
  const OpenOrder open{order.account, order.side, order.type, order.position};
  if (!open_.emplace(order.id.value, open).second) return "an order twice";
  put(order);
  return nullptr;
}

const char* SqlWriter::apply(const core::OrderChanged& event) {
  const auto found = open_.find(event.id.value);
  if (found == open_.end()) return "a change of an unknown order";
  order_change_.run(event.status, event.reason, event.price, event.trigger, event.amount,
                    event.executed, event.executed_quote, event.triggered_at, event.canceled_at,
                    event.executed_at, event.id);
  if (core::is_final(event.status)) open_.erase(found);
  return nullptr;
}

const char* SqlWriter::apply(const core::Traded& event) {
  for (const bool maker : {true, false}) {
    AccountTrade trade = side_of(event, maker, time_);
    const auto found = open_.find(trade.order.value);
    if (found == open_.end()) return "a trade of an unknown order";
    trade.side = found->second.side;
    trade.type = found->second.type;
    trade.position = found->second.position;
    (maker ? maker_row_ : taker_row_) = TradeRow{found->second.account, trade};
  }
  return nullptr;
}

const char* SqlWriter::apply(const core::MarginTraded& event) {
  for (std::optional<TradeRow>* row : {&maker_row_, &taker_row_}) {
    if (!*row || (*row)->trade.id != event.trade || (*row)->trade.order != event.order) continue;
    AccountTrade& trade = (*row)->trade;
    trade.fee_quote = static_cast<std::int64_t>(event.fee_paid.value);
    trade.fee_occurred = static_cast<std::int64_t>(event.fee_occurred.value);
    trade.interest = event.interest;
    trade.profit = event.profit;
    return nullptr;
  }
  return "a margin trade without its trade";
}

void SqlWriter::flush_trades() {
  for (std::optional<TradeRow>* row : {&maker_row_, &taker_row_}) {
    if (*row) put((*row)->account, (*row)->trade);
    row->reset();
  }
}

const char* SqlWriter::apply(const core::Deposited& event) {
  put(event.account, {++deposits_, event.asset, event.amount, event.reference, time_});
  return nullptr;
}

const char* SqlWriter::apply(const core::WithdrawalChanged& event) {
  put({event.id, event.state, event.account, event.asset, event.amount, event.fee, event.by,
       event.requested_at, time_, event.destination});
  withdrawal_change_.run(index_, place_, time_, event.id, event.state, event.by, event.account,
                         event.asset, event.amount, event.fee, event.destination);
  return nullptr;
}

const char* SqlWriter::apply(const core::CreditChanged& event) {
  credit_change_.run(index_, place_, time_, event.id, event.state, event.proposed_by,
                     event.approved_by, event.account, event.asset, event.amount, event.reference);
  return nullptr;
}

const char* SqlWriter::apply(const core::WithdrawalsFrozen& event) {
  freeze_.run(index_, place_, time_, event.asset, event.frozen, event.by);
  return nullptr;
}

const char* SqlWriter::apply(const core::HoldingsChanged& event) {
  holdings_.run(index_, place_, time_, event.asset, event.holdings, event.liabilities,
                event.reference);
  return nullptr;
}

const char* SqlWriter::apply(const core::AccountRestricted& event) {
  restriction_.run(index_, place_, time_, event.account, event.no_orders, event.no_withdrawals);
  return nullptr;
}

const char* SqlWriter::apply(const core::AuctionEnded& event) {
  auction_.run(index_, place_, time_, event.market, event.price, event.lots);
  return nullptr;
}

const char* SqlWriter::apply(const core::PositionChanged& event) {
  put(event.position);
  return nullptr;
}

const char* SqlWriter::apply(const core::MarketChanged& event) {
  put(event.state);
  return nullptr;
}

const char* SqlWriter::apply(const core::Quarantined& event) {
  put(QuarantinedStep{index_, time_, event});
  return nullptr;
}

void SqlWriter::take_over(const Projection& projection) {
  index_ = projection.index();
  time_ = projection.time();
  place_ = 0;
  for (const core::OrderView* order : projection.closed_orders()) {
    put(*order);
    open_.erase(order->id.value);
  }
  for (const core::AccountId account : projection.accounts_seen()) {
    for (const core::OrderView* order : projection.active_orders(account)) {
      put(*order);
      open_.erase(order->id.value);
    }
    for (const AccountTrade& trade : projection.account_trades(account)) put(account, trade);
    for (const Deposit& deposit : projection.deposits(account)) put(account, deposit);
    for (const Withdrawal* withdrawal : projection.withdrawals(account)) put(*withdrawal);
  }
  for (const auto& [id, order] : open_) doubt_.run(id);
  for (const core::Position& position : projection.all_positions()) {
    put(position);
    ++place_;
  }
  for (std::size_t i = 0; i < projection.markets().size(); ++i, ++place_) {
    put(projection.market_state({static_cast<std::uint16_t>(i)}));
  }
  for (const QuarantinedStep& step : projection.quarantines()) put(step);
  deposits_ = projection.deposit_count();
  load();
}

void SqlWriter::put(const core::OrderView& x) {
  order_.run(x.id, x.account, x.market, x.side, x.type, x.post_only, x.time_in_force, x.self_trade,
             x.position, x.status, x.reason, x.price, x.trigger, x.amount, x.display, x.executed,
             x.executed_quote, x.session, x.ordered_at, x.expire_at, x.triggered_at, x.canceled_at,
             x.executed_at, x.client_order_id);
}

void SqlWriter::put(core::AccountId account, const AccountTrade& x) {
  trade_.run(account, x.executed_at, x.id, !x.maker, x.market, x.order, x.side, x.type, x.position,
             x.price, x.amount, x.fee_quote, x.fee_occurred, x.interest, x.profit);
}

void SqlWriter::put(core::AccountId account, const Deposit& x) {
  deposit_.run(x.number, account, x.asset, x.amount, x.credited_at, x.reference);
}

void SqlWriter::put(const Withdrawal& x) {
  withdrawal_.run(x.id, x.account, x.asset, x.amount, x.fee, x.state, x.by, x.requested_at,
                  x.changed_at, x.destination);
}

void SqlWriter::put(const core::Position& x) {
  position_.run(index_, place_, time_, x.account, x.market, x.side, x.open, x.cost, x.fees,
                x.interest, x.interest_until);
}

void SqlWriter::put(const core::MarketState& x) {
  market_.run(index_, place_, time_, x.market, x.status, x.mode, x.fee_type, x.stops, x.reference,
              x.lower_trigger, x.upper_trigger, x.lower_itayose, x.upper_itayose, x.reopen_at,
              x.cancel_only_at, x.auction_at, x.withdrawals_at);
}

void SqlWriter::put(const QuarantinedStep& x) {
  quarantine_.run(x.index, x.step.kind, x.step.number, x.step.subject, x.at, x.step.fault);
}

}  // namespace oki::history
