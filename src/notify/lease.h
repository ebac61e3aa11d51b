// The lease on green: a short statement that trading works, worth nothing after its expiry.
//
// The watch signs a new one a few times a second while test trades succeed, and one that is not
// green the moment they do not. A status site shows green only under an unexpired green lease, so
// that silence, a dead watch or a cut line all end green by themselves within two seconds.
//
// Invariants, kept by the decoder: 0 <= expires_at - issued_at <= lease_duration_ms_max; at most
// components_max rows, none twice; `overall` is operational only with reason none.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "notify/state.h"

namespace oki::notify {

constexpr std::int64_t lease_duration_ms_max = 2000;

struct LeaseRow {
  ComponentId id;
  State state = State::major_outage;
  WallTimeMs since;

  friend bool operator==(const LeaseRow&, const LeaseRow&) = default;
};

struct Lease {
  std::uint64_t serial = 0;    // Rises with every lease, also over restarts of the watch.
  WallTimeMs issued_at;        // By the clock of the watch.
  WallTimeMs expires_at;       // When green: lease_duration_ms_max after its oldest proof.
  std::uint64_t document = 0;  // Sequence of the newest StatusDocument; 0 before the first.
  State overall = State::major_outage;
  Reason reason = Reason::no_proof;
  WallTimeMs since;               // When it became green, or ceased to be.
  std::uint32_t leader_seat = 0;  // 0: no leader known.
  Term leader_term;
  std::vector<LeaseRow> rows;  // In the order in which they are shown.

  friend bool operator==(const Lease&, const Lease&) = default;
};

Bytes encode(const Lease& lease);
Result<Lease> decode_lease(ByteView payload);

}  // namespace oki::notify
