#include "edge/codes.h"

#include <iterator>

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
    {Code::trigger_missing, "trigger_price is missing"},
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
    {Code::invalid_type, "type must be limit, market, stop, stop_limit, take_profit or stop_loss"},
    {Code::invalid_trigger,
     "trigger_price must be a positive decimal where the order type has one"},
    {Code::invalid_post_only, "post_only must be true or false"},
    {Code::post_only_with_market, "post_only can only be used with limit orders"},
    {Code::invalid_position_side, "position_side must be long or short"},
    {Code::no_margin_with_pair, "This pair is not traded on margin"},
    {Code::stop_opens_position, "A stop order cannot open a margin position"},
    {Code::account_restricted, "The account is restricted"},
    {Code::order_not_found, "There is no such order of yours on this pair"},
    {Code::order_not_cancelable, "This order can not be canceled"},
    {Code::already_canceled, "This order has already been canceled"},
    {Code::already_executed, "This order has already been executed"},
    {Code::margin_not_allowed, "The account cannot open margin positions"},
    {Code::margin_restricted, "No more can be lent now, try again later"},
    {Code::insufficient_margin, "The margin does not cover the order"},
    {Code::exceeds_position, "amount exceeds what is left of the position"},
    {Code::withdrawals_restricted, "Withdrawals are suspended"},
    {Code::insufficient_amount, "The free balance does not cover the order"},
    {Code::market_buy_above_max, "amount is above the limit for market orders"},
    {Code::amount_above_max, "amount is above the limit"},
    {Code::amount_below_min, "amount is below the minimum"},
    {Code::price_above_max, "price is above the limit"},
    {Code::price_below_min, "price is below the limit"},
    {Code::too_many_open_orders, "Too many open orders on this pair, the limit is 30"},
    {Code::trigger_above_max, "trigger_price is above the limit"},
    {Code::triggers_at_once, "trigger_price would trigger at once"},
    {Code::not_closing, "take_profit and stop_loss must close a position"},
    {Code::trading_suspended, "Trading is suspended"},
    {Code::buy_restricted, "Buy orders are suspended"},
    {Code::sell_restricted, "Sell orders are suspended"},
    {Code::market_order_restricted, "Market orders are suspended, use limit orders"},
    {Code::amount_below_busy_min, "The minimum amount is raised while the pair is busy"},
    {Code::system_busy, "The exchange is full, try again"},
    {Code::orders_suspended, "Orders on this pair are suspended"},
    {Code::orders_and_cancels_suspended, "Orders and cancels on this pair are suspended"},
    {Code::no_market_order_in_auction, "Only resting limit orders are taken before an auction"},
    {Code::price_beyond_collar, "price is too far from the market"},
    {Code::stop_limit_restricted, "Stop limit orders are suspended"},
    {Code::stop_restricted, "Stop orders are suspended"},
    {Code::long_restricted, "Opening long positions is suspended"},
    {Code::short_restricted, "Opening short positions is suspended"},
    {Code::order_restricted, "Orders of this kind are suspended"},
};

