// Who may trade on margin, and what counts as collateral: rules 9.4, 9.11.
#include "core/fast/handlers.h"
#include "core/fast/margin.h"

namespace oki::core::fast {

Refusal handle(State& state, const SetCollateral& x) {
  const Row row = state.asset(x.asset);
  if (row == 0) return Refusal::unknown_asset;
  if (x.ratio_ppm > million) return Refusal::invalid_spec;
  state.assets.change(row).collateral_ppm = x.ratio_ppm;
  state.tell(CollateralChanged{x.asset, x.ratio_ppm});
  return Refusal::ok;
}

Refusal handle(State& state, const AllowMargin& x) {
  const Row row = state.account(x.account);
  if (row == 0) return Refusal::unknown_account;
  if (state.accounts[row].margin_allowed == x.allowed) return Refusal::exists;
  state.accounts.change(row).margin_allowed = x.allowed;
  return Refusal::ok;
}

}  // namespace oki::core::fast
