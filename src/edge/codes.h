// bitbank's error codes as far as this exchange gives them, and which refusal gives which: the one
// place where the two vocabularies meet.
//
// Source of the numbers: bitbankinc/bitbank-api-docs errors.md (2025-12). The sentences are ours;
// they travel in the header X-Error-Reason, because bitbank's body has room for the number only.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "core/commands.h"

namespace oki::edge {

enum class Code : std::uint32_t {
  url_not_found = 10000,
  system_error = 10001,
  malformed_request = 10002,

  nonce_reused = 20001,
  invalid_key = 20002,
  key_missing = 20003,
  invalid_signature = 20005,
  path_without_version = 20018,
  request_time_in_future = 20034,
  outside_time_window = 20035,
  time_and_nonce_missing = 20036,
  invalid_request_time = 20037,
  invalid_time_window = 20038,
  invalid_nonce = 20039,

  amount_missing = 30001,
  order_id_missing = 30006,
  order_ids_missing = 30007,
  pair_missing = 30009,
  price_missing = 30012,
  side_missing = 30013,
  type_missing = 30015,
  trigger_missing = 30101,

  invalid_amount = 40001,
  invalid_count = 40006,
  invalid_end = 40007,
  invalid_end_id = 40008,
  invalid_from_id = 40009,
  invalid_order_id = 40013,
  invalid_order_ids = 40014,
  too_many_order_ids = 40015,
  invalid_pair = 40017,
  invalid_price = 40020,
  invalid_side = 40021,
  invalid_since = 40022,
  invalid_type = 40024,
  invalid_trigger = 40112,
  invalid_post_only = 40113,
  post_only_with_market = 40114,
  invalid_position_side = 40164,
  no_margin_with_pair = 40165,
  stop_opens_position = 40200,

  account_restricted = 50003,
  order_not_found = 50009,
  order_not_cancelable = 50010,
  already_canceled = 50026,
  already_executed = 50027,
  margin_not_allowed = 50058,
  margin_restricted = 50059,
  insufficient_margin = 50061,
  exceeds_position = 50062,
  withdrawals_restricted = 50071,

  insufficient_amount = 60001,
  market_buy_above_max = 60002,
  amount_above_max = 60003,
  amount_below_min = 60004,
  price_above_max = 60005,
  price_below_min = 60006,
  too_many_open_orders = 60011,
  trigger_above_max = 60016,
  triggers_at_once = 60018,
  not_closing = 60019,

  trading_suspended = 70004,
  buy_restricted = 70005,
  sell_restricted = 70006,
  market_order_restricted = 70009,
  amount_below_busy_min = 70010,
  system_busy = 70011,
  orders_suspended = 70017,
  orders_and_cancels_suspended = 70018,
  no_market_order_in_auction = 70020,
  price_beyond_collar = 70021,
  stop_limit_restricted = 70022,
  stop_restricted = 70023,
  long_restricted = 70024,
  short_restricted = 70025,
  order_restricted = 70026,
};

// For a person who reads logs, in printable ASCII.
ByteView sentence(Code code);

// A code, and why it is given when that is more than the code's own sentence. `why` lives for ever.
struct Fault {
  Code code;
  ByteView why;

  constexpr Fault(Code given, ByteView reason = {}) : code(given), why(reason) {}

  ByteView reason() const { return why.empty() ? sentence(code) : why; }
  friend bool operator==(const Fault& fault, Code given) { return fault.code == given; }
};

template <typename T>
using Checked = tl::expected<T, Fault>;

// A parameter of a request, and what is answered when it is absent or not understood.
struct Field {
  ByteView name;
  Fault missing;
  Fault invalid;
};

namespace field {
inline constexpr Field pair{"pair", Code::pair_missing, Code::invalid_pair};
inline constexpr Field amount{"amount", Code::amount_missing, Code::invalid_amount};
inline constexpr Field price{"price", Code::price_missing, Code::invalid_price};
inline constexpr Field side{"side", Code::side_missing, Code::invalid_side};
inline constexpr Field type{"type", Code::type_missing, Code::invalid_type};
inline constexpr Field post_only{"post_only", Code::invalid_post_only, Code::invalid_post_only};
inline constexpr Field position_side{"position_side", Code::invalid_position_side,
                                     Code::invalid_position_side};
inline constexpr Field order_id{"order_id", Code::order_id_missing, Code::invalid_order_id};
inline constexpr Field order_ids{"order_ids", Code::order_ids_missing, Code::invalid_order_ids};
inline constexpr Field count{"count", Code::invalid_count, Code::invalid_count};
inline constexpr Field since{"since", Code::invalid_since, Code::invalid_since};
inline constexpr Field end{"end", Code::invalid_end, Code::invalid_end};
inline constexpr Field from_id{"from_id", Code::invalid_from_id, Code::invalid_from_id};
inline constexpr Field end_id{"end_id", Code::invalid_end_id, Code::invalid_end_id};
inline constexpr Field order{
    "order", Code::malformed_request, {Code::malformed_request, "order must be asc or desc"}};
inline constexpr Field trigger_price{"trigger_price", Code::trigger_missing, Code::invalid_trigger};

// Ours: bitbank has no codes for them.
constexpr Field added(ByteView name, ByteView why) {
  return {name, {Code::malformed_request, why}, {Code::malformed_request, why}};
}
inline constexpr Field client_order_id =
    added("client_order_id", "client_order_id must be 1 to 32 characters of A-Z a-z 0-9 . _ : -");
inline constexpr Field time_in_force =
    added("time_in_force", "time_in_force must be gtc, ioc, fok or gtd");
inline constexpr Field expire_at = added("expire_at", "expire_at must be a time in milliseconds");
inline constexpr Field self_trade_prevention =
    added("self_trade_prevention",
          "self_trade_prevention must be allow, cancel_newest, cancel_oldest, cancel_both or "
          "decrement");
inline constexpr Field display_amount =
    added("display_amount",
          "display_amount must be a positive decimal with at most the digits of the pair");
inline constexpr Field cancel_on_disconnect =
    added("cancel_on_disconnect",
          "cancel_on_disconnect must be true, false or the sid of an open stream here");
inline constexpr Field timeout_ms =
    added("timeout_ms", "timeout_ms must be a whole number from 0 to 86400000");
inline constexpr Field orders = added("orders", "orders must be an array of 1 to 30 orders");
}  // namespace field

// The code of a refused command and why. REQUIRES: `refusal` is neither ok nor too_many_updates,
// which is HTTP 429.
Fault fault_of(core::Refusal refusal, core::Side side = core::Side::buy,
               core::OrderType type = core::OrderType::limit);

}  // namespace oki::edge
