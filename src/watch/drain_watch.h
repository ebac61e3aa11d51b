// Which edges say of themselves that they are being taken out (GET /healthz, "draining":true).
//
// Such an edge answers 503 to everything, as it was told to, and its customers are sent to another
// one. That is no outage as long as another edge serves; what may be called green then is the lease
// keeper's to say (lease_keeper.h, rule 8).
//  1. One word is enough to be drained, and one word to the contrary to be back.
//  2. Silence is no word. An edge that has said so for drain_settled_ms may be stopped: it stays
//     drained for drained_silent_ms after its last word. One that has not gets drain_word_ms.
//  3. Whatever else it answers is no word.
// So an edge that says it in its last breath is down a second later, and one that was taken out and
// never came back is down a minute later.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "watch/house_api.h"
#include "watch/page_poller.h"

namespace oki::watch {

constexpr std::int64_t drain_ask_ms = 200;
constexpr std::int64_t drain_deadline_ms = 400;
constexpr std::int64_t drain_word_ms = 1'000;
constexpr std::int64_t drain_settled_ms = 2'000;
constexpr std::int64_t drained_silent_ms = 60'000;
constexpr std::size_t health_bytes_max = 4'096;

// What a health page says; nothing when it is none.
std::optional<bool> read_draining(ByteView page);

class DrainWatch {
 public:
  using Changed = std::function<void(std::size_t edge, bool drained)>;

  // Both must outlive it. `edges`: with a deadline of drain_deadline_ms.
  DrainWatch(const Clock& clock, Timers& timers, const std::vector<Send>& edges, Changed changed);
  ~DrainWatch();
  DrainWatch(const DrainWatch&) = delete;
  DrainWatch& operator=(const DrainWatch&) = delete;

  void start();

 private:
  struct Edge {
    std::unique_ptr<PagePoller> poller;
    bool drained = false;
    MonoTimeNs since;  // Its first word of the present draining,
    MonoTimeNs said;   // and its last.
  };

  void on_word(std::size_t index, bool draining);
  void look();
  bool is_over(const Edge& edge) const;

  const Clock& clock_;
  Timers& timers_;
  Changed changed_;
  std::vector<Edge> edges_;
  TimerId timer_;
};

}  // namespace oki::watch
