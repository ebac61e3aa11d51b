// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of every stored record and frame.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace oki {

// Continues `crc`, the checksum of the bytes before; 0 to start.
std::uint32_t crc32c(ByteView bytes, std::uint32_t crc = 0);

// The same without processor support; for tests and other machines.
std::uint32_t crc32c_portable(ByteView bytes, std::uint32_t crc = 0);

}  // namespace oki
