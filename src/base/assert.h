// Assertions that stay on in every build.
//
// ASSERT states what must be true whatever the outside world does; a failure is a bug in this
// program, and stopping is safer than trading on wrong balances. Input from users, peers or disks
// is never checked with ASSERT: it is refused with a result the caller must handle.
#pragma once

namespace oki {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace oki

#define ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::oki::assertion_failed(#condition, __FILE__, __LINE__))
