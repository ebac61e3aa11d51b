#include "node/exchange_config.h"

#include <map>
#include <set>
#include <sstream>
#include <toml.hpp>

#include "base/decimal.h"
#include "base/utf8.h"

namespace oki::node {
namespace {

using Table = toml::table;

// One [[asset]] or [[market]] being read: remembers which keys were asked for, and the first fault.
class Section {
 public:
  Section(const toml::value& value, std::string what) : what_(std::move(what)) {
    if (value.is_table()) {
      table_ = &value.as_table();
    } else {
      fault("is not a table");
    }
  }

  std::string text(const std::string& key) {
    const toml::value* value = find(key, true);
    if (value == nullptr) return {};
    if (value->is_string()) return value->as_string().str;
    fault("'" + key + "' must be a text in quotes");
    return {};
  }

  std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high) {
    const toml::value* value = find(key, true);
    if (value == nullptr) return low;
    if (value->is_integer() && value->as_integer() >= low && value->as_integer() <= high) {
      return value->as_integer();
    }
    fault("'" + key + "' must be a whole number from " + std::to_string(low) + " to " +
          std::to_string(high));
    return low;
  }

  bool boolean(const std::string& key, bool fallback) {
    const toml::value* value = find(key, false);
    if (value == nullptr) return fallback;
    if (value->is_boolean()) return value->as_boolean();
    fault("'" + key + "' must be true or false");
    return fallback;
  }

  // In millionths, counts or milliseconds; `fallback` when it is absent.
  std::uint32_t optional_integer(const std::string& key, std::uint32_t fallback, std::int64_t low,
                                 std::int64_t high) {
    if (!has(key)) return fallback;
    return static_cast<std::uint32_t>(integer(key, low, high));
  }

  std::uint64_t optional_units(const std::string& key, unsigned digits, std::uint64_t fallback) {
    return has(key) ? units(key, digits) : fallback;
  }

  // Nothing when it is absent; first_fault() of what is given is the caller's business.
  const toml::value* optional(const std::string& key) { return find(key, false); }

  std::uint64_t units(const std::string& key, unsigned digits) {
    const std::optional<std::uint64_t> value = parse_decimal(text(key), digits);
    if (!value || *value == 0) {
      fault("'" + key + "' must be a positive decimal with at most " + std::to_string(digits) +
            " digits after the point");
    }
    return value.value_or(0);
  }

  void fault(const std::string& sentence) {
    if (fault_.empty()) fault_ = what_ + ": " + sentence;
  }

  // Call last: a key that nobody asked for is a fault too.
  const std::string& first_fault() {
    if (table_ != nullptr) {
      for (const auto& [key, value] : *table_) {
        if (!asked_.contains(key)) fault("unknown key '" + key + "'");
      }
    }
    return fault_;
  }

 private:
  bool has(const std::string& key) const {
    return table_ != nullptr && table_->find(key) != table_->end();
  }

  const toml::value* find(const std::string& key, bool required) {
    asked_.insert(key);
    if (table_ == nullptr) return nullptr;
    const auto it = table_->find(key);
    if (it != table_->end()) return &it->second;
    if (required) fault("'" + key + "' is missing");
    return nullptr;
  }

