#include "response/scope_calculator.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "crypto/crypto.h"

namespace oki::response {
namespace {

constexpr std::uint8_t failed_mark = 1;
constexpr std::uint8_t waiting_mark = 2;
constexpr std::uint8_t withdrawal_mark = 4;

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

// Sums that would not fit stand at their most.
std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a > most - b ? most : a + b; }

// The first entry at or after `from`, and the last at or before `to`, as far as times are kept.
void set_entries(ScopeReport& report, const std::deque<ScopeTime>& times) {
  const auto first = std::ranges::upper_bound(times, report.from, {}, &ScopeTime::at);
  report.first = first == times.begin() ? LogIndex{} : std::prev(first)->index;
  const auto last = std::ranges::upper_bound(times, report.to, {}, &ScopeTime::at);
  report.last = last == times.begin() ? LogIndex{} : std::prev(last)->index;
}

}  // namespace

ScopeQuery scope_query(const House& house, const Incident& incident, WallTimeMs now) {
  using notify::ComponentKind;
  ScopeQuery query;
  query.from = incident.began;
  query.to = incident.ended.value_or(now);
  std::size_t edges_hit = 0;
  std::size_t edges = 0;
  for (const Component& component : house.components) {
    edges += component.id.kind == ComponentKind::edge ? 1 : 0;
  }
  bool only_markets = true;
  for (const notify::ComponentId& id : incident.components) {
    only_markets = only_markets && id.kind == ComponentKind::market;
    if (id.kind == ComponentKind::market) query.markets.push_back(id.name);
    if (id.kind == ComponentKind::edge) ++edges_hit;
    if (id.kind == ComponentKind::node || id.kind == ComponentKind::ledger) {
      query.all_markets = true;
      query.withdrawals = true;
    }
  }
  query.all_markets = query.all_markets || (edges > 0 && edges_hit >= edges);
  query.all_requests = !only_markets || incident.components.empty();
  for (const Service& service : house.services) {
    const bool hit = std::ranges::any_of(incident.components, [&](const notify::ComponentId& id) {
      return std::ranges::find(service.components, id) != service.components.end();
    });
    if (hit) query.services.push_back(service.name);
  }
  return query;
}

ScopeCalculator::ScopeCalculator(const ScopeTables& tables, ScopeQuery query,
                                 const std::vector<core::AccountId>& house_accounts,
                                 const ScopeLimits& limits)
    : tables_(tables), query_(std::move(query)), limits_(limits) {
  for (const core::AccountId account : house_accounts) house_.insert(account.value);
  for (const ScopeMarket& market : tables.markets) {
    const bool named = query_.all_markets ||
                       std::ranges::find(query_.markets, market.name) != query_.markets.end();
    affected_.push_back(market.listed && named);
    counted_.push_back(market.listed && (query_.all_requests || named));
    markets_.emplace_back().market = market.name;
  }
  lots_.resize(tables.markets.size());
  report_.from = query_.from;
  report_.to = query_.to;
  report_.services = query_.services;
  report_.inquiries = query_.inquiries;
  accounts_text_ = "account,failed,waiting,withdrawal\n";
}

ScopeCalculator::~ScopeCalculator() = default;

bool ScopeCalculator::counts(core::AccountId account) const {
  return account.value != 0 && account <= core::customer_account_max &&
         !house_.contains(account.value);
}

bool ScopeCalculator::overlaps(WallTimeMs opened, WallTimeMs closed) const {
  return opened <= query_.to && closed > query_.from;
}

void ScopeCalculator::mark(core::AccountId account, std::uint16_t subject, std::uint8_t marks) {
  if (accounts_.size() >= limits_.accounts_max || pairs_.size() >= limits_.pairs_max) {
    truncated_ = true;
    return;
  }
  const std::uint8_t added = accounts_.add(account.value, 0, marks);
  report_.accounts_failed += (added & failed_mark) != 0 ? 1 : 0;
  report_.accounts_waiting += (added & waiting_mark) != 0 ? 1 : 0;
  if (subject >= markets_.size()) return;
  const std::size_t before = pairs_.size();
  const std::uint8_t added_here = pairs_.add(account.value, subject, marks);
  MarketScope& market = markets_[subject];
  market.accounts += pairs_.size() - before;
  market.accounts_failed += (added_here & failed_mark) != 0 ? 1 : 0;
  market.accounts_waiting += (added_here & waiting_mark) != 0 ? 1 : 0;
}

