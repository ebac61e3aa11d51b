#include "watch/inputs/cloud_events.h"

#include <algorithm>
#include <utility>

#include "net/json_reader.h"
#include "watch/inputs/json_fields.h"
#include "watch/inputs/outside_words.h"

namespace oki::watch::inputs {
namespace {

constexpr ByteView header_prefix = "ce-";

bool is_media_type(ByteView header, ByteView wanted) {
  ByteView type = header.substr(0, header.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return net::equal_ignoring_case(type, wanted);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Header values are percent-encoded UTF-8; what is no escape stands for itself.
std::string percent_decoded(ByteView text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// What an attribute of the event says; empty when it is absent.
std::string attribute(const Labels& labels, const char* name) {
  const std::string* value = find_label(labels, name);
  return value == nullptr ? std::string() : *value;
}

Result<CloudEvent> finish(CloudEvent event) {
  Alert& alert = event.alert;
  if (attribute(alert.labels, "specversion") != "1.0") {
    return error(Errc::invalid, "specversion must be 1.0");
  }
  if (attribute(alert.labels, "id").empty()) return error(Errc::invalid, "id is missing");
  event.type = attribute(alert.labels, "type");
  event.source = attribute(alert.labels, "source");
  event.subject = attribute(alert.labels, "subject");
  if (event.type.empty()) return error(Errc::invalid, "type is missing");
  if (event.source.empty()) return error(Errc::invalid, "source is missing");
  const auto time = parse_rfc3339(attribute(alert.labels, "time"));
  if (time && time->value > 0) alert.since = *time;
  alert.title = clean_line(
      event.type + " of " + event.source + (event.subject.empty() ? "" : " " + event.subject),
      title_bytes_max);
  alert.severity = attribute(alert.labels, "severity");
  if (alert.severity.empty()) alert.severity = attribute(alert.labels, "data.severity");
  for (const char* name : {"data.summary", "data.message", "data.description"}) {
    if (alert.text.empty()) alert.text = clean_line(attribute(alert.labels, name), text_bytes_max);
  }
  return event;
}

Result<CloudEvent> read_structured(const net::Json& json) {
  if (json.object() == nullptr) return error(Errc::invalid, "an event is no object");
  CloudEvent event;
  // The attributes that are required come first, so that others cannot take their room.
  for (const char* name : {"specversion", "id", "type", "source", "subject", "time"}) {
    const ByteView value = text_of(json, name);
    if (!value.empty()) add_label(event.alert.labels, name, std::string(value));
  }
  add_labels(event.alert.labels, &json);
  add_labels(event.alert.labels, json.find("data"), "data.");
  return finish(std::move(event));
}

Result<CloudEvent> read_binary(const net::HttpRequest& request) {
  CloudEvent event;
  for (const net::HttpHeader& header : request.headers) {
    const ByteView name = header.name;
    if (name.size() <= header_prefix.size() ||
        !net::equal_ignoring_case(name.substr(0, header_prefix.size()), header_prefix)) {
      continue;
    }
    std::string lower(name.substr(header_prefix.size()));
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    add_label(event.alert.labels, lower, percent_decoded(header.value));
  }
  if (is_media_type(request.header("Content-Type"), "application/json") && !request.body.empty()) {
    const auto data = net::parse_json(request.body, request.body.size());
    if (!data) return error(Errc::invalid, "the data is no JSON: " + data.error().message);
    add_labels(event.alert.labels, &*data, "data.");
  }
  return finish(std::move(event));
}

}  // namespace

Result<std::vector<CloudEvent>> read_cloud_events(const net::HttpRequest& request) {
  const ByteView type = request.header("Content-Type");
  const bool batch = is_media_type(type, "application/cloudevents-batch+json");
  std::vector<CloudEvent> events;
  if (!batch && !is_media_type(type, "application/cloudevents+json")) {
    auto event = read_binary(request);
    if (!event) return tl::unexpected(event.error());
    events.push_back(std::move(*event));
    return events;
  }
  const auto body = net::parse_json(request.body, request.body.size());
  if (!body) return error(Errc::invalid, "the event is no JSON: " + body.error().message);
  const auto* list = body->array();
  if (batch != (list != nullptr)) return error(Errc::invalid, "a batch is a list, an event is not");
  if (batch && list->size() > events_max) return error(Errc::invalid, "too many events in a batch");
  const std::size_t count = batch ? list->size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    auto event = read_structured(batch ? (*list)[i] : *body);
    if (!event) return tl::unexpected(event.error());
    events.push_back(std::move(*event));
  }
  return events;
}

Alert alert_of(const CloudEvent& event, const Rule& rule) {
  Alert alert = event.alert;
  alert.firing = !rule.ends;
  alert.id = key_part(rule.key.empty() ? event.type : rule.key) + "/" +
             key_part(event.source + '\0' + event.subject);
  return alert;
}

}  // namespace oki::watch::inputs
