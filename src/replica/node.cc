#include "replica/node.h"

#include <utility>

#include "base/assert.h"
#include "replica/joiner.h"
#include "store/snapshots.h"

namespace oki::replica {
namespace {

constexpr ByteView room = "replica";
constexpr std::int64_t hand_over_look_ms = 5;
constexpr std::size_t hand_over_looks_per_target = 50;

}  // namespace

class Node::Impl {
 public:
  Impl(const Parts& parts, const NodeOptions& options, Replica::MakeEngine make_engine,
       std::function<void(const Error&)> on_stop)
      : parts_(parts), options_(options), make_engine_(make_engine), on_stop_(std::move(on_stop)) {}

  ~Impl() {
    parts_.timers.cancel(start_timer_);
    parts_.timers.cancel(hand_over_timer_);
  }

  void start(std::function<void(Result<Address>)> ready) {
    ready_ = std::move(ready);
    start_timer_ = parts_.timers.after_ms(0, [this] { begin(); });
  }

  void turn_end() {
    if (replica_) replica_->flush();
  }

  void hand_over(std::int64_t patience_ms, std::function<void()> done) {
    handed_over_ = std::move(done);
    hand_over_deadline_ = parts_.clock.mono_now() + patience_ms * ns_per_ms;
    look_at_hand_over();
  }

  Replica* replica() { return replica_.get(); }
  Bytes metrics_text() const { return parts_.metrics.prometheus_text(); }

 private:
  void fail(const Error& reason) { std::exchange(ready_, nullptr)(tl::unexpected(reason)); }

  void begin() {
    if (options_.seat == 0 || options_.seat > options_.nodes.size()) {
      return fail({Errc::invalid, "seat " + std::to_string(options_.seat) + " is not one of the " +
                                      std::to_string(options_.nodes.size()) + " seats"});
    }
    const auto identity = store::load_identity(parts_.disk);
    if (!identity) return fail(identity.error());
    if (*identity) return run();
    if (options_.bootstrap) {
      const auto voters = static_cast<std::uint32_t>(options_.nodes.size());
      Disk& snapshots = parts_.snapshot_disk ? *parts_.snapshot_disk : parts_.disk;
      return Replica::bootstrap(parts_.disk, snapshots, options_.cluster, options_.seat, voters,
                                [this](Result<void> written) { identity_written(written); });
    }
    parts_.log.info(room, "this seat is empty and asks to join",
                    {{"seat", std::uint64_t{options_.seat}}});
    ClientOptions cluster;
    cluster.cluster = options_.cluster;
    cluster.nodes = options_.nodes;
    joiner_ = std::make_unique<Joiner>(parts_.clock, parts_.timers, parts_.net, parts_.log,
                                       parts_.metrics, cluster, options_.seat,
                                       [this](NodeId id) { join(id); });
  }

  void join(NodeId id) {
    Replica::join(parts_.disk, options_.cluster, options_.seat, id,
                  [this](Result<void> written) { identity_written(written); });
  }

  void identity_written(const Result<void>& written) {
    if (!written) return fail(written.error());
    run();
  }

  void run() {
    const auto identity = store::load_identity(parts_.disk);
    if (!identity) return fail(identity.error());
    ASSERT(identity->has_value());
    ServerOptions server = options_.server;
    server.cluster = options_.cluster;
    server.self = (*identity)->node;
    server.seat = options_.seat;
    server.nodes = options_.nodes;
    server_ =
        std::make_unique<NodeServer>(NodeServer::Parts{parts_.clock, parts_.timers, parts_.net,
                                                       parts_.log, parts_.metrics, parts_.machine},
                                     server, on_stop_);
    ReplicaOptions replica = options_.replica;
    replica.cluster = options_.cluster;
    replica.seat = options_.seat;
    replica.flushed_by_host = true;
    auto started =
        Replica::start({parts_.clock, parts_.timers, parts_.disk, parts_.log, parts_.metrics,
                        *server_, parts_.machine, parts_.snapshot_disk, parts_.snapshot_maker},
                       replica, make_engine_);
    if (!started) return fail(started.error());
    replica_ = std::move(*started);
    server_->serve(*replica_);
    listen();
  }

  void listen() {
    const Address own = options_.nodes[options_.seat - 1];
    const auto listening = server_->listen(options_.listen.host.empty() ? own : options_.listen);
    if (listening) {
      parts_.log.info(room, "this node serves",
                      {{"seat", std::uint64_t{options_.seat}},
                       {"node", replica_->status().self.value},
                       {"address", to_string(*listening)}});
    }
    std::exchange(ready_, nullptr)(listening);
  }

  void look_at_hand_over() {
    const bool leads = replica_ && replica_->status().is_leader;
    if (!leads || parts_.clock.mono_now() >= hand_over_deadline_) {
      return std::exchange(handed_over_, nullptr)();
    }
    if (hand_over_looks_++ % hand_over_looks_per_target == 0) try_hand_over();
    hand_over_timer_ = parts_.timers.after_ms(hand_over_look_ms, [this] { look_at_hand_over(); });
  }

  // One after the other: the engine gives up a target that lags, and another may not.
  void try_hand_over() {
    std::vector<NodeId> targets;
    for (const Members::Member& member : replica_->status().members.all) {
      const bool can_lead = !member.learner && member.seat != options_.seat;
      if (can_lead && server_->peer_up(member.seat)) targets.push_back(member.id);
    }
    if (targets.empty()) return;
    replica_->transfer_leadership(targets[hand_over_targets_++ % targets.size()]);
  }

  const Parts parts_;
  const NodeOptions options_;
  const Replica::MakeEngine make_engine_;
  const std::function<void(const Error&)> on_stop_;
  std::function<void(Result<Address>)> ready_;
  std::function<void()> handed_over_;
  MonoTimeNs hand_over_deadline_;
  std::size_t hand_over_looks_ = 0;
  std::size_t hand_over_targets_ = 0;
  TimerId start_timer_;
  TimerId hand_over_timer_;
  std::unique_ptr<Joiner> joiner_;
  std::unique_ptr<NodeServer> server_;  // Outlives the replica, whose host it is.
  std::unique_ptr<Replica> replica_;
};

Node::Node(const Parts& parts, const NodeOptions& options, Replica::MakeEngine make_engine,
           std::function<void(const Error&)> on_stop)
    : impl_(std::make_unique<Impl>(parts, options, make_engine, std::move(on_stop))) {}
Node::~Node() = default;

void Node::start(std::function<void(Result<Address>)> ready) { impl_->start(std::move(ready)); }
void Node::turn_end() { impl_->turn_end(); }
void Node::hand_over(std::int64_t patience_ms, std::function<void()> done) {
  impl_->hand_over(patience_ms, std::move(done));
}
Replica* Node::replica() { return impl_->replica(); }
Bytes Node::metrics_text() const { return impl_->metrics_text(); }

}  // namespace oki::replica
