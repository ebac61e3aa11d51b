#include "sim/network.h"

#include <algorithm>

namespace oki::sim {

Network::Link& Network::link(std::uint32_t from, std::uint32_t to) { return links_[{from, to}]; }

void Network::send(std::uint32_t from, std::uint32_t to, std::uint64_t mark,
                   std::function<void()> deliver) {
  Link& way = link(from, to);
  const LinkWeather weather = way.special ? way.weather : default_;
  const bool lost = way.cut || prng_.chance(weather.lost_permille, 1000);
  trace_.add(scheduler_.now(), lost ? What::message_lost : What::message_sent, from, to, mark);
  if (lost) {
    ++lost_;
    return;
  }
  if (prng_.chance(weather.doubled_permille, 1000)) deliver_later(way, weather, deliver);
  deliver_later(way, weather, std::move(deliver));
}

void Network::deliver_later(Link& way, const LinkWeather& weather, std::function<void()> deliver) {
  const std::int64_t delay_us = prng_.between(weather.delay_min_us, weather.delay_max_us);
  MonoTimeNs arrival = scheduler_.now() + delay_us * ns_per_us;
  if (weather.in_order) arrival = std::max(arrival, way.last_arrival);
  way.last_arrival = std::max(arrival, way.last_arrival);
  scheduler_.after_us((arrival - scheduler_.now()) / ns_per_us,
                      [&way, cuts = way.cuts, deliver = std::move(deliver)] {
                        if (way.cuts == cuts) deliver();
                      });
}

void Network::set(std::uint32_t from, std::uint32_t to, const LinkWeather& weather) {
  Link& way = link(from, to);
  way.weather = weather;
  way.special = true;
}

void Network::cut(std::uint32_t from, std::uint32_t to) {
  Link& way = link(from, to);
  way.cut = true;
  ++way.cuts;
}

bool Network::is_cut(std::uint32_t from, std::uint32_t to) const {
  const auto found = links_.find({from, to});
  return found != links_.end() && found->second.cut;
}

void Network::heal() {
  for (auto& [ends, way] : links_) {
    way.cut = false;
    way.special = false;
  }
}

}  // namespace oki::sim
