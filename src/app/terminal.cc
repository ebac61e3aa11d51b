#include "app/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace oki::app {

Terminal::Terminal(host::Loop& loop, std::function<void(char)> on_key) : loop_(loop) {
  if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &before_) != 0) return;
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0) return;
  present_ = true;
  loop_.watch_readable(STDIN_FILENO, [action = std::move(on_key)] {
    char key = 0;
    if (read(STDIN_FILENO, &key, 1) == 1) action(key);
  });
}

Terminal::~Terminal() {
  if (!present_) return;
  loop_.unwatch(STDIN_FILENO);
  tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

bool colours_wanted() { return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

}  // namespace oki::app
