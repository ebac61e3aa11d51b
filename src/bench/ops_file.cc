#include "bench/ops_file.h"

#include <fmt/format.h>

#include <bit>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/assert.h"

namespace oki::bench {
namespace {

constexpr ByteView magic = "XOPSv001";
constexpr std::uint32_t header_bytes = 128;
static_assert(std::endian::native == std::endian::little, "records are read as they are");

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

tl::unexpected<Error> refused(std::string why) {
  return error(Errc::invalid, "operations file: " + std::move(why));
}

Result<Ops> decode_header(Reader& in, std::uint64_t& records) {
  Ops ops;
  if (in.raw(magic.size()) != magic) return refused("it does not begin with XOPSv001");
  const std::uint32_t header_size = in.u32();
  const std::uint32_t record_size = in.u32();
  if (in.ok() && (header_size != header_bytes || record_size != sizeof(Op))) {
    return refused(fmt::format("header and record sizes are {} and {}, not {} and {}", header_size,
                               record_size, header_bytes, sizeof(Op)));
  }
  ops.prefill = in.u64();
  const std::uint64_t timed = in.u64();
  ops.seed = in.u64();
  ops.max_id = in.u64();
  ops.symbols = in.u32();
  ops.accounts = in.u32();
  ops.min_price = in.i32();
  ops.max_price = in.i32();
  ops.expected.trades = in.u64();
  ops.expected.lots = in.u64();
  ops.expected.hash = in.u64();
  ops.expected.bbo = in.u64();
  ops.expected.live = in.u64();
  const ByteView variant = in.raw(variant_bytes);
  if (!in.ok()) return refused("its header is truncated");
  ops.variant = variant.substr(0, variant.find('\0'));
  if (ops.prefill > ops_max || timed > ops_max) return refused("it has more than 2^28 records");
  records = ops.prefill + timed;
  if (ops.symbols == 0 || ops.symbols > symbols_max) {
    return refused(fmt::format("{} symbols, 1 to {} are allowed", ops.symbols, symbols_max));
  }
  if (ops.min_price < 1 || ops.max_price < ops.min_price)
    return refused("its price range is empty");
  if (ops.max_id > records) return refused("it has more ids than records");
  return ops;
}

const char* fault_of(const Ops& ops, const Op& op) {
  if (op.id == 0 || op.id > ops.max_id) return "an id outside 1 to max_id";
  if (op.type > OpType::move) return "an unknown type";
  if (op.side > OpSide::sell) return "an unknown side";
  if (op.symbol >= ops.symbols) return "a symbol outside the header's number";
  if (op.type == OpType::cancel) return nullptr;
  if (op.price < ops.min_price || op.price > ops.max_price) return "a price outside the range";
  if (op.type == OpType::move) return nullptr;
  if (op.lots == 0) return "a new order of no lots";
  return op.account >= ops.accounts ? "an account outside the header's number" : nullptr;
}

// That ids are used as the format says.
const char* id_fault(const Ops& ops, std::size_t& at) {
  constexpr std::uint16_t unused = 0xffff;
  std::vector<std::uint16_t> symbol_of(ops.max_id + 1, unused);
  for (at = 0; at < ops.records.size(); ++at) {
    const Op& op = ops.records[at];
    if (const char* fault = fault_of(ops, op)) return fault;
    if (!is_new(op.type)) continue;
    if (symbol_of[op.id] != unused) return "an id that was used before";
    symbol_of[op.id] = op.symbol;
  }
  for (at = 0; at < ops.records.size(); ++at) {
    const Op& op = ops.records[at];
    const std::uint16_t symbol = symbol_of[op.id];
    if (symbol != unused && symbol != op.symbol) return "another symbol than its order's";
  }
  return nullptr;
}

Bytes encode_header(const Ops& ops) {
  ASSERT(ops.variant.size() <= variant_bytes && ops.prefill <= ops.records.size());
  Bytes bytes;
  Writer out(bytes);
  out.raw(magic);
  out.u32(header_bytes);
  out.u32(sizeof(Op));
  out.u64(ops.prefill);
  out.u64(ops.timed());
  out.u64(ops.seed);
  out.u64(ops.max_id);
  out.u32(ops.symbols);
  out.u32(ops.accounts);
  out.i32(ops.min_price);
  out.i32(ops.max_price);
  out.u64(ops.expected.trades);
  out.u64(ops.expected.lots);
  out.u64(ops.expected.hash);
  out.u64(ops.expected.bbo);
  out.u64(ops.expected.live);
  out.raw(ops.variant);
  bytes.resize(header_bytes);
  return bytes;
}

ByteView record_bytes(const Ops& ops) {
  return {reinterpret_cast<const char*>(ops.records.data()), ops.records.size() * sizeof(Op)};
}

}  // namespace

Result<Ops> decode_ops(ByteView bytes) {
  Reader in(bytes);
  std::uint64_t records = 0;
  Result<Ops> ops = decode_header(in, records);
  if (!ops) return ops;
  if (in.left() != records * sizeof(Op)) {
    return refused(
        fmt::format("{} bytes of records, its header says {}", in.left(), records * sizeof(Op)));
  }
  ops->records.resize(records);
  if (records > 0) {
    std::memcpy(ops->records.data(), in.raw(in.left()).data(), records * sizeof(Op));
  }
  std::size_t at = 0;
  if (const char* fault = id_fault(*ops, at)) {
    return refused(fmt::format("record {} has {}", at, fault));
  }
  return ops;
}

Bytes encode_ops(const Ops& ops) {
  Bytes bytes = encode_header(ops);
  bytes += record_bytes(ops);
  return bytes;
}

Result<Ops> read_ops(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (file == nullptr) return error(Errc::not_found, "cannot open " + path);
  Bytes bytes;
  constexpr std::size_t step_bytes = std::size_t{16} << 20;
  constexpr std::size_t file_bytes_max = header_bytes + 2 * ops_max * sizeof(Op);
  for (std::size_t got = step_bytes; got == step_bytes;) {
    if (bytes.size() > file_bytes_max) return refused("it has more than 2^28 records");
    const std::size_t before = bytes.size();
    bytes.resize(before + step_bytes);
    got = std::fread(bytes.data() + before, 1, step_bytes, file.get());
    bytes.resize(before + got);
  }
  if (std::ferror(file.get()) != 0) return error(Errc::io, "cannot read " + path);
  return decode_ops(bytes);
}

Result<void> write_ops(const std::string& path, const Ops& ops) {
  File file(std::fopen(path.c_str(), "wb"), &std::fclose);
  if (file == nullptr) return error(Errc::io, "cannot create " + path);
  bool written = true;
  const Bytes header = encode_header(ops);
  for (const ByteView part : {ByteView(header), record_bytes(ops)}) {
    written = written && std::fwrite(part.data(), 1, part.size(), file.get()) == part.size();
  }
  if (std::fclose(file.release()) != 0 || !written) return error(Errc::io, "cannot write " + path);
  return {};
}

}  // namespace oki::bench
