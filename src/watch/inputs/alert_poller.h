// Asks the configured Alertmanagers every few seconds what they hold: webhooks get lost, a poll
// finds the level again. One question at a time for each, with a deadline; an answer that is late,
// too long or no list changes nothing, for nobody has said anything.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "net/http_client.h"
#include "watch/inputs/inputs.h"

namespace oki::watch::inputs {

class AlertPoller {
 public:
  // All must outlive it.
  AlertPoller(Net& net, Timers& timers, const Clock& clock, Metrics& metrics, Inputs& inputs);
  ~AlertPoller();
  AlertPoller(const AlertPoller&) = delete;
  AlertPoller& operator=(const AlertPoller&) = delete;

  void start();

 private:
  struct Polled {
    std::size_t source = 0;
    std::int64_t every_ms = 0;
    std::unique_ptr<net::HttpClient> client;
    TimerId timer;
    bool asking = false;
    Gauge* up = nullptr;
    Counter* failures = nullptr;
  };

  void add(std::size_t source, const Address& address, Net& net, Metrics& metrics);
  void ask(Polled& polled);
  void on_answer(Polled& polled, const Result<net::HttpResponse>& answer);

  Timers& timers_;
  const Clock& clock_;
  Inputs& inputs_;
  std::vector<std::unique_ptr<Polled>> polled_;
};

}  // namespace oki::watch::inputs
