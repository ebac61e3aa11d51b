// Which accounts were hit how, and in which market: a table of (account, subject) -> marks, in
// shards, each of which grows alone, so that no insertion takes long.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/assert.h"

namespace oki::response {

class ScopeMarks {
 public:
  static constexpr std::size_t shards = 256;

  struct Slot {
    std::uint64_t account = 0;
    std::uint16_t subject = 0;
    std::uint8_t marks = 0;  // 0: nobody is here.
  };

  // Gives the marks that were not there before. REQUIRES: marks != 0.
  std::uint8_t add(std::uint64_t account, std::uint16_t subject, std::uint8_t marks) {
    ASSERT(marks != 0);
    const std::uint64_t hash = hash_of(account, subject);
    Shard& shard = shards_[hash >> 56];
    if (shard.used * 2 >= shard.slots.size()) grow(shard);
    Slot& slot = find(shard, hash, account, subject);
    if (slot.marks == 0) {
      slot.account = account;
      slot.subject = subject;
      ++shard.used;
      ++size_;
    }
    const auto added = static_cast<std::uint8_t>(marks & ~slot.marks);
    slot.marks |= marks;
    return added;
  }

  std::size_t size() const { return size_; }

  // Those in use, in no order.
  const std::vector<Slot>& shard(std::size_t number) const { return shards_[number].slots; }

 private:
  struct Shard {
    std::vector<Slot> slots;  // A power of two, at most half of them used.
    std::size_t used = 0;
  };

  static std::uint64_t hash_of(std::uint64_t account, std::uint16_t subject) {
    std::uint64_t x = (account ^ (std::uint64_t{subject} << 48)) * 0x9E37'79B9'7F4A'7C15u;
    x ^= x >> 32;
    return x * 0xD6E8'FEB8'6659'FD93u;
  }

  static Slot& find(Shard& shard, std::uint64_t hash, std::uint64_t account,
                    std::uint16_t subject) {
    const std::size_t mask = shard.slots.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      Slot& slot = shard.slots[at];
      if (slot.marks == 0 || (slot.account == account && slot.subject == subject)) return slot;
    }
  }

  static void grow(Shard& shard) {
    std::vector<Slot> old(shard.slots.empty() ? 16 : shard.slots.size() * 2);
    old.swap(shard.slots);
    for (const Slot& slot : old) {
      if (slot.marks == 0) continue;
      find(shard, hash_of(slot.account, slot.subject), slot.account, slot.subject) = slot;
    }
  }

  std::array<Shard, shards> shards_;
  std::size_t size_ = 0;
};

}  // namespace oki::response
