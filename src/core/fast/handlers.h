// One function for each kind of command; the manners are in fast/state.h. The frequent ones come
// as views of their bytes.
#pragma once

#include "core/fast/decode.h"
#include "core/fast/state.h"

namespace oki::core::fast {

// fast/setup.cc
Refusal handle(State& state, const AddAsset& x);
Refusal handle(State& state, const AddMarket& x);
Refusal handle(State& state, const AddAccount& x);
Refusal handle(State& state, const AddApiKey& x);
Refusal handle(State& state, const Deposit& x);
Refusal handle(State& state, const Tick& x);

// fast/place.cc, cancel.cc, amend.cc, sessions.cc
Refusal handle(State& state, const PlaceView& x);
Refusal handle(State& state, const BatchView& x);
Refusal handle(State& state, const CancelView& x);
Refusal handle(State& state, const AmendOrder& x);
Refusal handle(State& state, const CancelAll& x);
Refusal handle(State& state, const CancelAllAfter& x);
Refusal handle(State& state, const CloseSession& x);
Refusal handle(State& state, const EdgeAlive& x);

// fast/market_commands.cc
Refusal handle(State& state, const SetMarketStops& x);
Refusal handle(State& state, const SetMarketHalt& x);
Refusal handle(State& state, const StartAuction& x);
Refusal handle(State& state, const ScheduleReopening& x);

// Money by operators, rules 15.
Refusal handle(State& state, const AdjustHoldings& x);
Refusal handle(State& state, const ProposeCredit& x);
Refusal handle(State& state, const ApproveCredit& x);
Refusal handle(State& state, const RequestWithdrawal& x);
Refusal handle(State& state, const ApproveWithdrawal& x);
Refusal handle(State& state, const RejectWithdrawal& x);
Refusal handle(State& state, const SettleWithdrawal& x);
Refusal handle(State& state, const FreezeWithdrawals& x);
Refusal handle(State& state, const RestrictAccount& x);
Refusal handle(State& state, const SetCollateral& x);
Refusal handle(State& state, const AllowMargin& x);
Refusal handle(State& state, const ReportRelease& x);
Refusal handle(State& state, const ActivateRelease& x);

// Withdrawals of all assets, by nobody: when a step was undone. Tells what changes.
void freeze_all(State& state);

}  // namespace oki::core::fast
