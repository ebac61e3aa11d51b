#include <fmt/format.h>

#include "app/operator_commands.h"
#include "app/operator_run.h"
#include "app/operator_words.h"
#include "base/calendar.h"
#include "base/decimal.h"

namespace oki::app {
namespace {

tl::unexpected<Error> pass(const Error& fault) { return tl::unexpected<Error>(fault); }

std::string amount_text(core::Amount amount, const core::AssetSpec& asset) {
  return decimal(amount.value, asset.decimals) + " " + asset.name;
}

Result<Prepared> propose_credit(const Arguments& arguments, const Seen& seen) {
  const auto asset = asset_named(seen, arguments.text("asset"));
  if (!asset) return pass(asset.error());
  const core::AssetSpec& spec = asset_spec(seen, *asset);
  const auto amount = amount_of(arguments, "amount", spec);
  if (!amount) return pass(amount.error());
  const core::AccountId account{arguments.number("account")};
  return Prepared{
      core::ProposeCredit{
          {arguments.number("by")}, account, *asset, *amount, arguments.text("reference")},
      fmt::format("propose to credit account {} with {}", account.value,
                  amount_text(*amount, spec))};
}

Result<Prepared> approve_credit(const Arguments& arguments, const Seen&) {
  const auto id = id_of(arguments.text("credit"), "the credit");
  if (!id) return pass(id.error());
  return Prepared{core::ApproveCredit{{arguments.number("by")}, {*id}},
                  fmt::format("approve credit {}", *id)};
}

Result<Prepared> adjust_holdings(const Arguments& arguments, const Seen& seen) {
  const auto asset = asset_named(seen, arguments.text("asset"));
  if (!asset) return pass(asset.error());
  const core::AssetSpec& spec = asset_spec(seen, *asset);
  if (arguments.has("add") == arguments.has("less")) {
    return error(Errc::invalid, "give either --add or --less");
  }
  const bool less = arguments.has("less");
  const auto amount = amount_of(arguments, less ? "less" : "add", spec);
  if (!amount) return pass(amount.error());
  const history::Funds now = seen.exchange.funds(*asset);
  return Prepared{
      core::AdjustHoldings{*asset, less, *amount, arguments.text("reference")},
      fmt::format("holdings {} {} (now {}, owed {})", less ? "-" : "+", amount_text(*amount, spec),
                  amount_text(now.holdings, spec), amount_text(now.liabilities, spec))};
}

Prepare freeze_withdrawals(bool freeze) {
  return [freeze](const Arguments& arguments, const Seen& seen) -> Result<Prepared> {
    core::FreezeWithdrawals command;
    command.by = {arguments.number("by")};
    command.freeze = freeze;
    command.all_assets = !arguments.has("asset");
    if (!command.all_assets) {
      const auto asset = asset_named(seen, arguments.text("asset"));
      if (!asset) return pass(asset.error());
      command.asset = *asset;
    }
    return Prepared{command,
                    fmt::format("{} withdrawals of {}", freeze ? "freeze" : "resume",
                                command.all_assets ? "all assets" : arguments.text("asset"))};
  };
}

// The withdrawal that the operand names, so that what happens to it is shown first.
Result<const history::Withdrawal*> withdrawal_named(const Arguments& arguments, const Seen& seen) {
  const auto id = id_of(arguments.text("withdrawal"), "the withdrawal");
  if (!id) return pass(id.error());
  if (const history::Withdrawal* found = seen.exchange.withdrawal({*id})) return found;
  return error(Errc::not_found, fmt::format("there is no withdrawal {}", *id));
}

std::string withdrawal_text(const history::Withdrawal& one, const Seen& seen) {
  return fmt::format("withdrawal {} of account {}: {} to {}", one.id.value, one.account.value,
                     amount_text(one.amount, asset_spec(seen, one.asset)), one.destination);
}

Result<Prepared> approve_withdrawal(const Arguments& arguments, const Seen& seen) {
  const auto found = withdrawal_named(arguments, seen);
  if (!found) return pass(found.error());
  return Prepared{core::ApproveWithdrawal{{arguments.number("by")}, (*found)->id},
                  "approve " + withdrawal_text(**found, seen)};
}

Result<Prepared> reject_withdrawal(const Arguments& arguments, const Seen& seen) {
  const auto found = withdrawal_named(arguments, seen);
  if (!found) return pass(found.error());
  return Prepared{core::RejectWithdrawal{{arguments.number("by")}, (*found)->id},
                  "reject " + withdrawal_text(**found, seen)};
}

Result<Prepared> settle_withdrawal(const Arguments& arguments, const Seen& seen) {
  const auto found = withdrawal_named(arguments, seen);
  if (!found) return pass(found.error());
  return Prepared{core::SettleWithdrawal{(*found)->id},
                  "settle, as it has left: " + withdrawal_text(**found, seen)};
}

Result<std::string> show_withdrawals(const Arguments&, const Seen& seen) {
  std::string text;
  for (const core::AssetSpec& asset : seen.exchange.assets()) {
    const auto id = seen.exchange.asset(asset.name);
    if (seen.exchange.withdrawals_frozen(*id)) text += "frozen: " + asset.name + "\n";
  }
  for (const history::Withdrawal* one : seen.exchange.open_withdrawals()) {
    const bool approved = one->state == core::WithdrawalState::approved;
    text += fmt::format("{}, {} since {}\n", withdrawal_text(*one, seen),
                        approved ? "approved" : "requested", rfc3339_utc(one->changed_at));
  }
  return text.empty() ? "nothing is frozen, no withdrawal is open\n" : text;
}

Result<Prepared> set_collateral(const Arguments& arguments, const Seen& seen) {
  const auto asset = asset_named(seen, arguments.text("asset"));
  if (!asset) return pass(asset.error());
  const auto ratio = parse_ratio_ppm(arguments.text("ratio"));
  if (!ratio) return pass(ratio.error());
  return Prepared{core::SetCollateral{*asset, *ratio},
                  fmt::format("{} counts {} as margin (now {})", arguments.text("asset"),
                              decimal(std::uint64_t{*ratio}, 6),
                              decimal(std::uint64_t{seen.exchange.collateral_ppm(*asset)}, 6))};
}

const OptionSpec by{"by", "N", "", {"your number as an operator", "担当者番号"}, true};
const OptionSpec reference{
    "reference", "TEXT", "", {"makes it happen only once", "二重実行を防ぐ参照番号"}, true};

std::vector<CommandSpec> withdrawal_commands() {
  const OptionSpec asset{"asset", "NAME", "", {"only this one; else all", "この資産だけ"}};
  return {
      operator_view("withdrawals show", {"Frozen assets, open withdrawals", "凍結と未了の出金"},
                    nullptr, show_withdrawals),
      operator_command("withdrawals freeze", {"Stops withdrawals at once", "出金を直ちに止める"},
                       nullptr, {by, asset}, freeze_withdrawals(true)),
      operator_command("withdrawals resume",
                       {"Allows them again; takes two operators", "出金を再開する（2名で）"},
                       nullptr, {by, asset}, freeze_withdrawals(false)),
      operator_command("withdrawals approve", {"Approves one", "出金を承認する"}, "withdrawal",
                       {by}, approve_withdrawal),
      operator_command("withdrawals reject",
                       {"Gives the amount back; only if nothing was sent",
                        "出金を拒否し残高へ戻す（未送金に限る）"},
                       "withdrawal", {by}, reject_withdrawal),
      operator_command("withdrawals settle", {"It has left the exchange", "送金済みとする"},
                       "withdrawal", {}, settle_withdrawal)};
}

}  // namespace

std::vector<CommandSpec> money_commands() {
  std::vector<CommandSpec> commands = {
      operator_command("credit propose",
                       {"Proposes a manual credit; another operator approves",
                        "手動入金を提案する（別の担当者が承認）"},
                       nullptr,
                       {by,
                        {"account", "N", "", {"who gets it", "口座番号"}, true},
                        {"asset", "NAME", "", {"of what", "資産"}, true},
                        {"amount", "DECIMAL", "", {"how much", "数量"}, true},
                        reference},
                       propose_credit),
      operator_command("credit approve",
                       {"Approves a credit that another proposed", "提案された手動入金を承認する"},
                       "credit", {by}, approve_credit),
      operator_command("holdings adjust",
                       {"Changes what the house holds of an asset", "自社保有額を増減する"},
                       "asset",
                       {{"add", "DECIMAL", "", {"so much came", "増加額"}},
                        {"less", "DECIMAL", "", {"so much left", "減少額"}},
                        reference},
                       adjust_holdings),
      operator_command(
          "collateral set", {"How much of an asset counts as margin", "担保の掛目を決める"},
          "asset", {{"ratio", "DECIMAL", "", {"from 0 to 1", "0 から 1"}, true}}, set_collateral)};
  for (CommandSpec& command : withdrawal_commands()) commands.push_back(std::move(command));
  return commands;
}

}  // namespace oki::app
