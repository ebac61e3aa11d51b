// The doors of Inputs on a listener of their own, with the clock that they need and the polling of
// Alertmanagers. It binds where it is told; outside of a private network a proxy with TLS belongs
// in front.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "net/http_server.h"
#include "watch/inputs/alert_poller.h"
#include "watch/inputs/inputs.h"

namespace oki::watch::inputs {

constexpr std::size_t input_connections_max = 64;

class InputServer : private net::HttpHandler {
 public:
  // All must outlive the server.
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Metrics& metrics;
  };

  InputServer(const Parts& parts, Settings settings, Tokens tokens, response::Tell tell);
  ~InputServer() override;

  Result<Address> listen(const Address& address) { return server_.listen(address); }

  // Begins to poll and to tell again what holds.
  void start();

  const Inputs& inputs() const { return inputs_; }

 private:
  void on_request(const Address& peer, net::HttpRequest request, net::Responder responder) override;
  Now now() const { return {clock_.mono_now(), clock_.wall_now()}; }
  void tick();

  const Clock& clock_;
  Timers& timers_;
  Inputs inputs_;
  AlertPoller poller_;
  net::HttpServer server_;
  TimerId timer_;
};

// Both files read and checked: every source of the settings has a token, and every token a source.
struct InputFiles {
  Settings settings;
  Tokens tokens;
};
Result<InputFiles> read_input_files(ByteView settings_toml, ByteView tokens_text);

}  // namespace oki::watch::inputs
