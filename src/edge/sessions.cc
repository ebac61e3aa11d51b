#include "edge/sessions.h"

#include <limits>

#include "base/assert.h"

namespace oki::edge {

Sessions::Sessions(const Parts& parts, const Options& options)
    : parts_(parts),
      options_(options),
      self_(std::make_shared<Sessions*>(this)),
      gauge_(parts.metrics.gauge("okiagari_edge_sessions",
                                 "Connections with orders that end with them")) {
  ASSERT(options.edge != 0);
}

Sessions::~Sessions() {
  parts_.timers.cancel(alive_timer_);
  for (const auto& [id, timer] : again_) parts_.timers.cancel(timer);
}

std::optional<core::SessionId> Sessions::of(std::uint64_t connection) {
  const auto found = open_.find(connection);
  if (found != open_.end()) return core::SessionId{found->second};
  const bool exhausted = last_ == std::numeric_limits<std::uint32_t>::max();
  if (sessions_.size() >= options_.sessions_max || exhausted) return std::nullopt;
  const std::uint64_t id = std::uint64_t{options_.edge} << 32 | ++last_;
  open_.emplace(connection, id);
  sessions_.emplace(id, Session{});
  gauge_.set(static_cast<std::int64_t>(sessions_.size()));
  if (alive_timer_.value == 0) keep_alive();
  return core::SessionId{id};
}

void Sessions::sent(core::SessionId session) {
  const auto found = sessions_.find(session.value);
  ASSERT(found != sessions_.end());
  ++found->second.on_the_way;
}

void Sessions::answered(core::SessionId session, bool known) {
  const auto found = sessions_.find(session.value);
  ASSERT(found != sessions_.end() && found->second.on_the_way > 0);
  --found->second.on_the_way;
  if (!known) found->second.uncertain = true;
  close_if_done(session.value);
}

void Sessions::closed(std::uint64_t connection) {
  const auto found = open_.find(connection);
  if (found == open_.end()) return;
  const std::uint64_t id = found->second;
  open_.erase(found);
  sessions_.at(id).closed = true;
  close_if_done(id);
}

// With an order on the way CloseSession could be in the log before it.
void Sessions::close_if_done(std::uint64_t id) {
  Session& session = sessions_.at(id);
  if (!session.closed || session.closing || session.on_the_way > 0) return;
  session.closing = true;
  submit_close(id);
}

void Sessions::submit_close(std::uint64_t id) {
  parts_.cluster.submit(core::encode(core::CloseSession{{id}}), [self = std::weak_ptr(self_), id](
                                                                    const replica::Answer& answer) {
    if (const auto alive = self.lock()) {
      (*alive)->close_answered(id, answer.outcome == replica::Outcome::answered);
    }
  });
}

void Sessions::close_answered(std::uint64_t id, bool done) {
  if (!done) return close_again_after(id, options_.retry_ms);
  Session& session = sessions_.at(id);
  if (session.uncertain) {
    session.uncertain = false;
    return close_again_after(id, options_.settle_ms);
  }
  sessions_.erase(id);
  gauge_.set(static_cast<std::int64_t>(sessions_.size()));
}

void Sessions::close_again_after(std::uint64_t id, std::int64_t ms) {
  again_[id] = parts_.timers.after_ms(ms, [this, id] {
    again_.erase(id);
    submit_close(id);
  });
}

// One at a time: one that is late is of no use to the next.
void Sessions::keep_alive() {
  alive_timer_ = {};
  if (sessions_.empty()) return;
  alive_timer_ = parts_.timers.after_ms(options_.alive_ms, [this] { keep_alive(); });
  if (alive_on_the_way_) return;
  alive_on_the_way_ = true;
  parts_.cluster.submit(core::encode(core::EdgeAlive{options_.edge}),
                        [self = std::weak_ptr(self_)](const replica::Answer&) {
                          if (const auto alive = self.lock()) (*alive)->alive_on_the_way_ = false;
                        });
}

}  // namespace oki::edge
