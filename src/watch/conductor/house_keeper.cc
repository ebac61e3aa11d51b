#include "watch/conductor/house_keeper.h"

#include <algorithm>
#include <utility>

namespace oki::watch {
namespace {

// What the machine sets by itself does not count as a difference.
void forget_stamps(response::House& house) {
  house.revision = 0;
  house.suppression_last = 0;
  for (auto& [name, schedule] : house.schedules) {
    schedule.revision = 0;
    schedule.changed = {};
  }
}

// A person who is there already needs no earlier version of himself.
bool is_outdated(const response::House& house, const std::vector<response::Change>& wanted,
                 std::size_t place) {
  const auto* put = std::get_if<response::PutPerson>(&wanted[place]);
  if (put == nullptr || !house.people.contains(put->id)) return false;
  return std::any_of(wanted.begin() + static_cast<std::ptrdiff_t>(place) + 1, wanted.end(),
                     [put](const response::Change& later) {
                       const auto* other = std::get_if<response::PutPerson>(&later);
                       return other != nullptr && other->id == put->id;
                     });
}

bool is_past(const response::Change& change, WallTimeMs now) {
  const auto* put = std::get_if<response::PutSuppression>(&change);
  return put != nullptr && put->suppression.to <= now;
}

}  // namespace

std::vector<std::size_t> missing(const response::House& house,
                                 const std::vector<response::Change>& wanted, WallTimeMs time) {
  std::vector<std::size_t> places;
  response::House now = house;
  forget_stamps(now);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_outdated(now, wanted, i) || is_past(wanted[i], time)) continue;
    response::House changed = now;
    response::apply(changed, wanted[i], {});
    forget_stamps(changed);
    if (changed == now) continue;
    places.push_back(i);
    now = std::move(changed);
  }
  return places;
}

void HouseKeeper::keep(const response::House& house, WallTimeMs now) {
  if (waiting_ || refused_ || wanted_.empty() || compared_ == house.revision) return;
  const std::vector<std::size_t> places = missing(house, wanted_, now);
  const bool needs_people = response::configurers(house) >= 2;
  if (places.empty() || needs_people) compared_ = house.revision;
  if (places.empty()) return;
  if (needs_people) {
    if (std::exchange(told_, true)) return;
    log_.warning("watch", "the house differs from its file; a change needs two people",
                 {{"differences", static_cast<std::uint64_t>(places.size())}});
    return;
  }
  waiting_ = true;
  const std::size_t place = places.front();
  submit_(response::Configure{{}, wanted_[place]},
          [this, place](const Result<response::Reply>& reply) {
            waiting_ = false;
            if (!reply || reply->refusal == response::Refusal::none) return;
            refused_ = true;  // The same again would be refused again.
            log_.error("watch", "the house's file was refused",
                       {{"place", static_cast<std::uint64_t>(place + 1)},
                        {"refusal", response::name(reply->refusal)}});
          });
}

}  // namespace oki::watch
