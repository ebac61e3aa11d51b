// What the entries of the log hold: a batch of commands, or a node's report of its state hash.
//
// Format (version 1): u8 version, u8 kind, then
//   batch:       i64 time (ms), u32 count, per command u64 session, u64 number, u64 floor, blob
//   body hash report: u64 node, u64 log index, u64 running hash after that index
//   deep hash report: the same, with the hash of the snapshot of that index
// An entry without bytes is a new leader's own. An entry that breaks the format has no effect, on
// any node.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "replica/replica.h"

namespace oki::replica {

struct BatchCommand {
  SessionId session;
  std::uint64_t number = 0;
  std::uint64_t floor = 0;
  ByteView body;  // Lives as long as the entry.
};

struct Batch {
  WallTimeMs time;
  std::vector<BatchCommand> commands;
};

struct HashReport {
  NodeId node;
  LogIndex index;
  std::uint64_t hash = 0;
  bool deep = false;  // Of all of the state, as its snapshot has it; else of what runs along.

  friend bool operator==(const HashReport&, const HashReport&) = default;
};

using EntryData = std::variant<Batch, HashReport>;

Bytes encode(const HashReport& report);
Result<EntryData> decode_entry(ByteView data);

// Builds a batch command by command.
class BatchWriter {
 public:
  explicit BatchWriter(WallTimeMs time);

  void add(const ClientCommand& command);
  static std::size_t size_of(const ClientCommand& command);  // Bytes it adds to a batch.

  std::size_t size() const { return out_.size(); }
  std::uint32_t count() const { return count_; }
  Bytes take();

 private:
  Bytes out_;
  std::uint32_t count_ = 0;
};

}  // namespace oki::replica
