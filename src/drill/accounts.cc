#include "drill/accounts.h"

#include <map>

#include "base/decimal.h"
#include "crypto/crypto.h"

namespace oki::drill {
namespace {

constexpr std::uint64_t house_first = 1;
constexpr std::uint64_t traders_first = 1001;
constexpr std::uint64_t makers_first = 2001;
constexpr std::uint64_t oracles_first = 900'001;
constexpr std::uint64_t customers_first = 910'001;
constexpr std::uint64_t intruders_first = 920'001;

constexpr Funds house_funds[] = {{"jpy", "100000000000"},
                                 {"btc", "1000"},
                                 {"eth", "1000"},
                                 {"xrp", "1000000"},
                                 {"probe", "1000000"}};
constexpr Funds trader_funds[] = {
    {"jpy", "100000000"}, {"btc", "100"}, {"eth", "1000"}, {"xrp", "1000000"}};
constexpr Funds maker_funds[] = {
    {"jpy", "100000000000"}, {"btc", "10000"}, {"eth", "100000"}, {"xrp", "100000000"}};

std::vector<DrillAccount> some(Random& random, std::uint64_t first, std::size_t count) {
  std::vector<DrillAccount> accounts;
  for (std::size_t i = 0; i < count; ++i) {
    accounts.push_back({{first + i}, crypto::hex(random.bytes(16)), crypto::hex(random.bytes(32))});
  }
  return accounts;
}

struct KnownAsset {
  core::AssetId id;
  std::uint8_t decimals = 0;
};

std::map<std::string, KnownAsset> assets_of(const std::vector<core::Command>& config) {
  std::map<std::string, KnownAsset> assets;
  for (const core::Command& command : config) {
    if (const auto* add = std::get_if<core::AddAsset>(&command)) {
      const auto position = static_cast<std::uint16_t>(assets.size());
      assets[add->spec.name] = {{position}, add->spec.decimals};
    }
  }
  return assets;
}

struct Setup {
  std::map<std::string, KnownAsset> assets;
  bool rate_limits = true;
  ByteView seal_key;
  Random& random;
  std::vector<core::Command> commands;
};

template <std::size_t count>
Result<void> add_account(Setup& setup, const DrillAccount& account, const Funds (&funds)[count],
                         bool limited) {
  core::AddAccount add{.account = account.id};
  if (!limited) add.updates_per_second = add.queries_per_second = 0;
  setup.commands.emplace_back(add);
  setup.commands.emplace_back(core::AddApiKey{
      account.id, account.key, crypto::seal(setup.random, setup.seal_key, account.secret)});
  for (const Funds& fund : funds) {
    const auto asset = setup.assets.find(fund.asset);
    if (asset == setup.assets.end()) continue;  // An exchange without this asset is fine too.
    const auto units = parse_decimal(fund.amount, asset->second.decimals);
    if (!units) return error(Errc::invalid, std::string("funds of ") + fund.asset + " do not fit");
    setup.commands.emplace_back(
        core::Deposit{account.id,
                      asset->second.id,
                      {*units},
                      "opening/" + std::to_string(account.id.value) + "/" + fund.asset});
  }
  return {};
}

}  // namespace

DrillAccounts make_accounts(Random& random, std::size_t makers, std::size_t oracles,
                            std::size_t watches) {
  return {some(random, house_first, 2 * watches),
          some(random, traders_first, 2),
          some(random, makers_first, makers),
          some(random, oracles_first, oracles),
          {},
          {}};
}

void add_customers(DrillAccounts& accounts, Random& random, std::size_t customers,
                   std::size_t intruders) {
  accounts.customers = some(random, customers_first, customers);
  accounts.intruders = some(random, intruders_first, intruders);
}

Result<std::vector<core::Command>> setup_commands(const std::vector<core::Command>& exchange_config,
                                                  const DrillAccounts& accounts, bool rate_limits,
                                                  ByteView seal_key, Random& random) {
  Setup setup{assets_of(exchange_config), rate_limits, seal_key, random, exchange_config};
  for (const DrillAccount& account : accounts.house) {
    if (auto done = add_account(setup, account, house_funds, false); !done) {
      return tl::unexpected(done.error());
    }
  }
  for (const DrillAccount& account : accounts.traders) {
    if (auto done = add_account(setup, account, trader_funds, rate_limits); !done) {
      return tl::unexpected(done.error());
    }
  }
  for (const DrillAccount& account : accounts.makers) {
    if (auto done = add_account(setup, account, maker_funds, false); !done) {
      return tl::unexpected(done.error());
    }
  }
  for (const auto* group : {&accounts.customers, &accounts.intruders}) {
    for (const DrillAccount& account : *group) {
      if (auto done = add_account(setup, account, trader_funds, rate_limits); !done) {
        return tl::unexpected(done.error());
      }
    }
  }
  for (const DrillAccount& account : accounts.oracles) {
    if (auto done = add_account(setup, account, trader_funds, false); !done) {
      return tl::unexpected(done.error());
    }
  }
  return setup.commands;
}

}  // namespace oki::drill
