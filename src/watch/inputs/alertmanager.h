// Alertmanager: the body of a webhook, version 4 (receiver, status, alerts[{status, labels,
// annotations, startsAt, endsAt, fingerprint}], …), and the list that GET /api/v2/alerts gives.
//
// The fingerprint says what an alert is about (a hash of its labels), startsAt which time it fires.
// Fields that are not known are passed over. endsAt is not read: while an alert fires it is the
// year 1 or a guess, and when it is over the status says so.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/json_reader.h"
#include "watch/inputs/alert.h"

namespace oki::watch::inputs {

constexpr std::size_t alerts_max = 2'000;  // In one body; more are an error.

// Errc::invalid when it is no such message. An alert without labels, or with another status than
// firing or resolved, is left out and counted.
struct AlertList {
  std::vector<Alert> alerts;
  std::size_t malformed = 0;
};
Result<AlertList> read_webhook(const net::Json& body);

// Those that fire and are neither silenced nor inhibited.
Result<AlertList> read_polled_alerts(const net::Json& body);

}  // namespace oki::watch::inputs
