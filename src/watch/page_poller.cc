#include "watch/page_poller.h"

#include <utility>

namespace oki::watch {

PagePoller::PagePoller(const Parts& parts, std::string target, std::int64_t every_ms, Take take,
                       std::uint16_t also)
    : parts_(parts),
      target_(std::move(target)),
      every_ms_(every_ms),
      take_(std::move(take)),
      also_(also) {}

PagePoller::~PagePoller() { parts_.timers.cancel(timer_); }

void PagePoller::start(std::int64_t first_after_ms) { ask_after(first_after_ms); }

void PagePoller::ask_after(std::int64_t ms) {
  timer_ = parts_.timers.after_ms(ms, [this] { ask(); });
}

void PagePoller::ask() {
  ask_after(every_ms_);
  if (asking_) return;
  asking_ = true;
  const MonoTimeNs asked = parts_.clock.mono_now();
  parts_.send(public_get(target_), [this, asked, alive = std::weak_ptr<bool>(alive_)](
                                       const Result<net::HttpResponse>& response) {
    if (alive.expired()) return;
    asking_ = false;
    if (!response) return;
    if (response->status == 200 || response->status == also_) take_(response->body, asked);
  });
}

}  // namespace oki::watch
