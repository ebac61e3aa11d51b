// Makes files by fork(): the child sees the memory of that moment, writes the file at its leisure,
// and ends. The loop stops only for as long as the fork takes.
//
// Between fork and its end the child runs our code on its one thread and system calls; the threads
// of the disks and of the Go runtime do not exist in it, and it touches nothing of theirs. It
// closes what it inherited, is nice to the other processes, gives way first when memory is short,
// and dies with its parent or when its time is over. What it writes it also drops from the page
// cache, a few megabytes at a time, so that the journal's fsync never waits for gigabytes.
//
// Memory that the parent writes while the child lives is copied page by page: at worst the state is
// there twice.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/file_maker.h"
#include "host/huge_pages.h"
#include "host/loop.h"

namespace oki::host {

struct ForkOptions {
  int nice = 10;
  unsigned seconds_max = 1800;  // For one file; then it comes to nothing.
};

class ForkFileMaker final : public FileMaker {
 public:
  // REQUIRES: `loop` outlives this; made and used on the loop's thread, which is the one that
  // started the process (the child dies with it).
  ForkFileMaker(Loop& loop, std::string directory, const ForkOptions& options = {});
  ~ForkFileMaker() override;  // Kills and waits.

  void make(const std::string& name, Write write, Done done) override;

  // The memory is being tidied up after the last child.
  bool tidies() const { return huge_pages_.busy(); }

  // 0: none lives.
  pid_t child() const { return child_; }

 private:
  void fail_soon(Error error, Done done);
  void on_readable();
  void finish();

  Loop& loop_;
  const std::string directory_;
  const ForkOptions options_;
  pid_t child_ = 0;
  int pipe_ = -1;  // Where the child reports.
  Bytes report_;
  Done done_;
  TimerId failed_;
  HugePages huge_pages_;
};

}  // namespace oki::host
