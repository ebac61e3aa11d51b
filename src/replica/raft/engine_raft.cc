// The engine over etcd's raft library, which lives behind one C function in a Go archive.
//
// The formats of the buffers are described at the Go side: engine/open.go and engine/turn.go.
#include <utility>

#include "base/assert.h"
#include "replica/engine.h"

extern "C" {
std::uint64_t oki_engine_new();
void oki_engine_free(std::uint64_t handle);
std::int32_t oki_engine_call(std::uint64_t handle, std::int32_t operation, const void* in,
                             std::int64_t in_size, void** out, std::int64_t* out_size);
void oki_engine_seed(std::uint64_t seed);
}

namespace oki::replica {
namespace {

enum class Operation : std::int32_t { open = 1, turn = 2, compact = 3, peers = 4 };

constexpr std::uint8_t flag_advance = 1;
constexpr std::uint8_t flag_campaign = 2;
constexpr std::uint8_t message_early = 1;
constexpr std::uint8_t message_snapshot = 2;
constexpr std::size_t blob_bytes_max = 1u << 30;

std::uint32_t count_of(std::size_t size) { return static_cast<std::uint32_t>(size); }

void write_members(Writer& writer, const Members& members) {
  writer.u32(count_of(members.all.size()));
  for (const Members::Member& member : members.all) {
    writer.u64(member.id.value);
    writer.boolean(member.learner);
  }
}

void write_change(Writer& writer, const MemberChange& change) {
  writer.u8(static_cast<std::uint8_t>(change.kind));
  writer.u64(change.id.value);
  writer.u32(change.seat);
}

void write_start(Writer& writer, const EngineOptions& options, const EngineStart& start) {
  writer.u64(options.self.value);
  writer.u32(options.election_ticks);
  writer.u32(options.heartbeat_ticks);
  writer.u64(options.message_bytes_max);
  writer.u32(options.messages_in_flight_max);
  writer.u64(start.applied.value);
  writer.u64(start.applied_term.value);
  write_members(writer, start.members);
  writer.u64(start.log.compacted.value);
  writer.u64(start.log.compacted_term.value);
  writer.u64(start.log.hard_state.term.value);
  writer.u64(start.log.hard_state.vote.value);
  writer.u64(start.log.hard_state.commit.value);
  writer.u32(count_of(start.log.entries.size()));
  for (const store::Entry& entry : start.log.entries) {
    writer.u64(entry.index.value);
    writer.u64(entry.term.value);
    writer.u8(entry.type);
    writer.blob(entry.data);
  }
}

void write_input(Writer& writer, const EngineInput& input) {
  writer.u8(static_cast<std::uint8_t>((input.advance ? flag_advance : 0) |
                                      (input.campaign ? flag_campaign : 0)));
  writer.u32(input.ticks);
  writer.u64(input.transfer_to.value);
  writer.u32(count_of(input.apply_member_changes.size()));
  for (const MemberChange& change : input.apply_member_changes) write_change(writer, change);
  writer.u32(count_of(input.snapshots_sent.size()));
  for (const EngineInput::SnapshotSent& sent : input.snapshots_sent) {
    writer.u64(sent.to.value);
    writer.boolean(sent.ok);
  }
  writer.u32(count_of(input.unreachable.size()));
  for (NodeId peer : input.unreachable) writer.u64(peer.value);
  writer.u32(count_of(input.messages.size()));
  for (const EngineInput::PeerMessage& message : input.messages) {
    writer.u64(message.from.value);
    writer.blob(message.bytes);
  }
  writer.u32(input.member_change ? 1 : 0);
  if (input.member_change) write_change(writer, *input.member_change);
  writer.u32(count_of(input.read_requests.size()));
  for (const Bytes& context : input.read_requests) writer.blob(context);
  writer.u32(count_of(input.proposals.size()));
  for (const Bytes& proposal : input.proposals) writer.blob(proposal);
}

std::vector<store::Entry> read_entries(Reader& reader) {
  const std::uint32_t count = reader.u32();
  std::vector<store::Entry> entries;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    store::Entry& entry = entries.emplace_back();
    entry.index = {reader.u64()};
    entry.term = {reader.u64()};
    entry.type = reader.u8();
    entry.data = reader.blob(blob_bytes_max);
  }
  return entries;
}

void read_states(Reader& reader, Ready& ready) {
  if (reader.u32() != 0) {
    const Term term{reader.u64()};
    const NodeId vote{reader.u64()};
    ready.hard_state = store::HardState{term, vote, {reader.u64()}};
  }
  if (reader.u32() != 0) {
    const LogIndex index{reader.u64()};
    ready.snapshot = Ready::SnapshotInstall{index, {reader.u64()}};
  }
}

void read_messages(Reader& reader, Ready& ready) {
  const std::uint32_t count = reader.u32();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    EngineMessage& message = ready.messages.emplace_back();
    message.to = {reader.u64()};
    const std::uint8_t flags = reader.u8();
    message.may_send_before_sync = (flags & message_early) != 0;
    message.is_snapshot = (flags & message_snapshot) != 0;
    message.snapshot_index = {reader.u64()};
    message.bytes = reader.blob(blob_bytes_max);
  }
}

