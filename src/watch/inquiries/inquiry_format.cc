#include "watch/inquiries/inquiry_format.h"

#include <utility>

#include "base/fields.h"

namespace oki {

template <>
inline constexpr std::uint8_t numbers_of<watch::inquiries::Way> = watch::inquiries::ways;
template <>
inline constexpr std::uint8_t numbers_of<watch::inquiries::Topic> = watch::inquiries::topics;
template <>
inline constexpr std::uint8_t numbers_of<watch::inquiries::State> = watch::inquiries::states;

}  // namespace oki

namespace oki::watch::inquiries {
namespace {

constexpr ByteView magic = "OKIINQ02";
constexpr ByteView magic_before = "OKIINQ01";

// As version 1 had it.
struct InquiryBefore {
  Inquiry inquiry;
  WallTimeMs answered;
};

class RowWriter : public FieldWriterOf<RowWriter> {
 public:
  using FieldWriterOf::FieldWriterOf;
};
class RowReader : public FieldReaderOf<RowReader> {
 public:
  using FieldReaderOf::FieldReaderOf;
};

void fields_of_words(auto& io, Like<Inquiry> auto& x) {
  io(x.id, x.at, x.way, x.topic);
  io.text(x.account, account_bytes_max);
  io.text(x.contact, contact_bytes_max);
  io.text(x.words, words_bytes_max);
  io(x.again);
}

void fields(auto& io, Like<Inquiry> auto& x) {
  fields_of_words(io, x);
  io(x.state, x.changed, x.by, x.failure, x.automatic);
  io.list(x.mails, mails_max);
}

void fields(auto& io, Like<InquiryBefore> auto& x) {
  fields_of_words(io, x.inquiry);
  io(x.answered, x.inquiry.failure);
}

Inquiry now(Inquiry row) { return row; }
Inquiry now(InquiryBefore row) {
  row.inquiry.state = row.answered.value == 0 ? State::open : State::answered;
  row.inquiry.changed = row.answered;
  return std::move(row.inquiry);
}

template <typename Row>
bool read(ByteView snapshot, const std::vector<Bytes>& records, std::size_t rows_max,
          KeptInquiries& kept) {
  std::vector<Row> rows;
  if (!snapshot.empty()) {
    RowReader io(snapshot.substr(magic.size()));
    io(kept.last);
    io.list(rows, rows_max);
    if (!io.done()) return false;
  }
  for (const Bytes& record : records) {
    auto row = read_exactly<RowReader, Row>(record);
    if (!row) return false;
    rows.push_back(std::move(*row));
  }
  for (Row& row : rows) kept.rows.push_back(now(std::move(row)));
  return true;
}

}  // namespace

Bytes encode(const Inquiry& inquiry) {
  Bytes bytes;
  RowWriter io(bytes);
  io(inquiry);
  return bytes;
}

Bytes encode(const KeptInquiries& kept) {
  Bytes bytes(magic);
  RowWriter io(bytes);
  io(kept.last);
  io.list(kept.rows, kept.rows.size());
  return bytes;
}

Result<KeptInquiries> decode_inquiries(ByteView snapshot, const std::vector<Bytes>& records,
                                       std::size_t rows_max) {
  const ByteView version = snapshot.substr(0, magic.size());
  KeptInquiries kept;
  bool fine = false;
  if (snapshot.empty() || version == magic) {
    fine = read<Inquiry>(snapshot, records, rows_max, kept);
  } else if (version == magic_before) {
    fine = read<InquiryBefore>(snapshot, records, rows_max, kept);
  }
  if (!fine) return error(Errc::corrupt, "The inquiries cannot be read.");
  return kept;
}

}  // namespace oki::watch::inquiries
