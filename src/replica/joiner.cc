#include "replica/joiner.h"

#include <utility>

namespace oki::replica {
namespace {

constexpr std::int64_t turn_ms = 50;

}  // namespace

Joiner::Joiner(const Clock& clock, Timers& timers, Net& net, Log& log, Metrics& metrics,
               const ClientOptions& cluster, std::uint32_t seat,
               std::function<void(NodeId)> admitted)
    : timers_(timers),
      net_(net),
      seat_(seat),
      admitted_(std::move(admitted)),
      links_(clock, net, log, metrics, cluster,
             {[this](ConnectionId, const Frame& frame) { take(frame); },
              [this](ConnectionId down) {
                if (asked_on_ == down) asked_on_ = {};
              },
              [](ConnectionId) {}, [this] { ask(); }}) {
  turn();
}

Joiner::~Joiner() { timers_.cancel(timer_); }

void Joiner::turn() {
  if (done_) return;
  links_.tick();
  ask();
  timer_ = timers_.after_ms(turn_ms, [this] { turn(); });
}

void Joiner::ask() {
  const ClientLinks::Link* leader = links_.leader();
  if (done_ || leader == nullptr || asked_on_ == leader->connection) return;
  asked_on_ = leader->connection;
  net_.send(asked_on_, encode_frame(Admit{++request_, seat_}));
}

// An id whose answer was lost costs nothing: the next one replaces it.
void Joiner::take(const Frame& frame) {
  const auto* admitted = std::get_if<Admitted>(&frame);
  if (admitted == nullptr || admitted->request != request_ || done_) return;
  Reader reader(admitted->reply);
  const NodeId id{reader.u64()};
  if (admitted->result != SubmitResult::applied || !reader.ok() || id.value == 0) {
    // Asked again in a while: the leader may be in the middle of another change.
    timers_.cancel(timer_);
    timer_ = timers_.after_ms(4 * turn_ms, [this] {
      asked_on_ = {};
      turn();
    });
    return;
  }
  done_ = true;
  timers_.cancel(timer_);
  for (const ClientLinks::Link& link : links_.all()) {
    if (link.connection.value != 0) links_.drop(link.connection);
  }
  admitted_(id);
}

}  // namespace oki::replica
