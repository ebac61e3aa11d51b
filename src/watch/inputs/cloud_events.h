// CloudEvents 1.0 over HTTP: structured (application/cloudevents+json), in batches
// (application/cloudevents-batch+json), and binary (attributes in ce-… headers, data in the body).
//
// An event is not a level. It becomes one by the source's rules: a rule that fits makes it a signal
// under (key or type, source, subject), and a rule with `ends` and the same key says that it is
// over. Events that no rule fits are taken and left alone. Attributes, extensions included, are
// labels; members of JSON data that are texts or numbers are labels with "data." before their name.
#pragma once

#include <vector>

#include "base/result.h"
#include "net/http.h"
#include "watch/inputs/alert.h"
#include "watch/inputs/settings.h"

namespace oki::watch::inputs {

constexpr std::size_t events_max = 500;  // In one batch.

struct CloudEvent {
  Alert alert;  // Without an id as long as no rule is known.
  std::string type, source, subject;
};

// Errc::invalid says what is wrong: id, source, type or specversion is missing, the version is
// another one, the body is no JSON.
Result<std::vector<CloudEvent>> read_cloud_events(const net::HttpRequest& request);

// As the rule says: its key, and whether it is over.
Alert alert_of(const CloudEvent& event, const Rule& rule);

}  // namespace oki::watch::inputs
