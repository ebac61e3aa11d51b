// Other people's alerts become signals of ours: one function from a request to an answer, and what
// it says goes to the incident machine through Tell.
//
//   POST /alertmanager                        Alertmanager's webhook, version 4
//   POST /v2/enqueue                          PagerDuty Events v2
//   POST /v1/metrics, /v1/logs, /v1/traces    OTLP in JSON
//   POST /cloudevents                         CloudEvents 1.0
//
// Every source has a token; whose it is decides under whose name, rules and limits it speaks. No
// word from here ends an incident or is a proof: "resolved" says of one signal that it is over, and
// nothing else. Refusals: docs/signals.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "net/http.h"
#include "net/json_reader.h"
#include "response/tell.h"
#include "watch/inputs/admission.h"
#include "watch/inputs/otlp.h"
#include "watch/inputs/settings.h"
#include "watch/inputs/source_book.h"
#include "watch/inputs/tokens.h"

namespace oki::watch::inputs {

class Inputs {
 public:
  // `metrics` must outlive it.
  Inputs(Settings settings, Tokens tokens, response::Tell tell, Metrics& metrics);
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  net::HttpResponse respond(const net::HttpRequest& request, const Now& now);

  // What an Alertmanager held when it was asked; `source` is a place in the settings. False when
  // this is no list of alerts. Alerts that are missing in it are not over: an Alertmanager that was
  // started anew has forgotten them.
  bool on_polled(std::size_t source, const net::HttpResponse& response, const Now& now);

  // Once a second.
  void tick(const Now& now);

  const Settings& settings() const { return settings_; }
  const SourceBook& book(std::size_t source) const { return *books_[source]; }

 private:
  // Who may speak here, or why nobody may.
  struct Admitted {
    SourceBook* book = nullptr;
    Refused refused = Refused::none;
  };
  Admitted admit(std::optional<std::string> owner, Protocol protocol,
                 const net::HttpRequest& request, const Now& now);
  Admitted admit(Protocol protocol, const net::HttpRequest& request, const Now& now);

  net::HttpResponse at_alertmanager(const net::HttpRequest& request, const Now& now);
  net::HttpResponse at_pagerduty(const net::HttpRequest& request, const Now& now);
  net::HttpResponse at_otlp(OtlpKind kind, const net::HttpRequest& request, const Now& now);
  net::HttpResponse at_cloud_events(const net::HttpRequest& request, const Now& now);
  net::HttpResponse route(const net::HttpRequest& request, const Now& now);

  Settings settings_;
  Tokens tokens_;
  Metrics& metrics_;
  std::vector<std::unique_ptr<SourceBook>> books_;  // Of the sources, in their order.
};

}  // namespace oki::watch::inputs
