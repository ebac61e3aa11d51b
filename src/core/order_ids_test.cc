// The table of order ids against the map of the standard library.
#include "core/order_ids.h"

#include <gtest/gtest.h>

#include <functional>
#include <unordered_map>
#include <vector>

#include "base/prng.h"

namespace oki::core {
namespace {

constexpr std::uint64_t highest = ~std::uint64_t{0};

using Known = std::unordered_map<std::uint64_t, Slot>;

// A table with the ids of its slots beside it, as the books have them, and what it must hold.
template <Undo undo>
class Ids {
 public:
  explicit Ids(std::size_t ids, std::size_t slots) : table(ids), id_of_(slots + 1) {
    for (std::size_t slot = slots; slot > 0; --slot) free_.push_back(static_cast<Slot>(slot));
  }

  auto id_of() const {
    return [this](Slot slot) { return id_of_[slot]; };
  }
  Slot find(std::uint64_t id) const { return table.find(id, id_of()); }

  void insert(std::uint64_t id) {
    if (table.full()) table.reserve_for(table.size() + 1, id_of());
    const Slot slot = free_.back();
    free_.pop_back();
    id_of_[slot] = id;
    table.insert(id, slot, id_of());
    known[id] = slot;
  }
  void erase(std::uint64_t id) {
    table.erase(id, known.at(id));
    forget(id);
  }
  void extract(std::uint64_t id) {
    const auto found = known.find(id);
    EXPECT_EQ(table.extract(id, id_of()), found == known.end() ? 0 : found->second);
    if (found != known.end()) forget(id);
  }
  std::uint64_t any(Prng& prng) const {
    return std::next(known.begin(), static_cast<std::ptrdiff_t>(prng.below(known.size())))->first;
  }

  void expect_equal() const {
    table.verify(id_of());
    ASSERT_EQ(table.size(), known.size());
    for (const auto& [id, slot] : known) ASSERT_EQ(find(id), slot) << id;
  }

  OrderIds<undo> table;
  Known known;

 private:
  void forget(std::uint64_t id) {
    free_.push_back(known.at(id));
    known.erase(id);
  }

  std::vector<std::uint64_t> id_of_;
  std::vector<Slot> free_;
};

using NextId = std::function<std::uint64_t(Prng&, std::uint64_t last)>;

std::uint64_t rising(Prng& prng, std::uint64_t last) { return last + 1 + prng.below(5); }
std::uint64_t anywhere(Prng& prng, std::uint64_t) { return prng.next() >> prng.below(64); }
std::uint64_t mixed(Prng& prng, std::uint64_t last) {
  return prng.chance(1, 10) ? anywhere(prng, last) : rising(prng, last);
}

// `live` orders at a time, some of which are very old.
void walk(std::uint64_t seed, std::size_t live, const NextId& next) {
  Prng prng(seed);
  Ids<Undo::none> ids(10, 2 * live);
  std::uint64_t last = 0;
  for (int step = 0; step < 100'000; ++step) {
    last = next(prng, last);
    if (!ids.known.contains(last)) ids.insert(last);
    ids.extract(prng.next());
    while (ids.known.size() > live) {
      const std::uint64_t id = ids.any(prng);
      if (prng.chance(1, 2)) {
        ids.erase(id);
      } else {
        ids.extract(id);
      }
      EXPECT_EQ(ids.find(id), 0u);
    }
    if (step % 2'000 == 0) ids.expect_equal();
    if (testing::Test::HasFailure()) FAIL() << "step " << step;
  }
}

TEST(OrderIds, EqualTheStandardMapWhereIdsRise) {
  walk(1, 300, rising);
  walk(2, 3'000, rising);
}

TEST(OrderIds, EqualTheStandardMapWhateverTheIdsAre) {
  walk(3, 300, anywhere);
  walk(4, 3'000, mixed);
}

// The oldest order of all stays while the young ones go around the ring many times.
TEST(OrderIds, KeepAnOrderThatOutlivesTheRing) {
  Ids<Undo::none> ids(10, 100);
  std::uint64_t id = highest - 200'000;
  const std::uint64_t oldest = id + 1;
  while (id != highest) {
    ids.insert(++id);
    if (id - oldest >= 20) ids.erase(id - 19);
    ASSERT_NE(ids.find(oldest), 0u) << id;
  }
  ids.expect_equal();
  ids.insert(0);  // After the highest number comes the lowest.
  ids.insert(1);
  ids.expect_equal();
}

TEST(OrderIds, DoNotMistakeAnIdForAnotherOfTheSameEntry) {
  Ids<Undo::none> ids(10, 100);
  for (std::uint64_t id = 1; id <= 10; ++id) ids.insert(id);
  for (unsigned bit = 4; bit < 64; ++bit) {
    EXPECT_EQ(ids.find((std::uint64_t{1} << bit) + 1), 0u) << bit;
  }
  for (unsigned bit = 4; bit < 64; ++bit) ids.insert((std::uint64_t{1} << bit) + 1);
  ids.expect_equal();
}

TEST(OrderIds, AreFullAtTheirCapacityAndGrow) {
  Ids<Undo::none> ids(100, 5'000);
  std::uint64_t id = 0;
  while (!ids.table.full()) ids.insert(++id);
  EXPECT_GE(id, 100u);
  while (id < 4'000) ids.insert(++id);
  ids.expect_equal();
}

// Ids keep their slots here: a rollback gives both back.
TEST(OrderIds, AreAfterARollbackAsIfNothingHadHappened) {
  constexpr std::uint64_t id_max = 3'000;
  Prng prng(5);
  OrderIds<Undo::keep> table(id_max);
  const auto id_of = [](Slot slot) { return std::uint64_t{slot - 1}; };
  Known known;
  std::uint64_t last = 0;
  const auto change = [&](Known& now) {
    const bool old = !now.empty() && prng.chance(now.size(), 500);
    last = old ? std::next(now.begin(), static_cast<std::ptrdiff_t>(prng.below(now.size())))->first
               : mixed(prng, last) % id_max;
    const Slot slot = static_cast<Slot>(last + 1);
    if (now.erase(last) != 0) {
      table.erase(last, slot);
    } else {
      table.insert(last, slot, id_of);
      now[last] = slot;
    }
  };
  for (int command = 0; command < 5'000; ++command) {
    Known undone = known;
    for (std::uint64_t i = prng.below(10); i > 0; --i) change(undone);
    table.rollback();
    if (command % 20 == 0) {
      table.verify(id_of);
      ASSERT_EQ(table.size(), known.size());
      for (std::uint64_t id = 0; id < id_max; ++id) {
        const auto found = known.find(id);
        ASSERT_EQ(table.find(id, id_of), found == known.end() ? 0 : found->second) << id;
      }
    }
    for (std::uint64_t i = prng.below(10); i > 0; --i) change(known);
    table.commit();
  }
}

}  // namespace
}  // namespace oki::core
