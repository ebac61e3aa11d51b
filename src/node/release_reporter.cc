#include "node/release_reporter.h"

#include <optional>

#include "core/commands.h"

namespace oki::node {
namespace {

constexpr ByteView room = "node";
constexpr std::int64_t again_ms = 1000;

}  // namespace

ReleaseReporter::ReleaseReporter(const replica::Client::Parts& parts,
                                 const replica::ClientOptions& cluster, NodeId self,
                                 std::uint32_t release)
    : timers_(parts.timers),
      log_(parts.log),
      self_(self),
      release_(release),
      client_(std::make_unique<replica::Client>(parts, cluster)) {
  report();
}

ReleaseReporter::~ReleaseReporter() { timers_.cancel(timer_); }

// The newest report of a node counts, so one whose answer was lost is simply repeated.
void ReleaseReporter::report() {
  client_->submit(encode(core::Command(core::ReportRelease{self_.value, release_})),
                  [this](const replica::Answer& answer) { take(answer); });
}

void ReleaseReporter::take(const replica::Answer& answer) {
  if (answer.outcome != replica::Outcome::answered) {
    timer_ = timers_.after_ms(again_ms, [this] { report(); });
    return;
  }
  const std::optional<core::Reply> reply = core::decode_reply(answer.reply);
  const bool taken = reply && reply->refusal == core::Refusal::ok;
  if (taken) {
    log_.info(room, "the log knows the release of this node",
              {{"node", self_.value}, {"release", std::uint64_t{release_}}});
  } else {
    log_.error(room, "the release of this node was refused",
               {{"node", self_.value},
                {"release", std::uint64_t{release_}},
                {"refusal", reply ? core::name(reply->refusal) : "unreadable"}});
  }
  done_ = true;
  timer_ = timers_.after_ms(0, [this] { client_.reset(); });  // Not inside its own call.
}

}  // namespace oki::node
