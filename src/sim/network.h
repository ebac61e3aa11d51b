// The network between the endpoints of a simulated world: every directed link has its own delay,
// loss, order and cuts.
//
// Endpoints are numbers: nodes by seat from 1, clients above first_client.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/prng.h"
#include "sim/scheduler.h"
#include "sim/trace.h"

namespace oki::sim {

constexpr std::uint32_t first_client = 100;

struct LinkWeather {
  std::int64_t delay_min_us = 100;
  std::int64_t delay_max_us = 400;
  std::uint32_t lost_permille = 0;
  std::uint32_t doubled_permille = 0;
  bool in_order = true;  // As TCP keeps it; otherwise each message takes its own time.
};

class Network {
 public:
  Network(Scheduler& scheduler, Trace& trace, std::uint64_t seed)
      : scheduler_(scheduler), trace_(trace), prng_(seed) {}

  // Calls `deliver` zero, one or two times. `mark` only names the message in the trace.
  void send(std::uint32_t from, std::uint32_t to, std::uint64_t mark,
            std::function<void()> deliver);

  void set_default(const LinkWeather& weather) { default_ = weather; }
  void set(std::uint32_t from, std::uint32_t to, const LinkWeather& weather);
  void cut(std::uint32_t from, std::uint32_t to);  // Messages on the way are lost too.
  bool is_cut(std::uint32_t from, std::uint32_t to) const;
  void heal();  // All links as set_default() says.

  std::uint64_t lost() const { return lost_; }

 private:
  struct Link {
    LinkWeather weather;
    bool special = false;  // `weather` counts, not the default.
    bool cut = false;
    std::uint64_t cuts = 0;
    MonoTimeNs last_arrival;
  };

  Link& link(std::uint32_t from, std::uint32_t to);
  void deliver_later(Link& link, const LinkWeather& weather, std::function<void()> deliver);

  Scheduler& scheduler_;
  Trace& trace_;
  Prng prng_;
  LinkWeather default_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Link> links_;
  std::uint64_t lost_ = 0;
};

}  // namespace oki::sim
