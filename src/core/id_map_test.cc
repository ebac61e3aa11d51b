// The map of ids against the one of the standard library.
#include "core/id_map.h"

#include <gtest/gtest.h>

#include <unordered_map>

#include "base/prng.h"

namespace oki::core {
namespace {

// A map with the ids of its slots beside it, as the books have them.
template <Undo undo>
class Ids {
 public:
  explicit Ids(std::size_t ids, std::size_t slots) : map(ids), id_of_(slots + 1) {}
  void insert(std::uint64_t id, Slot slot) {
    id_of_[slot] = id;
    map.insert(id, slot);
  }
  Slot find(std::uint64_t id) const {
    return map.find(id, [this](Slot slot) { return id_of_[slot]; });
  }
  IdMap<undo> map;

 private:
  std::vector<std::uint64_t> id_of_;
};

using Known = std::unordered_map<std::uint64_t, Slot>;

template <Undo undo>
void expect_equal(const Ids<undo>& ids, const Known& known, std::uint64_t id_max) {
  ids.map.verify();
  ASSERT_EQ(ids.map.size(), known.size());
  for (std::uint64_t id = 0; id <= id_max; ++id) {
    const auto found = known.find(id);
    ASSERT_EQ(ids.find(id), found == known.end() ? 0 : found->second) << id;
  }
}

TEST(IdMap, EqualsTheStandardOneOnARandomWalk) {
  constexpr std::uint64_t id_max = 4'000;
  Prng prng(1);
  Ids<Undo::none> ids(10, id_max);
  Known known;
  for (int step = 0; step < 200'000; ++step) {
    const std::uint64_t id = prng.below(id_max);
    if (const auto found = known.find(id); found != known.end()) {
      ids.map.erase(id, found->second);
      known.erase(found);
    } else {
      ids.map.reserve_for(known.size() + 1);
      const auto slot = static_cast<Slot>(id + 1);
      ids.insert(id, slot);
      known[id] = slot;
    }
    if (step % 2'000 == 0) expect_equal(ids, known, id_max);
  }
}

// Multiples of 2^32 divided by the hash's factor share their fragment: they differ only in what
// id_of says.
TEST(IdMap, TellsIdsOfTheSameFragmentApart) {
  constexpr std::uint64_t count = 64;
  // The inverse of the factor modulo 2^64, by Newton's method.
  std::uint64_t inverse = 1;
  for (int i = 0; i < 6; ++i) inverse *= 2 - 0x9E3779B97F4A7C15u * inverse;
  Ids<Undo::none> ids(count, count);
  const auto id_of = [&](std::uint64_t i) {
    return ((std::uint64_t{0xabcdef01} << 32) + i) * inverse;
  };
  for (std::uint64_t i = 0; i < count; ++i) ids.insert(id_of(i), static_cast<Slot>(i + 1));
  ids.map.verify();
  for (std::uint64_t i = 0; i < count; ++i) EXPECT_EQ(ids.find(id_of(i)), i + 1);
  EXPECT_EQ(ids.find(id_of(count)), 0u);
  for (std::uint64_t i = 0; i < count; i += 2) ids.map.erase(id_of(i), static_cast<Slot>(i + 1));
  ids.map.verify();
  for (std::uint64_t i = 0; i < count; ++i) EXPECT_EQ(ids.find(id_of(i)), i % 2 == 0 ? 0 : i + 1);
}

TEST(IdMap, IsFullWhenHalfOfItIsUsed) {
  Ids<Undo::none> ids(100, 1'000);
  EXPECT_FALSE(ids.map.full());
  std::uint64_t id = 0;
  while (!ids.map.full()) {
    ++id;
    ids.insert(id, static_cast<Slot>(id));
  }
  EXPECT_GE(id, 100u);
  EXPECT_DEATH(ids.map.insert(id + 1, 1), "size_ < limit_");
  ids.map.reserve_for(id + 1);
  EXPECT_FALSE(ids.map.full());
  ids.map.verify();
  EXPECT_EQ(ids.find(id), id);
}

TEST(IdMap, IsAfterARollbackAsIfNothingHadHappened) {
  constexpr std::uint64_t id_max = 500;
  Prng prng(2);
  Ids<Undo::keep> ids(id_max, id_max + 1);
  Known known;
  const auto change = [&](Known& now) {
    const std::uint64_t id = prng.below(id_max);
    const auto slot = static_cast<Slot>(id + 1);
    if (now.erase(id) != 0) {
      ids.map.erase(id, slot);
    } else {
      ids.insert(id, slot);
      now[id] = slot;
    }
  };
  for (int command = 0; command < 2'000; ++command) {
    Known undone = known;
    for (std::uint64_t i = prng.below(10); i > 0; --i) change(undone);
    ids.map.rollback();
    if (command % 20 == 0) expect_equal(ids, known, id_max);
    for (std::uint64_t i = prng.below(10); i > 0; --i) change(known);
    ids.map.commit();
  }
}

}  // namespace
}  // namespace oki::core
