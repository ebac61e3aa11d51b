#include "watch/ledger_check.h"

#include <algorithm>
#include <utility>

#include "base/decimal.h"
#include "watch/prober.h"

namespace oki::watch {
namespace {

constexpr unsigned unit_digits = 8;
constexpr Units units_per_one = 100'000'000;
constexpr std::size_t whole_digits_max = 18;

std::optional<Units> units_of(const net::Json& object, ByteView field) {
  const net::Json* value = object.find(field);
  if (value == nullptr) return std::nullopt;
  const auto text = value->string();
  return text ? parse_units(*text) : std::nullopt;
}

std::optional<std::string> text_of(const net::Json& object, ByteView field) {
  const net::Json* value = object.find(field);
  if (value == nullptr || !value->string()) return std::nullopt;
  return std::string(*value->string());
}

std::optional<std::int64_t> integer_of(const net::Json& object, ByteView field) {
  const net::Json* value = object.find(field);
  return value == nullptr ? std::nullopt : value->integer();
}

// A member that is an array; nullptr otherwise.
const std::vector<net::Json>* rows_of(const net::Json& object, ByteView field) {
  const net::Json* rows = object.find(field);
  return rows == nullptr ? nullptr : rows->array();
}

std::optional<HouseTrade> read_trade(const net::Json& row) {
  const auto id = integer_of(row, "trade_id");
  const auto executed_at = integer_of(row, "executed_at");
  const auto pair = text_of(row, "pair");
  const auto side = text_of(row, "side");
  const auto price = units_of(row, "price");
  const auto amount = units_of(row, "amount");
  const auto fee_base = units_of(row, "fee_amount_base");
  const auto fee_quote = units_of(row, "fee_amount_quote");
  if (!id || !executed_at || !pair || !side) return std::nullopt;
  if (!price || !amount || !fee_base || !fee_quote) return std::nullopt;
  const std::size_t split = pair->find('_');
  if (split == std::string::npos || (*side != "buy" && *side != "sell")) return std::nullopt;
  HouseTrade trade;
  trade.id = *id;
  trade.executed_at = *executed_at;
  trade.base = pair->substr(0, split);
  trade.quote = pair->substr(split + 1);
  trade.buys = *side == "buy";
  trade.price = *price;
  trade.amount = *amount;
  trade.fee_base = *fee_base;
  trade.fee_quote = *fee_quote;
  return trade;
}

Units power_of_ten(unsigned exponent) {
  Units power = 1;
  for (unsigned i = 0; i < exponent; ++i) power *= 10;
  return power;
}

struct Flow {
  Units expected = 0;
  Units tolerance = 0;
};

void add_trade(std::map<std::string, Flow>& flows, const Holdings& holdings,
               const HouseTrade& trade) {
  const Units sign = trade.buys ? 1 : -1;
  flows[trade.base].expected += sign * trade.amount - trade.fee_base;
  Flow& quote = flows[trade.quote];
  const Units product = trade.price * trade.amount;
  quote.expected -= sign * (product / units_per_one) + trade.fee_quote;
  const auto held = holdings.find(trade.quote);
  const unsigned precision = held == holdings.end() ? 0 : held->second.precision;
  const Units smallest = power_of_ten(unit_digits - std::min(precision, unit_digits));
  if (product % (units_per_one * smallest) != 0) quote.tolerance += smallest;
}

}  // namespace

std::optional<Units> parse_units(ByteView text) {
  bool negative = false;
  if (!text.empty() && text.front() == '-') {
    negative = true;
    text.remove_prefix(1);
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  const ByteView whole = text.substr(0, point);
  if (whole.size() > whole_digits_max) return std::nullopt;
  const auto ones = parse_decimal(whole, 0);
  const auto rest = point == text.size()
                        ? std::optional<std::uint64_t>(0)
                        : parse_decimal("0" + std::string(text.substr(point)), unit_digits);
  if (!ones || !rest) return std::nullopt;
  const Units units = Units{*ones} * units_per_one + *rest;
  return negative ? -units : units;
}

std::optional<Holdings> read_holdings(const net::Json& assets, bool& consistent) {
  const auto* rows = rows_of(assets, "assets");
  if (rows == nullptr) return std::nullopt;
  Holdings holdings;
  for (const net::Json& row : *rows) {
    const auto asset = text_of(row, "asset");
    const auto on_hand = units_of(row, "onhand_amount");
    const auto free = units_of(row, "free_amount");
    const auto locked = units_of(row, "locked_amount");
    const auto precision = integer_of(row, "amount_precision");
    if (!asset || !on_hand || !free || !locked || !precision) return std::nullopt;
    if (*precision < 0 || *precision > 18) return std::nullopt;
    if (*free + *locked != *on_hand) consistent = false;
    holdings[*asset] = {*on_hand, static_cast<unsigned>(*precision)};
  }
  return holdings;
}

std::optional<std::vector<HouseTrade>> read_trades(const net::Json& history) {
  const auto* rows = rows_of(history, "trades");
  if (rows == nullptr) return std::nullopt;
  std::vector<HouseTrade> trades;
  for (const net::Json& row : *rows) {
    const auto trade = read_trade(row);
    if (!trade) return std::nullopt;
    trades.push_back(*trade);
  }
  return trades;
}

bool explained(const Holdings& before, const Holdings& after,
               const std::vector<HouseTrade>& trades) {
  std::map<std::string, Flow> flows;
  for (const auto& [asset, holding] : before) flows[asset].expected += holding.on_hand;
  for (const HouseTrade& trade : trades) add_trade(flows, after, trade);
  for (const auto& [asset, holding] : after) flows[asset].expected -= holding.on_hand;
  return std::all_of(flows.begin(), flows.end(), [](const auto& flow) {
    const Units off = flow.second.expected;
    return (off < 0 ? -off : off) <= flow.second.tolerance;
  });
}

LedgerCheck::LedgerCheck(const Parts& parts, std::vector<HouseKey> accounts, Report report)
    : parts_(parts),
      caller_(parts.clock, parts.timers, parts.send, probe_deadline_ms),
      report_(std::move(report)) {
  for (HouseKey& key : accounts) accounts_.push_back({.key = std::move(key)});
}

LedgerCheck::~LedgerCheck() { parts_.timers.cancel(timer_); }

void LedgerCheck::start() { rest(); }

void LedgerCheck::rest(std::int64_t ms) {
  if (accounts_.empty()) return;
  timer_ = parts_.timers.after_ms(ms, [this] { check(); });
}

void LedgerCheck::check() {
  if (accounts_[current_].mismatches_in_row == 0) current_ = (current_ + 1) % accounts_.size();
  consistent_ = true;
  read("/v1/user/assets", [this](const net::Json& assets) { on_holdings(assets); });
}

// Only the newest trade matters before there is a base; afterwards all since the last one seen, by
// the time of the exchange, which is not ours.
std::string LedgerCheck::history_target() const {
  const Account& account = accounts_[current_];
  const std::string target = "/v1/user/spot/trade_history?count=";
  if (!account.base) return target + "1";
  return target + std::to_string(ledger_trades_max) +
         "&since=" + std::to_string(account.last_executed_at);
}

void LedgerCheck::read(std::string target, std::function<void(const net::Json&)> next) {
  const auto make = [this, target = std::move(target)](WallTimeMs now) {
    return signed_get(accounts_[current_].key, target, now);
  };
  caller_.call(make, true, [this, next = std::move(next)](const CallResult& call) {
    if (call.end != CallEnd::answered) return rest();
    next(call.data);
  });
}

void LedgerCheck::on_holdings(const net::Json& assets) {
  auto holdings = read_holdings(assets, consistent_);
  if (!holdings) return rest();
  holdings_ = std::move(*holdings);
  read(history_target(), [this](const net::Json& history) { on_trades(history); });
}

void LedgerCheck::on_trades(const net::Json& history) {
  auto trades = read_trades(history);
  if (!trades) return rest();
  trades_ = std::move(*trades);
  read("/v1/user/assets", [this](const net::Json& assets) { on_holdings_again(assets); });
}

void LedgerCheck::on_holdings_again(const net::Json& assets) {
  const auto again = read_holdings(assets, consistent_);
  if (!again || *again != holdings_) return rest();
  compare();
}

void LedgerCheck::compare() {
  Account& account = accounts_[current_];
  std::int64_t newest = account.last_trade;
  std::int64_t newest_at = account.last_executed_at;
  std::vector<HouseTrade> since;
  for (const HouseTrade& trade : trades_) {
    newest = std::max(newest, trade.id);
    newest_at = std::max(newest_at, trade.executed_at);
    if (trade.id > account.last_trade) since.push_back(trade);
  }
  const bool complete = trades_.size() < ledger_trades_max;
  const bool matches =
      consistent_ && (!account.base || !complete || explained(*account.base, holdings_, since));
  if (matches) {
    account.base = holdings_;
    account.last_trade = newest;
    account.last_executed_at = newest_at;
  }
  conclude(matches);
}

void LedgerCheck::conclude(bool matches) {
  Account& account = accounts_[current_];
  account.mismatches_in_row = matches ? 0 : account.mismatches_in_row + 1;
  const bool all_explained =
      std::all_of(accounts_.begin(), accounts_.end(),
                  [](const Account& each) { return each.mismatches_in_row < ledger_mismatches; });
  rest(matches ? ledger_check_every_ms : ledger_look_again_ms);
  report_(all_explained);
}

}  // namespace oki::watch
