// What the scope of an incident needs of the exchange's log: who had which orders open when, and
// which withdrawals were under way; kept by following the events, so that an outage can be measured
// at once and without asking the exchange anything.
//
// Times are those of log entries, in milliseconds; an order that was closed in the millisecond in
// which it was opened never waited and is forgotten. Closed ones are kept for `kept_ms`, at most
// `closed_max` of each kind; whole_since() says from when on everything is there.
//
// While it is held() the tables stand still: blocks wait, at most `held_bytes_max`, then the node
// is asked to wait. A snapshot is read by `aside`, since that takes long: on another thread in a
// process that has more to do.
//
// Docs: docs/incidents.md, 14.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "core/types.h"
#include "replica/client.h"

namespace oki::response {

struct ScopeLogOptions {
  std::int64_t kept_ms = 86'400'000;
  std::size_t closed_max = 4'000'000;  // Of orders; and of withdrawals.
  std::size_t open_max = 20'000'000;   // Orders; with more, what is told is incomplete.
  std::size_t held_bytes_max = 64u << 20;
};

struct ScopeOrder {
  core::AccountId account;
  core::MarketId market;
  WallTimeMs opened, closed;  // `closed` notify::time_max or later: still open.
};

struct ScopeWithdrawal {
  core::AccountId account;
  core::AssetId asset;
  core::Amount amount;
  WallTimeMs opened, closed;
};

struct ScopeMarket {
  std::string name, base;
  unsigned digits = 0;  // Of lots.
  bool listed = false;
};

struct ScopeAsset {
  std::string name;
  unsigned decimals = 0;
};

// An index and the time of its entry, one in a second at most.
struct ScopeTime {
  WallTimeMs at;
  LogIndex index;
};

struct ScopeTables {
  static constexpr std::size_t shards = 256;  // So that no table is ever moved in one long step.

  std::vector<ScopeMarket> markets;  // Position = MarketId.
  std::vector<ScopeAsset> assets;
  std::array<std::unordered_map<std::uint64_t, ScopeOrder>, shards> open;  // By order id.
  std::deque<ScopeOrder> closed;                                           // In order of closing.
  std::map<std::uint64_t, ScopeWithdrawal> withdrawing;
  std::deque<ScopeWithdrawal> withdrawn;
  std::deque<ScopeTime> times;  // Rising.
  std::size_t open_count = 0;
  WallTimeMs whole_since;
  WallTimeMs time;  // Of the last entry.
  LogIndex index;
  std::uint64_t hash = 0;

  std::unordered_map<std::uint64_t, ScopeOrder>& shard_of(std::uint64_t order) {
    return open[(order * 0x9E37'79B9'7F4A'7C15u) >> 56];
  }
};

// Null, or what is wrong with the block. The tables are then only good for being dropped.
const char* apply(ScopeTables& tables, const replica::EventBlock& block,
                  const ScopeLogOptions& options);

// From the snapshot that a node gives to those who follow it.
Result<std::unique_ptr<ScopeTables>> scope_tables(LogIndex index, std::uint64_t hash,
                                                  ByteView snapshot,
                                                  const ScopeLogOptions& options);

class ScopeLog : public replica::EventFollower {
 public:
  // Does `work` somewhere, then `then` on the loop. Not given: both at once.
  using Aside = std::function<void(std::function<void()> work, std::function<void()> then)>;

  explicit ScopeLog(const ScopeLogOptions& options, Aside aside = nullptr);
  ~ScopeLog() override;

  // Null before there is a copy.
  const ScopeTables* tables() const { return tables_.get(); }

  // The tables stand still from here until release().
  void hold() { ++holds_; }
  void release();

  // --- replica::EventFollower
  std::optional<replica::FollowedUpTo> stands_at() const override;
  bool ready() const override;
  Result<void> on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) override;
  void on_block(const replica::EventBlock& block) override;
  bool has_copy() const override { return loading_ || tables_ != nullptr; }

 private:
  void take(const replica::EventBlock& block);

  ScopeLogOptions options_;
  Aside aside_;
  std::unique_ptr<ScopeTables> tables_;
  bool loading_ = false;
  std::size_t holds_ = 0;
  std::deque<replica::EventBlock> held_;
  std::size_t held_bytes_ = 0;
  std::shared_ptr<bool> alive_;
};

}  // namespace oki::response
