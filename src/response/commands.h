// What can be told to the incident machine, and what it answers.
//
// A command is one kind byte (its place in `Command`, counted from 1) and its fields:
// docs/formats/response.md. It is decoded as if from a stranger: what does not decode exactly, or
// breaks a limit, is refused, changes nothing and stops nothing. Who a person is has been found out
// before: the outer part fills in `by` from the login and never passes 0 for one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "response/house.h"
#include "response/types.h"

namespace oki::response {

constexpr std::uint32_t proof_span_ms_max = 10'000;
constexpr std::uint32_t proof_trades_max = 10'000;
constexpr std::int64_t late_ms_max = 10'000;  // Older words than this are stale.
constexpr std::int64_t ahead_ms_max = 1'000;  // What a speaker's clock may be ahead.

struct Observe {
  std::string speaker;  // Who says it: "prober 1", "alertmanager".
  Signal signal;
  friend bool operator==(const Observe&, const Observe&) = default;
};

// Test trades of one prober in a stretch of time.
struct Prove {
  std::string speaker;
  WallTimeMs from, to;
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;
  friend bool operator==(const Prove&, const Prove&) = default;
};

struct Check {
  std::string speaker;
  CheckKind kind = CheckKind::ledger;
  bool fine = false;
  WallTimeMs at;
  friend bool operator==(const Check&, const Check&) = default;
};

// "I am here", from a speaker who has nothing else to say.
struct Alive {
  std::string speaker;
  friend bool operator==(const Alive&, const Alive&) = default;
};

struct Tick {
  friend bool operator==(const Tick&, const Tick&) = default;
};

using Command = std::variant<Tick, Observe, Prove, Check, Alive>;

// In the order of checking.
enum class Refusal : std::uint8_t {
  none = 0,
  malformed = 1,
  invalid = 2,       // A value breaks a rule or a limit of its own.
  stale = 3,         // Older than what is known, or than late_ms_max; or from the future.
  over_budget = 4,   // The source has said too many new things.
  signals_full = 5,  // The source has too many signals held.
  incidents_full = 6,
  speakers_full = 7,
};
constexpr std::uint8_t refusals = 8;
const char* name(Refusal refusal);

struct Reply {
  Refusal refusal = Refusal::none;
  std::uint32_t id = 0;         // Of what the command made or hit: an incident.
  std::uint16_t gate_shut = 0;  // Bits of gate::, with gate_not_met.
  friend bool operator==(const Reply&, const Reply&) = default;
};

Bytes encode(const Command& command);
std::optional<Command> decode_command(ByteView bytes);

void append(Bytes& out, const Reply& reply);
std::optional<Reply> decode_reply(ByteView bytes);

}  // namespace oki::response
