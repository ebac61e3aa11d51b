// A random walk of the core, mixed with events of every kind that no random command brings: orders
// with names and margin positions, market states, withdrawals, quarantines and the rest, all sound.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "history/testing/feed.h"

namespace oki::history {

class EventMix {
 public:
  explicit EventMix(std::uint64_t seed) : random_(seed), extra_(seed + 1'000) {
    for (const core::Command& command : random_.set_up()) (void)feed(command);
  }

  // Some commands at one time, as one log entry holds them, with what is mixed in.
  replica::EventBlock next_block(std::int64_t pause_max_ms) {
    feed.now.value += extra_.between(0, pause_max_ms);
    const std::uint64_t commands = extra_.below(12);
    for (std::uint64_t i = 0; i < commands; ++i) random_.saw(feed(random_.next()));
    replica::EventBlock block = feed.block();
    Bytes events;
    for (core::Event& event : core::all_events(block.events)) add(events, std::move(event));
    for (std::uint64_t i = extra_.below(4); i > 0; --i) mix_in(events);
    block.events = std::move(events);
    block.hash_before = hash_;
    block.hash = replica::event_hash(hash_, block.index, block.time, block.events);
    hash_ = block.hash;
    return block;
  }

  Feed feed;

 private:
  using Key = std::pair<std::uint64_t, std::uint16_t>;

  // Every third order is of margin, every second has a name.
  void add(Bytes& events, core::Event event) {
    if (auto* accepted = std::get_if<core::OrderAccepted>(&event)) {
      core::OrderView& order = accepted->order;
      if (order.id.value % 3 == 0) order.position = core::PositionSide::long_side;
      if (order.id.value % 6 == 0) order.position = core::PositionSide::short_side;
      if (order.id.value % 2 == 0) order.client_order_id = "my " + std::to_string(order.id.value);
      orders_[order.id.value] = order;
    }
    append(events, event);
    const auto* trade = std::get_if<core::Traded>(&event);
    if (trade == nullptr) return;
    for (const core::OrderId id : {trade->maker_order, trade->taker_order}) {
      const core::OrderView& order = orders_[id.value];
      if (order.position == core::PositionSide::none) continue;
      core::MarginTraded margin{trade->id, id, order.account, order.position, true, {}, {}, {}, 0};
      margin.opened = opens(order.side, order.position);
      margin.fee_occurred = {extra_.below(50)};
      if (!margin.opened) {
        margin.fee_paid = {margin.fee_occurred.value + extra_.below(50)};
        margin.interest = {extra_.below(9)};
        margin.profit = extra_.between(-500, 500);
      }
      append(events, margin);
    }
  }

  void mix_in(Bytes& events) {
    const core::AccountId account{1 + extra_.below(core::RandomCommands::accounts)};
    const core::AssetId asset{static_cast<std::uint16_t>(extra_.below(3))};
    const core::MarketId market{static_cast<std::uint16_t>(extra_.below(3))};
    switch (extra_.below(10)) {
      case 0:
        return change_market(events, market);
      case 1:
      case 2:
        return change_withdrawal(events, account, asset);
      case 3:
        return change_position(events, account, market);
      case 4:
        return append(events, core::MarginChanged{
                                  account, true, core::MarginStatus::call, {extra_.below(3)}});
      case 5:
        return append(events, core::DeadManSet{account, {feed.now.value + 5'000}});
      case 6:
        return append(events, core::AccountRestricted{account, extra_.chance(1, 2), false});
      case 7:
        return append(events, core::HoldingsChanged{asset, {900 + extra_.below(9)}, {800}, "h"});
      case 8:
        return append(events, core::CollateralChanged{
                                  asset, static_cast<std::uint32_t>(extra_.below(1'000'001))});
      default:
        ++number_;
        append(events, core::Quarantined{core::StepKind::timer, number_, account.value,
                                         "a fault\n\xff" + std::to_string(number_)});
        frozen_[asset.value] = !frozen_[asset.value];
        append(events, core::WithdrawalsFrozen{asset, frozen_[asset.value], {}});
    }
  }

  void change_market(Bytes& events, core::MarketId market) {
    core::MarketState state;
    state.market = market;
    state.status = static_cast<core::MarketStatus>(extra_.below(4));
    state.mode = static_cast<core::MarketMode>(extra_.below(5));
    state.stops = static_cast<std::uint16_t>(extra_.below(core::stops_mask + 1));
    state.reference = {extra_.below(100)};
    append(events, core::MarketChanged{state});
    if (state.mode == core::MarketMode::none) return;
    append(events, core::AuctionEstimated{market, {extra_.below(9)}, {extra_.below(9)}});
    if (!extra_.chance(1, 2)) return;
    append(events, core::AuctionEnded{market, {7}, {2}});
    state.mode = core::MarketMode::none;
    append(events, core::MarketChanged{state});
  }

  void change_withdrawal(Bytes& events, core::AccountId account, core::AssetId asset) {
    using core::WithdrawalState;
    if (open_.empty() || extra_.chance(1, 2)) {
      open_.push_back({{++withdrawal_},
                       WithdrawalState::requested,
                       account,
                       asset,
                       {1 + extra_.below(99)},
                       {extra_.below(5)},
                       {},
                       feed.now,
                       "bank % " + std::to_string(withdrawal_)});
      return append(events, open_.back());
    }
    const auto one = open_.begin() + static_cast<std::ptrdiff_t>(extra_.below(open_.size()));
    const bool reject = extra_.chance(1, 4);
    one->by = {3};
    one->state = reject                                    ? WithdrawalState::rejected
                 : one->state == WithdrawalState::approved ? WithdrawalState::settled
                                                           : WithdrawalState::approved;
    append(events, *one);
    if (one->state != WithdrawalState::approved) open_.erase(one);
  }

  void change_position(Bytes& events, core::AccountId account, core::MarketId market) {
    const bool is_open = positions_[{account.value, market.value}];
    const std::uint64_t lots = is_open && extra_.chance(1, 2) ? 0 : 1 + extra_.below(9);
    positions_[{account.value, market.value}] = lots > 0;
    append(events, core::PositionChanged{{account,
                                          market,
                                          core::PositionSide::short_side,
                                          {lots},
                                          {lots * 10},
                                          {1},
                                          {0},
                                          feed.now}});
  }

  core::RandomCommands random_;
  Prng extra_;
  std::uint64_t hash_ = 0;
  std::map<std::uint64_t, core::OrderView> orders_;
  std::vector<core::WithdrawalChanged> open_;
  std::map<Key, bool> positions_;
  std::map<std::uint16_t, bool> frozen_;
  std::uint64_t withdrawal_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace oki::history
