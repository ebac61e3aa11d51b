// Where bytes go that are too many to hold at once: whoever makes them writes piece by piece.
//
// write() cannot fail; a sink that leads out of memory remembers its first error and says it at its
// end.
#pragma once

#include "base/bytes.h"

namespace oki {

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(ByteView bytes) = 0;
};

// Appends to Bytes that outlive it.
class BytesSink final : public Sink {
 public:
  explicit BytesSink(Bytes& out) : out_(out) {}
  void write(ByteView bytes) override { out_.append(bytes); }

 private:
  Bytes& out_;
};

}  // namespace oki
