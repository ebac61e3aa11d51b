#include <fmt/format.h>

#include "app/operator_commands.h"
#include "app/operator_run.h"

namespace oki::app {
namespace {

tl::unexpected<Error> pass(const Error& fault) { return tl::unexpected<Error>(fault); }

Result<core::AccountId> account_named(const Arguments& arguments, const Seen& seen) {
  const auto id = id_of(arguments.text("account"), "the account");
  if (!id) return pass(id.error());
  if (seen.exchange.account({*id}) != nullptr) return core::AccountId{*id};
  return error(Errc::not_found, fmt::format("there is no account {}", *id));
}

const char* yes_or_no(bool yes) { return yes ? "yes" : "no"; }

// Says all of what holds from now on: a restriction that is not named is lifted.
Result<Prepared> restrict(const Arguments& arguments, const Seen& seen) {
  const auto account = account_named(arguments, seen);
  if (!account) return pass(account.error());
  const core::RestrictAccount command{{arguments.number("by")},
                                      *account,
                                      arguments.has("no-orders"),
                                      arguments.has("no-withdrawals")};
  return Prepared{command,
                  fmt::format("account {}: orders {}, withdrawals {}", account->value,
                              yes_or_no(!command.no_orders), yes_or_no(!command.no_withdrawals))};
}

Result<Prepared> allow_margin(const Arguments& arguments, const Seen& seen) {
  const auto account = account_named(arguments, seen);
  if (!account) return pass(account.error());
  const bool allowed = !arguments.has("forbid");
  return Prepared{core::AllowMargin{*account, allowed},
                  fmt::format("account {}: margin trading {}", account->value, yes_or_no(allowed))};
}

}  // namespace

std::vector<CommandSpec> account_commands() {
  return {
      operator_command(
          "account restrict",
          {"What an account may not do; without a flag everything is allowed again",
           "口座の制限を決める（指定なしで全解除）"},
          "account",
          {{"by", "N", "", {"your number as an operator", "担当者番号"}, true},
           {"no-orders", nullptr, "", {"no new orders, no amends", "新規・変更注文を禁止"}},
           {"no-withdrawals", nullptr, "", {"no new withdrawals", "出金依頼を禁止"}}},
          restrict),
      operator_command(
          "account allow-margin", {"Lets an account open margin positions", "信用取引を許可する"},
          "account", {{"forbid", nullptr, "", {"takes it back", "許可を取り消す"}}}, allow_margin)};
}

}  // namespace oki::app
