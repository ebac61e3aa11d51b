// Fixed-point decimals as text: "0.0001" is 1 at four digits. Never a float.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace oki {

// The number of units of 10^-digits in `text`, or nothing when it is not a plain non-negative
// decimal ("12", "12.5", "1e-3", "1.5E2"), needs more digits than allowed (trailing zeros do not
// count), or does not fit 64 bits. A leading '+', '-', blank, "." or an empty text is refused.
std::optional<std::uint64_t> parse_decimal(ByteView text, unsigned digits);

// Always with all `digits` digits after the point: (1, 4) is "0.0001", (5, 0) is "5".
std::string decimal(std::uint64_t units, unsigned digits);
std::string decimal(std::int64_t units, unsigned digits);
void append_decimal(Bytes& out, std::uint64_t units, unsigned digits);

}  // namespace oki
