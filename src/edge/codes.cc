#include "edge/codes.h"

#include "base/assert.h"

namespace oki::edge {
namespace {

struct Row {
  Code code;
  ByteView sentence;
};

constexpr Row rows[] = {
    {Code::url_not_found, "There is nothing at this URL"},
    {Code::system_error, "The exchange could not process a valid request"},
    {Code::malformed_request, "The body or query is not well-formed"},
    {Code::nonce_reused, "ACCESS-NONCE must be greater than every nonce this key has used"},
    {Code::invalid_key, "This ACCESS-KEY is not known"},
    {Code::key_missing, "The header ACCESS-KEY is missing"},
    {Code::invalid_signature, "ACCESS-SIGNATURE is missing or does not match the bytes received"},
    {Code::path_without_version, "Private paths begin with /v1/"},
    {Code::request_time_in_future, "ACCESS-REQUEST-TIME is more than 1000 ms in the future"},
    {Code::outside_time_window, "The request arrived after its ACCESS-TIME-WINDOW"},
    {Code::time_and_nonce_missing, "Neither ACCESS-REQUEST-TIME nor ACCESS-NONCE was sent"},
    {Code::invalid_request_time, "ACCESS-REQUEST-TIME must be a whole number of milliseconds"},
    {Code::invalid_time_window, "ACCESS-TIME-WINDOW must be a whole number from 1 to 60000"},
    {Code::invalid_nonce, "ACCESS-NONCE must be a positive whole number"},
    {Code::amount_missing, "amount is missing"},
    {Code::order_id_missing, "order_id is missing"},
    {Code::order_ids_missing, "order_ids is missing"},
    {Code::pair_missing, "pair is missing"},
    {Code::price_missing, "price is missing"},
    {Code::side_missing, "side is missing"},
    {Code::type_missing, "type is missing"},
    {Code::invalid_amount, "amount must be a positive decimal with at most the digits of the pair"},
    {Code::invalid_count, "count must be a whole number from 1 to 1000"},
    {Code::invalid_end, "end must be a time in milliseconds"},
    {Code::invalid_end_id, "end_id must be a positive whole number"},
    {Code::invalid_from_id, "from_id must be a positive whole number"},
    {Code::invalid_order_id, "order_id must be a positive whole number"},
    {Code::invalid_order_ids, "order_ids must be an array of positive whole numbers"},
    {Code::too_many_order_ids, "order_ids names too many orders"},
    {Code::invalid_pair, "This pair is not traded here"},
    {Code::invalid_price, "price must be a positive decimal with at most the digits of the pair"},
    {Code::invalid_side, "side must be buy or sell"},
    {Code::invalid_since, "since must be a time in milliseconds"},
    {Code::invalid_type, "type must be limit or market"},
    {Code::invalid_post_only, "post_only must be true or false"},
    {Code::post_only_with_market, "post_only can only be used with limit orders"},
    {Code::invalid_position_side, "position_side must be long or short"},
    {Code::no_margin_with_pair, "Margin trading is not offered"},
    {Code::order_not_found, "There is no such order of yours on this pair"},
    {Code::order_not_cancelable, "This order can not be canceled"},
    {Code::already_canceled, "This order has already been canceled"},
    {Code::already_executed, "This order has already been executed"},
    {Code::insufficient_amount, "The free balance does not cover the order"},
    {Code::market_buy_above_max, "amount is above the limit for market orders"},
    {Code::amount_above_max, "amount is above the limit"},
    {Code::amount_below_min, "amount is below the minimum"},
    {Code::price_above_max, "price is above the limit"},
    {Code::price_below_min, "price is below the limit"},
    {Code::too_many_open_orders, "Too many open orders on this pair, the limit is 30"},
    {Code::system_busy, "The exchange is full, try again"},
    {Code::stop_limit_restricted, "Stop limit orders are not offered"},
    {Code::stop_restricted, "Stop orders are not offered"},
    {Code::order_restricted, "This order type is not offered"},
};

}  // namespace

ByteView sentence(Code code) {
  for (const Row& row : rows) {
    if (row.code == code) return row.sentence;
  }
  return "Refused";
}

Code code_of(core::Refusal refusal, core::Side side, core::OrderType type) {
  using core::Refusal;
  const bool market_buy = type == core::OrderType::market && side == core::Side::buy;
  switch (refusal) {
    case Refusal::ok:
    case Refusal::too_many_updates:
      ASSERT(false);
      break;
    case Refusal::malformed:
    case Refusal::exists:
    case Refusal::conflict:
    case Refusal::invalid_spec:
    case Refusal::unknown_account:
    case Refusal::unknown_asset:
      return Code::system_error;
    case Refusal::limit_reached:
      return Code::system_busy;
    case Refusal::unknown_market:
      return Code::invalid_pair;
    case Refusal::unknown_key:
      return Code::invalid_key;
    case Refusal::nonce_not_increased:
      return Code::nonce_reused;
    case Refusal::invalid_amount:
      return Code::invalid_amount;
    case Refusal::invalid_price:
      return Code::invalid_price;
    case Refusal::post_only_with_market:
      return Code::post_only_with_market;
    case Refusal::amount_below_min:
      return Code::amount_below_min;
    case Refusal::amount_above_max:
      return market_buy ? Code::market_buy_above_max : Code::amount_above_max;
    case Refusal::price_below_min:
      return Code::price_below_min;
    case Refusal::price_above_max:
      return Code::price_above_max;
    case Refusal::too_many_open_orders:
      return Code::too_many_open_orders;
    case Refusal::insufficient_amount:
      return Code::insufficient_amount;
    case Refusal::order_not_found:
      return Code::order_not_found;
    case Refusal::overflow:
      return Code::amount_above_max;
  }
  return Code::system_error;
}

}  // namespace oki::edge
