// What the core does when it finds a bug in itself: it gives the step up.
//
// A core that stops would stop on every replica, and again after every restart. So CHECK does not
// stop the process as ASSERT does: it throws a Fault, the one exception that this project throws,
// to the function that runs the step, which undoes the step and names the fault. It never leaves
// the core, and never answers input: whatever a stranger can send is refused by name instead.
#pragma once

namespace oki::core {

struct Fault {
  const char* what;  // A string literal.
};

[[noreturn]] inline void found_fault(const char* what) { throw Fault{what}; }

}  // namespace oki::core

#define CHECK(condition, what) ((condition) ? static_cast<void>(0) : ::oki::core::found_fault(what))
