#include "node/exchange_config.h"

#include <map>
#include <set>
#include <sstream>
#include <toml.hpp>

#include "base/decimal.h"

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

struct Reading {
  std::vector<core::Command> commands;
  std::map<std::string, core::AssetId> assets;
  std::set<std::string> markets;
};

Result<void> read_asset(const toml::value& value, Reading& reading) {
  const std::size_t number = reading.assets.size() + 1;
  Section section(value, "asset " + std::to_string(number));
  core::AssetSpec spec;
  spec.name = section.text("name");
  spec.decimals = static_cast<std::uint8_t>(section.integer("decimals", 0, 12));
  if (reading.assets.contains(spec.name)) section.fault("'" + spec.name + "' is there twice");
  if (!section.first_fault().empty()) return error(Errc::invalid, section.first_fault());
  reading.assets[spec.name] = {static_cast<std::uint16_t>(number - 1)};
  reading.commands.emplace_back(core::AddAsset{spec});
  return {};
}

core::AssetId asset_named(Section& section, const Reading& reading, const std::string& key) {
  const std::string name = section.text(key);
  const auto it = reading.assets.find(name);
  if (it != reading.assets.end()) return it->second;
  section.fault("'" + key + "' names an asset '" + name + "' that is not there");
  return {};
}

Result<void> read_market(const toml::value& value, Reading& reading) {
  Section section(value, "market " + std::to_string(reading.markets.size() + 1));
  core::MarketSpec spec;
  spec.name = section.text("name");
  spec.base = asset_named(section, reading, "base");
  spec.quote = asset_named(section, reading, "quote");
  spec.price_digits = static_cast<std::uint8_t>(section.integer("price_digits", 0, 8));
  spec.amount_digits = static_cast<std::uint8_t>(section.integer("amount_digits", 0, 12));
  spec.listed = section.boolean("listed", true);
  spec.maker_fee_ppm = static_cast<std::int32_t>(section.integer("maker_fee_ppm", -10'000, 10'000));
  spec.taker_fee_ppm = static_cast<std::int32_t>(section.integer("taker_fee_ppm", 0, 10'000));
  spec.price_max = {section.units("price_max", spec.price_digits)};
  spec.amount_min = {section.units("amount_min", spec.amount_digits)};
  spec.limit_amount_max = {section.units("limit_amount_max", spec.amount_digits)};
  spec.market_amount_max = {section.units("market_amount_max", spec.amount_digits)};
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
  return reading.commands;
}

}  // namespace oki::node
