// From an order's id to its slot, for ids that mostly rise by little, as those the core gives, and
// right for any others.
//
// An id that is a little higher than the one before goes into a ring: an array that the lowest bits
// of the id index, so that finding costs no hash, no comparing of candidates, and young orders
// share lines of the cache with others of their age. All other ids go into an IdMap. An entry of
// the ring is no more than a slot: whose it is, `id_of(slot)` says. An id that comes round to the
// entry of one that still lives sends the old one to the map: orders that rest for long are there
// in the end, and the ring stays free for the young ones. Where ids do not rise, the ring is empty
// and not looked at.
//
// The ring has four to five entries for each id there may be: memory is bounded whatever the ids.
// It grows only in `reserve_for`, which belongs between commands.
//
// Invariants, checked by verify(): an entry of the ring names a slot whose id belongs there; an id
// is in the ring or in the map, not in both; size() counts both.
#pragma once

#include <bit>
#include <utility>
#include <vector>

#include "core/id_map.h"
#include "core/large_array.h"
#include "core/undo.h"

namespace oki::core {

template <Undo undo = Undo::none>
class OrderIds {
 public:
  // Has room for at least `ids`.
  explicit OrderIds(std::size_t ids) : map_(ids) { ring_ = new_ring(); }

  std::size_t size() const { return size_; }
  bool full() const { return size_ >= map_.capacity(); }

  // Makes room for `ids` in all. Moves everything when it has to grow; never shrinks.
  // `id_of(slot)` is the id that was inserted with a slot, here and below.
  template <typename IdOf>
  void reserve_for(std::size_t ids, IdOf&& id_of);

  // The slot of an id, or 0.
  template <typename IdOf>
  Slot find(std::uint64_t id, IdOf&& id_of) const {
    if (has_ring()) [[likely]] {
      const Slot slot = ring_[entry_of(id)];
      if (slot != 0 && id_of(slot) == id) [[likely]]
        return slot;
    }
    return map_.size() == 0 ? 0 : map_.find(id, id_of);
  }

  // REQUIRES: !full(), the id is not there, the slot is not 0 and belongs to no other id.
  template <typename IdOf>
  [[gnu::always_inline]] void insert(std::uint64_t id, Slot slot, IdOf&& id_of) {
    insert_for_good(id, slot, id_of);
    note(id, slot, true);
  }

  // REQUIRES: inserted with this slot.
  [[gnu::always_inline]] void erase(std::uint64_t id, Slot slot) {
    erase_for_good(id, slot);
    note(id, slot, false);
  }

  // The same for what is never taken back. REQUIRES: nothing waits for `commit`.
  template <typename IdOf>
  [[gnu::always_inline]] void insert_for_good(std::uint64_t id, Slot slot, IdOf&& id_of) {
    const std::uint64_t step = id - last_;
    last_ = id;
    if (step - 1 < step_max) [[likely]] {
      Slot& entry = ring_[entry_of(id)];
      if (entry != 0) [[unlikely]]
        into_map(id_of(entry), entry);
      entry = slot;
    } else {
      into_map(id, slot);
    }
    ++size_;
  }
  [[gnu::always_inline]] void erase_for_good(std::uint64_t id, Slot slot) {
    if (has_ring() && ring_[entry_of(id)] == slot) [[likely]] {
      ring_[entry_of(id)] = 0;
    } else {
      out_of_map(id, slot);
    }
    --size_;
  }

  // find and erase in one.
  template <typename IdOf>
  [[gnu::always_inline]] Slot extract(std::uint64_t id, IdOf&& id_of) {
    if (has_ring()) [[likely]] {
      Slot& entry = ring_[entry_of(id)];
      const Slot slot = entry;
      if (slot != 0 && id_of(slot) == id) [[likely]] {
        entry = 0;
        --size_;
        note(id, slot, false);
        return slot;
      }
    }
    return extract_from_map(id, id_of);
  }

