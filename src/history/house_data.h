// What concerns the house as a whole: funds and freezes per asset, quarantined steps, the release.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "core/fields.h"
#include "history/projection.h"

namespace oki::history {

class HouseData {
 public:
  void add_asset() { assets_.emplace_back(); }

  // Each: null, or what is wrong with the event.
  const char* apply(const core::HoldingsChanged& event);
  const char* apply(const core::WithdrawalsFrozen& event);
  const char* apply(const core::CollateralChanged& event);
  const char* apply(const core::ReleaseActivated& event);
  const char* apply(const core::ReleaseReported& event, std::size_t nodes_max);
  const char* apply(const core::Quarantined& event, LogIndex index, WallTimeMs time,
                    std::size_t quarantines_max);

  Funds funds(core::AssetId asset) const;
  bool withdrawals_frozen(core::AssetId asset) const;
  std::uint32_t collateral_ppm(core::AssetId asset) const;
  const std::deque<QuarantinedStep>& quarantines() const { return quarantines_; }
  std::uint32_t release() const { return release_; }
  const std::map<std::uint64_t, std::uint32_t>& node_releases() const { return node_releases_; }

  void write(core::FieldWriter& io) const;
  // Null, or what is wrong. Nothing may be later than `index` and `time`.
  const char* read(core::FieldReader& io, const ProjectionLimits& limits, std::size_t assets,
                   LogIndex index, WallTimeMs time);

  // The first broken invariant, or null.
  const char* fault() const;

 private:
  struct OneAsset {
    Funds funds;
    bool frozen = false;
    std::uint32_t collateral_ppm = 0;
  };

  const char* read_nodes(core::FieldReader& io, std::size_t nodes_max);

  OneAsset* find(core::AssetId asset) {
    return asset.value < assets_.size() ? &assets_[asset.value] : nullptr;
  }
  const OneAsset* find(core::AssetId asset) const {
    return asset.value < assets_.size() ? &assets_[asset.value] : nullptr;
  }

  std::vector<OneAsset> assets_;  // By id.
  std::deque<QuarantinedStep> quarantines_;
  std::uint32_t release_ = 1;
  std::map<std::uint64_t, std::uint32_t> node_releases_;  // As reported, by node.
};

}  // namespace oki::history
