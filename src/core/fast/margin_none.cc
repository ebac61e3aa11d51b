// Margin as it is before anybody may open a position: nothing is allowed, so nothing is ever there.
#include "core/fast/handlers.h"
#include "core/fast/margin.h"

namespace oki::core::fast {

bool may_open_position(const State&, Row) { return false; }
bool margin_suffices(const State&, Row, MarketId, Amount) { return false; }
bool position_overflows(const State&, Row, PositionSide, Amount) { return true; }
void settle_margin(State&, const MarginFill&) { broken("a margin trade without margin"); }
PositionHold position_hold(const State&, const Position&) { return {}; }
void run_margin_sweep(State&) {}
void lapse_credit(State&, CreditId) {}
void money_arrived(State&, Row, AssetId) {}

Refusal handle(State&, const AdjustHoldings&) { return Refusal::malformed; }
Refusal handle(State&, const ProposeCredit&) { return Refusal::malformed; }
Refusal handle(State&, const ApproveCredit&) { return Refusal::malformed; }
Refusal handle(State&, const RequestWithdrawal&) { return Refusal::malformed; }
Refusal handle(State&, const ApproveWithdrawal&) { return Refusal::malformed; }
Refusal handle(State&, const RejectWithdrawal&) { return Refusal::malformed; }
Refusal handle(State&, const SettleWithdrawal&) { return Refusal::malformed; }
Refusal handle(State&, const FreezeWithdrawals&) { return Refusal::malformed; }
Refusal handle(State&, const RestrictAccount&) { return Refusal::malformed; }
Refusal handle(State&, const SetCollateral&) { return Refusal::malformed; }
Refusal handle(State&, const AllowMargin&) { return Refusal::malformed; }
Refusal handle(State&, const ReportRelease&) { return Refusal::malformed; }
Refusal handle(State&, const ActivateRelease&) { return Refusal::malformed; }

}  // namespace oki::core::fast
