#include "response/testing/scope_world.h"

#include <algorithm>
#include <map>
#include <string>

namespace oki::response {
namespace {

constexpr std::int64_t never = 253'402'300'799'999;

bool within(std::int64_t opened, std::int64_t closed, const ScopeQuery& query) {
  return opened <= query.to.value && closed > query.from.value && closed > opened;
}

}  // namespace

ScopeWorld::ScopeWorld(std::uint64_t seed, const ScopeWorldOptions& options)
    : random_(seed), options_(options) {
  fault_percent_ = random_.below(60);
  choose_query();
}

// Somewhere in the middle of what will happen: some 2 ms pass between two steps.
void ScopeWorld::choose_query() {
  const auto length = static_cast<std::int64_t>(options_.orders) * 2;
  query_.from = {now_ + random_.between(0, length / 2)};
  query_.to = {query_.from.value + random_.between(0, length / 2)};
  query_.all_markets = random_.chance(1, 3);
  query_.all_requests = random_.chance(2, 3);
  query_.withdrawals = random_.chance(1, 2);
  query_.services = {"trading"};
  for (std::uint16_t market = 0; market <= options_.markets; ++market) {
    if (random_.chance(1, 2)) query_.markets.push_back("m" + std::to_string(market));
  }
}

void ScopeWorld::run(const OnBlock& on_block, const OnRecord& on_record) {
  on_block_ = on_block;
  on_record_ = on_record;
  tell_markets();
  for (std::uint64_t i = 0; i < options_.orders; ++i) {
    step();
    const std::int64_t pause = random_.between(0, 4);
    if (pause > 0) end_block();
    now_ += pause;
  }
  now_ = std::max(now_, query_.to.value) + 1;
  say(core::HoldingsChanged{});
  end_block();
}

void ScopeWorld::tell_markets() {
  say(core::AssetAdded{{0}, {"jpy", 4}});
  for (std::uint16_t market = 0; market <= options_.markets; ++market) {
    const std::string number = std::to_string(market);
    say(core::AssetAdded{{static_cast<std::uint16_t>(market + 1)}, {"a" + number, 8}});
    core::MarketSpec spec;
    spec.name = "m" + number;
    spec.base = {static_cast<std::uint16_t>(market + 1)};
    spec.amount_digits = static_cast<std::uint8_t>(market % 9);
    spec.listed = market < options_.markets;
    say(core::MarketAdded{{market}, spec});
  }
  end_block();
}

void ScopeWorld::end_block() {
  if (events_.empty()) return;
  block_.index = {block_.index.value + 1};
  block_.time = {now_};
  block_.hash_before = block_.hash;
  block_.events = std::move(events_);
  block_.hash = replica::event_hash(block_.hash_before, block_.index, block_.time, block_.events);
  events_.clear();
  on_block_(block_);
}

void ScopeWorld::step() {
  const std::uint64_t what = random_.below(100);
  const bool in_outage = now_ >= query_.from.value && now_ <= query_.to.value;
  if (random_.below(100) < (in_outage ? fault_percent_ : 3)) fail_request();
  if (what < 55) return open_order();
  if (what < 85) return close_order();
  if (what < 95) return pass_order();
  move_withdrawal();
}

core::OrderAccepted ScopeWorld::accepted(std::uint64_t id, const Order& order) const {
  core::OrderView view;
  view.id = {id};
  view.account = {order.account};
  view.market = {order.market};
  view.price = {100};
  view.amount = {10};
  view.ordered_at = {order.opened};
  return {view};
}

core::OrderChanged ScopeWorld::closed(std::uint64_t id, const Order& order) {
  core::OrderChanged change;
  change.id = {id};
  change.account = {order.account};
  change.market = {order.market};
  change.status =
      id % 2 == 0 ? core::OrderStatus::fully_filled : core::OrderStatus::canceled_partially_filled;
  return change;
}

// An order's times are those of the block that tells it, so each change of the book ends one.
void ScopeWorld::open_order() {
  end_block();
  const auto market = static_cast<std::uint16_t>(random_.below(options_.markets + 1u));
  orders_.push_back({any_account(), market, now_, never});
  open_.push_back(orders_.size());
  say(accepted(orders_.size(), orders_.back()));
  if (random_.chance(1, 4)) return;
  core::OrderChanged part = closed(orders_.size(), orders_.back());
  part.status = core::OrderStatus::partially_filled;
  say(part);
  end_block();
}

void ScopeWorld::close_order() {
  if (open_.empty()) return;
  end_block();
  const std::size_t place = random_.below(open_.size());
  const std::uint64_t id = open_[place];
  open_[place] = open_.back();
  open_.pop_back();
  orders_[id - 1].closed = now_;
  say(closed(id, orders_[id - 1]));
  end_block();
}

// Accepted and filled at once: it never waited.
void ScopeWorld::pass_order() {
  end_block();
  orders_.push_back({any_account(), 0, now_, now_});
  say(accepted(orders_.size(), orders_.back()));
  say(closed(orders_.size(), orders_.back()));
  end_block();
}

void ScopeWorld::say_withdrawal(std::size_t number, core::WithdrawalState state) {
  const Withdrawal& row = withdrawals_[number];
  core::WithdrawalChanged event;
  event.id = {number + 1};
  event.state = state;
  event.account = {row.account};
  event.asset = {row.asset};
  event.amount = {row.units};
  event.requested_at = {row.opened};
  say(event);
}

void ScopeWorld::move_withdrawal() {
  end_block();
  if (withdrawing_.empty() || random_.chance(1, 2)) {
    const auto asset = static_cast<std::uint16_t>(random_.below(options_.markets + 1u));
    withdrawals_.push_back({any_account(), 1 + random_.below(1'000), asset, now_, never});
    withdrawing_.push_back(withdrawals_.size() - 1);
    say_withdrawal(withdrawals_.size() - 1, core::WithdrawalState::requested);
    return end_block();
  }
  const std::size_t number = withdrawing_.back();
  if (random_.chance(1, 2)) {
    say_withdrawal(number, core::WithdrawalState::approved);
    return end_block();
  }
  withdrawing_.pop_back();
  withdrawals_[number].closed = now_;
  say_withdrawal(number, random_.chance(1, 2) ? core::WithdrawalState::settled
                                              : core::WithdrawalState::rejected);
  end_block();
}

void ScopeWorld::fail_request() {
  edge::FailedRequest record;
  record.at = {now_ - random_.between(0, 3)};
  record.account = {any_account()};
  record.ending = static_cast<edge::Ending>(random_.below(edge::endings));
  const std::uint64_t kind = random_.below(20);
  record.kind = kind < 12   ? edge::RecordKind::order
                : kind < 16 ? edge::RecordKind::cancel
                : kind < 18 ? edge::RecordKind::amend
                : kind < 19 ? edge::RecordKind::withdrawal
                            : edge::RecordKind::unnamed;
  record.subject = static_cast<std::uint16_t>(random_.below(options_.markets + 1u));
  if (record.kind == edge::RecordKind::order || record.kind == edge::RecordKind::withdrawal) {
    record.amount = 1 + random_.below(5'000);
  }
  if (record.kind == edge::RecordKind::cancel) {
    record.count = static_cast<std::uint32_t>(1 + random_.below(5));
    if (random_.chance(1, 5)) record.subject = edge::every_market;
  }
  if (record.kind == edge::RecordKind::unnamed) {
    record.account = {};
    record.subject = edge::every_market;
    record.count = static_cast<std::uint32_t>(1 + random_.below(9));
  }
  failed_.push_back(record);
  on_record_(random_.below(options_.edges), record);
}

// --- The same again.

bool ScopeWorld::is_named(std::uint16_t market) const {
  const std::string name = "m" + std::to_string(market);
  return std::count(query_.markets.begin(), query_.markets.end(), name) > 0;
}

bool ScopeWorld::is_hit(std::uint16_t market) const {
  return market < options_.markets && (query_.all_markets || is_named(market));
}

bool ScopeWorld::counts(const edge::FailedRequest& record) const {
  if (record.at < query_.from || record.at > query_.to || record.account.value <= 2) return false;
  if (record.kind == edge::RecordKind::withdrawal) return true;
  if (record.subject == edge::every_market) return true;
  return record.subject < options_.markets && (query_.all_requests || is_hit(record.subject));
}

// Every reason for which an account is on the list, with the market that it is about, sorted, none
// twice; markets that do not matter are 65535.
std::vector<ScopeWorld::Hit> ScopeWorld::hits() const {
  std::vector<Hit> all;
  for (const edge::FailedRequest& record : failed_) {
    if (!counts(record)) continue;
    const bool withdrawal = record.kind == edge::RecordKind::withdrawal;
    const std::uint16_t market = withdrawal ? edge::every_market : record.subject;
    all.push_back({record.account.value, market, 'f'});
    if (withdrawal) all.push_back({record.account.value, market, 'x'});
  }
  for (const Order& order : orders_) {
    if (order.account <= 2 || !is_hit(order.market)) continue;
    if (within(order.opened, order.closed, query_)) {
      all.push_back({order.account, order.market, 'w'});
    }
  }
  for (const Withdrawal& row : withdrawals_) {
    if (!query_.withdrawals || row.account <= 2) continue;
    if (within(row.opened, row.closed, query_)) {
      all.push_back({row.account, edge::every_market, 'x'});
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

// Of one market, or of all with 65534.
std::uint64_t ScopeWorld::accounts_of(const std::vector<Hit>& hits, std::uint16_t market,
                                      const char* how) const {
  std::uint64_t count = 0;
  std::uint64_t last = 0;
  for (const Hit& hit : hits) {
    const bool here = market == 65'534 || hit.market == market;
    if (!here || std::string(how).find(hit.how) == std::string::npos) continue;
    if (hit.account != last) ++count;
    last = hit.account;
  }
  return count;
}

ScopeReport ScopeWorld::expected_report() const {
  constexpr std::uint16_t all_of_them = 65'534;
  const std::vector<Hit> all = hits();
  ScopeReport report;
  report.from = query_.from;
  report.to = query_.to;
  report.services = query_.services;
  report.accounts = accounts_of(all, all_of_them, "fwx");
  report.accounts_failed = accounts_of(all, all_of_them, "f");
  report.accounts_waiting = accounts_of(all, all_of_them, "w");
  std::map<std::uint16_t, std::uint64_t> units;
  for (const Withdrawal& row : withdrawals_) {
    const bool waited = within(row.opened, row.closed, query_);
    if (!query_.withdrawals || row.account <= 2 || !waited) continue;
    ++report.withdrawals;
    units[row.asset] += row.units;
  }
  std::vector<MarketScope> markets(options_.markets);
  std::vector<std::uint64_t> lots(options_.markets);
  for (const edge::FailedRequest& record : failed_) {
    const bool in_time = record.at >= query_.from && record.at <= query_.to;
    if (in_time && record.kind == edge::RecordKind::unnamed) {
      report.requests_unnamed += record.count;
    }
    if (!counts(record)) continue;
    if (record.kind == edge::RecordKind::withdrawal) {
      ++report.withdrawals;
      units[record.subject] += record.amount;
    } else if (record.subject == edge::every_market) {
      report.requests_everywhere += record.count;
    } else if (record.kind == edge::RecordKind::cancel) {
      markets[record.subject].cancels_failed += record.count;
    } else if (record.kind == edge::RecordKind::amend) {
      markets[record.subject].amends_failed += 1;
    } else {
      const bool refused = record.ending <= edge::Ending::not_taken;
      ++(refused ? markets[record.subject].orders_refused : markets[record.subject].orders_unknown);
      lots[record.subject] += record.amount;
    }
  }
  for (const auto& [asset, sum] : units) {
    report.withdrawn.push_back(
        {asset == 0 ? "jpy" : "a" + std::to_string(asset - 1), sum, asset == 0 ? 4u : 8u});
  }
  for (const Order& order : orders_) {
    if (order.account <= 2 || !is_hit(order.market)) continue;
    markets[order.market].orders_open += within(order.opened, order.closed, query_) ? 1 : 0;
  }
  for (std::uint16_t i = 0; i < options_.markets; ++i) {
    markets[i].market = "m" + std::to_string(i);
    markets[i].accounts = accounts_of(all, i, "fw");
    markets[i].accounts_failed = accounts_of(all, i, "f");
    markets[i].accounts_waiting = accounts_of(all, i, "w");
    if (lots[i] > 0) markets[i].amounts = {{"a" + std::to_string(i), lots[i], i % 9u}};
    if (is_hit(i) || markets[i].accounts > 0) report.markets.push_back(markets[i]);
  }
  return report;
}

Bytes ScopeWorld::expected_accounts() const {
  Bytes text = "account,failed,waiting,withdrawal\n";
  const std::vector<Hit> all = hits();
  for (std::size_t i = 0; i < all.size();) {
    std::string how;
    const std::uint64_t account = all[i].account;
    for (; i < all.size() && all[i].account == account; ++i) how += all[i].how;
    text += std::to_string(account);
    for (const char each : {'f', 'w', 'x'}) {
      text += how.find(each) == std::string::npos ? ",0" : ",1";
    }
    text += '\n';
  }
  return text;
}

}  // namespace oki::response
