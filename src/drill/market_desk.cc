#include "drill/market_desk.h"

#include <algorithm>

#include "base/decimal.h"
#include "base/json.h"

namespace oki::drill {
namespace {

constexpr std::int64_t million = 1'000'000;

const std::vector<net::Json>& rows(const net::Json& object, ByteView name) {
  static const std::vector<net::Json> none;
  const net::Json* list = object.find(name);
  return list == nullptr || list->array() == nullptr ? none : *list->array();
}

std::uint64_t units(const net::Json& object, ByteView name, unsigned digits) {
  return parse_decimal(text_of(object, name), digits).value_or(0);
}

}  // namespace

std::string MarketDesk::price(std::uint64_t ticks) const {
  return decimal(ticks, market_.spec.price_digits);
}

std::string MarketDesk::lots(std::uint64_t lots) const {
  return decimal(lots, market_.spec.amount_digits);
}

// Amounts of a drill are small: 64 bits hold ticks times lots times millionths.
std::string MarketDesk::fee(const DeskTrade& trade, std::int32_t ppm) const {
  std::int64_t quote = static_cast<std::int64_t>(trade.price * trade.lots);
  const int scale =
      int{market_.quote.decimals} - market_.spec.price_digits - market_.spec.amount_digits;
  for (int i = 0; i < scale; ++i) quote *= 10;
  for (int i = scale; i < 0; ++i) quote /= 10;
  const std::int64_t exact = quote * ppm;
  const std::int64_t units = ppm < 0 ? exact / million : (exact + million - 1) / million;
  return decimal(units, market_.quote.decimals);
}

ApiAnswer MarketDesk::place(const DrillAccount& account, const DeskOrder& order) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("pair", market_.spec.name);
  json.field("side", order.side == core::Side::buy ? "buy" : "sell");
  json.field("type", order.price == 0 ? "market" : "limit").field("amount", lots(order.lots));
  if (order.price != 0) json.field("price", price(order.price));
  body += order.more + "}";
  const ApiAnswer answer = steps_.post(account, "/v1/user/spot/order", body);
  note(account, order, answer);
  return answer;
}

void MarketDesk::note(const DrillAccount& account, const DeskOrder& order,
                      const ApiAnswer& answer) {
  AckLedger& ledger = steps_.session().ledger();
  const std::int64_t id = number_of(answer.data, "order_id");
  if (answer.outcome == ApiOutcome::ok && id != 0) {
    ledger.order_acknowledged(account.id, {static_cast<std::uint64_t>(id)});
  } else if (answer.outcome == ApiOutcome::unknown) {
    ledger.order_unknown(account.id, {market_.id, order.side, {order.price}, {order.lots}});
  }
}

ApiAnswer MarketDesk::cancel(const DrillAccount& account, std::int64_t order) {
  Bytes body;
  JsonWriter(body)
      .begin_object()
      .field("pair", market_.spec.name)
      .field("order_id", order)
      .end_object();
  ApiAnswer answer = steps_.post(account, "/v1/user/spot/cancel_order", body);
  if (answer.outcome == ApiOutcome::ok) {
    steps_.session().ledger().cancel_acknowledged({static_cast<std::uint64_t>(order)});
  }
  return answer;
}

net::Json MarketDesk::info() {
  return steps_.get(anyone(), "/" + market_.spec.name + "/circuit_break_info").data;
}

std::string MarketDesk::status() {
  const net::Json data = steps_.get(anyone(), "/v1/spot/status").data;
  for (const net::Json& row : rows(data, "statuses")) {
    if (text_of(row, "pair") == market_.spec.name) return text_of(row, "status");
  }
  return "absent";
}

std::vector<BookLevel> MarketDesk::levels(const net::Json& depth, ByteView side) const {
  std::vector<BookLevel> levels;
  for (const net::Json& row : rows(depth, side)) {
    if (row.array() == nullptr || row.array()->size() != 2) continue;
    const auto text = [&](std::size_t i) { return (*row.array())[i].string().value_or(""); };
    levels.push_back({parse_decimal(text(0), market_.spec.price_digits).value_or(0),
                      parse_decimal(text(1), market_.spec.amount_digits).value_or(0)});
  }
  return levels;
}

PublicBook MarketDesk::book() {
  const net::Json depth = steps_.get(anyone(), "/" + market_.spec.name + "/depth").data;
  return {levels(depth, "asks"), levels(depth, "bids"), text_of(depth, "sequenceId")};
}

DeskTrade MarketDesk::trade(const net::Json& json, ByteView id) const {
  DeskTrade trade;
  trade.id = static_cast<std::uint64_t>(number_of(json, id));
  trade.order = static_cast<std::uint64_t>(number_of(json, "order_id"));
  trade.side = text_of(json, "side");
  trade.maker_taker = text_of(json, "maker_taker");
  trade.price = units(json, "price", market_.spec.price_digits);
  trade.lots = units(json, "amount", market_.spec.amount_digits);
  trade.fee = text_of(json, "fee_amount_quote");
  trade.executed_at = number_of(json, "executed_at");
  return trade;
}

std::vector<DeskTrade> MarketDesk::public_trades(std::uint64_t after) {
  const net::Json data = steps_.get(anyone(), "/" + market_.spec.name + "/transactions").data;
  std::vector<DeskTrade> trades;
  for (const net::Json& row : rows(data, "transactions")) {
    const DeskTrade read = trade(row, "transaction_id");
    if (read.id > after) trades.push_back(read);
  }
  std::reverse(trades.begin(), trades.end());
  return trades;
}

std::vector<DeskTrade> MarketDesk::own_trades(const DrillAccount& account, std::uint64_t after) {
  const net::Json data =
      steps_.get(account, "/v1/user/spot/trade_history?order=asc&pair=" + market_.spec.name).data;
  std::vector<DeskTrade> trades;
  for (const net::Json& row : rows(data, "trades")) {
    const DeskTrade read = trade(row, "trade_id");
    if (read.id > after) trades.push_back(read);
  }
  return trades;
}

}  // namespace oki::drill
