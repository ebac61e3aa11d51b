#include "watch/pulse.h"

namespace oki::watch {
namespace {

constexpr std::uint16_t too_many_requests = 429;
constexpr std::uint16_t first_server_error = 500;

bool is_failure(const Result<net::HttpResponse>& response) {
  return !response || response->status >= first_server_error ||
         response->status == too_many_requests;
}

}  // namespace

Pulse::Pulse(const Parts& parts, std::string target, const detect::PulseSettings& settings)
    : parts_(parts), target_(std::move(target)), settings_(settings) {}

Pulse::~Pulse() { parts_.timers.cancel(timer_); }

void Pulse::start(std::int64_t first_after_ms) { beat_after(first_after_ms); }

void Pulse::beat_after(std::int64_t ms) {
  timer_ = parts_.timers.after_ms(ms, [this] { beat(); });
}

void Pulse::beat() {
  beat_after(settings_.every_ms);
  for (std::int64_t i = 0; i < settings_.reads && in_flight_ < pulse_in_flight_max; ++i) read();
}

void Pulse::read() {
  ++in_flight_;
  parts_.send(public_get(target_), [this, alive = std::weak_ptr<bool>(alive_)](
                                       const Result<net::HttpResponse>& response) {
    if (alive.expired()) return;
    --in_flight_;
    ++counts_.reads;
    if (is_failure(response)) ++counts_.failures;
  });
}

}  // namespace oki::watch
