// What a watch's own machine says, handed to its detectors once a second: a watch that is short of
// something judges others badly, and people must know.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "app/process.h"
#include "watch/feed.h"

namespace oki::app {

class OwnGauges {
 public:
  // Both must outlive it. `about`: "watch 1".
  OwnGauges(Process& process, watch::Feed& feed, std::string about);
  ~OwnGauges();
  OwnGauges(const OwnGauges&) = delete;
  OwnGauges& operator=(const OwnGauges&) = delete;

 private:
  void take();

  Process& process_;
  watch::Feed& feed_;
  std::string about_;
  std::map<std::pair<std::string, std::string>, std::size_t> series_;  // By kind and device.
  TimerId timer_;
};

}  // namespace oki::app
