// Makes files on the loop, through a Disk: for small states, tests and the simulator.
#pragma once

#include "base/disk.h"
#include "base/file_maker.h"

namespace oki::store {

class InlineFileMaker final : public FileMaker {
 public:
  // REQUIRES: `disk` outlives this.
  explicit InlineFileMaker(Disk& disk) : disk_(disk) {}

  void make(const std::string& name, Write write, Done done) override {
    Bytes file;
    BytesSink sink(file);
    Bytes summary = write(sink);
    disk_.replace(name, std::move(file),
                  [summary = std::move(summary), done = std::move(done)](Result<void> result) {
                    if (!result) return done(tl::unexpected<Error>(std::move(result.error())));
                    done(summary);
                  });
  }

 private:
  Disk& disk_;
};

}  // namespace oki::store
