#include "notify/lease.h"

#include <algorithm>

namespace oki::notify {
namespace {

bool has_row_twice(const std::vector<LeaseRow>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (rows[i].id == rows[j].id) return true;
    }
  }
  return false;
}

bool is_consistent(const Lease& lease) {
  const std::int64_t duration_ms = lease.expires_at.value - lease.issued_at.value;
  if (duration_ms < 0 || duration_ms > lease_duration_ms_max) return false;
  if ((lease.overall == State::operational) != (lease.reason == Reason::none)) return false;
  return !has_row_twice(lease.rows);
}

LeaseRow read_row(Reader& in) {
  LeaseRow row;
  row.id = read_component_id(in);
  row.state = read_state(in);
  row.since = read_time(in);
  return row;
}

}  // namespace

Bytes encode(const Lease& lease) {
  Bytes out;
  Writer writer(out);
  writer.u64(lease.serial);
  writer.i64(lease.issued_at.value);
  writer.i64(lease.expires_at.value);
  writer.u64(lease.document);
  writer.u8(static_cast<std::uint8_t>(lease.overall));
  writer.u8(static_cast<std::uint8_t>(lease.reason));
  writer.i64(lease.since.value);
  writer.u32(lease.leader_seat);
  writer.u64(lease.leader_term.value);
  writer.u16(static_cast<std::uint16_t>(lease.rows.size()));
  for (const LeaseRow& row : lease.rows) {
    append(out, row.id);
    writer.u8(static_cast<std::uint8_t>(row.state));
    writer.i64(row.since.value);
  }
  return out;
}

Result<Lease> decode_lease(ByteView payload) {
  Reader in(payload);
  Lease lease;
  lease.serial = in.u64();
  lease.issued_at = read_time(in);
  lease.expires_at = read_time(in);
  lease.document = in.u64();
  lease.overall = read_state(in);
  lease.reason = read_reason(in);
  lease.since = read_time(in);
  lease.leader_seat = in.u32();
  lease.leader_term.value = in.u64();
  const std::size_t rows = in.u16();
  if (rows > components_max) in.fail();
  for (std::size_t i = 0; i < rows && in.ok(); ++i) lease.rows.push_back(read_row(in));
  if (!in.done() || !is_consistent(lease)) return error(Errc::invalid, "malformed lease");
  return lease;
}

}  // namespace oki::notify
