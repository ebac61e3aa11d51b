// Test trades: proof, a few times a second, that an order can be placed, found, filled and
// cancelled through one edge.
//
// A prober makes one check after the other, never two at once. A check of a listed market reads the
// ticker, places a post_only buy order at half the best bid and cancels it. The check of the probe
// market (unlisted) crosses two house accounts. Each request has its own deadline. A check that
// failed for the first time is repeated next, out of turn, but no sooner than it has failed and
// repeat_after_ms after it began: so two failures in a row need an outage of two deadlines, or two
// answers that are wrong.
//
// What is surely not processed is sent again within the deadline (house_api.h), so a check may well
// succeed where customers are turned away; the result says how many of its first tries were.
//
// The house accounts need no rate limits, some quote money, and an amount of the probe asset. Roles
// in the cross change every cross_roles_ms, for all probers at the same wall time, so that probers
// that share accounts do not trade with themselves and no account runs dry.
//
// Orders whose outcome is unknown may rest in the book; the Sweeper cancels them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "watch/house_api.h"
#include "watch/turned_away.h"

namespace oki::watch {

constexpr std::int64_t probe_round_ms = 1000;    // Every check once in a round.
constexpr std::int64_t probe_deadline_ms = 400;  // For each request.
constexpr std::int64_t repeat_after_ms = 250;
constexpr std::int64_t cross_roles_ms = 600'000;

struct ProbeMarket {
  std::string name;  // "btc_jpy"
  unsigned price_digits = 0;
  unsigned amount_digits = 4;
  std::uint64_t price_ticks = 1;  // Listed: the lowest allowed. Probe market: where to cross.
  std::uint64_t amount_lots = 1;  // Of every test order.
};

struct HousePair {
  HouseKey a;
  HouseKey b;
};

enum class ProbeReason : std::uint8_t {
  none,
  timeout,      // No answer by the deadline, the outcome may be unknown.
  unavailable,  // Surely not processed by the deadline.
  refused,      // The API said no; `code` says why.
  wrong,        // An answer that cannot be true.
};
const char* name(ProbeReason reason);

struct ProbeResult {
  std::size_t check = 0;  // Position in the markets; after the last one the cross.
  bool ok = false;
  ProbeReason reason = ProbeReason::none;
  const char* step = "";  // Which request failed.
  std::int64_t code = 0;
  bool reached = false;  // The edge answered at least once.
  MonoTimeNs started;
  MonoTimeNs ended;
  WallTimeMs started_wall;
  FirstTries reads;   // Without a key.
  FirstTries orders;  // Signed.
};

// A failure that says more about the way than about one market.
constexpr bool is_transport(ProbeReason reason) {
  return reason == ProbeReason::timeout || reason == ProbeReason::unavailable;
}

class Prober {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Send send;
  };
  struct Options {
    HousePair house;
    std::vector<ProbeMarket> markets;
    ProbeMarket cross;
    std::int64_t first_after_ms = 0;  // Staggers the probers.
    std::size_t first_check = 0;
  };
  using Report = std::function<void(const ProbeResult&)>;

  Prober(const Parts& parts, Options options, Report report);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  void start();
  std::size_t checks() const { return options_.markets.size() + 1; }

 private:
  std::int64_t slot_ms() const { return probe_round_ms / static_cast<std::int64_t>(checks()); }
  bool is_cross() const { return result_.check == options_.markets.size(); }
  const ProbeMarket& market() const;
  const HouseKey& maker() const;
  const HouseKey& taker() const;

  void run_check();
  void schedule_next();
  void schedule_repeat();
  void run_after_ns(std::int64_t wait_ns);

  // The steps, in order.
  void read_ticker();
  void place_far(const net::Json& ticker);
  void cancel_far(const net::Json& order);
  void place_maker();
  void place_taker(const net::Json& maker_order);
  void look_at_maker();
  void cancel_maker();

  void post(const HouseKey& key, const char* step, const char* target, std::string body,
            std::function<void(const net::Json&)> next);
  void get(const char* step, FirstTries& tries, Caller::MakeRequest make,
           std::function<void(const net::Json&)> next);
  void proceed(const char* step, const CallResult& call,
               const std::function<void(const net::Json&)>& next);
  void fail(const char* step, ProbeReason reason, std::int64_t code = 0);
  void succeed();
  void report();

  Parts parts_;
  Options options_;
  Report report_;
  Caller caller_;
  std::vector<unsigned> failures_in_row_;  // By check.
  ProbeResult result_;
  std::int64_t order_id_ = 0;
  bool a_makes_ = true;
  MonoTimeNs next_slot_;
  TimerId timer_;
};

}  // namespace oki::watch
