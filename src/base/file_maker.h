// Makes a file out of the state as it is at one moment, while the loop goes on.
//
// A real one forks: the child sees the memory of that moment and writes. Doubles do the work inside
// make() and answer later.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/sink.h"

namespace oki {

class FileMaker {
 public:
  // Writes the file's bytes and gives a summary of at most summary_bytes_max. Whatever else it
  // changes may be lost. It may stop by an ASSERT.
  using Write = std::function<Bytes(Sink& out)>;
  using Done = std::function<void(Result<Bytes>)>;
  static constexpr std::size_t summary_bytes_max = 1024;

  virtual ~FileMaker() = default;

  // The file `name` of the maker's directory holds what `write` wrote, durably, when `done` gets
  // the summary; before that, and after an error, it may hold anything. Errc::mismatch: `write`
  // stopped by an ASSERT or a crash of its own; every other error is the world's (no memory, no
  // room, too slow, killed). REQUIRES: one at a time. Destroying the maker ends what it does;
  // `done` is not called then.
  virtual void make(const std::string& name, Write write, Done done) = 0;
};

}  // namespace oki
