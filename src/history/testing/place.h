// Where a test keeps a database file.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace oki::history {

// A directory of its own, gone at the end.
struct Place {
  Place() {
    char name[] = "/tmp/oki_history_XXXXXX";
    directory = mkdtemp(name);
  }
  ~Place() {
    for (const char* end : {"", "-wal", "-shm", "-lock"}) std::remove((file() + end).c_str());
    rmdir(directory.c_str());
  }
  std::string file() const { return directory + "/history.sqlite"; }
  std::string directory;
};

}  // namespace oki::history
