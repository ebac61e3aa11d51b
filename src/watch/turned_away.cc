#include "watch/turned_away.h"

#include <algorithm>

namespace oki::watch {
namespace {

bool are_most(const FirstTries& tries) {
  return tries.made >= turned_away_tries_min && tries.turned_away * 2 >= tries.made;
}

bool are_few(const FirstTries& tries) { return tries.turned_away * 4 < tries.made; }

}  // namespace

bool TurnedAway::add(const FirstTries& reads, const FirstTries& orders, MonoTimeNs now) {
  pass_to(now.value / ns_per_ms / slot_ms);
  Slot& newest = slots_[static_cast<std::size_t>(number_) % slots];
  newest.reads += reads;
  newest.orders += orders;
  Slot all;
  for (const Slot& slot : slots_) {
    all.reads += slot.reads;
    all.orders += slot.orders;
  }
  const auto is_over = [](const FirstTries& tries) { return tries.made == 0 || are_few(tries); };
  if (are_most(all.reads) || are_most(all.orders)) most_ = true;
  if (most_ && is_over(all.reads) && is_over(all.orders)) most_ = false;
  return most_;
}

void TurnedAway::pass_to(std::int64_t number) {
  const std::int64_t passed = std::min<std::int64_t>(number - number_, slots);
  number_ = number;
  for (std::int64_t i = 0; i < passed; ++i) {
    slots_[static_cast<std::size_t>(number - i) % slots] = {};
  }
}

}  // namespace oki::watch
