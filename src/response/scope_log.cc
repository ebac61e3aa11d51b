#include "response/scope_log.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "core/events.h"
#include "history/projection.h"
#include "notify/state.h"

namespace oki::response {
namespace {

constexpr std::int64_t second_ms = 1'000;

// What one block does to the tables.
class Applying {
 public:
  Applying(ScopeTables& tables, WallTimeMs time, const ScopeLogOptions& options)
      : tables_(tables), time_(time), options_(options) {}

  const char* operator()(const core::AssetAdded& event) {
    if (event.id.value != tables_.assets.size()) return "an asset out of turn";
    tables_.assets.push_back({event.spec.name, event.spec.decimals});
    return nullptr;
  }

  const char* operator()(const core::MarketAdded& event) {
    if (event.id.value != tables_.markets.size()) return "a market out of turn";
    if (event.spec.base.value >= tables_.assets.size()) return "a market of no asset";
    tables_.markets.push_back({event.spec.name, tables_.assets[event.spec.base.value].name,
                               event.spec.amount_digits, event.spec.listed});
    return nullptr;
  }

  const char* operator()(const core::OrderAccepted& event) {
    if (event.order.market.value >= tables_.markets.size()) return "an order in no market";
    if (core::is_final(event.order.status)) return nullptr;
    if (tables_.open_count >= options_.open_max) {
      tables_.whole_since = notify::time_max;
      return nullptr;
    }
    const bool added =
        tables_.shard_of(event.order.id.value)
            .try_emplace(event.order.id.value, ScopeOrder{event.order.account, event.order.market,
                                                          time_, notify::time_max})
            .second;
    if (!added) return "an order that was there";
    ++tables_.open_count;
    return nullptr;
  }

  const char* operator()(const core::OrderChanged& event) {
    if (!core::is_final(event.status)) return nullptr;
    auto& shard = tables_.shard_of(event.id.value);
    const auto found = shard.find(event.id.value);
    if (found == shard.end()) return nullptr;  // One beyond open_max.
    ScopeOrder order = found->second;
    shard.erase(found);
    --tables_.open_count;
    if (order.opened == time_) return nullptr;
    order.closed = time_;
    tables_.closed.push_back(order);
    return nullptr;
  }

  const char* operator()(const core::WithdrawalChanged& event) {
    if (event.asset.value >= tables_.assets.size()) return "a withdrawal of no asset";
    ScopeWithdrawal now{event.account, event.asset, event.amount, event.requested_at,
                        notify::time_max};
    if (history::is_open(event.state)) {
      tables_.withdrawing.insert_or_assign(event.id.value, now);
      return nullptr;
    }
    tables_.withdrawing.erase(event.id.value);
    now.closed = time_;
    if (now.opened < now.closed) tables_.withdrawn.push_back(now);
    return nullptr;
  }

  const char* operator()(const auto&) { return nullptr; }

