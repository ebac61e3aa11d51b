// What operators do in MarketCommands: states of markets, money, releases.
#include "core/testing/market_commands.h"

namespace oki::core {
namespace {

constexpr std::uint64_t nodes = 3;

}  // namespace

OperatorId MarketCommands::operator_id() { return OperatorId{one_in(15) ? 0 : 1 + upto(3)}; }

std::string MarketCommands::reference() {
  if (one_in(60)) return {};
  const bool again = one_in(12) && references_ > 10;
  return "r" + std::to_string(again ? references_ - upto(10) : ++references_);
}

Command MarketCommands::operate() {
  switch (upto(10)) {
    case 0:
    case 1:
    case 2:
      return market_operation();
    case 3:
    case 4:
      return money_operation();
    case 5:
    case 6:
    case 7:
      return withdrawal_operation();
    case 8:
      return release_operation();
    default:
      return another_set_up();
  }
}

// Markets that are not trading are brought back more often than others are disturbed.
Command MarketCommands::market_operation() {
  for (std::uint16_t i = 0; i < markets; ++i) {
    const Market& market = market_[i];
    const bool away = market.status == MarketStatus::halt || market.stops != 0 ||
                      market.mode == MarketMode::full_range_circuit_break;
    if (away && one_in(2)) return mend(i);
  }
  return disturb(market());
}

Command MarketCommands::mend(std::uint16_t place) {
  const Market& market = market_[place];
  const WallTimeMs soon{timed_.time.value + prng_.between(1, 3'000)};
  if (market.status == MarketStatus::halt) {
    if (one_in(2)) return schedule(place);
    return SetMarketHalt{MarketId{place}, false};
  }
  if (market.stops != 0 && one_in(2)) return SetMarketStops{MarketId{place}, 0};
  if (market.mode != MarketMode::full_range_circuit_break) {
    return SetMarketStops{MarketId{place}, 0};
  }
  return StartAuction{MarketId{place}, MarketMode::resumption, Price{one_in(2) ? 0 : market.center},
                      soon};
}

Command MarketCommands::schedule(std::uint16_t market) {
  ScheduleReopening schedule;
  schedule.market = MarketId{market};
  std::int64_t at = timed_.time.value + prng_.between(one_in(10) ? 0 : 1, 2'000);
  schedule.cancel_only_at = WallTimeMs{at};
  schedule.auction_at = WallTimeMs{at += prng_.between(one_in(10) ? 0 : 1, 2'000)};
  schedule.trading_at = WallTimeMs{at += prng_.between(one_in(10) ? 0 : 1, 4'000)};
  schedule.withdrawals_at = WallTimeMs{at + prng_.between(one_in(10) ? -1 : 0, 2'000)};
  return schedule;
}

Command MarketCommands::disturb(std::uint16_t place) {
  const Market& market = market_[place];
  switch (upto(6)) {
    case 0:
      return SetMarketHalt{market_or_none(), one_in(2)};
    case 1:
      return schedule(place);
    case 2:
    case 3: {
      const auto stop = static_cast<std::uint16_t>(1u << upto(one_in(30) ? 13 : 11));
      const auto more = static_cast<std::uint16_t>(one_in(4) ? 1u << upto(11) : 0);
      return SetMarketStops{MarketId{place}, static_cast<std::uint16_t>(stop | more)};
    }
    default: {
      StartAuction start{MarketId{place}, static_cast<MarketMode>(upto(5)), {}, {}};
      const bool full = start.mode == MarketMode::full_range_circuit_break;
      if (full != one_in(12)) return start;
      start.reopen_at = WallTimeMs{timed_.time.value + prng_.between(one_in(12) ? 0 : 1, 5'000)};
      if (one_in(3)) start.reference = Price{market.center};
      return start;
    }
  }
}

Deposit MarketCommands::deposit() {
  const std::uint64_t to = one_in(3) ? lender_account.value : account();
  Deposit deposit{AccountId{to}, asset(), Amount{1'000 + upto(40'000'000)}, reference()};
  if (deposit.asset.value != 0) deposit.amount.value *= 30;
  if (one_in(25)) deposit.amount = Amount{one_in(2) ? 0 : ~std::uint64_t{0}};
  return deposit;
}

Command MarketCommands::money_operation() {
  switch (upto(5)) {
    case 0: {
      AdjustHoldings adjust{asset(), one_in(2), Amount{upto(3'000'000)}, reference()};
      if (one_in(12)) adjust.amount = Amount{one_in(3) ? 0 : ~std::uint64_t{0} - upto(100)};
      return adjust;
    }
    case 1:
    case 2:
      return ProposeCredit{operator_id(), AccountId{account()}, asset(),
                           Amount{one_in(20) ? 0 : upto(one_in(4) ? 90'000'000 : 200'000)},
                           reference()};
    default: {
      const std::uint64_t credit = credits_.pick(prng_.next());
      return ApproveCredit{operator_id(), CreditId{one_in(10) ? upto(50) : credit}};
    }
  }
}

Command MarketCommands::request_withdrawal() {
  RequestWithdrawal request;
  request.account = AccountId{account()};
  request.auth = auth(request.account.value);
  request.asset = asset();
  request.amount = Amount{one_in(20) ? 0 : upto(one_in(4) ? 3'000'000'000 : 2'000'000)};
  request.fee = Amount{one_in(30) ? ~std::uint64_t{0} : upto(3) * 100};
  if (!one_in(30)) request.destination = "bank";
  return request;
}

Command MarketCommands::withdrawal_operation() {
  const std::uint64_t known = withdrawals_.pick(prng_.next());
  const WithdrawalId id{one_in(15) ? upto(50) : known};
  switch (upto(8)) {
    case 0:
    case 1:
    case 2:
      return request_withdrawal();
    case 3:
    case 4:
      return ApproveWithdrawal{operator_id(), id};
    case 5:
      return RejectWithdrawal{operator_id(), id};
    case 6:
      return SettleWithdrawal{id};
    default:
      return freeze();
  }
}

Command MarketCommands::freeze() {
  FreezeWithdrawals freeze{operator_id(), one_in(3), asset(), !frozen_ && one_in(2)};
  frozen_ = freeze.freeze || one_in(8);
  return freeze;
}

Command MarketCommands::release_operation() {
  if (one_in(2)) {
    // Most nodes know release 2 in the end; those that do not are forgotten now and then.
    const std::uint64_t node = one_in(20) ? 0 : 1 + upto(one_in(10) ? 80 : nodes);
    if (one_in(12)) return ReportRelease{node, 0};
    return ReportRelease{node, one_in(6) ? 1u : 2u};
  }
  ActivateRelease activate{one_in(3) ? release_ : release_ + 1, {}};
  for (std::uint64_t node = 1; node <= nodes; ++node) activate.nodes.push_back(node);
  if (one_in(10)) activate.nodes.push_back(99);
  return activate;
}

}  // namespace oki::core
