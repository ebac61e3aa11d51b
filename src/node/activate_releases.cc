#include "node/activate_releases.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/commands.h"
#include "core/core.h"

namespace oki::node {
namespace {

constexpr std::int64_t again_ms = 100;

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(replica::Client& client, Timers& timers, std::size_t attempts_max,
      std::function<void(Result<void>)> done)
      : client_(client), timers_(timers), attempts_max_(attempts_max), done_(std::move(done)) {}

  void next() {
    if (release_ > core::core_release_max) return done_({});
    const std::optional<std::vector<std::uint64_t>> nodes = members();
    if (!nodes) return again("a node does not answer");
    const core::Command command = core::ActivateRelease{release_, *nodes};
    client_.submit(
        core::encode(command),
        [self = shared_from_this()](const replica::Answer& answer) { self->take(answer); });
  }

 private:
  // Nothing while it is not known who sits on some seat.
  std::optional<std::vector<std::uint64_t>> members() const {
    const replica::ClusterView& view = client_.view();
    std::vector<std::uint64_t> nodes;
    for (std::size_t i = 0; i < view.nodes.size(); ++i) {
      if (!view.connected[i] || view.nodes[i].value == 0) return std::nullopt;
      nodes.push_back(view.nodes[i].value);
    }
    return nodes;
  }

  void take(const replica::Answer& answer) {
    if (answer.outcome != replica::Outcome::answered) return again(answer.why);
    const std::optional<core::Reply> reply = core::decode_reply(answer.reply);
    if (!reply) return done_(error(Errc::invalid, "the answer does not decode"));
    // wrong_state: it is active, by a command whose answer was lost or by somebody else.
    const bool active =
        reply->refusal == core::Refusal::ok || reply->refusal == core::Refusal::wrong_state;
    if (!active) return again(core::name(reply->refusal));
    attempts_ = 0;
    ++release_;
    next();
  }

  void again(const std::string& why) {
    if (++attempts_ >= attempts_max_) {
      done_(error(Errc::unavailable,
                  "release " + std::to_string(release_) + " of the rules is not active: " + why));
      return;
    }
    timers_.after_ms(again_ms, [self = shared_from_this()] { self->next(); });
  }

  replica::Client& client_;
  Timers& timers_;
  const std::size_t attempts_max_;
  const std::function<void(Result<void>)> done_;
  std::uint32_t release_ = 2;  // The core starts in release 1.
  std::size_t attempts_ = 0;
};

}  // namespace

void activate_releases(replica::Client& client, Timers& timers, std::size_t attempts_max,
                       std::function<void(Result<void>)> done) {
  std::make_shared<Run>(client, timers, attempts_max, std::move(done))->next();
}

}  // namespace oki::node
