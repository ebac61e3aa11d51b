#include "watch/inputs/alertmanager.h"

#include <utility>

#include "watch/inputs/json_fields.h"
#include "watch/inputs/outside_words.h"

namespace oki::watch::inputs {
namespace {

// Labels as one text, for alerts that come without a fingerprint.
std::string spelled(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) text += name + '\0' + value + '\0';
  return text;
}

std::string first_of(const Labels& labels, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const std::string* value = find_label(labels, name);
    if (value != nullptr && !value->empty()) return *value;
  }
  return {};
}

std::optional<Alert> read_alert(const net::Json& json) {
  Alert alert;
  add_labels(alert.labels, json.find("labels"));
  if (alert.labels.empty()) return std::nullopt;
  const ByteView fingerprint = text_of(json, "fingerprint");
  alert.id = key_part(fingerprint.empty() ? spelled(alert.labels) : fingerprint);
  const auto since = parse_rfc3339(text_of(json, "startsAt"));
  if (since && since->value > 0) alert.since = alert.occurrence = *since;
  alert.title = clean_line(first_of(alert.labels, {"alertname"}), title_bytes_max);
  alert.severity = first_of(alert.labels, {"severity"});
  Labels annotations;
  add_labels(annotations, json.find("annotations"));
  alert.text =
      clean_line(first_of(annotations, {"summary", "description", "message"}), text_bytes_max);
  return alert;
}

Result<const std::vector<net::Json>*> alerts_in(const net::Json* value) {
  const auto* list = value == nullptr ? nullptr : value->array();
  if (list == nullptr) return error(Errc::invalid, "there is no list of alerts");
  if (list->size() > alerts_max) {
    return error(Errc::invalid, "there are more than " + std::to_string(alerts_max) + " alerts");
  }
  return list;
}

}  // namespace

Result<AlertList> read_webhook(const net::Json& body) {
  if (text_of(body, "version") != "4") {
    return error(Errc::invalid, "only version 4 of the webhook is known");
  }
  const auto list = alerts_in(body.find("alerts"));
  if (!list) return tl::unexpected(list.error());
  AlertList read;
  for (const net::Json& json : **list) {
    const ByteView status = text_of(json, "status");
    auto alert = read_alert(json);
    if (!alert || (status != "firing" && status != "resolved")) {
      ++read.malformed;
      continue;
    }
    alert->firing = status == "firing";
    read.alerts.push_back(std::move(*alert));
  }
  return read;
}

Result<AlertList> read_polled_alerts(const net::Json& body) {
  const auto list = alerts_in(&body);
  if (!list) return tl::unexpected(list.error());
  AlertList read;
  for (const net::Json& json : **list) {
    const net::Json* status = json.find("status");
    auto alert = read_alert(json);
    if (!alert || status == nullptr) {
      ++read.malformed;
    } else if (text_of(*status, "state") == "active") {
      read.alerts.push_back(std::move(*alert));
    }
  }
  return read;
}

}  // namespace oki::watch::inputs
