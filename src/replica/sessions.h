// Exactly once: which numbers of which session have been answered, and how.
//
// Part of the replicated state: every node holds the same table at the same log index, so a retry
// gets its first answer from any leader. Nothing here depends on time or on the order of arrival
// outside the log. The limits are part of the rules: all nodes must run with the same ones.
//
// Invariants: (1) a session has at most `window_max` numbers from its floor on; (2) its floor never
// falls; (3) reply_bytes is the sum of the kept answers; (4) there are at most `sessions_max`.
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "base/bytes.h"
#include "base/hash64.h"
#include "base/result.h"
#include "base/strong.h"
#include "replica/replica.h"

namespace oki::replica {

struct SessionLimits {
  std::size_t sessions_max = 1024;
  std::size_t window_max = 16384;
  std::size_t reply_bytes_max = 4u << 20;
};

class SessionTable {
 public:
  explicit SessionTable(const SessionLimits& limits) : limits_(limits) {}

  struct Reply {
    LogIndex index;  // 0: this number is not answered yet.
    Bytes bytes;
  };

  // What applying this command would do; `reply` when it was answered before. Refusals come in the
  // order of SubmitResult.
  struct Verdict {
    SubmitResult result = SubmitResult::applied;
    const Reply* reply = nullptr;
  };
  Verdict check(SessionId session, std::uint64_t number, std::uint64_t floor) const;

  // The entry at `index` opens a session named after it. The one longest unused gives way to it.
  void open(LogIndex index);

  // The entry at `index` carries a command of this session: its floor rises, older answers go.
  void touch(SessionId session, std::uint64_t floor, LogIndex index);

  // REQUIRES: check() said `applied` without a reply.
  void record(SessionId session, std::uint64_t number, LogIndex index, ByteView reply);

  std::size_t size() const { return sessions_.size(); }
  void add_to(Hash64& hash) const;
  void encode(Writer& writer) const;
  void encode(Sink& out) const;  // Session by session.
  void decode(Reader& reader);   // Malformed input fails the reader.
  void verify() const;

 private:
  struct Session {
    std::uint64_t floor = 1;
    LogIndex used;
    std::size_t reply_bytes = 0;
    std::deque<Reply> replies;  // Of the numbers from `floor` on.
  };
  static void raise_floor(Session& session, std::uint64_t floor);
  static void encode_session(Writer& writer, std::uint64_t id, const Session& session);
  static void decode_session(Reader& reader, Session& session, std::size_t window_max);

  SessionLimits limits_;
  std::map<std::uint64_t, Session> sessions_;
};

}  // namespace oki::replica
