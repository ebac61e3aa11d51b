#include "node/submit_all.h"

#include <optional>
#include <string>
#include <utility>

namespace oki::node {
namespace {

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(replica::Client& client, std::vector<core::Command> commands, std::size_t attempts_max,
      std::function<void(Result<SubmittedAll>)> done)
      : client_(client),
        commands_(std::move(commands)),
        attempts_max_(attempts_max),
        done_(std::move(done)) {}

  void next() {
    if (position_ == commands_.size()) {
      done_(counts_);
      return;
    }
    client_.submit(
        core::encode(commands_[position_]),
        [self = shared_from_this()](const replica::Answer& answer) { self->take(answer); });
  }

 private:
  void take(const replica::Answer& answer) {
    if (answer.outcome != replica::Outcome::answered) {
      if (++failures_ < attempts_max_) return next();
      return fail(Errc::unavailable, answer.why);
    }
    failures_ = 0;
    const std::optional<core::Reply> reply = core::decode_reply(answer.reply);
    if (!reply) return fail(Errc::invalid, "the answer does not decode");
    if (reply->refusal == core::Refusal::ok) {
      ++counts_.added;
    } else if (reply->refusal == core::Refusal::exists) {
      ++counts_.present;
    } else {
      return fail(Errc::invalid, core::name(reply->refusal));
    }
    ++position_;
    next();
  }

  void fail(Errc code, const std::string& why) {
    done_(error(code, "set-up command " + std::to_string(position_ + 1) + " of " +
                          std::to_string(commands_.size()) + ": " + why));
  }

  replica::Client& client_;
  std::vector<core::Command> commands_;
  std::size_t attempts_max_;
  std::function<void(Result<SubmittedAll>)> done_;
  SubmittedAll counts_;
  std::size_t position_ = 0;
  std::size_t failures_ = 0;
};

}  // namespace

void submit_all(replica::Client& client, std::vector<core::Command> commands,
                std::size_t attempts_max, std::function<void(Result<SubmittedAll>)> done) {
  std::make_shared<Run>(client, std::move(commands), attempts_max, std::move(done))->next();
}

}  // namespace oki::node
