// The exchange that MarketCommands sets up, different for every seed.
#include "core/testing/market_commands.h"

namespace oki::core {
namespace {

constexpr const char* asset_names[] = {"jpy", "btc", "xrp", "eth"};
constexpr std::uint8_t asset_decimals[] = {4, 8, 6, 8};

struct Shape {
  const char* name;
  std::uint16_t base, quote;
  std::uint8_t price_digits, amount_digits;
  std::int32_t maker, taker;
};
// Scales below, at and above one unit of the quote asset for a tick and a lot; fees with and
// without rebates.
constexpr Shape shapes[] = {
    {"btc_jpy", 1, 0, 0, 4, -200, 1'200}, {"xrp_jpy", 2, 0, 2, 3, 1'000, 1'500},
    {"xrp_btc", 2, 1, 4, 6, 0, 0},        {"eth_jpy", 3, 0, 0, 3, 500, 700},
    {"eth_btc", 3, 1, 2, 7, -500, 500},
};

}  // namespace

MarginSpec MarketCommands::margin_spec(std::uint16_t market) {
  MarginSpec margin;
  margin.enabled = market == 0 || market == 3;
  margin.open_maker_fee_ppm = static_cast<std::int32_t>(200 + upto(500));
  margin.open_taker_fee_ppm = static_cast<std::int32_t>(200 + upto(1'000));
  margin.close_maker_fee_ppm = static_cast<std::int32_t>(upto(2) * 900);
  margin.close_taker_fee_ppm = static_cast<std::int32_t>(200 + upto(1'000));
  margin.long_interest_ppm = static_cast<std::uint32_t>(upto(2'000));
  margin.short_interest_ppm = static_cast<std::uint32_t>(upto(2'000));
  // Below the losscut's ratio a new position is liquidated by the next sweep.
  margin.ratio_ppm = market == 0 ? 500'000 : static_cast<std::uint32_t>(100'000 + upto(400'000));
  return margin;
}

MarketSpec MarketCommands::market_spec(std::uint16_t market) {
  const Shape& shape = shapes[market];
  MarketSpec spec;
  spec.name = shape.name;
  spec.base = AssetId{shape.base};
  spec.quote = AssetId{shape.quote};
  spec.price_digits = shape.price_digits;
  spec.amount_digits = shape.amount_digits;
  spec.listed = market != 4;
  spec.maker_fee_ppm = shape.maker;
  spec.taker_fee_ppm = shape.taker;
  spec.price_min = Price{100};
  spec.price_max = Price{60'000};
  spec.amount_min = Lots{3};
  spec.limit_amount_max = Lots{40'000};
  spec.market_amount_max = Lots{20'000};
  if (market != 1) {
    spec.band_ppm = static_cast<std::uint32_t>(20'000 + upto(60'000));
    spec.band_step_ppm = static_cast<std::uint32_t>(upto(3) * 20'000);
    spec.band_max_ppm = spec.band_ppm + static_cast<std::uint32_t>(upto(3) * 30'000);
  }
  spec.break_ms = static_cast<std::uint32_t>(1'000 + upto(4'000));
  if (market == 1 || one_in(4)) spec.collar_ppm = static_cast<std::uint32_t>(10'000 + upto(90'000));
  if (one_in(2)) spec.market_allowance_ppm = static_cast<std::uint32_t>(upto(40'000));
  if (market == 1 || one_in(3)) {
    spec.busy_per_second = static_cast<std::uint32_t>(2 + upto(5));
    spec.very_busy_per_second = spec.busy_per_second + static_cast<std::uint32_t>(upto(6));
    spec.busy_amount_min = Lots{10 + upto(20)};
    spec.very_busy_amount_min = Lots{20 + upto(60)};
  }
  spec.margin = margin_spec(market);
  return spec;
}

CoreLimits MarketCommands::limits(bool crowd) {
  CoreLimits limits;
  limits.assets_max = assets + 1;
  limits.markets_max = markets + 1;
  limits.accounts_max = (crowd ? accounts_crowd : accounts_usual) + 3;
  limits.api_keys_max = accounts_usual + 2;
  limits.open_orders_max = crowd ? 6'000 : 400;
  limits.open_orders_per_account_and_market_max = crowd ? 30 : 8;
  limits.deposit_references_max = 200;
  limits.timers_per_command_max = 4;
  if (crowd) return limits;
  limits.edges_max = 2;  // Of three.
  // Auctions in chunks, plans that are cut, triggers that wait for the next command, tables that
  // fill.
  limits.fills_per_order_max = 12;
  limits.triggers_per_command_max = 4;
  limits.margin_sweep_accounts_max = 3;
  limits.client_order_ids_max = 300;
  limits.withdrawals_open_max = 20;
  limits.credits_open_max = 10;
  limits.node_releases_max = 8;
  return limits;
}

void MarketCommands::set_up() {
  for (std::uint16_t i = 0; i < assets; ++i)
    set_up_.emplace_back(AddAsset{{asset_names[i], asset_decimals[i]}});
  for (std::uint16_t i = 0; i < markets; ++i) {
    market_[i].spec = market_spec(i);
    set_up_.emplace_back(AddMarket{market_[i].spec});
  }
  for (std::uint64_t i = 1; i <= accounts_; ++i) {
    set_up_.emplace_back(AddAccount{AccountId{i}, i == 1 ? 1u : 0u, 10});
    if (i <= accounts_usual)
      set_up_.emplace_back(AddApiKey{AccountId{i}, "k" + std::to_string(i), "s"});
    if (i % 3 != 2) set_up_.emplace_back(AllowMargin{AccountId{i}, true});
    for (std::uint16_t asset = 0; asset < assets; ++asset) {
      const std::uint64_t rich = crowd_ ? 100 : i % 4 == 3 ? 1 : 20;
      set_up_.emplace_back(Deposit{
          AccountId{i}, AssetId{asset},
          Amount{rich * (1'000'000 + upto(9'000'000)) * (asset == 0 ? 1 : 50)}, reference()});
    }
  }
  for (std::uint16_t asset = 0; asset < assets; ++asset) {
    set_up_.emplace_back(Deposit{lender_account, AssetId{asset},
                                 Amount{(1 + upto(40)) * (asset == 0 ? 10'000'000 : 300'000'000)},
                                 reference()});
    set_up_.emplace_back(AdjustHoldings{AssetId{asset}, false, Amount{1'000'000}, reference()});
    set_up_.emplace_back(SetCollateral{
        AssetId{asset}, asset == 0 ? 1'000'000 : static_cast<std::uint32_t>(upto(3) * 250'000)});
  }
}

// More of what the set-up did: again, differently, and beyond the tables.
Command MarketCommands::another_set_up() {
  switch (upto(8)) {
    case 0:
      return AddAsset{{one_in(2) ? "jpy" : "x" + std::to_string(++others_ % 5), 4}};
    case 1:
      return AddAsset{{one_in(2) ? "Bad" : "btc", static_cast<std::uint8_t>(7 + upto(7))}};
    case 2: {
      AddMarket add{market_[market()].spec};
      if (one_in(2)) add.spec.taker_fee_ppm += 1;
      if (one_in(2)) add.spec.name = "m" + std::to_string(++others_ % 5);
      if (one_in(8)) add.spec.base = AssetId{9};
      if (one_in(3)) add.spec.margin.ratio_ppm = static_cast<std::uint32_t>(upto(3) * 500'000);
      if (add.spec.name[0] == 'm' && one_in(2)) add.spec.quote = AssetId{1};
      return add;
    }
    case 3:
      return AddAccount{AccountId{one_in(2) ? 1'000 + ++others_ % 7 : upto(4)}, one_in(4) ? 2u : 0u,
                        10};
    case 4:
      return AddApiKey{AccountId{account()}, "k" + std::to_string(1 + upto(30)),
                       one_in(2) ? "s" : "t"};
    case 5:
      return SetCollateral{asset(), static_cast<std::uint32_t>(upto(6) * 250'000)};
    case 6:
      return AllowMargin{AccountId{account()}, !one_in(8)};
    default:
      return RestrictAccount{operator_id(), AccountId{account()}, one_in(12), one_in(12)};
  }
}

}  // namespace oki::core
