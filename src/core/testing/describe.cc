#include "core/testing/describe.h"

#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/commands.h"
#include "core/events.h"
#include "core/testing/golden.h"

namespace oki::core {
namespace {

// A field is name:type. Types: 1, 2, 4, 8 unsigned and i4, i8 signed numbers of so many bytes; s a
// string; e an enum by the field's name; {shape} another table; *type a list with a u8 count.
struct Shape {
  const char* name;
  const char* fields;
};

constexpr const char* order_fields =
    "id:8 account:8 market:2 side:e type:e post_only:1 force:e self_trade:e position:e status:e "
    "reason:e price:8 trigger:8 amount:8 display:8 executed:8 executed_quote:8 session:8 "
    "ordered_at:8 expire_at:8 triggered_at:8 canceled_at:8 executed_at:8 client_order_id:s";
constexpr const char* market_fields =
    "name:s base:2 quote:2 price_digits:1 amount_digits:1 listed:1 maker_fee_ppm:i4 "
    "taker_fee_ppm:i4 price_min:8 price_max:8 amount_min:8 limit_amount_max:8 market_amount_max:8 "
    "band_ppm:4 band_step_ppm:4 band_max_ppm:4 break_ms:4 collar_ppm:4 market_allowance_ppm:4 "
    "busy_per_second:4 very_busy_per_second:4 busy_amount_min:8 very_busy_amount_min:8 margin:1 "
    "open_maker_fee_ppm:i4 open_taker_fee_ppm:i4 close_maker_fee_ppm:i4 close_taker_fee_ppm:i4 "
    "long_interest_ppm:4 short_interest_ppm:4 ratio_ppm:4";
constexpr const char* place_fields =
    "account:8 key:8 nonce:8 market:2 side:e type:e post_only:1 force:e self_trade:e position:e "
    "price:8 trigger:8 amount:8 display:8 expire_at:8 session:8 client_order_id:s";

constexpr Shape commands[] = {
    {"AddAsset", "name:s decimals:1"},
    {"AddMarket", market_fields},
    {"AddAccount", "account:8 updates_per_second:4 queries_per_second:4"},
    {"AddApiKey", "account:8 key:s sealed_secret:s"},
    {"Deposit", "account:8 asset:2 amount:8 reference:s"},
    {"PlaceOrder", place_fields},
    {"CancelOrders", "account:8 key:8 nonce:8 market:2 orders:*8"},
    {"Tick", ""},
    {"AmendOrder", "account:8 key:8 nonce:8 market:2 order:8 price:8 trigger:8 amount:8"},
    {"CancelAll", "account:8 key:8 nonce:8 all_markets:1 market:2"},
    {"CancelAllAfter", "account:8 key:8 nonce:8 timeout_ms:4"},
    {"CloseSession", "session:8"},
    {"EdgeAlive", "edge:4"},
    {"SetMarketStops", "market:2 stops:2"},
    {"SetMarketHalt", "market:2 halt:1"},
    {"StartAuction", "market:2 mode:e reference:8 reopen_at:8"},
    {"ScheduleReopening", "market:2 cancel_only_at:8 auction_at:8 trading_at:8 withdrawals_at:8"},
    {"AdjustHoldings", "asset:2 less:1 amount:8 reference:s"},
    {"ProposeCredit", "by:8 account:8 asset:2 amount:8 reference:s"},
    {"ApproveCredit", "by:8 credit:8"},
    {"RequestWithdrawal", "account:8 key:8 nonce:8 asset:2 amount:8 fee:8 destination:s"},
    {"ApproveWithdrawal", "by:8 withdrawal:8"},
    {"RejectWithdrawal", "by:8 withdrawal:8"},
    {"SettleWithdrawal", "withdrawal:8"},
    {"FreezeWithdrawals", "by:8 all_assets:1 asset:2 freeze:1"},
    {"RestrictAccount", "by:8 account:8 no_orders:1 no_withdrawals:1"},
    {"SetCollateral", "asset:2 ratio_ppm:4"},
    {"AllowMargin", "account:8 allowed:1"},
    {"ReportRelease", "node:8 release:4"},
    {"ActivateRelease", "release:4 nodes:*8"},
    {"PlaceOrders", "account:8 key:8 nonce:8 orders:*{place}"},
};
static_assert(std::size(commands) == std::variant_size_v<Command>);

constexpr Shape events[] = {
    {"AssetAdded", "id:2 name:s decimals:1"},
    {"MarketAdded", "id:2 {market}"},
    {"AccountAdded", "id:8 updates_per_second:4 queries_per_second:4"},
    {"ApiKeyAdded", "id:8 account:8 key:s sealed_secret:s"},
    {"NonceUsed", "key:8 nonce:8"},
    {"Deposited", "account:8 asset:2 amount:8 reference:s"},
    {"OrderAccepted", order_fields},
    {"Traded",
     "id:8 market:2 taker_side:e price:8 amount:8 quote:8 maker_order:8 taker_order:8 "
     "maker_account:8 taker_account:8 maker_fee:i8 taker_fee:i8"},
    {"OrderChanged",
     "id:8 account:8 market:2 status:e reason:e price:8 trigger:8 amount:8 executed:8 "
     "executed_quote:8 triggered_at:8 canceled_at:8 executed_at:8"},
    {"LevelChanged", "market:2 side:e price:8 lots:8 sequence:8"},
    {"BalanceChanged", "account:8 asset:2 free:8 held:8 withdrawing:8"},
    {"MarketChanged",
     "market:2 load:e mode:e fee_type:e stops:2 reference:8 lower_trigger:8 upper_trigger:8 "
     "lower_itayose:8 upper_itayose:8 reopen_at:8 cancel_only_at:8 auction_at:8 "
     "withdrawals_at:8"},
    {"AuctionEstimated", "market:2 price:8 lots:8"},
    {"AuctionEnded", "market:2 price:8 lots:8"},
    {"MarginTraded",
     "trade:8 order:8 account:8 position:e opened:1 fee_occurred:8 fee_paid:8 interest:8 "
     "profit:i8"},
    {"PositionChanged",
     "account:8 market:2 position:e open:8 cost:8 fees:8 interest:8 interest_until:8"},
    {"MarginChanged", "account:8 allowed:1 margin_status:e debt:8"},
    {"CollateralChanged", "asset:2 ratio_ppm:4"},
    {"DeadManSet", "account:8 at:8"},
    {"HoldingsChanged", "asset:2 holdings:8 liabilities:8 reference:s"},
    {"CreditChanged",
     "id:8 credit_state:e proposed_by:8 approved_by:8 account:8 asset:2 amount:8 reference:s"},
    {"WithdrawalChanged",
     "id:8 withdrawal_state:e account:8 asset:2 amount:8 fee:8 by:8 requested_at:8 "
     "destination:s"},
    {"WithdrawalsFrozen", "asset:2 frozen:1 by:8"},
    {"AccountRestricted", "account:8 no_orders:1 no_withdrawals:1"},
    {"Quarantined", "step:e number:8 subject:8 fault:s"},
    {"ReleaseReported", "node:8 release:4"},
    {"ReleaseActivated", "release:4"},
};
static_assert(std::size(events) == std::variant_size_v<Event>);

struct EnumNames {
  const char* field;
  const char* names;  // By number, separated by blanks.
};
constexpr EnumNames enums[] = {
    {"side", "buy sell"},
    {"taker_side", "buy sell"},
    {"type", "limit market stop stop_limit take_profit stop_loss losscut"},
    {"status",
     "unfilled partially_filled fully_filled canceled_unfilled canceled_partially_filled rejected "
     "inactive"},
    {"force", "gtc ioc fok gtd"},
    {"self_trade", "allow cancel_newest cancel_oldest cancel_both decrement"},
    {"position", "none long short"},
    {"reason",
     "none by_owner would_cross not_filled self_trade expired dead_man session_closed "
     "circuit_break insufficient_amount nothing_to_close losscut fills_limit by_operator "
     "market_stopped"},
    {"load", "normal busy very_busy halt"},
    {"mode", "none circuit_break full_range_circuit_break resumption listing"},
    {"fee_type", "normal sell_maker buy_maker dynamic"},
    {"margin_status", "normal call losscut debt"},
    {"credit_state", "proposed done lapsed"},
    {"withdrawal_state", "requested approved settled rejected"},
    {"step", "command timer trigger"},
};

// The first word of `text`, taken off it.
std::string_view take_word(std::string_view& text, char end) {
  const std::size_t size = text.find(end);
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size == std::string_view::npos ? text.size() : size + 1);
  return word;
}

class Describer {
 public:
  explicit Describer(ByteView bytes) : in_(bytes) {}

