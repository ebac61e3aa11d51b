// Unpredictable bytes for keys, nonces and session names. The simulator passes a seeded one.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace oki {

class Random {
 public:
  virtual ~Random() = default;
  virtual Bytes bytes(std::size_t count) = 0;
};

}  // namespace oki
