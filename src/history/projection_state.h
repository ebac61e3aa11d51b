// What is behind a Projection: which part takes which event. Only for the .cc files of Projection.
#pragma once

#include <vector>

#include "history/account_data.h"
#include "history/house_data.h"
#include "history/market_data.h"
#include "history/private_data.h"
#include "history/reference_data.h"

namespace oki::history {

struct Projection::State {
  explicit State(const ProjectionLimits& projection_limits) : limits(projection_limits) {}

  MarketData* market(core::MarketId id) {
    return id.value < markets.size() ? &markets[id.value] : nullptr;
  }
  const MarketData* market(core::MarketId id) const {
    return id.value < markets.size() ? &markets[id.value] : nullptr;
  }

  const char* apply(const core::MarketAdded& event) {
    const char* fault = reference.apply(event);
    if (fault == nullptr) markets.emplace_back(event.id);
    return fault;
  }
  const char* apply(const core::AssetAdded& event) {
    const char* fault = reference.apply(event);
    if (fault == nullptr) house.add_asset();
    return fault;
  }
  const char* apply(const core::OrderAccepted& event) {
    return market(event.order.market) ? own.apply(event) : "an order of an unknown market";
  }
  const char* apply(const core::OrderChanged& event) { return own.apply(event, limits); }
  const char* apply(const core::BalanceChanged& event) {
    return exists(event.asset) ? own.apply(event) : "a balance of an unknown asset";
  }
  const char* apply(const core::LevelChanged& event) {
    MarketData* data = market(event.market);
    return data ? data->apply(event, time) : "a level of an unknown market";
  }
  const char* apply(const core::Traded& event) {
    MarketData* data = market(event.market);
    if (data == nullptr) return "a trade of an unknown market";
    if (const char* fault = own.apply(event, time, limits)) return fault;
    return data->apply(event, time, limits);
  }
  const char* apply(const core::MarginTraded& event) { return own.apply(event); }
  const char* apply(const core::MarketChanged& event) {
    MarketData* data = market(event.state.market);
    return data ? data->apply(event) : "a state of an unknown market";
  }
  const char* apply(const core::AuctionEstimated& event) {
    MarketData* data = market(event.market);
    return data ? data->apply(event) : "an estimate of an unknown market";
  }
  const char* apply(const core::AuctionEnded& event) {
    MarketData* data = market(event.market);
    return data ? data->apply(event, time) : "an auction of an unknown market";
  }
  const char* apply(const core::Deposited& event) {
    if (!exists(event.asset)) return "a deposit of an unknown asset";
    return accounts.apply(event, time, limits);
  }
  const char* apply(const core::CreditChanged& event) {
    return exists(event.asset) ? nullptr : "a credit of an unknown asset";
  }
  const char* apply(const core::WithdrawalChanged& event) {
    const bool known = exists(event.asset) && exists(event.account);
    return known ? accounts.apply(event, time, limits) : "a withdrawal of nobody or nothing";
  }
  const char* apply(const core::PositionChanged& event) {
    const bool known = market(event.position.market) && exists(event.position.account);
    return known ? accounts.apply(event) : "a position of nobody or nowhere";
  }
  const char* apply(const core::MarginChanged& event) {
    return exists(event.account) ? accounts.apply(event, time) : "a margin of nobody";
  }
  const char* apply(const core::DeadManSet& event) {
    return exists(event.account) ? accounts.apply(event) : "a dead man's switch of nobody";
  }
  const char* apply(const core::AccountRestricted& event) {
    return exists(event.account) ? accounts.apply(event) : "a restriction of nobody";
  }
  const char* apply(const core::Quarantined& event) {
    return house.apply(event, index, time, limits.quarantines_max);
  }
  const char* apply(const core::HoldingsChanged& event) { return house.apply(event); }
  const char* apply(const core::CollateralChanged& event) { return house.apply(event); }
  const char* apply(const core::WithdrawalsFrozen& event) { return house.apply(event); }
  const char* apply(const core::ReleaseActivated& event) { return house.apply(event); }
  const char* apply(const core::ReleaseReported& event) {
    return house.apply(event, limits.node_releases_max);
  }
  const char* apply(const auto& event) { return reference.apply(event); }

  bool exists(core::AssetId asset) const { return asset.value < reference.assets().size(); }
  bool exists(core::AccountId account) const { return reference.account(account) != nullptr; }

  const char* read(core::FieldReader& io);
  const char* fault() const;

  ProjectionLimits limits;
  LogIndex index;
  WallTimeMs time;
  std::uint64_t event_hash = 0;
  ReferenceData reference;
  std::vector<MarketData> markets;
  PrivateData own;
  AccountData accounts;
  HouseData house;
};

}  // namespace oki::history
