// What a stream of commands remembers of a core's answers: open orders, positions, recent ids. All
// of fixed size: what is too old is forgotten, so some commands name things that are gone.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/types.h"

namespace oki::core {

struct KnownOrder {
  std::uint64_t id = 0;
  std::uint64_t account = 0;
  std::uint16_t market = 0;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  PositionSide position = PositionSide::none;
  std::uint64_t price = 0;
  std::uint64_t trigger = 0;
  std::uint64_t amount = 0;
};

// The open orders among the newest `slots` ids, each found and removed at once.
class KnownOrders {
 public:
  static constexpr std::size_t slots = 8192;

  KnownOrders() : place_(slots, none) {}

  void add(const KnownOrder& order) {
    std::uint32_t& place = place_[order.id % slots];
    if (place != none) remove(open_[place].id);
    place = static_cast<std::uint32_t>(open_.size());
    open_.push_back(order);
  }

  void remove(std::uint64_t id) {
    if (find(id) == nullptr) return;
    const std::uint32_t place = place_[id % slots];
    place_[id % slots] = none;
    if (place + 1 < open_.size()) {
      open_[place] = open_.back();
      place_[open_[place].id % slots] = place;
    }
    open_.pop_back();
  }

  KnownOrder* find(std::uint64_t id) {
    const std::uint32_t place = place_[id % slots];
    return place != none && open_[place].id == id ? &open_[place] : nullptr;
  }

  std::size_t size() const { return open_.size(); }
  const KnownOrder& operator[](std::size_t place) const { return open_[place]; }

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;
  std::vector<std::uint32_t> place_;
  std::vector<KnownOrder> open_;
};

// Open lots of the positions of the newest `size` changes; some are closed by now.
class KnownPositions {
 public:
  struct Known {
    std::uint64_t account = 0;
    std::uint16_t market = 0;
    PositionSide side = PositionSide::none;
    std::uint64_t open = 0;
  };

  void saw(const Known& position) {
    for (Known& known : known_) {
      const bool same = known.account == position.account && known.market == position.market &&
                        known.side == position.side;
      if (same) {
        known.open = position.open;
        return;
      }
    }
    if (position.open > 0) known_[next_++ % known_.size()] = position;
  }

  const Known& pick(std::uint64_t random) const { return known_[random % known_.size()]; }

 private:
  std::array<Known, 32> known_{};
  std::size_t next_ = 0;
};

// The newest ids of a kind; 0 while none is known.
class RecentIds {
 public:
  void add(std::uint64_t id) { ids_[next_++ % ids_.size()] = id; }
  std::uint64_t pick(std::uint64_t random) const { return ids_[random % ids_.size()]; }

 private:
  std::array<std::uint64_t, 8> ids_{};
  std::size_t next_ = 0;
};

}  // namespace oki::core
