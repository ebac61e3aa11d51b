#include "watch/inputs/otlp.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/json.h"
#include "watch/inputs/json_fields.h"
#include "watch/inputs/mapping.h"
#include "watch/inputs/outside_words.h"

namespace oki::watch::inputs {
namespace {

constexpr std::int64_t severity_error = 17;
constexpr std::int64_t status_error = 2;

// Where the lists of one kind lie: resourceX[].scopeX[].things[].
struct Shape {
  const char* resources;
  const char* scopes;
  const char* items;
};

Shape shape_of(OtlpKind kind) {
  switch (kind) {
    case OtlpKind::metrics:
      return {"resourceMetrics", "scopeMetrics", "metrics"};
    case OtlpKind::logs:
      return {"resourceLogs", "scopeLogs", "logRecords"};
    case OtlpKind::traces:
      return {"resourceSpans", "scopeSpans", "spans"};
  }
  return {"", "", ""};
}

// {"key":…,"value":{"stringValue"|"intValue"|"doubleValue"|"boolValue":…}}; others are left out.
void add_attributes(Labels& labels, const net::Json& owner) {
  for (const net::Json& attribute : array_of(owner, "attributes")) {
    const net::Json* value = attribute.find("value");
    if (value == nullptr || labels.size() >= labels_max) continue;
    const std::string name(text_of(attribute, "key"));
    for (const char* kind : {"stringValue", "intValue", "doubleValue"}) {
      const net::Json* held = value->find(kind);
      if (held == nullptr || !held->number_text()) continue;
      add_label(labels, name, std::string(*held->number_text()));
    }
    const net::Json* held = value->find("boolValue");
    if (held != nullptr && held->boolean()) {
      add_label(labels, name, *held->boolean() ? "true" : "false");
    }
  }
}

std::string spelled(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) text += name + '\0' + value + '\0';
  return text;
}

std::string service_of(const Labels& labels) {
  const std::string* name = find_label(labels, "service.name");
  return name == nullptr || name->empty() ? "unknown_service" : *name;
}

class OtlpReader {
 public:
  OtlpReader(OtlpKind kind, const SourceSettings& source) : kind_(kind), source_(source) {}

  Result<OtlpReading> read(const net::Json& body) {
    const Shape shape = shape_of(kind_);
    if (body.object() == nullptr) return error(Errc::invalid, "the message is no object");
    const net::Json* resources = body.find(shape.resources);
    if (resources != nullptr && resources->array() == nullptr) {
      return error(Errc::invalid, std::string(shape.resources) + " is no list");
    }
    for (const net::Json& resource : array_of(body, shape.resources))
      read_resource(resource, shape);
    for (auto& [service, alert] : by_service_)
      reading_.alerts.push_back({std::move(alert), nullptr});
    return std::move(reading_);
  }

 private:
  void read_resource(const net::Json& resource, const Shape& shape) {
    Labels labels;
    if (const net::Json* described = resource.find("resource")) add_attributes(labels, *described);
    for (const net::Json& scope : array_of(resource, shape.scopes)) {
      for (const net::Json& item : array_of(scope, shape.items)) {
        if (kind_ == OtlpKind::metrics) {
          read_metric(item, labels);
        } else if (spend()) {
          read_line(item, labels);
        }
      }
    }
  }

  // One of otlp_items_max.
  bool spend() {
    if (items_ < otlp_items_max) {
      ++items_;
      return true;
    }
    reject("the message has more items than are read of one");
    return false;
  }

  void reject(const char* why) {
    ++reading_.rejected;
    reading_.why = why;
  }

  void read_metric(const net::Json& metric, const Labels& resource) {
    const ByteView name = text_of(metric, "name");
    for (const char* kind : {"gauge", "sum"}) {
      const net::Json* data = metric.find(kind);
      if (data == nullptr) continue;
      for (const net::Json& point : array_of(*data, "dataPoints")) {
        if (spend()) read_point(name, point, resource);
      }
    }
  }

  void read_point(ByteView name, const net::Json& point, const Labels& resource) {
    const net::Json* value = point.find("asDouble");
    if (value == nullptr) value = point.find("asInt");
    const auto text = value == nullptr ? std::nullopt : value->number_text();
    const auto milli = text ? parse_milli(*text) : std::nullopt;
    if (name.empty() || !milli) return reject("a data point has no name or no number");
    Labels labels = resource;
    add_attributes(labels, point);
    for (const MetricRule& rule : source_.metrics) {
      if (rule.metric != name || !fits(rule.rule.where, labels)) continue;
      Alert alert;
      alert.id =
          key_part(name) + "/" + key_part(service_of(labels)) + "/" + key_part(spelled(labels));
      alert.firing = rule.below ? *milli < rule.limit_milli : *milli > rule.limit_milli;
      if (const auto time = parse_unix_nanos(text_of(point, "timeUnixNano"))) alert.since = *time;
      alert.title = clean_line(name, title_bytes_max);
      alert.text = clean_line(*text, text_bytes_max);
      add_label(labels, "value", std::string(*text));
      alert.labels = std::move(labels);
      reading_.alerts.push_back({std::move(alert), &rule.rule});
      return;
    }
  }

  bool is_bad(const net::Json& item) const {
    const net::Json* number = nullptr;
    if (kind_ == OtlpKind::logs) {
      number = item.find("severityNumber");
    } else if (const net::Json* status = item.find("status")) {
      number = status->find("code");
    }
    const auto value = number == nullptr ? std::nullopt : number->integer();
    return value && (kind_ == OtlpKind::logs ? *value >= severity_error : *value == status_error);
  }

  // A log line, or a span.
  void read_line(const net::Json& item, const Labels& resource) {
    if (item.object() == nullptr) return reject("an item is no object");
    if (!is_bad(item)) return;
    const bool log = kind_ == OtlpKind::logs;
    Labels labels = resource;
    add_attributes(labels, item);
    const std::string service = service_of(labels);
    Alert& alert = by_service_[service];
    alert.id = std::string(log ? "log/" : "span/") + key_part(service);
    alert.title =
        clean_line((log ? "error lines of " : "failed spans of ") + service, title_bytes_max);
    const net::Json* body = item.find("body");
    const ByteView text =
        log && body != nullptr ? text_of(*body, "stringValue") : text_of(item, "name");
    alert.text = clean_line(text, text_bytes_max);
    alert.severity = "error";
    alert.labels = std::move(labels);
  }

  OtlpKind kind_;
  const SourceSettings& source_;
  OtlpReading reading_;
  std::map<std::string, Alert> by_service_;
  std::size_t items_ = 0;
};

}  // namespace

Result<OtlpReading> read_otlp(OtlpKind kind, const net::Json& body, const SourceSettings& source) {
  return OtlpReader(kind, source).read(body);
}

net::HttpResponse otlp_answer(OtlpKind kind, const OtlpReading& reading) {
  constexpr const char* counts[] = {"rejectedDataPoints", "rejectedLogRecords", "rejectedSpans"};
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  if (reading.rejected > 0) {
    json.key("partialSuccess").begin_object();
    // 64-bit numbers are texts in the JSON of protobuf.
    json.field(counts[static_cast<std::size_t>(kind)], ByteView(std::to_string(reading.rejected)));
    json.field("errorMessage", reading.why).end_object();
  }
  json.end_object();
  return net::json_response(200, std::move(out));
}

net::HttpResponse otlp_refused(std::uint16_t status, int rpc_code, const std::string& message) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("code", rpc_code).field("message", ByteView(message)).end_object();
  return net::json_response(status, std::move(out));
}

}  // namespace oki::watch::inputs
