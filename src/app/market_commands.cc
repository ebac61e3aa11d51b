#include <fmt/format.h>

#include "app/operator_commands.h"
#include "app/operator_run.h"
#include "app/operator_words.h"
#include "base/calendar.h"
#include "base/decimal.h"

namespace oki::app {
namespace {

using Market = Result<core::MarketId>;

tl::unexpected<Error> pass(const Error& fault) { return tl::unexpected<Error>(fault); }

std::string when(WallTimeMs time) { return time.value == 0 ? "-" : rfc3339_utc(time); }

Result<std::string> show(const Arguments& arguments, const Seen& seen) {
  const Market market = market_named(seen, arguments.text("market"));
  if (!market) return pass(market.error());
  const core::MarketState state = seen.exchange.market_state(*market);
  const core::MarketSpec& spec = seen.exchange.markets()[market->value];
  const auto price = [&](core::Price ticks) {
    return ticks.value == 0 ? std::string("-") : decimal(ticks.value, spec.price_digits);
  };
  std::string text = fmt::format("{}: {}, mode {}, stops {}\n", spec.name, name(state.status),
                                 name(state.mode), stops_text(state.stops));
  text +=
      fmt::format("reference {}, trades within {} to {}, auction within {} to {}\n",
                  price(state.reference), price(state.lower_trigger), price(state.upper_trigger),
                  price(state.lower_itayose), price(state.upper_itayose));
  text += fmt::format("cancel-only {}, auction {}, trading {}, withdrawals {}\n",
                      when(state.cancel_only_at), when(state.auction_at), when(state.reopen_at),
                      when(state.withdrawals_at));
  return text;
}

Prepare set_halt(bool halt) {
  return [halt](const Arguments& arguments, const Seen& seen) -> Result<Prepared> {
    const Market market = market_named(seen, arguments.text("market"));
    if (!market) return pass(market.error());
    return Prepared{core::SetMarketHalt{*market, halt},
                    fmt::format("{} {}", halt ? "halt" : "resume", arguments.text("market"))};
  };
}

// Adds stops to those that are there, or takes some off.
Prepare change_stops(bool stop) {
  return [stop](const Arguments& arguments, const Seen& seen) -> Result<Prepared> {
    const Market market = market_named(seen, arguments.text("market"));
    if (!market) return pass(market.error());
    const auto named = parse_stops(arguments.text("flag"));
    if (!named) return pass(named.error());
    const std::uint16_t before = seen.exchange.market_state(*market).stops;
    const auto after =
        static_cast<std::uint16_t>(stop ? before | *named : before & ~unsigned{*named});
    return Prepared{core::SetMarketStops{*market, after},
                    fmt::format("stops of {}: {} (before: {})", arguments.text("market"),
                                stops_text(after), stops_text(before))};
  };
}

Result<Prepared> start_auction(const Arguments& arguments, const Seen& seen) {
  const Market market = market_named(seen, arguments.text("market"));
  if (!market) return pass(market.error());
  core::StartAuction command;
  command.market = *market;
  const auto mode = parse_mode(arguments.text("mode"));
  if (!mode) return pass(mode.error());
  command.mode = *mode;
  if (arguments.has("at")) {
    const auto at = parse_time(arguments.text("at"), seen.now);
    if (!at) return pass(at.error());
    command.reopen_at = *at;
  }
  const core::MarketSpec& spec = seen.exchange.markets()[market->value];
  if (arguments.has("reference")) {
    const auto price =
        parse_units(arguments.text("reference"), spec.price_digits, "the reference price");
    if (!price) return pass(price.error());
    command.reference = {*price};
  }
  return Prepared{command, fmt::format("auction {} of {} at {}, reference {}", name(command.mode),
                                       spec.name, when(command.reopen_at),
                                       command.reference.value == 0
                                           ? "as it is"
                                           : decimal(command.reference.value, spec.price_digits))};
}

Result<Prepared> reopen(const Arguments& arguments, const Seen& seen) {
  const Market market = market_named(seen, arguments.text("market"));
  if (!market) return pass(market.error());
  core::ScheduleReopening command;
  command.market = *market;
  const struct {
    const char* option;
    WallTimeMs& time;
  } stages[] = {{"cancel-only-at", command.cancel_only_at},
                {"auction-at", command.auction_at},
                {"trading-at", command.trading_at},
                {"withdrawals-at", command.withdrawals_at}};
  std::string says = "reopen " + arguments.text("market");
  for (const auto& stage : stages) {
    const auto time = parse_time(arguments.text(stage.option), seen.now);
    if (!time) return pass(time.error());
    stage.time = *time;
    says += fmt::format(", {} {}", stage.option, when(*time));
  }
  return Prepared{command, says};
}

OptionSpec time_option(const char* name, Words help, bool required) {
  return {name, "TIME", "", help, required};
}

}  // namespace

std::vector<CommandSpec> market_commands() {
  const OptionSpec flags{"flag",
                         "FLAGS",
                         "",
                         {"order, order_and_cancel, market_order, ... or all, with commas between",
                          "order、order_and_cancel、market_order など。カンマ区切り、all で全部"},
                         true};
  return {
      operator_view("market show", {"The state of a market", "市場の状態"}, "market", show),
      operator_command("market halt", {"Halts a market: no orders, no cancels", "市場を停止する"},
                       "market", {}, set_halt(true)),
      operator_command("market resume", {"Ends a halt at once", "停止を直ちに解除する"}, "market",
                       {}, set_halt(false)),
      operator_command("market stop", {"Stops kinds of orders", "注文の種類ごとに受付を止める"},
                       "market", {flags}, change_stops(true)),
      operator_command("market allow",
                       {"Allows kinds of orders again", "止めた種類の注文を再び受け付ける"},
                       "market", {flags}, change_stops(false)),
      operator_command(
          "market auction",
          {"Collects orders for an auction, or sets its time", "板寄せを始める・時刻を決める"},
          "market",
          {{"mode",
            "MODE",
            "resumption",
            {"resumption, listing or full_range_circuit_break",
             "resumption、listing、full_range_circuit_break"}},
           time_option("at", {"when it executes, as +10m", "約定の時刻（+10m など）"}, false),
           {"reference", "PRICE", "", {"a new reference price", "新しい基準価格"}}},
          start_auction),
      operator_command(
          "market reopen", {"Reopens a halted market in stages", "停止した市場を段階的に再開する"},
          "market",
          {time_option("cancel-only-at", {"cancels", "取消のみ"}, true),
           time_option("auction-at", {"orders for the auction", "板寄せの注文受付"}, true),
           time_option("trading-at", {"the auction executes", "板寄せ約定・取引再開"}, true),
           time_option("withdrawals-at", {"withdrawals again", "出金再開"}, true)},
          reopen)};
}

}  // namespace oki::app
