// What goes to the peers and what comes from them.
#include <utility>

#include "base/assert.h"
#include "base/planted.h"
#include "replica/replica_impl.h"

namespace oki::replica {
namespace {

constexpr ByteView room = "replica";
constexpr std::size_t seats_heard_max = 64;
constexpr std::size_t report_bytes_max = 64;

bool is_report(ByteView bytes) {
  if (bytes.size() > report_bytes_max) return false;
  const Result<EntryData> data = decode_entry(bytes);
  return data && std::holds_alternative<HashReport>(*data);
}

bool knows_member(ByteView encoded_members, NodeId id) {
  const Result<Members> members = decode_members(encoded_members);
  return members && find_member(*members, id);
}

// Planted: a message of an older term passes for one of `term`. The engine's messages begin with
// four varints, each after its tag: type, to, from, term (raft.proto, Message).
[[maybe_unused]] void raise_message_term(Bytes& message, Term term) {
  std::size_t at = 0;
  for (int field = 1; field < 4 && at < message.size(); ++field) {
    ++at;
    while (at < message.size() && (message[at] & 0x80) != 0) ++at;
    ++at;
  }
  std::size_t end = ++at;
  std::uint64_t old = 0;
  for (unsigned shift = 0; end < message.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(message[end++]);
    old |= std::uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0 || shift > 56) break;
  }
  if (end >= message.size() || old == 0 || old >= term.value) return;
  Bytes raised;
  for (std::uint64_t left = term.value; left > 0; left >>= 7) {
    raised.push_back(static_cast<char>((left & 0x7f) | (left > 0x7f ? 0x80 : 0)));
  }
  message.replace(at, end - at, raised);
}

}  // namespace

std::optional<std::uint32_t> Replica::Impl::seat_of(NodeId id) const {
  if (const Members::Member* member = find_member(state_.members(), id)) return member->seat;
  const auto heard = seats_heard_.find(id.value);
  if (heard != seats_heard_.end()) return heard->second;
  return std::nullopt;
}

void Replica::Impl::send_to(NodeId to, PeerMessage message) {
  const std::optional<std::uint32_t> seat = seat_of(to);
  if (!seat) return;
  message.header = {options_.cluster, options_.self, options_.seat, to};
  parts_.host.send_to_node(to, *seat, encode(message));
}

// The messages of a Ready to one peer travel as one, up to a size that every transport carries: a
// peer far behind can be owed more than that at once.
void Replica::Impl::send_engine_messages(bool before_sync) {
  struct Gathered {
    PeerMessage message;
    std::size_t bytes = 0;
  };
  std::map<std::uint64_t, Gathered> by_peer;
  std::vector<EngineMessage> snapshots;
  for (EngineMessage& message : ready_.messages) {
    const bool early = ready_.is_leader && message.may_send_before_sync;
    if (before_sync && !early && !PLANTED(message_before_fsync)) continue;
    if (message.to.value == 0) continue;  // Sent before.
    if (message.is_snapshot) {
      snapshots.push_back(std::move(message));
    } else {
      Gathered& gathered = by_peer[message.to.value];
      if (gathered.bytes > 0 && gathered.bytes + message.bytes.size() > peer_message_bytes) {
        send_to(message.to, std::exchange(gathered, {}).message);
      }
      gathered.bytes += message.bytes.size();
      gathered.message.engine.push_back(message.bytes);
    }
    message.to = {};
  }
  for (auto& [to, gathered] : by_peer) send_to({to}, std::move(gathered.message));
  for (EngineMessage& snapshot : snapshots) begin_snapshot_to(snapshot);
}

void Replica::Impl::on_peer_message(NodeId from, ByteView bytes) {
  if (stopped_) return;
  const std::optional<PeerMessage> message = decode_peer_message(bytes);
  if (!message || message->header.cluster != options_.cluster || message->header.from != from ||
      message->header.to != options_.self || from == options_.self || from.value == 0) {
    return counters_.peer_refused.add();
  }
  if (!find_member(state_.members(), from)) {
    if (seats_heard_.size() >= seats_heard_max) seats_heard_.erase(seats_heard_.begin());
    seats_heard_[from.value] = message->header.from_seat;
  }
  switch (message->kind) {
    case PeerKind::engine:
      take_engine_messages(*message);
      break;
    case PeerKind::snapshot_chunk:
      on_snapshot_chunk(*message);
      break;
    case PeerKind::snapshot_have:
      on_snapshot_have(*message);
      break;
    case PeerKind::snapshot_ready:
      on_snapshot_ready(*message);
      break;
    case PeerKind::hash_report:
      if (ready_leads_ && reports_.size() < reports_max && is_report(message->bytes)) {
        reports_.emplace_back(message->bytes);
      }
      break;
  }
  pump_soon();
}

void Replica::Impl::take_engine_messages(const PeerMessage& message) {
  for (ByteView bytes : message.engine) {
    if (input_bytes_ + bytes.size() > options_.inbox_bytes_max) {
      counters_.inbox_dropped.add();
      continue;
    }
    input_bytes_ += bytes.size();
    input_.messages.push_back({message.header.from, Bytes(bytes)});
    if (PLANTED(message_term_changed)) {
      raise_message_term(input_.messages.back().bytes, hard_state_.term);
    }
  }
}

