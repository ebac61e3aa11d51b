#include "drill/pollers.h"

#include "net/json_reader.h"

namespace oki::drill {
namespace {

constexpr std::size_t answer_bytes_max = 1u << 20;

net::HttpRequest get(std::string target) {
  net::HttpRequest request;
  request.method = "GET";
  request.target = std::move(target);
  return request;
}

net::HttpClientOptions patience(std::int64_t deadline_ms) {
  net::HttpClientOptions options;
  options.deadline_ms = deadline_ms;
  options.connections_max = 2;
  return options;
}

std::string indicator_of(const Result<net::HttpResponse>& response) {
  if (!response || response->status != 200) return "unreachable";
  const Result<net::Json> json = net::parse_json(response->body, answer_bytes_max);
  const net::Json* status = json ? json->find("status") : nullptr;
  const net::Json* indicator = status != nullptr ? status->find("indicator") : nullptr;
  const auto text = indicator != nullptr ? indicator->string() : std::nullopt;
  return text ? std::string(*text) : "unreachable";
}

std::uint64_t number(const net::Json& json, ByteView name) {
  const net::Json* value = json.find(name);
  const auto integer = value != nullptr ? value->integer() : std::nullopt;
  return static_cast<std::uint64_t>(integer.value_or(0));
}

std::string text(const net::Json& json, ByteView name) {
  const net::Json* value = json.find(name);
  const auto string = value != nullptr ? value->string() : std::nullopt;
  return std::string(string.value_or(""));
}

NodeState node_state(const Result<net::HttpResponse>& response) {
  NodeState state;
  if (!response || response->status != 200) return state;
  const Result<net::Json> json = net::parse_json(response->body, answer_bytes_max);
  if (!json) return state;
  state.reachable = true;
  state.seat = static_cast<std::uint32_t>(number(*json, "seat"));
  const net::Json* serving = json->find("serving");
  state.serving = serving != nullptr && serving->boolean().value_or(false);
  state.leader_seat = static_cast<std::uint32_t>(number(*json, "leader_seat"));
  state.term = number(*json, "term");
  state.applied = number(*json, "applied");
  state.event_hash = text(*json, "event_hash");
  state.state_hash = text(*json, "state_hash");
  return state;
}

}  // namespace

StatusPoller::StatusPoller(const Clock& clock, Net& net, Timers& timers, const Address& site,
                           std::int64_t period_ms)
    : clock_(clock),
      timers_(timers),
      http_(net, timers, site, patience(1000)),
      period_ms_(period_ms) {
  changes_.push_back({clock.mono_now(), indicator_});
  ask();
}

StatusPoller::~StatusPoller() { timers_.cancel(timer_); }

void StatusPoller::ask() {
  timer_ = timers_.after_ms(period_ms_, [this] { ask(); });
  http_.request(get("/api/v2/summary.json"),
                [this](const Result<net::HttpResponse>& response) { take(response); });
}

void StatusPoller::take(const Result<net::HttpResponse>& response) {
  std::string indicator = indicator_of(response);
  if (indicator == indicator_) return;
  indicator_ = std::move(indicator);
  changes_.push_back({clock_.mono_now(), indicator_});
}

std::optional<MonoTimeNs> StatusPoller::first_nongreen(MonoTimeNs from) const {
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const bool lasts = i + 1 == changes_.size() || changes_[i + 1].at > from;
    if (changes_[i].indicator != "none" && lasts) return std::max(changes_[i].at, from);
  }
  return std::nullopt;
}

std::vector<Span> StatusPoller::green_spans(MonoTimeNs from, MonoTimeNs to) const {
  std::vector<Span> spans;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i].indicator != "none") continue;
    const MonoTimeNs end = i + 1 == changes_.size() ? to : changes_[i + 1].at;
    spans.push_back({std::max(changes_[i].at, from), std::min(end, to)});
  }
  return joined(std::move(spans));
}

std::int64_t StatusPoller::green_ns(MonoTimeNs from, MonoTimeNs to) const {
  return total_ns(green_spans(from, to));
}

NodeStates::NodeStates(Net& net, Timers& timers, const std::vector<Address>& metrics) {
  for (const Address& address : metrics) {
    nodes_.push_back(std::make_unique<net::HttpClient>(net, timers, address, patience(2000)));
  }
}

void NodeStates::ask(bool with_hash, std::function<void(const std::vector<NodeState>&)> done) {
  struct Round {
    std::vector<NodeState> states;
    std::size_t missing;
    std::function<void(const std::vector<NodeState>&)> done;
  };
  auto round = std::make_shared<Round>();
  round->states.resize(nodes_.size());
  round->missing = nodes_.size();
  round->done = std::move(done);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->request(get(with_hash ? "/state.json?hash=1" : "/state.json"),
                       [round, i](const Result<net::HttpResponse>& response) {
                         round->states[i] = node_state(response);
                         if (--round->missing == 0) round->done(round->states);
                       });
  }
}

}  // namespace oki::drill