  void fields(std::string_view shape) {
    while (!shape.empty()) field(take_word(shape, ' '));
  }

  std::uint8_t number() { return in_.u8(); }
  void say(const std::string& text) { out_ += text; }

  std::string done() {
    if (!in_.ok()) out_ += " (cut short)";
    if (in_.ok() && in_.left() > 0) out_ += " (and " + std::to_string(in_.left()) + " bytes more)";
    return std::move(out_);
  }

 private:
  void field(std::string_view field) {
    if (field == "{market}") return fields(market_fields);
    const std::string name(take_word(field, ':'));
    if (field.starts_with('*')) return list(name, field.substr(1));
    const std::string text = value(name, field);
    if (!text.empty() && text != "0" && text != "''") out_ += " " + name + "=" + text;
  }

  void list(const std::string& name, std::string_view type) {
    out_ += " " + name + "=[";
    const std::uint8_t count = in_.u8();
    for (std::uint8_t i = 0; i < count && in_.ok(); ++i) {
      if (i > 0) out_ += ", ";
      if (type == "{place}") {
        fields(place_fields);
      } else {
        out_ += value(name, type);
      }
    }
    out_ += "]";
  }

  std::string value(const std::string& name, std::string_view type) {
    if (type == "1") return std::to_string(in_.u8());
    if (type == "2") return std::to_string(in_.u16());
    if (type == "4") return std::to_string(in_.u32());
    if (type == "8") return std::to_string(in_.u64());
    if (type == "i4") return std::to_string(in_.i32());
    if (type == "i8") return std::to_string(in_.i64());
    if (type == "e") return enum_name(name.c_str(), in_.u8());
    std::string text = "'";
    for (const char byte : in_.blob(in_.left())) text += byte >= ' ' && byte <= '~' ? byte : '?';
    return text + "'";
  }

