#include "replica/replicated_state.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/hash64.h"
#include "base/planted.h"

namespace oki::replica {
namespace {

constexpr std::uint8_t version = 2;
constexpr std::size_t members_bytes_max = 64u << 10;

struct Header {
  bool genesis = false;
  Members members;
  WallTimeMs time;
  std::uint64_t event_hash = 0;
};

Header read_header(Reader& reader) {
  Header header;
  if (reader.u8() != version) reader.fail();
  header.genesis = reader.boolean();
  auto members = decode_members(reader.blob(members_bytes_max));
  if (members) {
    header.members = std::move(*members);
  } else {
    reader.fail();
  }
  header.time = {reader.i64()};
  header.event_hash = reader.u64();
  return header;
}

void write_header(Writer& writer, const Header& header) {
  writer.u8(version);
  writer.boolean(header.genesis);
  writer.blob(encode(header.members));
  writer.i64(header.time.value);
  writer.u64(header.event_hash);
}

}  // namespace

ReplicatedState::ReplicatedState(StateMachine& machine, const SessionLimits& limits)
    : machine_(machine), sessions_(limits) {}

Bytes ReplicatedState::genesis(const Members& members) {
  Bytes out;
  Writer writer(out);
  write_header(writer, {true, members, {}, 0});
  SessionTable({}).encode(writer);
  return out;
}

EventBlock ReplicatedState::apply_batch(LogIndex index, const Batch& batch,
                                        std::vector<SubmitAnswer>* answers) {
  skip(index);
  genesis_ = false;
  time_ = std::max(time_, batch.time);
  EventBlock block;
  block.index = index;
  block.time = time_;
  block.hash_before = event_hash_;
  for (const BatchCommand& command : batch.commands) {
    SubmitAnswer answer = apply(index, command, block.events);
    if (answers) answers->push_back(std::move(answer));
  }
  event_hash_ = block.hash =
      oki::replica::event_hash(block.hash_before, index, time_, block.events);
  machine_.end_block(block);
  return block;
}

SubmitAnswer ReplicatedState::apply(LogIndex index, const BatchCommand& command, Bytes& events) {
  SubmitAnswer answer;
  answer.result = SubmitResult::applied;
  answer.index = index;
  if (command.session.value == 0) {
    sessions_.open(index);
    return answer;
  }
  if (command.session == tick_session) {
    reply_.clear();
    machine_.apply(time_, command.body, reply_, events);
    return answer;
  }
  sessions_.touch(command.session, command.floor, index);
  const SessionTable::Verdict verdict =
      sessions_.check(command.session, command.number, command.floor);
  answer.result = verdict.result;
  if (verdict.reply) {
    answer.index = verdict.reply->index;
    answer.reply = verdict.reply->bytes;
  } else if (verdict.result == SubmitResult::applied) {
    reply_.clear();
    machine_.apply(time_, command.body, reply_, events);
    sessions_.record(command.session, command.number, index, reply_);
    answer.reply = reply_;
  }
  return answer;
}

bool ReplicatedState::apply_member_change(LogIndex index, const MemberChange& change) {
  skip(index);
  return apply_change(members_, change);
}

void ReplicatedState::skip(LogIndex index) {
  ASSERT(index.value == index_.value + 1 || PLANTED(apply_twice_after_restart) ||
         PLANTED(snapshot_ahead_of_applied));
  index_ = index;
}

Bytes ReplicatedState::encode() const {
  Bytes out;
  BytesSink sink(out);
  encode(sink);
  return out;
}

void ReplicatedState::encode(Sink& out) const {
  Bytes head;
  Writer writer(head);
  write_header(writer, {genesis_, members_, time_, event_hash_});
  out.write(head);
  if (PLANTED(sessions_missing_from_snapshot)) {
    SessionTable({}).encode(out);
  } else {
    sessions_.encode(out);
  }
  if (!genesis_) machine_.write_snapshot(out);
}

Result<void> ReplicatedState::restore(LogIndex index, ByteView snapshot) {
  Reader reader(snapshot);
  Header header = read_header(reader);
  sessions_.decode(reader);
  const ByteView machine = reader.raw(reader.left());
  if (!reader.done() || (header.genesis && !(genesis_ && machine.empty()))) {
    return error(Errc::corrupt, "a snapshot of the state does not have its format");
  }
  if (!header.genesis) {
    if (auto restored = machine_.restore(machine); !restored) return restored;
  }
  index_ = index;
  members_ = std::move(header.members);
  time_ = header.time;
  event_hash_ = header.event_hash;
  genesis_ = header.genesis;
  return {};
}

std::uint64_t ReplicatedState::hash() const {
  Hash64 hash;
  hash.add(index_.value);
  hash.add(static_cast<std::uint64_t>(time_.value));
  hash.add(event_hash_);
  hash.add(oki::replica::encode(members_));
  sessions_.add_to(hash);
  if (!genesis_) hash.add(machine_.hash());
  return hash.value();
}

std::uint64_t ReplicatedState::running_hash() const {
  Hash64 hash;
  hash.add(index_.value);
  hash.add(static_cast<std::uint64_t>(time_.value));
  hash.add(event_hash_);
  hash.add(oki::replica::encode(members_));
  hash.add(sessions_.size());
  if (!genesis_) hash.add(machine_.running_hash());
  return hash.value();
}

void ReplicatedState::verify() const {
  sessions_.verify();
  machine_.verify();
}

}  // namespace oki::replica