// The code of each refusal, in the core's order of checking.
struct Mapping {
  core::Refusal refusal;
  Fault fault;
};
constexpr Mapping mappings[] = {
    {core::Refusal::malformed, Code::system_error},
    {core::Refusal::quarantined,
     {Code::system_error,
      "It would have broken a rule of the books; nothing was done and the operators know"}},
    {core::Refusal::exists, Code::system_error},
    {core::Refusal::conflict, Code::system_error},
    {core::Refusal::unknown_account, Code::system_error},
    {core::Refusal::unknown_asset, Code::system_error},
    {core::Refusal::unknown_market, Code::invalid_pair},
    {core::Refusal::unknown_withdrawal, Code::system_error},
    {core::Refusal::unknown_credit, Code::system_error},
    {core::Refusal::unknown_key, Code::invalid_key},
    {core::Refusal::nonce_not_increased, Code::nonce_reused},
    {core::Refusal::account_restricted, Code::account_restricted},
    {core::Refusal::client_order_id_used,
     {Code::malformed_request, "This client_order_id has been used"}},
    {core::Refusal::invalid_spec, Code::system_error},
    {core::Refusal::same_operator, Code::system_error},
    {core::Refusal::wrong_state, Code::system_error},
    {core::Refusal::node_not_ready, Code::system_error},
    {core::Refusal::invalid_time,
     {Code::malformed_request, "The time is not after now, or too late"}},
    {core::Refusal::invalid_client_order_id,
     {Code::malformed_request,
      "client_order_id must be 1 to 32 characters of A-Z a-z 0-9 . _ : -"}},
    {core::Refusal::invalid_type, Code::invalid_type},
    {core::Refusal::invalid_amount,
     {Code::invalid_amount, "amount must be positive, and more than was executed"}},
    {core::Refusal::invalid_price,
     {Code::invalid_price, "price does not belong to this order type, or is missing"}},
    {core::Refusal::invalid_trigger,
     {Code::invalid_trigger, "trigger_price does not belong to this order, or is missing"}},
    {core::Refusal::post_only_with_market, Code::post_only_with_market},
    {core::Refusal::invalid_time_in_force,
     {Code::malformed_request, "time_in_force or expire_at does not fit this order"}},
    {core::Refusal::invalid_display,
     {Code::malformed_request, "display_amount does not fit this order"}},
    {core::Refusal::invalid_position,
     {Code::invalid_position_side, "take_profit and stop_loss need position_side"}},
    {core::Refusal::no_margin_market, Code::no_margin_with_pair},
    {core::Refusal::stop_opens_position, Code::stop_opens_position},
    {core::Refusal::not_closing, Code::not_closing},
    {core::Refusal::market_halted, Code::trading_suspended},
    {core::Refusal::orders_and_cancels_stopped, Code::orders_and_cancels_suspended},
    {core::Refusal::orders_stopped, Code::orders_suspended},
    {core::Refusal::market_uncrossing,
     {Code::system_busy, "The auction is executing, try again at once"}},
    {core::Refusal::market_orders_stopped, Code::market_order_restricted},
    {core::Refusal::no_market_orders_in_auction, Code::no_market_order_in_auction},
    {core::Refusal::stop_orders_stopped, Code::stop_restricted},
    {core::Refusal::stop_limit_orders_stopped, Code::stop_limit_restricted},
    {core::Refusal::long_orders_stopped, Code::long_restricted},
    {core::Refusal::short_orders_stopped, Code::short_restricted},
    {core::Refusal::buy_orders_stopped, Code::buy_restricted},
    {core::Refusal::sell_orders_stopped, Code::sell_restricted},
    {core::Refusal::only_post_only,
     {Code::order_restricted, "Only post_only limit orders are taken now"}},
    {core::Refusal::amount_below_min, Code::amount_below_min},
    {core::Refusal::amount_below_busy_min, Code::amount_below_busy_min},
    {core::Refusal::amount_above_max, Code::amount_above_max},
    {core::Refusal::price_below_min, Code::price_below_min},
    {core::Refusal::price_above_max, Code::price_above_max},
    {core::Refusal::price_beyond_collar, Code::price_beyond_collar},
    {core::Refusal::trigger_below_min, {Code::invalid_trigger, "trigger_price is below the limit"}},
    {core::Refusal::trigger_above_max, Code::trigger_above_max},
    {core::Refusal::triggers_at_once, Code::triggers_at_once},
    {core::Refusal::too_many_open_orders, Code::too_many_open_orders},
    {core::Refusal::limit_reached, Code::system_busy},
    {core::Refusal::margin_not_allowed, Code::margin_not_allowed},
    {core::Refusal::exceeds_position, Code::exceeds_position},
    {core::Refusal::insufficient_margin, Code::insufficient_margin},
    {core::Refusal::lender_exhausted,
     {Code::margin_restricted, "No more can be lent now, try again later"}},
    {core::Refusal::withdrawals_frozen, Code::withdrawals_restricted},
    {core::Refusal::exceeds_holdings, Code::system_error},
    {core::Refusal::insufficient_amount, Code::insufficient_amount},
    {core::Refusal::would_cross,
     {Code::invalid_price, "The amended post_only order would trade at once"}},
    {core::Refusal::order_not_found, Code::order_not_found},
    {core::Refusal::not_amendable,
     {Code::order_not_cancelable, "This order cannot be amended, or nothing of it would change"}},
    {core::Refusal::overflow,
     {Code::amount_above_max, "A sum would pass what the exchange can count"}},
};
static_assert(std::size(mappings) == core::refusal_numbers - 2);  // Without ok, too_many_updates.

}  // namespace

ByteView sentence(Code code) {
  for (const Row& row : rows) {
    if (row.code == code) return row.sentence;
  }
  return "Refused";
}

Fault fault_of(core::Refusal refusal, core::Side side, core::OrderType type) {
  using core::Refusal;
  ASSERT(refusal != Refusal::ok && refusal != Refusal::too_many_updates);
  const bool market_buy = type == core::OrderType::market && side == core::Side::buy;
  if (refusal == Refusal::amount_above_max && market_buy) return Code::market_buy_above_max;
  for (const Mapping& mapping : mappings) {
    if (mapping.refusal == refusal) return mapping.fault;
  }
  return Code::system_error;
}

}  // namespace oki::edge
