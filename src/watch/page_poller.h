// Asks one page of a process again and again: never two questions at once, so a slow or dead
// process costs one connection and is asked no faster than it answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "watch/house_api.h"

namespace oki::watch {

class PagePoller {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Send send;  // Calls back by its own deadline.
  };
  // The body of an answer, and when it was asked for. Only 200, and `also`, are answers.
  using Take = std::function<void(ByteView body, MonoTimeNs asked)>;

  PagePoller(const Parts& parts, std::string target, std::int64_t every_ms, Take take,
             std::uint16_t also = 200);
  ~PagePoller();
  PagePoller(const PagePoller&) = delete;
  PagePoller& operator=(const PagePoller&) = delete;

  void start(std::int64_t first_after_ms);

 private:
  void ask_after(std::int64_t ms);
  void ask();

  Parts parts_;
  std::string target_;
  std::int64_t every_ms_;
  Take take_;
  std::uint16_t also_;
  bool asking_ = false;
  TimerId timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // Late answers find it gone.
};

}  // namespace oki::watch
