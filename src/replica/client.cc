#include "replica/client.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "replica/client_commands.h"
#include "replica/client_follow.h"
#include "replica/client_links.h"

namespace oki::replica {
namespace {

constexpr std::int64_t tick_ms = 10;
constexpr std::size_t read_requests_max = 8192;

}  // namespace

class Client::Impl {
 public:
  Impl(const Parts& parts, const ClientOptions& options)
      : clock_(parts.clock),
        timers_(parts.timers),
        net_(parts.net),
        options_(options),
        commands_(parts.clock, parts.net, parts.metrics, options),
        links_(parts.clock, parts.net, parts.log, parts.metrics, options,
               {[this](ConnectionId from, const Frame& frame) { take(from, frame); },
                [this](ConnectionId connection) { link_down(connection); },
                [this](ConnectionId) { commands_.pump(); },
                [this] {
                  look();
                  follow_.tick();
                }}),
        follow_(parts.clock, parts.net, parts.random, parts.log, parts.metrics, links_, options) {
    view_.connected.resize(options.nodes.size());
    view_.nodes.resize(options.nodes.size());
    turn();
  }

  ~Impl() {
    timers_.cancel(timer_);
    timers_.cancel(refusal_timer_);
  }

  void submit(Bytes command, std::function<void(const Answer&)> done) {
    if (!commands_.submit(std::move(command), std::move(done))) refuse(std::move(done));
  }

  void follow(EventFollower& follower) { follow_.start(follower); }

  void read_index(std::function<void(LogIndex)> done) {
    if (reads_.size() >= read_requests_max) {
      return refuse([done = std::move(done)](const Answer&) { done({}); });
    }
    const std::uint64_t request = ++last_request_;
    const MonoTimeNs deadline = clock_.mono_now() + options_.deadline_ms * ns_per_ms;
    Read& read = reads_.emplace(request, Read{std::move(done), deadline, {}}).first->second;
    ask(request, read);
  }

  void transfer_leadership(std::uint32_t seat, std::function<void(TransferResult)> done) {
    if (transfer_) {
      return refuse([done = std::move(done)](const Answer&) { done(TransferResult::not_leader); });
    }
    const MonoTimeNs deadline = clock_.mono_now() + options_.deadline_ms * ns_per_ms;
    transfer_ = Transferring{++last_request_, seat, std::move(done), deadline, {}};
    ask_transfer();
  }

  const ClusterView& view() const {
    view_.followed = follow_.followed();
    return view_;
  }

 private:
  struct Read {
    std::function<void(LogIndex)> done;
    MonoTimeNs deadline;
    ConnectionId sent_on;
  };

  struct Transferring {
    std::uint64_t request = 0;
    std::uint32_t seat = 0;
    std::function<void(TransferResult)> done;
    MonoTimeNs deadline;
    ConnectionId sent_on;
  };

  void turn() {
    links_.tick();
    look();
    commands_.tick();
    follow_.tick();
    expire_reads();
    for (auto& [request, read] : reads_) ask(request, read);
    ask_transfer();
    timer_ = timers_.after_ms(tick_ms, [this] { turn(); });
  }

  // Who leads, and who is there.
  void look() {
    const ClientLinks::Link* leader = links_.leader();
    const std::vector<ClientLinks::Link>& links = links_.all();
    for (std::size_t i = 0; i < links.size(); ++i) {
      view_.connected[i] = links_.usable(links[i]);
      view_.nodes[i] = links[i].status ? links[i].status->node : NodeId{};
      if (links[i].status && links[i].status->term > view_.term) {
        view_.term = links[i].status->term;
      }
    }
    view_.leader_known = leader != nullptr;
    view_.leader_seat =
        leader == nullptr ? 0 : static_cast<std::uint32_t>(leader - links.data()) + 1;
    route_ = leader == nullptr ? ConnectionId{} : leader->connection;
    commands_.set_route(route_);
  }

  void take(ConnectionId from, const Frame& frame) {
    if (const auto* submitted = std::get_if<Submitted>(&frame)) {
      commands_.on_submitted(from, *submitted);
    } else if (const auto* opened = std::get_if<SessionOpened>(&frame)) {
      commands_.on_session_opened(from, *opened);
    } else if (const auto* read = std::get_if<ReadIndexIs>(&frame)) {
      take_read(from, *read);
    } else if (const auto* transferred = std::get_if<Transferred>(&frame)) {
      take_transferred(*transferred);
    } else {
      follow_.on_frame(from, frame);
    }
  }