  // Asks for the line that find, insert and erase will need.
  [[gnu::always_inline]] void prefetch(std::uint64_t id) const {
    if (has_ring()) [[likely]]
      __builtin_prefetch(&ring_[entry_of(id)], 1);
    else
      map_.prefetch(id);
  }

  // The slot that find would probably give, from the first line alone. For fetching ahead.
  [[gnu::always_inline]] Slot guess(std::uint64_t id) const {
    return has_ring() ? ring_[entry_of(id)] : map_.guess(id);
  }

  // What was done so far stays; or everything since the last commit is taken back.
  void commit() { changes_count_ = 0; }
  void rollback();

  template <typename IdOf>
  void verify(IdOf&& id_of) const;

 private:
  static constexpr std::uint64_t step_max = 64;  // What counts as rising by little.
  // Entries are met in no order, so large pages pay sooner than elsewhere.
  static constexpr std::size_t huge_min = std::size_t{256} << 10;

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

  LargeArray<Slot> new_ring() {
    mask_ = std::bit_ceil(map_.capacity() * 4) - 1;
    LargeArray<Slot> ring(mask_ + 1, Pages::huge);
    const std::size_t bytes = ring.size() * sizeof(Slot);
    if (bytes >= huge_min) advise_pages(ring.data(), bytes, Pages::huge);
    return ring;
  }
  std::size_t entry_of(std::uint64_t id) const { return id & mask_; }
  bool has_ring() const { return size_ != map_.size(); }

  template <typename IdOf>
  [[gnu::always_inline]] Slot extract_from_map(std::uint64_t id, IdOf id_of) {
    if (map_.size() == 0) return 0;
    const Slot slot = map_.extract(id, id_of);
    if (slot == 0) return 0;
    --size_;
    note(id, slot, false);
    return slot;
  }

  [[gnu::noinline]] void into_map(std::uint64_t id, Slot slot) { map_.insert(id, slot); }
  [[gnu::noinline]] void out_of_map(std::uint64_t id, Slot slot) { map_.erase(id, slot); }

  IdMap<Undo::none> map_;
  LargeArray<Slot> ring_;
  std::size_t mask_ = 0;    // What of an id says its entry.
  std::size_t size_ = 0;    // Of both.
  std::uint64_t last_ = 0;  // The id inserted last.
  // Grows to the largest command there was, and only then.
  std::vector<Change> changes_ = std::vector<Change>(undo == Undo::keep ? 1024 : 0);
  std::size_t changes_count_ = 0;
};

template <Undo undo>
template <typename IdOf>
void OrderIds<undo>::reserve_for(std::size_t ids, IdOf&& id_of) {
  if (ids <= map_.capacity()) return;
  map_.reserve_for(ids);
  const LargeArray<Slot> old = std::exchange(ring_, new_ring());
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (old[i] != 0) ring_[entry_of(id_of(old[i]))] = old[i];
  }
}

// An id comes back to the entry it had, or into the map, as if it had never been in the ring.
template <Undo undo>
void OrderIds<undo>::rollback() {
  while (changes_count_ > 0) {
    const Change& change = changes_[--changes_count_];
    if (change.inserted) {
      erase_for_good(change.id, change.slot);
      continue;
    }
    Slot& entry = ring_[entry_of(change.id)];
    if (entry == 0) {
      entry = change.slot;
    } else {
      into_map(change.id, change.slot);
    }
    ++size_;
  }
}

template <Undo undo>
template <typename IdOf>
void OrderIds<undo>::verify(IdOf&& id_of) const {
  map_.verify();
  std::size_t found = map_.size();
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    if (ring_[i] == 0) continue;
    ++found;
    const std::uint64_t id = id_of(ring_[i]);
    ASSERT(entry_of(id) == i && map_.find(id, id_of) == 0);
  }
  ASSERT(found == size_);
}

}  // namespace oki::core