  Reader in_;
  std::string out_;
};

}  // namespace

const char* command_name(std::size_t kind) {
  return kind >= 1 && kind <= std::size(commands) ? commands[kind - 1].name : "unknown";
}

const char* event_name(std::size_t kind) {
  return kind >= 1 && kind <= std::size(events) ? events[kind - 1].name : "unknown";
}

std::string enum_name(const char* field, std::size_t number) {
  for (const EnumNames& row : enums) {
    if (std::strcmp(row.field, field) != 0) continue;
    std::string_view names = row.names;
    for (std::size_t i = 0; i < number && !names.empty(); ++i) take_word(names, ' ');
    if (!names.empty()) return std::string(take_word(names, ' '));
  }
  return std::to_string(number);
}

std::string describe_command(ByteView bytes) {
  const std::size_t kind = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes.front());
  if (kind < 1 || kind > std::size(commands)) return "unknown kind, bytes " + hex(bytes);
  Describer describer(bytes.substr(1));
  describer.say(commands[kind - 1].name);
  describer.fields(commands[kind - 1].fields);
  return describer.done();
}

std::string describe_reply(ByteView bytes) {
  Describer describer(bytes);
  describer.say(name(static_cast<Refusal>(describer.number())));
  const std::uint8_t rows = describer.number();
  for (std::uint8_t i = 0; i < rows; ++i) {
    const auto refusal = static_cast<Refusal>(describer.number());
    describer.say(std::string(" | ") + name(refusal));
    const bool whole = refusal == Refusal::ok || refusal == Refusal::client_order_id_used;
    if (whole) describer.fields(order_fields);
  }
  if (rows > 0) describer.say(" |");
  describer.fields("made:8");
  return describer.done();
}

std::string take_described_event(ByteView& bytes) {
  Reader reader(bytes);
  const ByteView body = reader.blob(bytes.size());
  if (!reader.ok() || body.empty()) {
    const std::string text = "damaged, bytes " + hex(bytes);
    bytes = {};
    return text;
  }
  bytes.remove_prefix(4 + body.size());
  const std::size_t kind = static_cast<std::uint8_t>(body.front());
  if (kind < 1 || kind > std::size(events)) return "unknown kind, bytes " + hex(body);
  Describer describer(body.substr(1));
  describer.say(events[kind - 1].name);
  describer.fields(events[kind - 1].fields);
  return describer.done();
}

}  // namespace oki::core
