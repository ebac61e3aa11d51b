// From an order's id to its slot. The size of this table and the branches it takes decide how fast
// a book is, so it is sized to the orders that live, and finds without guessing.
//
// A bucket is one line of the cache: seven fragments of hashes, and the seven slots that go with
// them. All seven are compared at once; which one it is costs no branch that could be mispredicted.
// An id whose bucket is full goes to the next one with room, and each bucket counts the ids that
// passed it, so that a search knows when to stop and an erased id leaves nothing behind. Ids with
// the same fragment are told apart by what `id_of` says of their slots.
//
// At most half of the places are used. The table grows only in `reserve_for`, which belongs between
// commands. Ids are given by the core: the hash is no defence against chosen ones.
//
// Invariants, checked by verify(): a place has a fragment exactly when it has a slot; each bucket
// counts exactly the ids that passed it; size() counts all; at most half of the places are used.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "core/large_array.h"
#include "core/undo.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace oki::core {

// Numbers an order's place in the tables of the core; 0 is none.
using Slot = std::uint32_t;

template <Undo undo = Undo::none>
class IdMap {
 public:
  static constexpr std::size_t ids_max = std::size_t{1} << 30;

  // Has room for at least `ids`.
  explicit IdMap(std::size_t ids) { resize(bits_for(ids)); }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return limit_; }
  bool full() const { return size_ >= limit_; }

  // Makes room for `ids` in all. Moves everything when it has to grow; never shrinks.
  void reserve_for(std::size_t ids);

  // The slot of an id, or 0. `id_of(slot)` is the id that was inserted with a slot.
  template <typename IdOf>
  Slot find(std::uint64_t id, IdOf&& id_of) const {
    const std::uint32_t fragment = fragment_of(id);
    for (std::size_t at = home(fragment);; at = (at + 1) & mask_) {
      const Bucket& bucket = buckets_[at];
      for (unsigned found = equal(bucket.fragments, fragment); found != 0; found &= found - 1) {
        const Slot slot = bucket.slots[lowest(found)];
        if (id_of(slot) == id) [[likely]]
          return slot;
      }
      if (bucket.passed() == 0) [[likely]]
        return 0;
    }
  }

  // The slot that find would probably give, from the first line alone. For fetching ahead.
  [[gnu::always_inline]] Slot guess(std::uint64_t id) const {
    const std::uint32_t fragment = fragment_of(id);
    const Bucket& bucket = buckets_[home(fragment)];
    return bucket.slots[lowest(equal(bucket.fragments, fragment) | 1u << places)];
  }

  // REQUIRES: !full(), the id is not there, the slot is not 0 and belongs to no other id.
  void insert(std::uint64_t id, Slot slot) {
    insert_for_good(id, slot);
    note(id, slot, true);
  }

  // REQUIRES: inserted with this slot.
  void erase(std::uint64_t id, Slot slot) {
    erase_for_good(id, slot);
    note(id, slot, false);
  }

  // The same for what is never taken back. REQUIRES: nothing waits for `commit`.
  void insert_for_good(std::uint64_t id, Slot slot) {
    ASSERT(size_ < limit_);
    put(fragment_of(id), slot);
    ++size_;
  }
  void erase_for_good(std::uint64_t id, Slot slot) {
    cut(fragment_of(id), slot);
    --size_;
  }

  // find and erase in one.
  template <typename IdOf>
  Slot extract(std::uint64_t id, IdOf&& id_of) {
    const std::uint32_t fragment = fragment_of(id);
    Bucket& bucket = buckets_[home(fragment)];
    const unsigned found = equal(bucket.fragments, fragment);
    if (found != 0) [[likely]] {
      const unsigned place = lowest(found);
      const Slot slot = bucket.slots[place];
      if (id_of(slot) == id) [[likely]] {
        clear(bucket, place);
        --size_;
        note(id, slot, false);
        return slot;
      }
    }
    const Slot slot = find(id, id_of);
    if (slot != 0) erase(id, slot);
    return slot;
  }

  // Asks for the line that find, insert and erase will need.
  [[gnu::always_inline]] void prefetch(std::uint64_t id) const {
    __builtin_prefetch(&buckets_[home(fragment_of(id))], 1);
  }

  // What was done so far stays; or everything since the last commit is taken back.
  void commit() { changes_count_ = 0; }
  void rollback();

  void verify() const;

 private:
  static constexpr unsigned places = 7;

  struct Bucket {
    std::uint32_t fragments[places + 1];  // 0: free. The last is the count of ids that passed.
    Slot slots[places + 1];               // The last is always 0.

    std::uint32_t passed() const { return fragments[places]; }
    std::uint32_t& passed() { return fragments[places]; }
  };
  static_assert(sizeof(Bucket) == 64);

  struct Change {
    std::uint64_t id;
    Slot slot;
    bool inserted;
  };

  [[gnu::always_inline]] void note(std::uint64_t id, Slot slot, bool inserted) {
    if constexpr (undo == Undo::keep) {
      if (changes_count_ == changes_.size()) [[unlikely]]
        changes_.resize(2 * changes_count_);
      *(changes_.data() + changes_count_++) = {id, slot, inserted};
    }
  }

  static constexpr unsigned bits_min = 3;
  static unsigned bits_for(std::size_t ids) {
    ASSERT(ids <= ids_max);
    unsigned bits = bits_min;
    while (((std::size_t{1} << bits) * places) / 2 < ids) ++bits;
    return bits;
  }

  static std::uint32_t fragment_of(std::uint64_t id) {
    return static_cast<std::uint32_t>(id * 0x9E3779B97F4A7C15u >> 32) | 1;
  }
  std::size_t home(std::uint32_t fragment) const { return fragment >> shift_; }

  // A bit for each place with this value.
  static unsigned equal(const std::uint32_t (&values)[places + 1], std::uint32_t value) {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(value));
    const auto* const quads = reinterpret_cast<const __m128i*>(values);
    const __m128i low = _mm_cmpeq_epi32(_mm_load_si128(quads), wanted);
    const __m128i high = _mm_cmpeq_epi32(_mm_load_si128(quads + 1), wanted);
    const __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128());
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bytes));
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < places; ++i) mask |= unsigned{values[i] == value} << i;
#endif
    return mask & ((1u << places) - 1);
  }

  void put(std::uint32_t fragment, Slot slot) {
    std::size_t at = home(fragment);
    unsigned free = equal(buckets_[at].fragments, 0);
    while (free == 0) [[unlikely]] {
      ++buckets_[at].passed();
      at = (at + 1) & mask_;
      free = equal(buckets_[at].fragments, 0);
    }
    const unsigned place = lowest(free);
    buckets_[at].fragments[place] = fragment;
    buckets_[at].slots[place] = slot;
  }

  void cut(std::uint32_t fragment, Slot slot) {
    std::size_t at = home(fragment);
    unsigned found = equal(buckets_[at].slots, slot);
    while (found == 0) [[unlikely]] {
      ASSERT(buckets_[at].passed() != 0);
      --buckets_[at].passed();
      at = (at + 1) & mask_;
      found = equal(buckets_[at].slots, slot);
    }
    const unsigned place = lowest(found);
    ASSERT(buckets_[at].fragments[place] == fragment);
    clear(buckets_[at], place);
  }

  static void clear(Bucket& bucket, unsigned place) {
    bucket.fragments[place] = 0;
    bucket.slots[place] = 0;
  }
  // REQUIRES: not 0.
  static unsigned lowest(unsigned bits) { return static_cast<unsigned>(__builtin_ctz(bits)); }

  void resize(unsigned bits) {
    buckets_ = LargeArray<Bucket>(std::size_t{1} << bits, Pages::huge);
    mask_ = buckets_.size() - 1;
    shift_ = 32 - bits;
    limit_ = buckets_.size() * places / 2;
  }

  LargeArray<Bucket> buckets_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
  std::size_t limit_ = 0;
  unsigned shift_ = 0;
  // Grows to the largest command there was, and only then.
  std::vector<Change> changes_ = std::vector<Change>(undo == Undo::keep ? 1024 : 0);
  std::size_t changes_count_ = 0;
};