void ScopeCalculator::add_missing(std::string why) {
  std::vector<std::string>& all = report_.missing;
  if (std::ranges::find(all, why) == all.end()) all.push_back(std::move(why));
}

void ScopeCalculator::add(const edge::FailedRequest& record) {
  using edge::RecordKind;
  if (record.at < query_.from || record.at > query_.to) return;
  if (record.kind == RecordKind::unnamed) report_.requests_unnamed += record.count;
  if (record.kind >= RecordKind::started || !counts(record.account)) return;
  if (record.kind == RecordKind::withdrawal) {
    mark(record.account, edge::every_market, failed_mark | withdrawal_mark);
    report_.withdrawals += record.count;
    std::uint64_t& units = withdrawn_units_[record.subject];
    units = sum(units, record.amount);
    return;
  }
  if (record.subject == edge::every_market) {
    mark(record.account, edge::every_market, failed_mark);
    report_.requests_everywhere += record.count;
    return;
  }
  if (record.subject >= markets_.size() || !counted_[record.subject]) return;
  mark(record.account, record.subject, failed_mark);
  MarketScope& market = markets_[record.subject];
  if (record.kind == RecordKind::cancel) market.cancels_failed += record.count;
  if (record.kind == RecordKind::amend) market.amends_failed += record.count;
  if (record.kind != RecordKind::order) return;
  const bool refused =
      record.ending == edge::Ending::throttled || record.ending == edge::Ending::not_taken;
  (refused ? market.orders_refused : market.orders_unknown) += record.count;
  lots_[record.subject] = sum(lots_[record.subject], record.amount);
}

void ScopeCalculator::add_order(const ScopeOrder& order) {
  if (!affected_[order.market.value] || !overlaps(order.opened, order.closed)) return;
  if (!counts(order.account)) return;
  ++markets_[order.market.value].orders_open;
  mark(order.account, order.market.value, waiting_mark);
}

void ScopeCalculator::add_withdrawal(const ScopeWithdrawal& withdrawal) {
  if (!query_.withdrawals || !overlaps(withdrawal.opened, withdrawal.closed)) return;
  if (!counts(withdrawal.account)) return;
  ++report_.withdrawals;
  std::uint64_t& units = withdrawn_units_[withdrawal.asset.value];
  units = sum(units, withdrawal.amount.value);
  mark(withdrawal.account, edge::every_market, withdrawal_mark);
}

bool ScopeCalculator::step() {
  switch (phase_) {
    case Phase::open:
      step_open();
      break;
    case Phase::closed:
      step_closed();
      break;
    case Phase::withdrawing:
      step_withdrawing();
      break;
    case Phase::withdrawn:
      step_withdrawn();
      break;
    case Phase::sort:
      step_sort();
      break;
    case Phase::merge:
      step_merge();
      break;
    case Phase::done:
      break;
  }
  return phase_ == Phase::done;
}

void ScopeCalculator::step_open() {
  std::size_t rows = 0;
  while (at_ < ScopeTables::shards && rows < limits_.rows_per_step) {
    for (const auto& [id, order] : tables_.open[at_]) add_order(order);
    rows += tables_.open[at_++].size();
  }
  if (at_ < ScopeTables::shards) return;
  phase_ = Phase::closed;
  at_ = 0;
}

void ScopeCalculator::step_closed() {
  const std::size_t end = std::min(at_ + limits_.rows_per_step, tables_.closed.size());
  for (; at_ < end; ++at_) add_order(tables_.closed[at_]);
  if (at_ < tables_.closed.size()) return;
  phase_ = Phase::withdrawing;
  at_ = 0;
}

void ScopeCalculator::step_withdrawing() {
  auto row = tables_.withdrawing.upper_bound(withdrawing_after_);
  for (std::size_t rows = 0; row != tables_.withdrawing.end(); ++row, ++rows) {
    if (rows == limits_.rows_per_step) return;
    add_withdrawal(row->second);
    withdrawing_after_ = row->first;
  }
  phase_ = Phase::withdrawn;
}

