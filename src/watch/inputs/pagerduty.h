// PagerDuty Events API v2, as its senders speak it: POST /v2/enqueue with routing_key,
// event_action, dedup_key and payload{summary, source, severity, timestamp, component, group,
// class, custom_details}.
//
// trigger and resolve are levels under the dedup_key. acknowledge says that somebody over there has
// seen it: it changes nothing here. Limits as documented there: dedup_key 255 characters, summary
// 1024; longer ones are refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/http.h"
#include "net/json_reader.h"
#include "watch/inputs/alert.h"

namespace oki::watch::inputs {

struct PagerDutyEvent {
  std::string dedup_key;       // As sent; made from the content when a trigger brought none.
  std::optional<Alert> alert;  // None of an acknowledgement.
};

struct PagerDutyReading {
  PagerDutyEvent event;
  std::vector<std::string> faults;  // What is wrong with it; the event counts only when empty.
};

PagerDutyReading read_pagerduty(const net::Json& body);

// {"status":"success","message":"Event processed","dedup_key":…}, 202.
net::HttpResponse pagerduty_accepted(const std::string& dedup_key);

// {"status":…,"message":…,"errors":[…]}
net::HttpResponse pagerduty_refused(std::uint16_t status, const char* word, const char* message,
                                    const std::vector<std::string>& faults);

}  // namespace oki::watch::inputs
