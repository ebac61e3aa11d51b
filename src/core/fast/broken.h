// A fault of the core itself: thrown by INVARIANT inside a step, caught by the step alone, which
// then takes back all that it did (docs/rules.md, 1.6). Never thrown for input, never seen outside.
#pragma once

namespace oki::core::fast {

struct Broken {
  const char* what;
};

[[noreturn, gnu::cold]] inline void broken(const char* what) { throw Broken{what}; }

}  // namespace oki::core::fast

#define INVARIANT(condition, what) \
  (__builtin_expect(!!(condition), 1) ? static_cast<void>(0) : ::oki::core::fast::broken(what))
