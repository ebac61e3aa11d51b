// Signals as bytes in a pipe, so that they are handled on the loop and not in the handler.
//
// Handlers run on the alternate stack (SA_ONSTACK) and no signal is blocked: the Go runtime inside
// the process needs both. A signal belongs to the pipe that asked for it last.
#pragma once

#include <functional>
#include <map>

#include "host/poller.h"

namespace oki::host {

class SignalPipe : public Pollable {
 public:
  SignalPipe();
  ~SignalPipe() override;  // Its signals get their default action again.

  int read_fd() const { return fds_[0]; }
  void on_signal(int signal, std::function<void(int)> action);
  void on_ready(std::uint32_t events) override;

 private:
  int fds_[2] = {-1, -1};
  std::map<int, std::function<void(int)>> actions_;
};

void ignore_sigpipe();

}  // namespace oki::host
