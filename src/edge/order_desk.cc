#include "edge/order_desk.h"

#include <algorithm>

#include "base/assert.h"
#include "edge/order_answers.h"

namespace oki::edge {
namespace {

constexpr std::size_t lagging_max = 100'000;

// A command is answered long before that, so whose connection closed earlier asks for nothing now.
constexpr std::int64_t gone_ms = 10'000;
constexpr std::size_t gone_max = 65'536;

Ending ending_of(std::uint16_t status) {
  if (status == 503) return Ending::not_taken;
  return status == 504 ? Ending::unknown : Ending::internal;
}

}  // namespace

OrderDesk::OrderDesk(const Parts& parts, const EdgeOptions& options)
    : parts_(parts),
      options_(options),
      alive_(std::make_shared<OrderDesk*>(this)),
      not_taken_(parts.metrics.counter("okiagari_edge_commands_not_taken_total",
                                       "Commands that surely had no effect")),
      unknown_(parts.metrics.counter("okiagari_edge_commands_unknown_total",
                                     "Commands whose outcome was not known in time")),
      lagged_(parts.metrics.counter("okiagari_edge_answers_lagged_total",
                                    "Answers sent before this edge had read their effect")),
      duration_(parts.metrics.histogram("okiagari_edge_command_seconds",
                                        "From the request to the answer of a command")) {
  for (const core::AccountId account : options.house_accounts) house_.insert(account.value);
}

void OrderDesk::take(Endpoint endpoint, const Caller& caller, const Params& params,
                     const FindSession& find_session, Respond respond, std::uint64_t connection) {
  const bool of_the_house = house_.contains(caller.account.value);
  auto update =
      read_update(endpoint, params, {parts_.projection, caller, of_the_house, find_session});
  if (!update) return respond(refused(update.error()));
  if (!update->command) return respond(answer_of(update->asked, {}, parts_.projection));
  submit(*update->command,
         {std::move(update->asked), parts_.clock.mono_now(), std::move(respond), connection});
}

std::size_t OrderDesk::in_flight_max() const {
  if (parts_.settings == nullptr) return options_.in_flight_max;
  return std::min<std::size_t>(parts_.settings->in_flight_max, options_.in_flight_max);
}

void OrderDesk::submit(const core::Command& command, Pending pending) {
  if (in_flight_ >= in_flight_max()) {
    not_taken_.add();
    return respond(pending, not_taken("Too many orders are in flight, nothing was done"));
  }
  std::size_t& own = in_flight_of_[pending.asked.account.value];
  if (own >= options_.in_flight_per_account_max) {
    remember(pending, Ending::throttled);
    return pending.respond(throttled("Too many of your orders are in flight", 1));
  }
  ++own;
  ++in_flight_;
  if (pending.asked.session.value != 0) parts_.sessions.sent(pending.asked.session);
  auto shared = std::make_shared<Pending>(std::move(pending));
  parts_.cluster.submit(core::encode(command),
                        [alive = std::weak_ptr(alive_), shared](const replica::Answer& answer) {
                          if (const auto desk = alive.lock()) (*desk)->answered(*shared, answer);
                        });
}

void OrderDesk::release(core::AccountId account) {
  const auto found = in_flight_of_.find(account.value);
  ASSERT(found != in_flight_of_.end() && found->second > 0 && in_flight_ > 0);
  if (--found->second == 0) in_flight_of_.erase(found);
  --in_flight_;
}

void OrderDesk::answered(Pending& pending, const replica::Answer& answer) {
  release(pending.asked.account);
  if (pending.asked.session.value != 0) {
    const bool known = answer.outcome != replica::Outcome::unknown;
    parts_.sessions.answered(pending.asked.session, known);
  }
  if (answer.outcome == replica::Outcome::not_taken) {
    not_taken_.add();
    return respond(pending,
                   not_taken("The exchange did not take it, nothing was done: " + answer.why));
  }
  auto reply = answer.outcome == replica::Outcome::answered ? core::decode_reply(answer.reply)
                                                            : std::nullopt;
  if (!reply) {
    unknown_.add();
    return respond(
        pending,
        outcome_unknown("It is not known whether this was done, look before you repeat it"));
  }
  const LogIndex index = answer.index;
  parts_.applied.when(index,
                      [this, alive = std::weak_ptr(alive_), index, pending = std::move(pending),
                       reply = std::move(*reply)](bool reached) {
                        if (alive.expired()) return;
                        if (!reached) {
                          lagged_.add();
                          if (lagging_.size() < lagging_max)
                            lagging_[pending.asked.account.value] = index;
                        }
                        duration_.record_ns(parts_.clock.mono_now() - pending.started);
                        respond(pending, answer_of(pending.asked, reply, parts_.projection));
                      });
}

// What succeeded pays two comparisons for being no failure.
void OrderDesk::respond(const Pending& pending, net::HttpResponse response) {
  if (response.status >= 500) {
    remember(pending, ending_of(response.status));
  } else if (!gone_.empty() && gone_.contains(pending.connection)) {
    remember(pending, Ending::connection_lost);
  }
  pending.respond(std::move(response));
}

void OrderDesk::remember(const Pending& pending, Ending ending) {
  if (records_ == nullptr) return;
  const Asked& asked = pending.asked;
  FailedRequest record;
  const std::int64_t took_ms = (parts_.clock.mono_now() - pending.started) / ns_per_ms;
  record.at = {parts_.clock.wall_now().value - took_ms};
  record.account = asked.account;
  record.ending = ending;
  for (const Asked::Placed& order : asked.placed) {
    if (order.fault) continue;
    record.subject = order.market.value;
    record.amount = order.amount.value;
    records_->add(record);
  }
  if (!asked.placed.empty()) return;
  const bool amends = asked.endpoint == Endpoint::amend_order;
  const bool anywhere = asked.all_markets || asked.endpoint == Endpoint::cancel_all_after;
  record.kind = amends ? RecordKind::amend : RecordKind::cancel;
  if (!anywhere) record.subject = asked.market.value;
  record.count = asked.orders.empty() ? 1 : static_cast<std::uint32_t>(asked.orders.size());
  records_->add(record);
}

void OrderDesk::closed(std::uint64_t connection) {
  if (records_ == nullptr || connection == 0 || in_flight_ + parts_.applied.waiting() == 0) return;
  const MonoTimeNs now = parts_.clock.mono_now();
  while (!gone_order_.empty() &&
         (now - gone_order_.front().at > gone_ms * ns_per_ms || gone_order_.size() >= gone_max)) {
    gone_.erase(gone_order_.front().connection);
    gone_order_.pop_front();
  }
  gone_order_.push_back({now, connection});
  gone_.insert(connection);
}

LogIndex OrderDesk::lagging(core::AccountId account) {
  if (lagging_.empty()) return {};
  const auto found = lagging_.find(account.value);
  if (found == lagging_.end()) return {};
  const LogIndex index = found->second;
  if (index <= parts_.applied.index()) {
    lagging_.erase(found);
    return {};
  }
  return index;
}

}  // namespace oki::edge
