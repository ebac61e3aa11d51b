// A fuzzer that must fail: it proves that the fuzzing itself works. If it passes, the other fuzzers
// prove nothing.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  oki::Reader reader({reinterpret_cast<const char*>(data), size});
  ASSERT(reader.u32() != 0x4b4f'0a21u || reader.u8() != 'x');
  return 0;
}
