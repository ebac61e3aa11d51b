// More requests than an ordinary client could make: the attacker of a drill, or the multitude that
// comes with a surge. It runs as a process of its own, so that what it costs is not taken from who
// measures.
//
// Each connection comes from an address of its own (127.1.x.y, all of them the loopback) and keeps
// up to `pipelined` requests under way: signed orders of one key, or reads of the market without a
// key. With a profile they are sent by the clock, whatever the answers do; what finds every
// connection full is given up. Without one they are sent as fast as this process can. It wants
// nothing of the answers but their number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/net.h"
#include "base/result.h"
#include "drill/accounts.h"
#include "drill/crowd.h"

namespace oki::drill {

constexpr std::size_t flood_connections_max = 4000;

struct FloodOptions {
  std::vector<Address> edges;
  std::vector<DrillAccount> accounts;  // In turn, one for each connection; of orders only.
  std::string order;                   // The body of each order,
  std::string read;                    // or the target of each read: "/btc_jpy/ticker".
  std::size_t connections = 200;
  std::size_t pipelined = 8;
  std::int64_t length_ms = 10'000;
  std::optional<RateProfile> profile;
};

struct FloodResult {
  std::uint64_t sent = 0;
  std::uint64_t given_up = 0;
  std::uint64_t answers_ok = 0;       // 200, whatever stands in them.
  std::uint64_t answers_refused = 0;  // 429, and other 4xx.
  std::uint64_t answers_busy = 0;     // 503
  std::uint64_t answers_other = 0;
  std::uint64_t connections_lost = 0;
};

// Blocking. Only for edges on the loopback: Errc::invalid for others.
Result<FloodResult> run_flood(const FloodOptions& options);

std::string to_json(const FloodResult& result);

// What a parent writes for the process that floods: FloodOptions as JSON, with secrets.
Bytes encode(const FloodOptions& options);
Result<FloodOptions> decode_flood(ByteView text);

}  // namespace oki::drill
