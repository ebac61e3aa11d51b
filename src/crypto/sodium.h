// What the files of this room that call libsodium share. Not for other rooms.
#pragma once

#include "base/bytes.h"

namespace oki::crypto {

// Must run before any other call of the library; later calls cost nothing.
void start_sodium();

// Both libraries speak of unsigned char, this house of char.
inline const unsigned char* unsigned_data(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* unsigned_data(Bytes& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace oki::crypto
