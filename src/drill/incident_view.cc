#include "drill/incident_view.h"

#include <algorithm>

#include "net/json_reader.h"

namespace oki::drill {
namespace {

constexpr std::size_t answer_bytes_max = 1u << 20;
constexpr std::int64_t deadline_ms = 1000;

std::string word(const net::Json& json, ByteView name) {
  const net::Json* value = json.find(name);
  return std::string(value == nullptr ? ByteView{} : value->string().value_or(ByteView{}));
}

// "inc7" is the incident 7.
std::string number_of(const std::string& name) {
  return name.substr(std::min(name.find_first_of("0123456789"), name.size()));
}

}  // namespace

IncidentView::IncidentView(Timers& timers, Net& net, const std::vector<Address>& watches)
    : timers_(timers) {
  net::HttpClientOptions options;
  options.deadline_ms = deadline_ms;
  options.connections_max = 2;
  for (const Address& watch : watches) {
    watches_.push_back(std::make_unique<net::HttpClient>(net, timers, watch, options));
  }
  ask();
}

IncidentView::~IncidentView() { timers_.cancel(timer_); }

void IncidentView::ask() {
  timer_ = timers_.after_ms(incident_poll_ms, [this] { ask(); });
  for (const auto& watch : watches_) {
    net::HttpRequest request;
    request.method = "GET";
    request.target = "/state.json";
    watch->request(std::move(request),
                   [this](const Result<net::HttpResponse>& response) { take(response); });
  }
}

void IncidentView::take(const Result<net::HttpResponse>& response) {
  if (!response || response->status != 200) return;
  const auto json = net::parse_json(response->body, answer_bytes_max);
  const net::Json* applied = json ? json->find("applied") : nullptr;
  const net::Json* incidents = json ? json->find("open_incidents") : nullptr;
  if (applied == nullptr || incidents == nullptr || incidents->array() == nullptr) return;
  answers_ = true;
  const std::int64_t at = applied->integer().value_or(0);
  if (at < applied_) return;
  applied_ = at;
  open_.clear();
  for (const net::Json& incident : *incidents->array()) {
    open_.push_back({number_of(word(incident, "incident")), word(incident, "phase"),
                     word(incident, "severity")});
  }
}

const IncidentSeen* IncidentView::in_phase(ByteView phase) const {
  for (const IncidentSeen& incident : open_) {
    if (incident.phase == phase) return &incident;
  }
  return nullptr;
}

}  // namespace oki::drill