 private:
  ScopeTables& tables_;
  WallTimeMs time_;
  const ScopeLogOptions& options_;
};

template <typename Rows>
void forget_old(ScopeTables& tables, Rows& rows, const ScopeLogOptions& options) {
  while (!rows.empty() && (rows.size() > options.closed_max ||
                           tables.time.value - rows.front().closed.value > options.kept_ms)) {
    tables.whole_since = std::max(tables.whole_since, rows.front().closed);
    rows.pop_front();
  }
}

void remember_time(ScopeTables& tables, const ScopeLogOptions& options) {
  const bool new_second =
      tables.times.empty() || tables.time.value - tables.times.back().at.value >= second_ms;
  if (new_second) tables.times.push_back({tables.time, tables.index});
  while (tables.time.value - tables.times.front().at.value > options.kept_ms) {
    tables.times.pop_front();
  }
}

WallTimeMs closing_time(const core::OrderView& order) {
  return std::max(order.canceled_at, order.executed_at);
}

void load_orders(ScopeTables& tables, const history::Projection& projection) {
  for (const core::AccountId account : projection.accounts_seen()) {
    for (const core::OrderView* order : projection.active_orders(account)) {
      tables.shard_of(order->id.value)
          .try_emplace(order->id.value,
                       ScopeOrder{account, order->market, order->ordered_at, notify::time_max});
      ++tables.open_count;
    }
  }
  std::map<std::uint64_t, std::size_t> of_account;
  const std::vector<const core::OrderView*> closed = projection.closed_orders();
  const history::ProjectionLimits limits;
  for (const core::OrderView* order : closed) {
    const WallTimeMs at = closing_time(*order);
    if (++of_account[order->account.value] >= limits.closed_orders_per_account_max) {
      tables.whole_since = std::max(tables.whole_since, at);
    }
    if (order->ordered_at == at) continue;
    tables.closed.push_back({order->account, order->market, order->ordered_at, at});
  }
  if (closed.size() >= limits.closed_orders_max) {
    tables.whole_since = std::max(tables.whole_since, closing_time(*closed.front()));
  }
}

void load_withdrawals(ScopeTables& tables, const history::Projection& projection) {
  for (const core::AccountId account : projection.accounts_seen()) {
    if (!projection.has_all_withdrawals(account)) tables.whole_since = projection.time();
    for (const history::Withdrawal* row : projection.withdrawals(account)) {
      ScopeWithdrawal withdrawal{account, row->asset, row->amount, row->requested_at,
                                 notify::time_max};
      const bool open = history::is_open(row->state);
      if (!open) withdrawal.closed = row->changed_at;
      if (open) tables.withdrawing.emplace(row->id.value, withdrawal);
      if (!open && withdrawal.opened < withdrawal.closed) tables.withdrawn.push_back(withdrawal);
    }
  }
  std::ranges::sort(tables.withdrawn, {}, &ScopeWithdrawal::closed);
}

}  // namespace

const char* apply(ScopeTables& tables, const replica::EventBlock& block,
                  const ScopeLogOptions& options) {
  Applying applying(tables, block.time, options);
  ByteView events = block.events;
  while (const auto event = core::take_event(events)) {
    if (const char* wrong = std::visit(applying, *event)) return wrong;
  }
  if (!events.empty()) return "events that do not decode";
  tables.time = block.time;
  tables.index = block.index;
  tables.hash = block.hash;
  remember_time(tables, options);
  forget_old(tables, tables.closed, options);
  forget_old(tables, tables.withdrawn, options);
  return nullptr;
}

Result<std::unique_ptr<ScopeTables>> scope_tables(LogIndex index, std::uint64_t hash,
                                                  ByteView snapshot,
                                                  const ScopeLogOptions& options) {
  auto projection = history::Projection::restore(snapshot, {});
  if (!projection) return tl::unexpected(projection.error());
  if (projection->index() > index || projection->event_hash() != hash) {
    return error(Errc::mismatch, "the projection's snapshot is not of the index it was sent for");
  }
  auto tables = std::make_unique<ScopeTables>();
  for (const core::AssetSpec& asset : projection->assets()) {
    tables->assets.push_back({asset.name, asset.decimals});
  }
  for (const core::MarketSpec& market : projection->markets()) {
    tables->markets.push_back(
        {market.name, tables->assets[market.base.value].name, market.amount_digits, market.listed});
  }
  load_orders(*tables, *projection);
  load_withdrawals(*tables, *projection);
  if (tables->open_count > options.open_max) tables->whole_since = notify::time_max;
  tables->time = projection->time();
  tables->index = index;
  tables->hash = hash;
  tables->times.push_back({tables->time, index});
  return tables;
}

ScopeLog::ScopeLog(const ScopeLogOptions& options, Aside aside)
    : options_(options), aside_(std::move(aside)), alive_(std::make_shared<bool>(true)) {
  if (!aside_) {
    aside_ = [](const std::function<void()>& work, const std::function<void()>& then) {
      work();
      then();
    };
  }
}

ScopeLog::~ScopeLog() = default;

std::optional<replica::FollowedUpTo> ScopeLog::stands_at() const {
  if (!held_.empty()) return replica::FollowedUpTo{held_.back().index, held_.back().hash};
  if (tables_ == nullptr) return std::nullopt;
  return replica::FollowedUpTo{tables_->index, tables_->hash};
}

bool ScopeLog::ready() const { return !loading_ && held_bytes_ < options_.held_bytes_max; }

Result<void> ScopeLog::on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) {
  if (holds_ > 0) return error(Errc::unavailable, "the tables are being read");
  using Loaded = Result<std::unique_ptr<ScopeTables>>;
  auto loaded = std::make_shared<Loaded>(error(Errc::unavailable, "not read yet"));
  loading_ = true;
  aside_([loaded, index, hash, bytes = Bytes(snapshot),
          options = options_] { *loaded = scope_tables(index, hash, bytes, options); },
         [this, loaded, alive = std::weak_ptr(alive_)] {
           if (alive.expired()) return;
           loading_ = false;
           tables_ = *loaded ? std::move(**loaded) : nullptr;
         });
  if (!loading_ && !*loaded) return tl::unexpected(loaded->error());
  return {};
}

void ScopeLog::on_block(const replica::EventBlock& block) {
  if (holds_ == 0) return take(block);
  held_bytes_ += block.events.size() + sizeof block;
  held_.push_back(block);
}

void ScopeLog::take(const replica::EventBlock& block) {
  if (loading_) return;  // It is asked for again.
  if (tables_ == nullptr && block.hash_before != 0) return;
  if (tables_ == nullptr) tables_ = std::make_unique<ScopeTables>();  // From the first entry on.
  if (apply(*tables_, block, options_) != nullptr) tables_.reset();
}

void ScopeLog::release() {
  ASSERT(holds_ > 0);
  if (--holds_ > 0) return;
  for (const replica::EventBlock& block : std::exchange(held_, {})) {
    take(block);
  }
  held_bytes_ = 0;
}

}  // namespace oki::response
