// What the child of a ForkFileMaker does between fork and _exit.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/file_maker.h"

namespace oki::host {

// How a report begins; what follows is the summary, or a sentence.
enum class ChildReport : char { done = 'd', failed = 'f' };

struct ChildTask {
  std::string path;
  FileMaker::Write write;
  int report = -1;  // The pipe to the parent.
  pid_t parent = 0;
  int nice = 0;
  unsigned seconds_max = 0;
};

// REQUIRES: all signals are blocked.
[[noreturn]] void run_child(const ChildTask& task);

}  // namespace oki::host
