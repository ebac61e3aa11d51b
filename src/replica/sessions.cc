#include "replica/sessions.h"

#include <algorithm>

#include "base/assert.h"

namespace oki::replica {
namespace {

constexpr std::size_t reply_bytes_limit = 1u << 30;

}  // namespace

SessionTable::Verdict SessionTable::check(SessionId session, std::uint64_t number,
                                          std::uint64_t floor) const {
  const auto found = sessions_.find(session.value);
  if (found == sessions_.end()) return {SubmitResult::session_unknown, nullptr};
  const Session& of = found->second;
  const std::uint64_t lowest = std::max(of.floor, floor);
  if (number < lowest) return {SubmitResult::too_old, nullptr};
  const std::uint64_t position = number - of.floor;
  if (position < of.replies.size() && of.replies[position].index.value > 0) {
    return {SubmitResult::applied, &of.replies[position]};
  }
  const bool full = of.floor >= floor && of.reply_bytes >= limits_.reply_bytes_max;
  if (number - lowest >= limits_.window_max || full) return {SubmitResult::window_full, nullptr};
  return {};
}

void SessionTable::open(LogIndex index) {
  if (sessions_.size() >= limits_.sessions_max) {
    const auto unused = std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    sessions_.erase(unused);
  }
  sessions_[index.value].used = index;
}

void SessionTable::touch(SessionId session, std::uint64_t floor, LogIndex index) {
  const auto found = sessions_.find(session.value);
  if (found == sessions_.end()) return;
  found->second.used = index;
  raise_floor(found->second, floor);
}

void SessionTable::raise_floor(Session& session, std::uint64_t floor) {
  while (session.floor < floor && !session.replies.empty()) {
    session.reply_bytes -= session.replies.front().bytes.size();
    session.replies.pop_front();
    ++session.floor;
  }
  session.floor = std::max(session.floor, floor);
}

void SessionTable::record(SessionId session, std::uint64_t number, LogIndex index, ByteView reply) {
  const auto found = sessions_.find(session.value);
  ASSERT(found != sessions_.end());
  Session& of = found->second;
  ASSERT(number >= of.floor && number - of.floor < limits_.window_max);
  const std::uint64_t position = number - of.floor;
  if (position >= of.replies.size()) of.replies.resize(position + 1);
  ASSERT(of.replies[position].index.value == 0);
  of.replies[position] = {index, Bytes(reply)};
  of.reply_bytes += reply.size();
}

void SessionTable::add_to(Hash64& hash) const {
  hash.add(sessions_.size());
  for (const auto& [id, session] : sessions_) {
    hash.add(id);
    hash.add(session.floor);
    hash.add(session.used.value);
    for (std::size_t i = 0; i < session.replies.size(); ++i) {
      if (session.replies[i].index.value == 0) continue;
      hash.add(session.floor + i);
      hash.add(session.replies[i].index.value);
      hash.add(session.replies[i].bytes);
    }
  }
}

// u32 count, per session u64 id, u64 floor, u64 used, u32 count of the numbers from floor to the
// last answered one, per number u64 index (0: not answered) and, when answered, blob.
void SessionTable::encode(Writer& writer) const {
  writer.u32(static_cast<std::uint32_t>(sessions_.size()));
  for (const auto& [id, session] : sessions_) encode_session(writer, id, session);
}

void SessionTable::encode(Sink& out) const {
  Bytes piece;
  Writer writer(piece);
  writer.u32(static_cast<std::uint32_t>(sessions_.size()));
  for (const auto& [id, session] : sessions_) {
    encode_session(writer, id, session);
    out.write(piece);
    piece.clear();
  }
  out.write(piece);
}

void SessionTable::encode_session(Writer& writer, std::uint64_t id, const Session& session) {
  writer.u64(id);
  writer.u64(session.floor);
  writer.u64(session.used.value);
  writer.u32(static_cast<std::uint32_t>(session.replies.size()));
  for (const Reply& reply : session.replies) {
    writer.u64(reply.index.value);
    if (reply.index.value > 0) writer.blob(reply.bytes);
  }
}

void SessionTable::decode(Reader& reader) {
  sessions_.clear();
  const std::uint32_t count = reader.u32();
  if (count > limits_.sessions_max) reader.fail();
  std::uint64_t last = 0;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint64_t id = reader.u64();
    if (id <= last) reader.fail();
    last = id;
    decode_session(reader, sessions_[id], limits_.window_max);
  }
}

void SessionTable::decode_session(Reader& reader, Session& session, std::size_t window_max) {
  session.floor = reader.u64();
  session.used = {reader.u64()};
  const std::uint32_t numbers = reader.u32();
  if (numbers > window_max || session.floor == 0) reader.fail();
  for (std::uint32_t n = 0; n < numbers && reader.ok(); ++n) {
    Reply reply;
    reply.index = {reader.u64()};
    if (reply.index.value > 0) reply.bytes = reader.blob(reply_bytes_limit);
    session.reply_bytes += reply.bytes.size();
    session.replies.push_back(std::move(reply));
  }
}

void SessionTable::verify() const {
  ASSERT(sessions_.size() <= limits_.sessions_max);
  for (const auto& [id, session] : sessions_) {
    ASSERT(id > 0 && session.used.value >= id && session.floor > 0);
    ASSERT(session.replies.size() <= limits_.window_max);
    std::size_t bytes = 0;
    for (const Reply& reply : session.replies) bytes += reply.bytes.size();
    ASSERT(bytes == session.reply_bytes);
  }
}

}  // namespace oki::replica
