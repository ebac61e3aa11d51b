// Sources for tests and the fuzzer: settings, tokens, and the requests that they send.
#pragma once

#include <string>

#include "crypto/crypto.h"
#include "net/http.h"
#include "watch/inputs/inputs.h"

namespace oki::watch::inputs {

inline std::string token_of(const std::string& source) { return source + "-0123456789abcdef0123"; }

inline constexpr const char* test_settings = R"(
components = ["edge:1", "edge:2", "market:btc_jpy"]

[[source]]
name = "am"
protocol = "alertmanager"
heartbeat = "Heartbeat"
expires_ms = 60000
[[source.rule]]
where = { room = "noise" }
ignore = true
[[source.rule]]
where = { alertname = "EdgeDown" }
kind = "down"
trust = "evidence"
state = "partial_outage"
component_label = "seat"
component_kind = "edge"

[[source]]
name = "pd"
protocol = "pagerduty"

[[source]]
name = "otel"
protocol = "otlp"
[[source.metric]]
name = "queue"
above = "10.5"
where = { "service.name" = "desk" }
kind = "lag"
trust = "evidence"
components = ["market:btc_jpy"]
[[source.metric]]
name = "free"
below = 3

[[source]]
name = "events"
protocol = "cloud_events"
[[source.rule]]
where = { type = "machine.failed" }
key = "machine"
kind = "resource"
[[source.rule]]
where = { type = "machine.repaired" }
key = "machine"
ends = true
)";

// Those of test_settings, unless others are given.
inline Settings settings_for_tests(const std::string& toml = test_settings) {
  return read_settings(toml).value();
}

inline Tokens tokens_for_tests() {
  std::string text;
  for (const char* source : {"am", "pd", "otel", "events"}) {
    text += std::string(source) + " " + crypto::hex(crypto::sha256(token_of(source))) + "\n";
  }
  return Tokens::read(text).value();
}

inline net::HttpRequest post(const std::string& target, const std::string& source, std::string body,
                             const char* type = "application/json") {
  net::HttpRequest request;
  request.method = "POST";
  request.target = target;
  request.headers = {{"Authorization", "Bearer " + token_of(source)}, {"Content-Type", type}};
  request.body = std::move(body);
  return request;
}

// One alert of a webhook. `labels` and `starts_at` are JSON as it is.
inline std::string webhook_alert(const std::string& status, const std::string& fingerprint,
                                 const std::string& labels, const std::string& starts_at) {
  return R"({"status":")" + status + R"(","labels":{)" + labels +
         R"(},"annotations":{"summary":"It is broken."},"startsAt":")" + starts_at +
         R"(","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p/graph","fingerprint":")" +
         fingerprint + R"("})";
}

inline std::string webhook(const std::string& alerts) {
  return R"({"receiver":"watches","status":"firing","alerts":[)" + alerts +
         R"(],"groupLabels":{},"commonLabels":{},"commonAnnotations":{},"externalURL":"http://a",)"
         R"("version":"4","groupKey":"{}:{}","truncatedAlerts":0})";
}

}  // namespace oki::watch::inputs
