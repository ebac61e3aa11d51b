#include "core/money.h"

#include <algorithm>

#include "core/fault.h"

namespace oki::core {
namespace {

constexpr std::uint64_t million = 1'000'000;
constexpr Wide worth_max = (Wide{1} << 63) - 1;

Wide divided_up(Wide value, Wide by) { return value / by + (value % by != 0 ? 1 : 0); }

Wide product(Price price, Lots lots) { return Wide{price.value} * lots.value; }

Amount narrow(Wide value) {
  CHECK(value <= worth_max, "an amount is too large");
  return Amount{static_cast<std::uint64_t>(value)};
}

bool plain_name(const std::string& name, std::size_t size_max, bool underscore) {
  return !name.empty() && name.size() <= size_max && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (underscore && c == '_');
  });
}

// The largest order, at the highest price and with the highest fee, stays below 2^63 on both sides.
bool worth_fits(const MarketSpec& spec, const Scale& scale) {
  const Lots lots{std::max(spec.limit_amount_max.value, spec.market_amount_max.value)};
  if (Wide{lots.value} * scale.lot > worth_max) return false;
  const Wide ticks_lots = product(spec.price_max, lots);
  if (ticks_lots / scale.quote_down > worth_max / scale.quote_up) return false;
  const Wide worth = divided_up(ticks_lots * scale.quote_up, scale.quote_down);
  return worth + divided_up(worth * fee_ppm_max, million) <= worth_max;
}

bool valid_margin(const MarketSpec& spec) {
  const MarginSpec& margin = spec.margin;
  for (const std::int32_t fee : {margin.open_maker_fee_ppm, margin.open_taker_fee_ppm,
                                 margin.close_maker_fee_ppm, margin.close_taker_fee_ppm}) {
    if (fee < 0 || fee > fee_ppm_max) return false;
  }
  for (const std::uint32_t interest : {margin.long_interest_ppm, margin.short_interest_ppm}) {
    if (interest > fee_ppm_max) return false;
  }
  if (margin.ratio_ppm < 1 || margin.ratio_ppm > million) return false;
  // The fee account pays a maker's rebate from what the taker has just paid.
  const std::int32_t rebate = -spec.maker_fee_ppm;
  return !margin.enabled ||
         rebate <= std::min(margin.open_taker_fee_ppm, margin.close_taker_fee_ppm);
}

bool valid_bands(const MarketSpec& spec) {
  for (const std::uint32_t width : {spec.band_ppm, spec.band_step_ppm, spec.band_max_ppm,
                                    spec.collar_ppm, spec.market_allowance_ppm}) {
    if (width >= million) return false;
  }
  return spec.band_max_ppm >= spec.band_ppm && spec.break_ms >= 1'000 &&
         spec.very_busy_per_second >= spec.busy_per_second;
}

}  // namespace

bool valid(const AssetSpec& spec) {
  return plain_name(spec.name, asset_name_bytes_max, false) && spec.decimals <= decimals_max;
}

bool valid(const MarketSpec& spec, const AssetSpec& base, const AssetSpec& quote) {
  if (!plain_name(spec.name, market_name_bytes_max, true) || spec.base == spec.quote) return false;
  if (spec.price_digits > decimals_max || spec.amount_digits > base.decimals) return false;
  if (spec.taker_fee_ppm < 0 || spec.taker_fee_ppm > fee_ppm_max) return false;
  if (spec.maker_fee_ppm > fee_ppm_max || spec.maker_fee_ppm < -spec.taker_fee_ppm) return false;
  if (spec.price_min.value < 1 || spec.price_max < spec.price_min) return false;
  if (spec.amount_min.value < 1 || spec.limit_amount_max < spec.amount_min) return false;
  if (spec.market_amount_max < spec.amount_min) return false;
  if (!valid_bands(spec) || !valid_margin(spec)) return false;
  return worth_fits(spec, scale_of(spec, base, quote));
}

Scale scale_of(const MarketSpec& spec, const AssetSpec& base, const AssetSpec& quote) {
  Scale scale;
  const unsigned digits = unsigned{spec.price_digits} + spec.amount_digits;
  if (quote.decimals >= digits) {
    scale.quote_up = power_of_ten(quote.decimals - digits);
  } else {
    const unsigned down = digits - quote.decimals;  // At most 24: two factors of at most 10^12.
    scale.quote_down = Wide{power_of_ten(down / 2)} * power_of_ten(down - down / 2);
  }
  scale.lot = power_of_ten(static_cast<unsigned>(base.decimals - spec.amount_digits));
  return scale;
}

Amount quote_down(const Scale& scale, Price price, Lots lots) {
  return narrow(product(price, lots) * scale.quote_up / scale.quote_down);
}

Amount quote_up(const Scale& scale, Price price, Lots lots) {
  return narrow(divided_up(product(price, lots) * scale.quote_up, scale.quote_down));
}

Amount base_of(const Scale& scale, Lots lots) {
  const Wide units = Wide{lots.value} * scale.lot;
  CHECK(units >> 64 == 0, "an amount is too large");
  return Amount{static_cast<std::uint64_t>(units)};
}

std::int64_t fee_of(Amount quote, std::int32_t ppm) {
  const Wide rate = static_cast<Wide>(ppm < 0 ? -std::int64_t{ppm} : std::int64_t{ppm});
  const Wide product = Wide{quote.value} * rate;
  if (ppm < 0) return -static_cast<std::int64_t>(narrow(product / million).value);
  return static_cast<std::int64_t>(narrow(divided_up(product, million)).value);
}

}  // namespace oki::core
