#include "watch/inputs/inputs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "watch/inputs/alertmanager.h"
#include "watch/inputs/cloud_events.h"
#include "watch/inputs/json_fields.h"
#include "watch/inputs/mapping.h"
#include "watch/inputs/pagerduty.h"

namespace oki::watch::inputs {
namespace {

constexpr int rpc_invalid_argument = 3;
constexpr int rpc_unauthenticated = 16;
constexpr int rpc_resource_exhausted = 8;

bool is_json(const net::HttpRequest& request) {
  ByteView type = request.header("Content-Type");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return net::equal_ignoring_case(type, "application/json");
}

// What became of the alerts of one message.
class Tally {
 public:
  void add(Taken taken) { ++counts_[static_cast<std::size_t>(taken)]; }

  net::HttpResponse answer(std::uint16_t status) const {
    Bytes out;
    JsonWriter json(out);
    json.begin_object();
    for (std::size_t i = 0; i < taken_kinds; ++i) {
      json.field(name(static_cast<Taken>(i)), counts_[i]);
    }
    json.end_object();
    return net::json_response(status, std::move(out));
  }

 private:
  std::array<std::uint64_t, taken_kinds> counts_{};
};

// The heartbeat is proof that alerts arrive, and no alert.
bool is_heartbeat(const SourceSettings& source, const Alert& alert) {
  const std::string* alertname = find_label(alert.labels, "alertname");
  return !source.heartbeat.empty() && alertname != nullptr && *alertname == source.heartbeat;
}

void take_alerts(SourceBook& book, const AlertList& list, Way way, const Now& now, Tally& tally) {
  const SourceSettings& source = book.source();
  bool beat = source.heartbeat.empty();
  for (const Alert& alert : list.alerts) {
    if (is_heartbeat(source, alert)) {
      beat = beat || alert.firing;
      tally.add(Taken::accepted);
    } else {
      tally.add(book.take(alert, way, now));
    }
  }
  if (beat) book.alive(now);
}

net::HttpResponse otlp_refusal(Refused refused, const std::string& why) {
  const int code = refused == Refused::unauthenticated ? rpc_unauthenticated
                   : refused == Refused::too_many      ? rpc_resource_exhausted
                                                       : rpc_invalid_argument;
  net::HttpResponse response =
      otlp_refused(status_of(refused), code, why.empty() ? name(refused) : why);
  if (refused == Refused::too_many) response.headers.push_back({"Retry-After", "60"});
  return response;
}

}  // namespace

Inputs::Inputs(Settings settings, Tokens tokens, response::Tell tell, Metrics& metrics)
    : settings_(std::move(settings)), tokens_(std::move(tokens)), metrics_(metrics) {
  for (const SourceSettings& source : settings_.sources) {
    books_.push_back(std::make_unique<SourceBook>(source, settings_, tell, metrics));
  }
}

Inputs::Admitted Inputs::admit(std::optional<std::string> owner, Protocol protocol,
                               const net::HttpRequest& request, const Now& now) {
  const auto is_owner = [&owner](const auto& book) { return book->source().name == *owner; };
  const auto found = owner ? std::ranges::find_if(books_, is_owner) : books_.end();
  if (found == books_.end()) return {nullptr, Refused::unauthenticated};
  SourceBook& book = **found;
  if (book.source().protocol != protocol) return {nullptr, Refused::other_door};
  if (request.body.size() > static_cast<std::size_t>(book.source().body_bytes_max)) {
    return {nullptr, Refused::too_long};
  }
  if (!book.spend_request(now)) return {nullptr, Refused::too_many};
  return {&book, Refused::none};
}

Inputs::Admitted Inputs::admit(Protocol protocol, const net::HttpRequest& request, const Now& now) {
  return admit(tokens_.owner_by_header(request.header("Authorization")), protocol, request, now);
}

net::HttpResponse Inputs::at_alertmanager(const net::HttpRequest& request, const Now& now) {
  const Admitted caller = admit(Protocol::alertmanager, request, now);
  if (caller.book == nullptr) return refusal(caller.refused);
  if (!is_json(request)) return refusal(Refused::media_type);
  const auto body = net::parse_json(request.body, body_bytes_limit);
  if (!body) return refusal(Refused::malformed, body.error().message);
  const auto list = read_webhook(*body);
  if (!list) return refusal(Refused::malformed, list.error().message);
  Tally tally;
  take_alerts(*caller.book, *list, Way::pushed, now, tally);
  for (std::size_t i = 0; i < list->malformed; ++i) tally.add(Taken::ignored);
  return tally.answer(200);
}

// The token may stand in the header or, as PagerDuty has it, in the body. A body of a stranger is
// parsed for it, so it is short.
net::HttpResponse Inputs::at_pagerduty(const net::HttpRequest& request, const Now& now) {
  constexpr std::size_t event_bytes_max = 512u << 10;  // PagerDuty's own limit.
  if (request.body.size() > event_bytes_max) return refusal(Refused::too_long);
  const auto body = net::parse_json(request.body, event_bytes_max);
  const bool has_header = request.has_header("Authorization");
  const ByteView routing_key = body ? text_of(*body, "routing_key") : ByteView();
  if (!body && !has_header) {
    return pagerduty_refused(400, "invalid event", "Event object is invalid",
                             {"the body is no JSON"});
  }
  const auto owner = has_header ? tokens_.owner_by_header(request.header("Authorization"))
                                : tokens_.owner(routing_key);
  const Admitted caller = admit(owner, Protocol::pagerduty, request, now);
  if (caller.refused == Refused::too_many) {
    auto response = pagerduty_refused(429, "throttle exceeded", "Requests are limited", {});
    response.headers.push_back({"Retry-After", "60"});
    return response;
  }
  if (caller.book == nullptr) return refusal(caller.refused);
  const PagerDutyReading read = body ? read_pagerduty(*body) : PagerDutyReading{};
  if (!body || !read.faults.empty()) {
    return pagerduty_refused(400, "invalid event", "Event object is invalid",
                             body ? read.faults : std::vector<std::string>{"the body is no JSON"});
  }
  caller.book->alive(now);
  if (read.event.alert) caller.book->take(*read.event.alert, Way::pushed, now);
  return pagerduty_accepted(read.event.dedup_key);
}

net::HttpResponse Inputs::at_otlp(OtlpKind kind, const net::HttpRequest& request, const Now& now) {
  const Admitted caller = admit(Protocol::otlp, request, now);
  if (caller.book == nullptr) return otlp_refusal(caller.refused, {});
  if (!is_json(request) || request.has_header("Content-Encoding")) {
    return otlp_refusal(Refused::media_type, "only application/json, not compressed");
  }
  const auto body = net::parse_json(request.body, body_bytes_limit);
  if (!body) return otlp_refusal(Refused::malformed, body.error().message);
  auto read = read_otlp(kind, *body, caller.book->source());
  if (!read) return otlp_refusal(Refused::malformed, read.error().message);
  caller.book->alive(now);
  for (const OtlpAlert& one : read->alerts) {
    const Taken taken = one.rule != nullptr
                            ? caller.book->take(one.alert, one.rule, Way::pushed, now)
                            : caller.book->take(one.alert, Way::pushed, now);
    if (taken < Taken::full) continue;
    ++read->rejected;
    read->why = "the source holds more signals, or says more new ones, than it may";
  }
  return otlp_answer(kind, *read);
}

net::HttpResponse Inputs::at_cloud_events(const net::HttpRequest& request, const Now& now) {
  const Admitted caller = admit(Protocol::cloud_events, request, now);
  if (caller.book == nullptr) return refusal(caller.refused);
  const auto events = read_cloud_events(request);
  if (!events) return refusal(Refused::malformed, events.error().message);
  caller.book->alive(now);
  Tally tally;
  for (const CloudEvent& event : *events) {
    const Rule* rule = find_rule(caller.book->source(), event.alert.labels);
    tally.add(rule == nullptr ? Taken::ignored
                              : caller.book->take(alert_of(event, *rule), rule, Way::pushed, now));
  }
  return tally.answer(202);
}

net::HttpResponse Inputs::route(const net::HttpRequest& request, const Now& now) {
  const ByteView path = request.path();
  if (path == "/alertmanager") return at_alertmanager(request, now);
  if (path == "/v2/enqueue") return at_pagerduty(request, now);
  if (path == "/v1/metrics") return at_otlp(OtlpKind::metrics, request, now);
  if (path == "/v1/logs") return at_otlp(OtlpKind::logs, request, now);
  if (path == "/v1/traces") return at_otlp(OtlpKind::traces, request, now);
  if (path == "/cloudevents") return at_cloud_events(request, now);
  return net::text_response(404, "No such door.\n");
}

net::HttpResponse Inputs::respond(const net::HttpRequest& request, const Now& now) {
  net::HttpResponse response;
  if (request.method == "POST") {
    response = route(request, now);
  } else {
    response = net::text_response(405, "Only POST is taken here.\n");
    response.headers.push_back({"Allow", "POST"});
  }
  metrics_
      .counter("okiagari_signals_requests_total", "Requests of sources, by the answer's status.",
               "status=\"" + std::to_string(response.status) + "\"")
      .add();
  return response;
}

bool Inputs::on_polled(std::size_t source, const net::HttpResponse& response, const Now& now) {
  if (response.status != 200) return false;
  const auto body = net::parse_json(response.body, body_bytes_limit);
  if (!body) return false;
  const auto list = read_polled_alerts(*body);
  if (!list) return false;
  Tally tally;
  take_alerts(*books_[source], *list, Way::polled, now, tally);
  return true;
}

void Inputs::tick(const Now& now) {
  for (const auto& book : books_) book->tick(now);
}

}  // namespace oki::watch::inputs
