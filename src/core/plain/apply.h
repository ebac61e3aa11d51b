// One function per command. Each decides first, then changes.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

Refusal apply(State& state, const AddAsset& command, Reply& reply);
Refusal apply(State& state, const AddMarket& command, Reply& reply);
Refusal apply(State& state, const AddAccount& command, Reply& reply);
Refusal apply(State& state, const AddApiKey& command, Reply& reply);
Refusal apply(State& state, const Deposit& command, Reply& reply);
Refusal apply(State& state, const PlaceOrder& command, Reply& reply);
Refusal apply(State& state, const CancelOrders& command, Reply& reply);
Refusal apply(State& state, const Tick& command, Reply& reply);
Refusal apply(State& state, const AmendOrder& command, Reply& reply);
Refusal apply(State& state, const CancelAll& command, Reply& reply);
Refusal apply(State& state, const CancelAllAfter& command, Reply& reply);
Refusal apply(State& state, const CloseSession& command, Reply& reply);
Refusal apply(State& state, const EdgeAlive& command, Reply& reply);
Refusal apply(State& state, const SetMarketStops& command, Reply& reply);
Refusal apply(State& state, const SetMarketHalt& command, Reply& reply);
Refusal apply(State& state, const StartAuction& command, Reply& reply);
Refusal apply(State& state, const ScheduleReopening& command, Reply& reply);
Refusal apply(State& state, const AdjustHoldings& command, Reply& reply);
Refusal apply(State& state, const ProposeCredit& command, Reply& reply);
Refusal apply(State& state, const ApproveCredit& command, Reply& reply);
Refusal apply(State& state, const RequestWithdrawal& command, Reply& reply);
Refusal apply(State& state, const ApproveWithdrawal& command, Reply& reply);
Refusal apply(State& state, const RejectWithdrawal& command, Reply& reply);
Refusal apply(State& state, const SettleWithdrawal& command, Reply& reply);
Refusal apply(State& state, const FreezeWithdrawals& command, Reply& reply);
Refusal apply(State& state, const RestrictAccount& command, Reply& reply);
Refusal apply(State& state, const SetCollateral& command, Reply& reply);
Refusal apply(State& state, const AllowMargin& command, Reply& reply);
Refusal apply(State& state, const ReportRelease& command, Reply& reply);
Refusal apply(State& state, const ActivateRelease& command, Reply& reply);
Refusal apply(State& state, const PlaceOrders& command, Reply& reply);

// Withdrawals of all assets, by nobody: when a step was undone. Tells what changes.
void freeze_all(State& state);

}  // namespace oki::core::plain