  void link_down(ConnectionId connection) {
    commands_.on_link_down(connection);
    follow_.on_link_down(connection);
    for (auto& [request, read] : reads_) {
      if (read.sent_on == connection) read.sent_on = {};
    }
  }

  void ask(std::uint64_t request, Read& read) {
    if (route_.value == 0 || read.sent_on == route_) return;
    read.sent_on = route_;
    net_.send(route_, encode_frame(ReadIndex{request}));
  }

  void take_read(ConnectionId from, const ReadIndexIs& answer) {
    const auto found = reads_.find(answer.request);
    if (found == reads_.end()) return;
    if (answer.result != SubmitResult::applied) {
      if (found->second.sent_on == from) found->second.sent_on = {};  // Asked again next tick.
      return;
    }
    const std::function<void(LogIndex)> done = std::move(found->second.done);
    reads_.erase(found);
    done(answer.index);
  }

  // Sent once: when the connection is lost, nobody knows whether it began.
  void ask_transfer() {
    if (!transfer_) return;
    if (clock_.mono_now() >= transfer_->deadline) return end_transfer(TransferResult::not_leader);
    if (route_.value == 0 || transfer_->sent_on.value != 0) return;
    transfer_->sent_on = route_;
    net_.send(route_, encode_frame(Transfer{transfer_->request, transfer_->seat}));
  }

  void take_transferred(const Transferred& answer) {
    if (transfer_ && transfer_->request == answer.request) end_transfer(answer.result);
  }

  void end_transfer(TransferResult result) {
    const std::function<void(TransferResult)> done = std::move(transfer_->done);
    transfer_.reset();
    done(result);
  }

  void expire_reads() {
    const MonoTimeNs now = clock_.mono_now();
    while (!reads_.empty() && reads_.begin()->second.deadline <= now) {
      const std::function<void(LogIndex)> done = std::move(reads_.begin()->second.done);
      reads_.erase(reads_.begin());
      done({});
    }
  }

  // Told on the next turn of the loop: never inside the call that is refused.
  void refuse(std::function<void(const Answer&)> done) {
    refusals_.push_back(std::move(done));
    if (refusals_.size() > 1) return;
    refusal_timer_ = timers_.after_ms(0, [this] {
      std::deque<std::function<void(const Answer&)>> refusals;
      refusals.swap(refusals_);
      for (const auto& refused : refusals) {
        refused({Outcome::not_taken, {}, {}, "too many commands are in flight"});
      }
    });
  }

  const Clock& clock_;
  Timers& timers_;
  Net& net_;
  const ClientOptions options_;
  mutable ClusterView view_;
  ClientCommands commands_;
  ClientLinks links_;
  ClientFollow follow_;
  ConnectionId route_;
  std::map<std::uint64_t, Read> reads_;  // In order of request, which is the order of deadlines.
  std::uint64_t last_request_ = 0;
  std::optional<Transferring> transfer_;
  std::deque<std::function<void(const Answer&)>> refusals_;
  TimerId timer_;
  TimerId refusal_timer_;
};

Client::Client(const Parts& parts, const ClientOptions& options)
    : impl_(std::make_unique<Impl>(parts, options)) {}

Client::~Client() = default;

void Client::submit(Bytes command, std::function<void(const Answer&)> done) {
  impl_->submit(std::move(command), std::move(done));
}

void Client::follow(EventFollower& follower) { impl_->follow(follower); }

void Client::read_index(std::function<void(LogIndex)> done) { impl_->read_index(std::move(done)); }

void Client::transfer_leadership(std::uint32_t seat, std::function<void(TransferResult)> done) {
  impl_->transfer_leadership(seat, std::move(done));
}

const char* name(TransferResult result) {
  constexpr const char* names[] = {"begun", "not_leader", "leads_already", "no_such_voter",
                                   "not_connected"};
  return names[static_cast<std::size_t>(result)];
}

const ClusterView& Client::view() const { return impl_->view(); }

}  // namespace oki::replica