void ScopeCalculator::step_withdrawn() {
  const std::size_t end = std::min(at_ + limits_.rows_per_step, tables_.withdrawn.size());
  for (; at_ < end; ++at_) add_withdrawal(tables_.withdrawn[at_]);
  if (at_ < tables_.withdrawn.size()) return;
  phase_ = Phase::sort;
  at_ = 0;
}

// Each run is sorted alone; merging them is the other half of sorting.
void ScopeCalculator::step_sort() {
  std::vector<Line> run;
  while (at_ < ScopeMarks::shards && run.size() < limits_.rows_per_step) {
    for (const ScopeMarks::Slot& slot : accounts_.shard(at_)) {
      if (slot.marks != 0) run.push_back({slot.account, slot.marks});
    }
    ++at_;
  }
  std::ranges::sort(run, {}, &Line::account);
  if (!run.empty()) runs_.push_back(std::move(run));
  if (at_ < ScopeMarks::shards) return;
  heads_.assign(runs_.size(), 0);
  for (std::size_t i = 0; i < runs_.size(); ++i) heap_.push_back(i);
  const auto later = [this](std::size_t a, std::size_t b) {
    return runs_[a][heads_[a]].account > runs_[b][heads_[b]].account;
  };
  std::ranges::make_heap(heap_, later);
  phase_ = Phase::merge;
}

void ScopeCalculator::step_merge() {
  const auto later = [this](std::size_t a, std::size_t b) {
    return runs_[a][heads_[a]].account > runs_[b][heads_[b]].account;
  };
  for (std::size_t rows = 0; !heap_.empty() && rows < limits_.rows_per_step; ++rows) {
    std::ranges::pop_heap(heap_, later);
    const std::size_t run = heap_.back();
    const Line& line = runs_[run][heads_[run]];
    accounts_text_ += std::to_string(line.account);
    for (const std::uint8_t mark : {failed_mark, waiting_mark, withdrawal_mark}) {
      accounts_text_ += (line.marks & mark) != 0 ? ",1" : ",0";
    }
    accounts_text_ += '\n';
    ++report_.accounts;
    if (++heads_[run] < runs_[run].size()) {
      std::ranges::push_heap(heap_, later);
    } else {
      heap_.pop_back();
    }
  }
  if (heap_.empty()) finish();
}

std::vector<ScopeAmount> ScopeCalculator::amounts_of_withdrawals() const {
  std::vector<ScopeAmount> amounts;
  for (const auto& [asset, units] : withdrawn_units_) {
    if (asset >= tables_.assets.size()) continue;
    amounts.push_back({tables_.assets[asset].name, units, tables_.assets[asset].decimals});
  }
  return amounts;
}

void ScopeCalculator::finish() {
  for (std::size_t i = 0; i < markets_.size(); ++i) {
    const bool hit = affected_[i] || markets_[i].accounts > 0;
    if (!hit || !tables_.markets[i].listed) continue;
    if (lots_[i] > 0) {
      markets_[i].amounts = {{tables_.markets[i].base, lots_[i], tables_.markets[i].digits}};
    }
    report_.markets.push_back(std::move(markets_[i]));
  }
  report_.withdrawn = amounts_of_withdrawals();
  set_entries(report_, tables_.times);
  if (query_.from < tables_.whole_since) add_missing("The log is known from a later time on.");
  if (tables_.time < query_.to) add_missing("The log has not been read to the end of the time.");
  if (truncated_) add_missing("More accounts were hit than are counted.");
  report_.complete = report_.missing.empty();
  report_.accounts_digest = crypto::hex(crypto::sha256(accounts_text_));
  phase_ = Phase::done;
}

ScopeReport ScopeCalculator::take_report() {
  ASSERT(phase_ == Phase::done);
  return std::move(report_);
}

Bytes ScopeCalculator::take_accounts() {
  ASSERT(phase_ == Phase::done);
  return std::move(accounts_text_);
}

}  // namespace oki::response
