// What an operation on the outside world gives back: a value, or an error that must be handled.
//
// Domain refusals (an order that is too small) have enums of their own; Error is for disks,
// sockets, files and bytes that came from elsewhere. An error is handled or passed up, never
// logged and forgotten.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace oki {

enum class Errc : std::uint8_t {
  invalid,  // The input breaks its format or a stated limit.
  corrupt,  // Stored bytes do not match their checksum.
  not_found,
  exists,
  full,         // No space left, or a limit with a name is reached.
  io,           // The operating system refused.
  unavailable,  // Not now: no leader, shutting down.
  mismatch,     // Two things that must agree do not (hash, cluster, version).
};

const char* name(Errc code);

struct [[nodiscard]] Error {
  Errc code = Errc::invalid;
  std::string message;  // One sentence for an operator; never holds a secret.
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> error(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace oki
