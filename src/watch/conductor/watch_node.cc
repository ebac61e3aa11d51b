#include "watch/conductor/watch_node.h"

#include <optional>
#include <utility>

#include "watch/conductor/house_keeper.h"
#include "watch/conductor/machine_link.h"
#include "watch/conductor/subscriber_machine.h"
#include "watch/conductor/watch_machine.h"
#include "watch/speakers.h"

namespace oki::watch {
namespace {

constexpr std::int64_t alive_ms = 1'000;
constexpr std::uint64_t segment_bytes = 4u << 20;
constexpr std::uint64_t snapshot_every_entries = 20'000;
constexpr std::size_t frame_bytes_max = 2u << 20;
constexpr std::size_t entry_bytes_max = 1u << 20;

replica::NodeOptions node_options(const WatchNodeOptions& from) {
  replica::NodeOptions options;
  options.cluster = from.cluster;
  options.seat = from.seat;
  options.nodes = from.watches;
  options.bootstrap = from.bootstrap || from.watches.empty();
  if (from.watches.empty()) options.nodes = {Address{"127.0.0.1", 0}};
  options.replica.snapshot_every_entries = snapshot_every_entries;
  options.replica.batch_bytes_max = entry_bytes_max / 2;
  options.replica.journal.segment_bytes = segment_bytes;
  options.replica.journal.frame_bytes_max = frame_bytes_max;
  options.replica.journal.entry_bytes_max = entry_bytes_max;
  return options;
}

}  // namespace

class WatchNode::Impl {
 public:
  Impl(const Parts& parts, const WatchNodeOptions& options,
       replica::Replica::MakeEngine make_engine, std::function<void(const Error&)> on_stop)
      : parts_(parts),
        options_(options),
        machine_({{Part::incidents, incidents_}, {Part::subscribers, subscribers_}}),
        link_(
            parts.clock, parts.timers, parts.metrics,
            [this](Bytes command, auto done) { send(std::move(command), std::move(done)); },
            MachineLinkOptions{}),
        house_(options.house, parts.log,
               [this](const response::Command& command, Replied done) {
                 submit(command, std::move(done));
               }),
        node_({parts.clock, parts.timers, parts.net, parts.disk, parts.log, parts.metrics, machine_,
               parts.snapshot_disk, parts.snapshot_maker},
              node_options(options), make_engine, std::move(on_stop)) {
    machine_.on_change([this] { changed_ = true; });
  }

  ~Impl() {
    parts_.timers.cancel(alive_timer_);
    parts_.timers.cancel(change_timer_);
  }

  void start(std::function<void(Result<Address>)> ready) {
    node_.start([this, ready = std::move(ready)](Result<Address> bound) {
      if (bound) make_client(*bound);
      ready(std::move(bound));
    });
  }

  void turn_end() {
    node_.turn_end();
    if (!std::exchange(changed_, false) || change_waits_) return;
    change_waits_ = true;
    change_timer_ = parts_.timers.after_ms(0, [this] {
      change_waits_ = false;
      tell_change();
    });
  }

  bool leads() {
    const replica::Replica* replica = node_.replica();
    return replica != nullptr && replica->status().is_leader && replica->status().serving;
  }

  void submit(const response::Command& command, Replied done) {
    send(to_part(Part::incidents, response::encode(command)),
         [done = std::move(done)](const replica::Answer& answer) {
           if (answer.outcome == replica::Outcome::not_taken) {
             return done(error(Errc::unavailable, answer.why));
           }
           if (answer.outcome == replica::Outcome::unknown) {
             return done(error(Errc::io, answer.why));
           }
           const auto reply = response::decode_reply(answer.reply);
           if (!reply) return done(error(Errc::invalid, "the answer does not decode"));
           done(*reply);
         });
  }

  void submit(const notify::SubscriberCommand& command,
              std::function<void(std::optional<notify::SubscriberResult>)> done) {
    send(to_part(Part::subscribers, notify::encode(command)),
         [done = std::move(done)](const replica::Answer& answer) {
           if (answer.outcome != replica::Outcome::answered || answer.reply.size() != 1) {
             return done(std::nullopt);
           }
           done(static_cast<notify::SubscriberResult>(answer.reply[0]));
         });
  }

  Parts parts_;
  WatchNodeOptions options_;
  response::ResponseMachine incidents_;
  SubscriberMachine subscribers_;
  WatchMachine machine_;
  MachineLink link_;
  HouseKeeper house_;
  std::unique_ptr<replica::Client> client_;
  replica::Node node_;
  std::function<void()> on_change_;

 private:
  void make_client(const Address& bound) {
    replica::ClientOptions client;
    client.cluster = options_.cluster;
    client.nodes = options_.watches.empty() ? std::vector<Address>{bound} : options_.watches;
    client_ = std::make_unique<replica::Client>(
        replica::Client::Parts{parts_.clock, parts_.timers, parts_.net, parts_.random, parts_.log,
                               parts_.metrics},
        client);
    say_alive();
  }

  void say_alive() {
    alive_timer_ = parts_.timers.after_ms(alive_ms, [this] { say_alive(); });
    link_.tell(response::Alive{watch_speaker(options_.seat)});
    if (leads()) house_.keep(incidents_.state().house, incidents_.state().now);
  }

  void send(Bytes command, std::function<void(const replica::Answer&)> done) {
    if (client_) return client_->submit(std::move(command), std::move(done));
    parts_.timers.after_ms(0, [lives = std::weak_ptr<bool>(lives_), done = std::move(done)] {
      if (lives.expired()) return;
      done({replica::Outcome::not_taken, {}, {}, "the replica of this watch has not started"});
    });
  }

  void tell_change() {
    if (leads()) house_.keep(incidents_.state().house, incidents_.state().now);
    if (on_change_) on_change_();
  }

  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  TimerId alive_timer_;
  TimerId change_timer_;
  bool changed_ = false;
  bool change_waits_ = false;
};

WatchNode::WatchNode(const Parts& parts, const WatchNodeOptions& options,
                     replica::Replica::MakeEngine make_engine,
                     std::function<void(const Error&)> on_stop)
    : impl_(std::make_unique<Impl>(parts, options, make_engine, std::move(on_stop))) {}

WatchNode::~WatchNode() = default;

void WatchNode::start(std::function<void(Result<Address>)> ready) {
  impl_->start(std::move(ready));
}

void WatchNode::turn_end() { impl_->turn_end(); }

void WatchNode::hand_over(std::int64_t patience_ms, std::function<void()> done) {
  impl_->node_.hand_over(patience_ms, std::move(done));
}

void WatchNode::on_change(std::function<void()> changed) { impl_->on_change_ = std::move(changed); }

const notify::SubscriberBook& WatchNode::subscribers() const { return impl_->subscribers_.book(); }

void WatchNode::submit(const notify::SubscriberCommand& command,
                       std::function<void(std::optional<notify::SubscriberResult>)> done) {
  impl_->submit(command, std::move(done));
}

const response::State& WatchNode::state() const { return impl_->incidents_.state(); }
bool WatchNode::leads() const { return impl_->leads(); }
std::uint32_t WatchNode::seat() const { return impl_->options_.seat; }

std::uint32_t WatchNode::seats() const {
  return impl_->options_.watches.empty()
             ? 1
             : static_cast<std::uint32_t>(impl_->options_.watches.size());
}

response::Tell WatchNode::tell() {
  return [this](response::Command command) { impl_->link_.tell(std::move(command)); };
}

void WatchNode::submit(const response::Command& command, Replied done) {
  impl_->submit(command, std::move(done));
}

}  // namespace oki::watch
