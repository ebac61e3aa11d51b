#include "sim/money.h"

#include "core/events.h"

namespace oki::sim {

bool Money::add(ByteView events) {
  while (const std::optional<core::Event> event = core::take_event(events)) {
    if (const auto* deposit = std::get_if<core::Deposited>(&*event)) {
      deposited_[deposit->asset.value] += deposit->amount.value;
    } else if (const auto* credit = std::get_if<core::CreditChanged>(&*event)) {
      if (credit->state == core::CreditState::done) {
        deposited_[credit->asset.value] += credit->amount.value;
      }
    } else if (const auto* withdrawal = std::get_if<core::WithdrawalChanged>(&*event)) {
      if (withdrawal->state == core::WithdrawalState::settled) {
        deposited_[withdrawal->asset.value] -= withdrawal->amount.value;
      }
    } else if (const auto* changed = std::get_if<core::BalanceChanged>(&*event)) {
      std::uint64_t& balance = balances_[{changed->account.value, changed->asset.value}];
      std::uint64_t& sum = held_[changed->asset.value];
      sum -= balance;
      balance = changed->free.value + changed->held.value + changed->withdrawing.value;
      sum += balance;
    }
  }
  return events.empty() && held_ == deposited_;
}

}  // namespace oki::sim