template <Undo undo>
void IdMap<undo>::reserve_for(std::size_t ids) {
  if (ids <= limit_) return;
  const LargeArray<Bucket> old = std::move(buckets_);
  resize(bits_for(ids));
  for (std::size_t at = 0; at < old.size(); ++at) {
    for (unsigned i = 0; i < places; ++i) {
      if (old[at].slots[i] != 0) put(old[at].fragments[i], old[at].slots[i]);
    }
  }
}

template <Undo undo>
void IdMap<undo>::rollback() {
  while (changes_count_ > 0) {
    const Change& change = changes_[--changes_count_];
    if (change.inserted) {
      cut(fragment_of(change.id), change.slot);
      --size_;
    } else {
      put(fragment_of(change.id), change.slot);
      ++size_;
    }
  }
}

template <Undo undo>
void IdMap<undo>::verify() const {
  std::size_t found = 0;
  std::vector<std::uint32_t> passed(buckets_.size());
  for (std::size_t at = 0; at < buckets_.size(); ++at) {
    const Bucket& bucket = buckets_[at];
    ASSERT(bucket.slots[places] == 0);
    for (unsigned i = 0; i < places; ++i) {
      ASSERT((bucket.fragments[i] == 0) == (bucket.slots[i] == 0));
      if (bucket.slots[i] == 0) continue;
      ++found;
      for (std::size_t step = home(bucket.fragments[i]); step != at; step = (step + 1) & mask_) {
        ++passed[step];
      }
    }
  }
  for (std::size_t at = 0; at < buckets_.size(); ++at) ASSERT(buckets_[at].passed() == passed[at]);
  ASSERT(found == size_ && size_ <= limit_);
}

}  // namespace oki::core
