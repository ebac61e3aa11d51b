// Integers that cannot be mixed up: an account number is not an amount.
#pragma once

#include <compare>
#include <cstdint>

namespace oki {

template <typename Tag, typename Int>
struct Strong {
  using Integer = Int;
  Int value{};

  friend constexpr bool operator==(Strong, Strong) = default;
  friend constexpr auto operator<=>(Strong, Strong) = default;
};

// Milliseconds since 1970-01-01T00:00:00Z. What people and the API call time.
using WallTimeMs = Strong<struct WallTimeMsTag, std::int64_t>;

// Nanoseconds since an unnamed start, never going back. Only differences mean anything.
using MonoTimeNs = Strong<struct MonoTimeNsTag, std::int64_t>;

// Position in the replicated log, counted from 1; 0 is "before the first entry".
using LogIndex = Strong<struct LogIndexTag, std::uint64_t>;

// Raft term, counted from 1.
using Term = Strong<struct TermTag, std::uint64_t>;

// A replica's number in its cluster, never used twice, also not after its disk was lost.
using NodeId = Strong<struct NodeIdTag, std::uint64_t>;

}  // namespace oki
