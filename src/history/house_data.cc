#include "history/house_data.h"

namespace oki::history {
namespace {

constexpr std::uint32_t whole_ppm = 1'000'000;

}  // namespace

const char* HouseData::apply(const core::HoldingsChanged& event) {
  OneAsset* asset = find(event.asset);
  if (asset == nullptr) return "holdings of an unknown asset";
  if (event.liabilities > event.holdings) return "liabilities beyond the holdings";
  asset->funds = {event.holdings, event.liabilities};
  return nullptr;
}

const char* HouseData::apply(const core::WithdrawalsFrozen& event) {
  OneAsset* asset = find(event.asset);
  if (asset == nullptr) return "withdrawals of an unknown asset";
  if (asset->frozen == event.frozen) return "withdrawals frozen or resumed twice";
  asset->frozen = event.frozen;
  return nullptr;
}

const char* HouseData::apply(const core::CollateralChanged& event) {
  OneAsset* asset = find(event.asset);
  if (asset == nullptr) return "collateral of an unknown asset";
  if (event.ratio_ppm > whole_ppm) return "collateral above its value";
  asset->collateral_ppm = event.ratio_ppm;
  return nullptr;
}

const char* HouseData::apply(const core::ReleaseActivated& event) {
  if (event.release != release_ + 1) return "a release that is not the next";
  release_ = event.release;
  return nullptr;
}

const char* HouseData::apply(const core::ReleaseReported& event, std::size_t nodes_max) {
  if (event.node == 0) return "a release of no node";
  if (event.release == 0) {
    return node_releases_.erase(event.node) == 1 ? nullptr : "an unknown node is forgotten";
  }
  node_releases_[event.node] = event.release;
  return node_releases_.size() <= nodes_max ? nullptr : "too many nodes";
}

const char* HouseData::apply(const core::Quarantined& event, LogIndex index, WallTimeMs time,
                             std::size_t quarantines_max) {
  quarantines_.push_back({index, time, event});
  if (quarantines_.size() > quarantines_max) quarantines_.pop_front();
  return nullptr;
}

Funds HouseData::funds(core::AssetId asset) const {
  const OneAsset* one = find(asset);
  return one == nullptr ? Funds{} : one->funds;
}

bool HouseData::withdrawals_frozen(core::AssetId asset) const {
  const OneAsset* one = find(asset);
  return one != nullptr && one->frozen;
}

std::uint32_t HouseData::collateral_ppm(core::AssetId asset) const {
  const OneAsset* one = find(asset);
  return one == nullptr ? 0 : one->collateral_ppm;
}

void HouseData::write(core::FieldWriter& io) const {
  io(release_, static_cast<std::uint64_t>(node_releases_.size()));
  for (const auto& [node, release] : node_releases_) io(node, release);
  for (const OneAsset& asset : assets_) {
    io(asset.funds.holdings, asset.funds.liabilities, asset.frozen, asset.collateral_ppm);
  }
  io(static_cast<std::uint64_t>(quarantines_.size()));
  for (const QuarantinedStep& row : quarantines_) {
    io(row.index, row.at, row.step.kind, row.step.number, row.step.subject);
    io.text(row.step.fault, core::fault_bytes_max);
  }
}

const char* HouseData::read_nodes(core::FieldReader& io, std::size_t nodes_max) {
  std::uint64_t count = 0;
  io(count);
  if (!io.ok() || count > nodes_max) return "too many nodes";
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t node = 0;
    std::uint32_t release = 0;
    io(node, release);
    const bool rises = node_releases_.empty() || node > node_releases_.rbegin()->first;
    if (!io.ok() || node == 0 || release == 0 || !rises) return "a node that cannot be";
    node_releases_[node] = release;
  }
  return nullptr;
}

const char* HouseData::read(core::FieldReader& io, const ProjectionLimits& limits,
                            std::size_t assets, LogIndex index, WallTimeMs time) {
  io(release_);
  if (const char* fault = read_nodes(io, limits.node_releases_max)) return fault;
  assets_.resize(assets);
  for (OneAsset& asset : assets_) {
    io(asset.funds.holdings, asset.funds.liabilities, asset.frozen, asset.collateral_ppm);
  }
  std::uint64_t count = 0;
  io(count);
  if (!io.ok() || count > limits.quarantines_max) return "too many quarantined steps";
  for (std::uint64_t i = 0; i < count; ++i) {
    QuarantinedStep& row = quarantines_.emplace_back();
    io(row.index, row.at, row.step.kind, row.step.number, row.step.subject);
    io.text(row.step.fault, core::fault_bytes_max);
    if (!io.ok()) return "truncated quarantined steps";
    if (row.index > index || row.at > time) return "a quarantined step from the future";
  }
  return fault();
}

const char* HouseData::fault() const {
  if (release_ == 0) return "no release";
  for (const OneAsset& asset : assets_) {
    if (asset.funds.liabilities > asset.funds.holdings) return "liabilities beyond the holdings";
    if (asset.collateral_ppm > whole_ppm) return "collateral above its value";
  }
  const QuarantinedStep* last = nullptr;
  for (const QuarantinedStep& row : quarantines_) {
    if (last != nullptr && (row.index < last->index || row.at < last->at)) {
      return "quarantined steps out of order";
    }
    last = &row;
  }
  return nullptr;
}

}  // namespace oki::history