Ready read_ready(Reader& reader) {
  Ready ready;
  ready.any = reader.boolean();
  ready.is_leader = reader.boolean();
  ready.member_change_dropped = reader.boolean();
  ready.leader = {reader.u64()};
  ready.term = {reader.u64()};
  ready.proposals_dropped = reader.u32();
  ready.messages_refused = reader.u32();
  read_states(reader, ready);
  ready.entries = read_entries(reader);
  ready.committed = read_entries(reader);
  read_messages(reader, ready);
  const std::uint32_t reads = reader.u32();
  for (std::uint32_t i = 0; i < reads && reader.ok(); ++i) {
    const LogIndex index{reader.u64()};
    ready.read_states.push_back({index, Bytes(reader.blob(blob_bytes_max))});
  }
  return ready;
}

class RaftEngine : public Engine {
 public:
  RaftEngine() : handle_(oki_engine_new()) {}
  ~RaftEngine() override { oki_engine_free(handle_); }
  RaftEngine(const RaftEngine&) = delete;
  RaftEngine& operator=(const RaftEngine&) = delete;

  Result<void> open(const EngineOptions& options, const EngineStart& start) {
    input_.clear();
    Writer writer(input_);
    write_start(writer, options, start);
    const auto out = call(Operation::open);
    if (!out) return tl::unexpected(out.error());
    return {};
  }

  Result<Ready> turn(const EngineInput& input) override {
    input_.clear();
    Writer writer(input_);
    write_input(writer, input);
    const auto out = call(Operation::turn);
    if (!out) return tl::unexpected(out.error());
    Reader reader(*out);
    Ready ready = read_ready(reader);
    ASSERT(reader.done());
    return ready;
  }

  Result<Term> compact(LogIndex index, Term term, const Members& members, LogIndex keep) override {
    ASSERT(keep <= index);
    input_.clear();
    Writer writer(input_);
    writer.u64(index.value);
    writer.u64(term.value);
    write_members(writer, members);
    writer.u64(keep.value);
    const auto out = call(Operation::compact);
    if (!out) return tl::unexpected(out.error());
    Reader reader(*out);
    const Term kept{reader.u64()};
    ASSERT(reader.done());
    return kept;
  }

  std::vector<Peer> peers() override {
    input_.clear();
    const auto out = call(Operation::peers);
    std::vector<Peer> peers;
    if (!out) return peers;
    Reader reader(*out);
    const std::uint32_t count = reader.u32();
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
      const NodeId id{reader.u64()};
      const LogIndex match{reader.u64()};
      peers.push_back({id, match, reader.boolean()});
    }
    ASSERT(reader.done());
    return peers;
  }

 private:
  // The view lives until the next call.
  Result<ByteView> call(Operation operation) {
    void* out = nullptr;
    std::int64_t size = 0;
    const std::int32_t failed =
        oki_engine_call(handle_, static_cast<std::int32_t>(operation), input_.data(),
                        static_cast<std::int64_t>(input_.size()), &out, &size);
    const ByteView answer(static_cast<const char*>(out), static_cast<std::size_t>(size));
    if (failed != 0) return error(Errc::mismatch, Bytes(answer));
    return answer;
  }

  std::uint64_t handle_;
  Bytes input_;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_raft_engine(const EngineOptions& options,
                                                 const EngineStart& start) {
  auto engine = std::make_unique<RaftEngine>();
  const auto opened = engine->open(options, start);
  if (!opened) return tl::unexpected(opened.error());
  return Result<std::unique_ptr<Engine>>(std::move(engine));
}

void seed_raft_engine(std::uint64_t seed) { oki_engine_seed(seed); }

}  // namespace oki::replica
