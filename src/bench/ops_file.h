// Operations for the book benchmark, in the file format XOPS v1, so that different engines can be
// driven by the very same orders. docs/formats/ops.md describes the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::bench {

enum class OpType : std::uint8_t { add = 0, cancel = 1, add_ioc = 2, move = 3 };
enum class OpSide : std::uint8_t { buy = 0, sell = 1 };

// In memory as in the file: tens of millions of them are read at once.
struct Op {
  std::uint64_t id;
  std::int32_t price;  // The limit. Of a cancel: meaningless.
  std::uint32_t lots;  // Of a move: 0 keeps what remains.
  std::uint32_t account;
  std::uint16_t symbol;
  OpType type;
  OpSide side;
  std::uint64_t reserved;

  friend bool operator==(const Op&, const Op&) = default;
};
static_assert(sizeof(Op) == 32);

constexpr bool is_new(OpType type) { return type == OpType::add || type == OpType::add_ioc; }

// What a correct engine has done at the end; trades, lots and hash are of the timed part.
struct OpsOutcome {
  std::uint64_t trades = 0;
  std::uint64_t lots = 0;
  std::uint64_t hash = 0;  // Sum of mix(maker, taker, price, lots) over the fills.
  std::uint64_t bbo = 0;   // Sum of mix(symbol, best bid, best ask, 0) over the symbols.
  std::uint64_t live = 0;  // Resting orders.

  friend bool operator==(const OpsOutcome&, const OpsOutcome&) = default;
};

struct Ops {
  std::string variant;        // At most variant_bytes.
  std::uint64_t prefill = 0;  // So many of the records build the books, untimed.
  std::uint64_t seed = 0;
  std::uint64_t max_id = 0;
  std::uint32_t symbols = 0;
  std::uint32_t accounts = 0;
  std::int32_t min_price = 0;
  std::int32_t max_price = 0;
  OpsOutcome expected;
  std::vector<Op> records;

  std::uint64_t timed() const { return records.size() - prefill; }
  // A file may come without an outcome.
  bool has_expected() const { return expected.trades != 0 || expected.hash != 0; }
};

constexpr std::size_t variant_bytes = 24;
constexpr std::uint64_t ops_max = std::uint64_t{1} << 28;
constexpr std::uint32_t symbols_max = 4096;

// The mixer of the format.
constexpr std::uint64_t mix(std::uint64_t maker, std::uint64_t taker, std::uint64_t price,
                            std::uint64_t lots) {
  std::uint64_t h = maker * 0x9E3779B97F4A7C15u;
  h ^= h >> 29;
  h += taker * 0xC2B2AE3D27D4EB4Fu;
  h ^= h >> 31;
  h *= 0x165667B19E3779F9u;
  h += (price << 32) ^ lots;
  h *= 0x9E3779B97F4A7C15u;
  return h ^ (h >> 32);
}

// Checked: sizes, limits, every field of every record, that each id is made new once only and that
// cancels and moves name the symbol of their order.
Result<Ops> decode_ops(ByteView bytes);
Bytes encode_ops(const Ops& ops);

Result<Ops> read_ops(const std::string& path);
Result<void> write_ops(const std::string& path, const Ops& ops);

}  // namespace oki::bench
