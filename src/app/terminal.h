// Single keys from the terminal, without Enter; the old mode comes back at the end.
#pragma once

#include <termios.h>

#include <functional>

#include "host/loop.h"

namespace oki::app {

class Terminal {
 public:
  // Without effect when stdin is no terminal. REQUIRES: `loop` outlives the Terminal.
  Terminal(host::Loop& loop, std::function<void(char)> on_key);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool present() const { return present_; }

 private:
  host::Loop& loop_;
  bool present_ = false;
  termios before_{};
};

bool colours_wanted();  // stdout is a terminal and NO_COLOR is not set.

}  // namespace oki::app