  std::string what_;
  const Table* table_ = nullptr;
  std::set<std::string> asked_;
  std::string fault_;
};

constexpr std::int64_t ppm_max = 1'000'000;
constexpr std::int64_t width_max = ppm_max - 1;
constexpr std::int64_t break_ms_min = 1'000;
constexpr std::int64_t break_ms_max = 86'400'000;
constexpr std::int64_t per_second_max = 1'000'000'000;

struct Reading {
  std::vector<core::Command> commands;
  std::vector<core::Command> after;  // Behind all assets and markets.
  std::map<std::string, core::AssetId> assets;
  std::set<std::string> markets;
};

Result<void> read_asset(const toml::value& value, Reading& reading) {
  const std::size_t number = reading.assets.size() + 1;
  Section section(value, "asset " + std::to_string(number));
  core::AssetSpec spec;
  spec.name = section.text("name");
  spec.decimals = static_cast<std::uint8_t>(section.integer("decimals", 0, 12));
  const std::uint32_t collateral = section.optional_integer("collateral_ppm", 0, 0, ppm_max);
  if (reading.assets.contains(spec.name)) section.fault("'" + spec.name + "' is there twice");
  if (!section.first_fault().empty()) return error(Errc::invalid, section.first_fault());
  reading.assets[spec.name] = {static_cast<std::uint16_t>(number - 1)};
  reading.commands.emplace_back(core::AddAsset{spec});
  if (collateral != 0) {
    reading.after.emplace_back(core::SetCollateral{reading.assets[spec.name], collateral});
  }
  return {};
}

core::AssetId asset_named(Section& section, const Reading& reading, const std::string& key) {
  const std::string name = section.text(key);
  const auto it = reading.assets.find(name);
  if (it != reading.assets.end()) return it->second;
  section.fault("'" + key + "' names an asset '" + name + "' that is not there");
  return {};
}

void read_bands(Section& section, core::MarketSpec& spec) {
  spec.band_ppm = section.optional_integer("band_ppm", 0, 0, width_max);
  spec.band_step_ppm = section.optional_integer("band_step_ppm", 0, 0, width_max);
  spec.band_max_ppm = section.optional_integer("band_max_ppm", spec.band_ppm, 0, width_max);
  spec.break_ms = section.optional_integer("break_ms", spec.break_ms, break_ms_min, break_ms_max);
  spec.collar_ppm = section.optional_integer("collar_ppm", 0, 0, width_max);
  spec.market_allowance_ppm = section.optional_integer("market_allowance_ppm", 0, 0, width_max);
  if (spec.band_max_ppm < spec.band_ppm) section.fault("'band_max_ppm' is below 'band_ppm'");
}

void read_load(Section& section, core::MarketSpec& spec) {
  const auto per_second = [&](const char* key) {
    return section.optional_integer(key, 0, 0, per_second_max);
  };
  const auto lots = [&](const char* key) {
    return core::Lots{section.optional_units(key, spec.amount_digits, 0)};
  };
  spec.busy_per_second = per_second("busy_per_second");
  spec.very_busy_per_second = per_second("very_busy_per_second");
  spec.busy_amount_min = lots("busy_amount_min");
  spec.very_busy_amount_min = lots("very_busy_amount_min");
  if (spec.very_busy_per_second < spec.busy_per_second) {
    section.fault("'very_busy_per_second' is below 'busy_per_second'");
  }
}

core::MarginSpec read_margin(Section& market, const std::string& what) {
  core::MarginSpec margin;
  const toml::value* value = market.optional("margin");
  if (value == nullptr) return margin;
  Section section(*value, what + ".margin");
  const auto fee = [&](const char* key) {
    return static_cast<std::int32_t>(section.optional_integer(key, 0, 0, core::fee_ppm_max));
  };
  margin.enabled = section.boolean("enabled", true);
  margin.open_maker_fee_ppm = fee("open_maker_fee_ppm");
  margin.open_taker_fee_ppm = fee("open_taker_fee_ppm");
  margin.close_maker_fee_ppm = fee("close_maker_fee_ppm");
  margin.close_taker_fee_ppm = fee("close_taker_fee_ppm");
  margin.long_interest_ppm = static_cast<std::uint32_t>(fee("long_interest_ppm"));
  margin.short_interest_ppm = static_cast<std::uint32_t>(fee("short_interest_ppm"));
  margin.ratio_ppm = section.optional_integer("ratio_ppm", margin.ratio_ppm, 1, ppm_max);
  const std::string& fault = section.first_fault();
  if (!fault.empty()) market.fault(fault.substr(what.size() + 1));
  return margin;
}

Result<void> read_market(const toml::value& value, Reading& reading) {
  const std::string what = "market " + std::to_string(reading.markets.size() + 1);
  Section section(value, what);
  core::MarketSpec spec;
  spec.name = section.text("name");
  spec.base = asset_named(section, reading, "base");
  spec.quote = asset_named(section, reading, "quote");
  spec.price_digits = static_cast<std::uint8_t>(section.integer("price_digits", 0, 8));
  spec.amount_digits = static_cast<std::uint8_t>(section.integer("amount_digits", 0, 12));
  spec.listed = section.boolean("listed", true);
  spec.maker_fee_ppm = static_cast<std::int32_t>(section.integer("maker_fee_ppm", -10'000, 10'000));
  spec.taker_fee_ppm = static_cast<std::int32_t>(section.integer("taker_fee_ppm", 0, 10'000));
  spec.price_min = {section.optional_units("price_min", spec.price_digits, 1)};
  spec.price_max = {section.units("price_max", spec.price_digits)};
  spec.amount_min = {section.units("amount_min", spec.amount_digits)};
  spec.limit_amount_max = {section.units("limit_amount_max", spec.amount_digits)};
  spec.market_amount_max = {section.units("market_amount_max", spec.amount_digits)};
  read_bands(section, spec);
  read_load(section, spec);
  spec.margin = read_margin(section, what);
  if (spec.price_max < spec.price_min) section.fault("'price_max' is below 'price_min'");
  if (spec.taker_fee_ppm + spec.maker_fee_ppm < 0) {
    section.fault("the maker's rebate is larger than the taker's fee");
  }
  if (!reading.markets.insert(spec.name).second)
    section.fault("'" + spec.name + "' is there twice");
  if (!section.first_fault().empty()) return error(Errc::invalid, section.first_fault());
  reading.commands.emplace_back(core::AddMarket{spec});
  return {};
}

Result<void> read_all(const toml::value& root, const char* name, Reading& reading,
                      Result<void> (*read)(const toml::value&, Reading&)) {
  if (!root.contains(name)) return {};
  const toml::value& list = root.at(name);
  if (!list.is_array()) return error(Errc::invalid, std::string(name) + " must be [[tables]]");
  for (const toml::value& value : list.as_array()) {
    if (Result<void> done = read(value, reading); !done) return done;
  }
  return {};
}

}  // namespace

Result<std::vector<core::Command>> read_exchange_config(ByteView text) {
  if (!is_utf8(text)) return error(Errc::invalid, "the exchange config is not UTF-8");
  toml::value root;
  try {
    std::istringstream stream{std::string(text)};
    root = toml::parse(stream, "exchange config");
  } catch (const std::exception& fault) {
    return error(Errc::invalid, fault.what());
  }
  for (const auto& [key, value] : root.as_table()) {
    if (key != "asset" && key != "market") return error(Errc::invalid, "unknown key '" + key + "'");
  }
  Reading reading;
  // Assets first: markets may stand before the assets they name.
  if (auto done = read_all(root, "asset", reading, read_asset); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = read_all(root, "market", reading, read_market); !done) {
    return tl::unexpected(done.error());
  }
  if (reading.markets.empty()) return error(Errc::invalid, "no [[market]] is configured");
  reading.commands.insert(reading.commands.end(), reading.after.begin(), reading.after.end());
  return reading.commands;
}

}  // namespace oki::node
