#include "watch/inputs/alert_poller.h"

namespace oki::watch::inputs {
namespace {

constexpr const char* target =
    "/api/v2/alerts?active=true&silenced=false&inhibited=false&unprocessed=false";

}  // namespace

AlertPoller::AlertPoller(Net& net, Timers& timers, const Clock& clock, Metrics& metrics,
                         Inputs& inputs)
    : timers_(timers), clock_(clock), inputs_(inputs) {
  const auto& sources = inputs.settings().sources;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    for (const Address& address : sources[i].poll) add(i, address, net, metrics);
  }
}

AlertPoller::~AlertPoller() {
  for (const auto& polled : polled_) timers_.cancel(polled->timer);
}

void AlertPoller::add(std::size_t source, const Address& address, Net& net, Metrics& metrics) {
  const SourceSettings& settings = inputs_.settings().sources[source];
  auto polled = std::make_unique<Polled>();
  polled->source = source;
  polled->every_ms = settings.poll_every_ms;
  net::HttpClientOptions options;
  options.limits.body_bytes_max = body_bytes_limit;
  options.deadline_ms = settings.poll_deadline_ms;
  options.connections_max = 1;
  options.waiting_max = 1;
  polled->client = std::make_unique<net::HttpClient>(net, timers_, address, options);
  const std::string labels =
      "source=\"" + settings.name + "\",address=\"" + to_string(address) + "\"";
  polled->up = &metrics.gauge("okiagari_signals_poll_up",
                              "1 when an Alertmanager answered the last question.", labels);
  polled->failures =
      &metrics.counter("okiagari_signals_poll_failures_total",
                       "Questions to an Alertmanager without a good answer.", labels);
  polled_.push_back(std::move(polled));
}

void AlertPoller::start() {
  for (const auto& polled : polled_) ask(*polled);
}

void AlertPoller::ask(Polled& polled) {
  polled.timer = timers_.after_ms(polled.every_ms, [this, &polled] { ask(polled); });
  if (polled.asking) return;
  polled.asking = true;
  net::HttpRequest request;
  request.method = "GET";
  request.target = target;
  request.headers.push_back({"Accept", "application/json"});
  polled.client->request(std::move(request), [this, &polled](Result<net::HttpResponse> answer) {
    on_answer(polled, answer);
  });
}

void AlertPoller::on_answer(Polled& polled, const Result<net::HttpResponse>& answer) {
  polled.asking = false;
  const Now now{clock_.mono_now(), clock_.wall_now()};
  const bool good = answer && inputs_.on_polled(polled.source, *answer, now);
  polled.up->set(good ? 1 : 0);
  if (!good) polled.failures->add();
}

}  // namespace oki::watch::inputs
