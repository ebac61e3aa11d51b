#include "watch/inputs/pagerduty.h"

#include <algorithm>

#include "base/json.h"
#include "crypto/crypto.h"
#include "watch/inputs/json_fields.h"
#include "watch/inputs/outside_words.h"

namespace oki::watch::inputs {
namespace {

constexpr std::size_t dedup_key_bytes_max = 255 * 4;  // Characters there, of at most four bytes.
constexpr std::size_t summary_bytes_max = 1024 * 4;

bool is_severity(ByteView word) {
  return word == "critical" || word == "error" || word == "warning" || word == "info";
}

void read_payload(const net::Json& payload, Alert& alert, std::vector<std::string>& faults) {
  const ByteView summary = text_of(payload, "summary");
  const ByteView source = text_of(payload, "source");
  alert.severity = std::string(text_of(payload, "severity"));
  if (summary.empty() || summary.size() > summary_bytes_max) {
    faults.emplace_back("payload.summary must be a text of 1 to 1024 characters");
  }
  if (source.empty()) faults.emplace_back("payload.source is missing");
  if (!is_severity(alert.severity)) {
    faults.emplace_back("payload.severity must be critical, error, warning or info");
  }
  alert.title = clean_line(summary, title_bytes_max);
  alert.since = parse_rfc3339(text_of(payload, "timestamp")).value_or(WallTimeMs{});
  if (alert.since.value < 0) alert.since = {};
  for (const char* name : {"source", "severity", "component", "group", "class"}) {
    const ByteView value = text_of(payload, name);
    if (!value.empty()) add_label(alert.labels, name, std::string(value));
  }
  add_labels(alert.labels, payload.find("custom_details"), "custom_details.");
}

// The same content gives the same key, so that a trigger that is repeated is one signal.
std::string made_key(const net::Json& payload) {
  Bytes text;
  for (const char* name : {"source", "component", "group", "class", "summary"}) {
    text += text_of(payload, name);
    text.push_back('\0');
  }
  return crypto::hex(crypto::sha256(text)).substr(0, 32);
}

}  // namespace

PagerDutyReading read_pagerduty(const net::Json& body) {
  PagerDutyReading read;
  const ByteView action = text_of(body, "event_action");
  PagerDutyEvent& event = read.event;
  event.dedup_key = std::string(text_of(body, "dedup_key"));
  if (event.dedup_key.size() > dedup_key_bytes_max) {
    read.faults.emplace_back("dedup_key is longer than 255 characters");
    return read;
  }
  if (action == "acknowledge" || action == "resolve") {
    if (event.dedup_key.empty()) read.faults.emplace_back("dedup_key is missing");
  } else if (action != "trigger") {
    read.faults.emplace_back("event_action must be trigger, acknowledge or resolve");
  }
  if (action == "acknowledge" || !read.faults.empty()) return read;
  Alert alert;
  alert.firing = action == "trigger";
  const net::Json* payload = body.find("payload");
  if (alert.firing && (payload == nullptr || payload->object() == nullptr)) {
    read.faults.emplace_back("payload is missing");
    return read;
  }
  if (alert.firing) {
    read_payload(*payload, alert, read.faults);
    if (event.dedup_key.empty()) event.dedup_key = made_key(*payload);
  }
  alert.id = key_part(event.dedup_key);
  event.alert = std::move(alert);
  return read;
}

net::HttpResponse pagerduty_accepted(const std::string& dedup_key) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("status", "success").field("message", "Event processed");
  json.field("dedup_key", ByteView(dedup_key)).end_object();
  return net::json_response(202, std::move(out));
}

net::HttpResponse pagerduty_refused(std::uint16_t status, const char* word, const char* message,
                                    const std::vector<std::string>& faults) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("status", word).field("message", message).key("errors").begin_array();
  for (const std::string& fault : faults) json.string(fault);
  json.end_array().end_object();
  return net::json_response(status, std::move(out));
}

}  // namespace oki::watch::inputs
