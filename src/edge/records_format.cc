#include "edge/records_format.h"

#include "base/fields.h"

namespace oki {

template <>
inline constexpr std::uint8_t numbers_of<edge::RecordKind> = edge::record_kinds;
template <>
inline constexpr std::uint8_t numbers_of<edge::Ending> = edge::endings;

}  // namespace oki

namespace oki::edge {
namespace {

constexpr std::uint32_t page_magic = 0x3150524F;  // "ORP1"

class FieldWriter : public FieldWriterOf<FieldWriter> {
 public:
  using FieldWriterOf::FieldWriterOf;
};

class FieldReader : public FieldReaderOf<FieldReader> {
 public:
  using FieldReaderOf::FieldReaderOf;
};

void fields(auto& io, Like<FailedRequest> auto& x) {
  io(x.at, x.account, x.amount, x.count, x.subject, x.kind, x.ending);
}

void fields(auto& io, Like<RecordPlace> auto& x) { io(x.segment, x.offset); }

void fields(auto& io, Like<RecordPage> auto& x) {
  io(x.whole_since, x.dropped);
  io.maybe(x.next);
  io.list(x.records, page_records_max);
}

}  // namespace

void append(Bytes& out, const FailedRequest& record) {
  FieldWriter io(out);
  io(record);
}

std::optional<FailedRequest> read_record(ByteView bytes) {
  return read_exactly<FieldReader, FailedRequest>(bytes);
}

Bytes encode(const RecordPage& page) {
  Bytes out;
  FieldWriter io(out);
  io(page_magic, page);
  return out;
}

std::optional<RecordPage> decode_page(ByteView bytes) {
  FieldReader io(bytes);
  std::uint32_t magic = 0;
  std::optional<RecordPage> page(std::in_place);
  io(magic, *page);
  if (magic != page_magic || !io.done()) page.reset();
  return page;
}

}  // namespace oki::edge
