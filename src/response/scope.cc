#include "response/scope.h"

#include "base/decimal.h"
#include "base/json.h"

namespace oki::response {
namespace {

void write_amounts(JsonWriter& json, const char* name, const std::vector<ScopeAmount>& amounts) {
  json.key(name).begin_object();
  for (const ScopeAmount& amount : amounts) {
    json.field(amount.asset, decimal(amount.units, amount.digits));
  }
  json.end_object();
}

void write_market(JsonWriter& json, const MarketScope& market) {
  json.begin_object().field("market", market.market).field("accounts", market.accounts);
  json.field("accounts_failed", market.accounts_failed);
  json.field("accounts_waiting", market.accounts_waiting);
  json.field("orders_refused", market.orders_refused);
  json.field("orders_unknown", market.orders_unknown);
  json.field("cancels_failed", market.cancels_failed);
  json.field("amends_failed", market.amends_failed).field("orders_open", market.orders_open);
  write_amounts(json, "amounts", market.amounts);
  json.end_object();
}

void write_texts(JsonWriter& json, const char* name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

}  // namespace

std::string to_json(const ScopeReport& report) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("from", report.from.value).field("to", report.to.value);
  json.field("first_index", report.first.value).field("last_index", report.last.value);
  json.field("complete", report.complete);
  write_texts(json, "missing", report.missing);
  write_texts(json, "services", report.services);
  json.field("accounts", report.accounts).field("accounts_failed", report.accounts_failed);
  json.field("accounts_waiting", report.accounts_waiting);
  json.field("requests_everywhere", report.requests_everywhere);
  json.field("requests_unnamed", report.requests_unnamed);
  json.field("withdrawals", report.withdrawals);
  write_amounts(json, "withdrawn", report.withdrawn);
  json.field("inquiries", report.inquiries).key("markets").begin_array();
  for (const MarketScope& market : report.markets) write_market(json, market);
  json.end_array().field("accounts_digest", report.accounts_digest).end_object();
  return out;
}

}  // namespace oki::response
