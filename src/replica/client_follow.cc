#include "replica/client_follow.h"

#include <vector>

#include "base/assert.h"

namespace oki::replica {
namespace {

constexpr std::int64_t avoid_ms = 1000;
constexpr std::int64_t wait_for_follower_ms = 50;  // Before the leader is followed itself.

}  // namespace

ClientFollow::ClientFollow(const Clock& clock, Net& net, Random& random, Log& log, Metrics& metrics,
                           ClientLinks& links, const ClientOptions& options)
    : clock_(clock),
      net_(net),
      random_(random),
      log_(log),
      links_(links),
      options_(options),
      blocks_(metrics.counter("okiagari_replica_client_blocks_total", "Event blocks followed")),
      snapshots_(metrics.counter("okiagari_replica_client_snapshots_total",
                                 "Times the followed state started from a snapshot")),
      moves_(metrics.counter("okiagari_replica_client_follows_total",
                             "Times a node was chosen to be followed")),
      distrusts_(metrics.counter("okiagari_replica_client_distrusts_total",
                                 "Times what a node sent did not fit the chain of hashes")) {}

void ClientFollow::start(EventFollower& follower) {
  ASSERT(follower_ == nullptr);
  follower_ = &follower;
  wanted_since_ = clock_.mono_now();
  choose();
}

bool ClientFollow::avoided(const ClientLinks::Link& link) const {
  return link.address == avoided_ && clock_.mono_now() < avoid_until_;
}

void ClientFollow::choose() {
  if (follower_ == nullptr || from_.value != 0 || !follower_->ready()) return;
  const ClientLinks::Link* leader = links_.leader();
  std::vector<const ClientLinks::Link*> candidates;
  for (const ClientLinks::Link& link : links_.all()) {
    // Without a Status it is not known yet whether this node is in step.
    if (!links_.usable(link) || avoided(link) || !link.status) continue;
    if (&link != leader && !stands_still(link)) candidates.push_back(&link);
  }
  if (candidates.empty() && leader != nullptr && !avoided(*leader)) {
    const bool only_node = links_.all().size() == 1;
    const std::int64_t waited_ns = clock_.mono_now() - wanted_since_;
    if (only_node || waited_ns >= wait_for_follower_ms * ns_per_ms) candidates.push_back(leader);
  }
  if (candidates.empty()) return;
  const Bytes dice = random_.bytes(1);
  const auto pick = static_cast<unsigned char>(dice.front()) % candidates.size();
  from_ = candidates[pick]->connection;
  begun_.reset();
  snapshot_.clear();
  moves_.add();
  if (const auto stands_at = follower_->stands_at()) {
    has_copy_ = true;
    index_ = stands_at->index;
    hash_ = stands_at->hash;
  }
  net_.send(from_, encode_frame(Follow{has_copy_, index_, hash_}));
}

bool ClientFollow::stands_still(const ClientLinks::Link& link) const {
  if (!link.status) return false;
  if (clock_.mono_now() - link.applied_changed < options_.follow_stall_ms * ns_per_ms) return false;
  for (const ClientLinks::Link& other : links_.all()) {
    if (links_.usable(other) && other.status && other.status->applied > link.status->applied) {
      return true;
    }
  }
  return false;
}

void ClientFollow::on_link_down(ConnectionId connection) {
  if (from_ != connection) return;
  from_ = {};
  wanted_since_ = clock_.mono_now();
  choose();
}

// The connection goes too: there is no other way to stop what the node still sends.
void ClientFollow::leave() {
  const ConnectionId left = from_;
  from_ = {};
  wanted_since_ = clock_.mono_now();
  links_.drop(left);
}

void ClientFollow::tick() {
  if (follower_ == nullptr) return;
  const ClientLinks::Link* link = links_.find(from_);
  if (link != nullptr && (!links_.usable(*link) || stands_still(*link))) leave();
  choose();
}

void ClientFollow::distrust(const std::string& why) {
  distrusts_.add();
  const ClientLinks::Link* link = links_.find(from_);
  if (link != nullptr) {
    avoided_ = link->address;
    avoid_until_ = clock_.mono_now() + avoid_ms * ns_per_ms;
    log_.warning("replica", "followed events given up",
                 {{"node", to_string(link->address)}, {"why", why}, {"index", index_.value}});
  }
  has_copy_ = false;
  hash_ = 0;
  leave();
  choose();
}

void ClientFollow::on_frame(ConnectionId from, const Frame& frame) {
  if (from != from_ || follower_ == nullptr) return;
  if (const auto* block = std::get_if<Block>(&frame)) return take_block(*block);
  if (const auto* begin = std::get_if<SnapshotBegin>(&frame)) return begin_snapshot(*begin);
  if (const auto* chunk = std::get_if<SnapshotChunk>(&frame)) return take_chunk(*chunk);
  if (const auto* up_to = std::get_if<UpTo>(&frame)) {
    if (!has_copy_ || begun_ || up_to->index <= index_) return;
    index_ = up_to->index;
    follower_->on_up_to(index_);
  }
}

void ClientFollow::take_block(const Block& block) {
  if (!has_copy_ || begun_) return distrust("a block without a state to apply it to");
  if (block.index <= index_) return distrust("a block goes back");
  if (block.hash_before != hash_) return distrust("a block does not follow on the last one");
  if (event_hash(hash_, block.index, block.time, block.events) != block.hash) {
    return distrust("a block's hash is not that of its events");
  }
  index_ = block.index;
  hash_ = block.hash;
  blocks_.add();
  follower_->on_block(
      {block.index, block.time, block.hash_before, block.hash, Bytes(block.events)});
  if (!follower_->has_copy()) return distrust("the follower could not take a block");
  if (!follower_->ready()) leave();
}

void ClientFollow::begin_snapshot(const SnapshotBegin& begin) {
  begun_ = begin;
  snapshot_.clear();
  has_copy_ = false;
  if (begin.bytes == 0) finish_snapshot();
}

void ClientFollow::take_chunk(const SnapshotChunk& chunk) {
  if (!begun_) return distrust("a piece of no snapshot");
  if (snapshot_.size() + chunk.bytes.size() > begun_->bytes) {
    return distrust("a snapshot longer than announced");
  }
  snapshot_.append(chunk.bytes);
  if (snapshot_.size() == begun_->bytes) finish_snapshot();
}

void ClientFollow::finish_snapshot() {
  const SnapshotBegin begun = *begun_;
  begun_.reset();
  const Bytes bytes = std::move(snapshot_);
  snapshot_ = {};
  const auto taken = follower_->on_snapshot(begun.index, begun.hash, bytes);
  if (!taken) return distrust("its snapshot is refused: " + taken.error().message);
  snapshots_.add();
  has_copy_ = true;
  index_ = begun.index;
  hash_ = begun.hash;
}

}  // namespace oki::replica
