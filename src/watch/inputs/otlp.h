// OpenTelemetry over HTTP in JSON (OTLP 1.x): POST /v1/metrics, /v1/logs, /v1/traces.
//
// Metrics: the data points that a [[source.metric]] rule names are compared with its limit; fires
// beyond it, over when not. Logs: lines of severity ERROR and worse (severityNumber 17 and up) are
// one signal for each service. Traces: spans with status ERROR, likewise. Nothing else is kept. The
// attributes of the resource and of the point, line or span are the labels.
//
// Answers as the protocol wants them: 200 with {}, or with partialSuccess that counts what was
// rejected and says why; 400 with a google.rpc.Status for what is no such message.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "net/http.h"
#include "net/json_reader.h"
#include "watch/inputs/alert.h"
#include "watch/inputs/settings.h"

namespace oki::watch::inputs {

constexpr std::size_t otlp_items_max = 20'000;  // Points, lines or spans read of one message.

enum class OtlpKind : std::uint8_t { metrics, logs, traces };

struct OtlpAlert {
  Alert alert;
  const Rule* rule = nullptr;  // Of a metric rule; else the source's own rules decide.
};

struct OtlpReading {
  std::vector<OtlpAlert> alerts;
  std::uint64_t rejected = 0;
  const char* why = "";
};

// Errc::invalid when the message has another shape.
Result<OtlpReading> read_otlp(OtlpKind kind, const net::Json& body, const SourceSettings& source);

net::HttpResponse otlp_answer(OtlpKind kind, const OtlpReading& reading);
net::HttpResponse otlp_refused(std::uint16_t status, int rpc_code, const std::string& message);

}  // namespace oki::watch::inputs