void Replica::Impl::on_peer_unreachable(NodeId peer) {
  if (stopped_ || !find_member(state_.members(), peer)) return;
  for (NodeId told : input_.unreachable) {
    if (told == peer) return;
  }
  input_.unreachable.push_back(peer);
  pump_soon();
}

// The leader found that `message.to` needs what the log no longer has.
void Replica::Impl::begin_snapshot_to(const EngineMessage& message) {
  const bool whole = kept_ && kept_->name.index == message.snapshot_index;
  // A node that is not among a snapshot's members cannot start from it: take one where it is.
  const bool known = whole && knows_member(kept_->info.meta.members, message.to);
  if (whole && !known) snapshot_wanted_ = true;
  if (!known) {
    input_.snapshots_sent.push_back({message.to, false});
    return;
  }
  const auto before = senders_.find(message.to.value);
  if (before != senders_.end()) {
    snapshots_.release(before->second.name().index);
    senders_.erase(before);
  }
  snapshots_.hold(kept_->name.index);
  senders_.emplace(message.to.value, SnapshotSender(*kept_, message.bytes));
  send_chunks(message.to);
}

// Reads what the peer may get next, one piece at a time.
void Replica::Impl::send_chunks(NodeId to) {
  const auto sender = senders_.find(to.value);
  if (sender == senders_.end()) return;
  const std::optional<SnapshotSender::Piece> piece = sender->second.next();
  if (!piece) return;
  const LogIndex index = sender->second.name().index;
  snapshot_disk_.fetch(store::snapshot_name(index), piece->offset, piece->size,
                       [weak = weak_from_this(), to, index](Result<Bytes> bytes) {
                         const std::shared_ptr<Impl> self = weak.lock();
                         if (!self || self->stopped_) return;
                         self->on_chunk_read(to, index, std::move(bytes));
                       });
}

void Replica::Impl::on_chunk_read(NodeId to, LogIndex snapshot, Result<Bytes> bytes) {
  const auto sender = senders_.find(to.value);
  if (sender == senders_.end() || sender->second.name().index != snapshot) return;
  if (!sender->second.reads()) return;  // It was asked by the one before it.
  if (!bytes) {
    parts_.log.error(room, "a snapshot cannot be read for a peer",
                     {{"node", to.value}, {"error", bytes.error().message}});
    return end_snapshot_to(to, false);
  }
  send_to(to, sender->second.chunk(*bytes));
  send_chunks(to);
}

void Replica::Impl::tick_snapshots() {
  std::vector<NodeId> all;
  for (const auto& [to, sender] : senders_) all.push_back({to});
  for (NodeId to : all) {
    if (senders_.at(to.value).on_tick(options_.election_ticks)) {
      send_chunks(to);
    } else {
      end_snapshot_to(to, false);
    }
  }
}

void Replica::Impl::end_snapshot_to(NodeId to, bool ok) {
  const auto sender = senders_.find(to.value);
  snapshots_.release(sender->second.name().index);
  senders_.erase(sender);
  input_.snapshots_sent.push_back({to, ok});
  pump_soon();
}

void Replica::Impl::forget_senders() {
  for (const auto& [to, sender] : senders_) snapshots_.release(sender.name().index);
  senders_.clear();
}

void Replica::Impl::on_snapshot_have(const PeerMessage& message) {
  const NodeId to = message.header.from;
  const auto found = senders_.find(to.value);
  if (found == senders_.end() || !(found->second.name() == message.snapshot)) return;
  SnapshotSender& sender = found->second;
  sender.on_have(message.offset);
  if (!sender.complete()) return send_chunks(to);
  PeerMessage ready;
  ready.kind = PeerKind::snapshot_ready;
  ready.snapshot = sender.name();
  ready.bytes = sender.engine_message();
  send_to(to, ready);
  end_snapshot_to(to, true);
}

void Replica::Impl::on_snapshot_chunk(const PeerMessage& message) {
  if (ready_leads_ || offered_ || installing_) return;
  const auto have = [this, to = message.header.from, name = message.snapshot](std::uint64_t bytes) {
    PeerMessage answer;
    answer.kind = PeerKind::snapshot_have;
    answer.snapshot = name;
    answer.offset = bytes;
    send_to(to, answer);
  };
  // What we have without it counts as received: the leader will look again where we stand.
  if (message.snapshot.index <= state_.index()) return have(message.size);
  if (!receiver_.on_chunk(message, have)) counters_.peer_refused.add();
}

// All of the state is here: the engine may hear of it. One at a time, so that its answer is clear.
void Replica::Impl::on_snapshot_ready(const PeerMessage& message) {
  if (offered_ || installing_) return;
  const store::SnapshotInfo* whole = receiver_.whole(message.snapshot);
  if (whole == nullptr || !decode_members(whole->meta.members)) {
    return counters_.peer_refused.add();
  }
  offered_ = message.snapshot;
  input_.messages.push_back({message.header.from, Bytes(message.bytes)});
}

}  // namespace oki::replica
