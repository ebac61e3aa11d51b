// The bytes of inquiries on disk: docs/formats/inquiries.md.
#pragma once

#include <optional>
#include <vector>

#include "watch/inquiries/inquiry.h"

namespace oki::watch::inquiries {

Bytes encode(const Inquiry& inquiry);

struct KeptInquiries {
  InquiryId last;
  std::vector<Inquiry> rows;  // Rising by id; of several with one id the last one holds.
};

Bytes encode(const KeptInquiries& kept);

// A snapshot of this or of the last version, and the records after it. Errc::corrupt.
Result<KeptInquiries> decode_inquiries(ByteView snapshot, const std::vector<Bytes>& records,
                                       std::size_t rows_max);

}  // namespace oki::watch::inquiries
