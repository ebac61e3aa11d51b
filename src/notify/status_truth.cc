#include "notify/status_truth.h"

#include <algorithm>
#include <utility>

#include "base/crc32c.h"
#include "notify/envelope.h"

namespace oki::notify {
namespace {

constexpr ByteView saved_magic = "OKSS";
constexpr std::uint8_t saved_version = 2;
constexpr std::uint8_t saved_version_without_board = 1;
constexpr std::size_t checksum_bytes = 4;

Acceptance acceptance_of(const Error& error) {
  return error.code == Errc::mismatch ? Acceptance::forged : Acceptance::malformed;
}

UnknownPeriod read_period(Reader& in) {
  UnknownPeriod period;
  period.from = read_time(in);
  if (in.boolean()) period.to = read_time(in);
  return period;
}

}  // namespace

const char* name(Acceptance acceptance) {
  switch (acceptance) {
    case Acceptance::accepted:
      return "accepted";
    case Acceptance::malformed:
      return "malformed";
    case Acceptance::forged:
      return "forged";
    case Acceptance::stale:
      return "stale";
  }
  return "";
}

StatusTruth::StatusTruth(const Clock& clock, Bytes public_key)
    : clock_(clock), public_key_(std::move(public_key)), started_at_(clock.wall_now()) {}

Acceptance StatusTruth::accept(ByteView envelope) {
  refresh();
  const auto kind = envelope_kind(envelope);
  if (!kind) return Acceptance::malformed;
  switch (*kind) {
    case EnvelopeKind::lease:
      return accept_lease(envelope);
    case EnvelopeKind::document:
      return accept_document(envelope);
    case EnvelopeKind::notices:
      break;
  }
  return accept_board(envelope);
}

Acceptance StatusTruth::accept_lease(ByteView envelope) {
  const auto payload = open_envelope(public_key_, EnvelopeKind::lease, envelope);
  if (!payload) return acceptance_of(payload.error());
  auto lease = decode_lease(*payload);
  if (!lease) return Acceptance::malformed;
  if (lease->serial <= lease_serial()) return Acceptance::stale;
  const bool is_news = !lease_ || lease_->overall != lease->overall || lease_->rows != lease->rows;
  lease_ = std::move(*lease);
  lease_envelope_ = envelope;
  lease_received_ = clock_.mono_now();
  if (is_news) ++changes_;
  refresh();
  return Acceptance::accepted;
}

Acceptance StatusTruth::accept_document(ByteView envelope) {
  const auto payload = open_envelope(public_key_, EnvelopeKind::document, envelope);
  if (!payload) return acceptance_of(payload.error());
  auto document = decode_status_document(*payload);
  if (!document) return Acceptance::malformed;
  if (document->sequence <= document_.sequence) return Acceptance::stale;
  document_ = std::move(*document);
  document_envelope_ = envelope;
  ++changes_;
  return Acceptance::accepted;
}

Acceptance StatusTruth::accept_board(ByteView envelope) {
  const auto payload = open_envelope(public_key_, EnvelopeKind::notices, envelope);
  if (!payload) return acceptance_of(payload.error());
  auto board = decode_notice_board(*payload);
  if (!board) return Acceptance::malformed;
  if (board->sequence <= board_.sequence) return Acceptance::stale;
  board_ = std::move(*board);
  board_envelope_ = envelope;
  ++changes_;
  return Acceptance::accepted;
}

bool StatusTruth::is_live(WallTimeMs wall, MonoTimeNs mono) const {
  if (!lease_ || !lease_received_) return false;
  const std::int64_t duration_ms = lease_->expires_at.value - lease_->issued_at.value;
  const bool from_the_future = lease_->issued_at.value > wall.value + lease_skew_ms_max;
  const bool expired = wall >= lease_->expires_at;
  const bool too_long_here = mono - *lease_received_ >= duration_ms * ns_per_ms;
  return !from_the_future && !expired && !too_long_here;
}

void StatusTruth::refresh() {
  if (!lease_) return;
  const WallTimeMs now = clock_.wall_now();
  const bool is_open = !unknown_.empty() && !unknown_.back().to;
  if (is_live(now, clock_.mono_now())) {
    // A green lease lasts lease_duration_ms_max from its oldest proof on.
    if (lease_->overall == State::operational) {
      const std::int64_t proven_ms = lease_->expires_at.value - lease_duration_ms_max;
      proven_at_ = WallTimeMs{std::max<std::int64_t>(proven_ms, 0)};
    }
    if (is_open) end_unknown(now);
    return;
  }
  if (is_open) return;
  spans_start_ = !lease_received_;
  if (unknown_.size() == unknown_periods_max) unknown_.erase(unknown_.begin());
  unknown_.push_back({std::min(lease_->expires_at, now), std::nullopt});
  ++changes_;
}

void StatusTruth::end_unknown(WallTimeMs at) {
  ++changes_;
  const bool is_restart = unknown_.back().from.value > started_at_.value - restart_grace_ms &&
                          at.value < started_at_.value + restart_grace_ms;
  if (spans_start_ && is_restart) {
    unknown_.pop_back();
    return;
  }
  unknown_.back().to = std::max(at, unknown_.back().from);
}

StatusView StatusTruth::view() {
  refresh();
  StatusView view;
  view.now = clock_.wall_now();
  view.document = &document_;
  view.board = &board_;
  view.unknown = &unknown_;
  view.proven_at = proven_at_;
  view.incidents = derive_incidents(document_, unknown_, view.now);
  if (!lease_) return view;
  view.rows = lease_->rows;
  if (is_live(view.now, clock_.mono_now())) {
    view.overall = lease_->overall;
    view.reason = lease_->reason;
    view.since = lease_->since;
    view.leader_seat = lease_->leader_seat;
    view.leader_term = lease_->leader_term;
    return view;
  }
  if (!unknown_.empty()) view.since = unknown_.back().from;
  for (LeaseRow& row : view.rows) {
    row.state = State::unknown;
    row.since = view.since.value_or(view.now);
  }
  return view;
}

Bytes StatusTruth::save() const {
  Bytes out;
  Writer writer(out);
  writer.raw(saved_magic);
  writer.u8(saved_version);
  writer.blob(lease_envelope_);
  writer.blob(document_envelope_);
  writer.blob(board_envelope_);
  writer.i64(proven_at_ ? proven_at_->value : 0);
  writer.u16(static_cast<std::uint16_t>(unknown_.size()));
  for (const UnknownPeriod& period : unknown_) {
    writer.i64(period.from.value);
    writer.boolean(period.to.has_value());
    if (period.to) writer.i64(period.to->value);
  }
  writer.u32(crc32c(out));
  return out;
}

Result<void> StatusTruth::restore(ByteView saved) {
  if (saved.size() < checksum_bytes) return error(Errc::corrupt, "the saved status is cut short");
  const ByteView body = saved.substr(0, saved.size() - checksum_bytes);
  if (Reader(saved.substr(body.size())).u32() != crc32c(body)) {
    return error(Errc::corrupt, "the saved status does not match its checksum");
  }
  Reader in(body);
  const bool is_ours = in.raw(saved_magic.size()) == saved_magic;
  const std::uint8_t version = in.u8();
  const bool is_known = version == saved_version || version == saved_version_without_board;
  if (!is_known || !is_ours) return error(Errc::invalid, "not a saved status");
  const ByteView lease = in.blob(envelope_bytes_max);
  const ByteView document = in.blob(envelope_bytes_max);
  const ByteView board =
      version == saved_version_without_board ? ByteView() : in.blob(envelope_bytes_max);
  const WallTimeMs proven_at = read_time(in);
  const std::size_t periods = in.u16();
  if (periods > unknown_periods_max) in.fail();
  std::vector<UnknownPeriod> unknown;
  for (std::size_t i = 0; i < periods && in.ok(); ++i) unknown.push_back(read_period(in));
  if (!in.done()) return error(Errc::invalid, "the saved status is malformed");
  const auto opened = restore_envelopes(lease, document, board);
  if (!opened) return opened;
  unknown_ = std::move(unknown);
  spans_start_ = true;
  if (proven_at.value > 0) proven_at_ = proven_at;
  return {};
}

Result<void> StatusTruth::restore_envelopes(ByteView lease, ByteView document, ByteView board) {
  if (!document.empty() && accept_document(document) != Acceptance::accepted) {
    return error(Errc::corrupt, "the saved status document is not signed by the watch");
  }
  if (!board.empty() && accept_board(board) != Acceptance::accepted) {
    return error(Errc::corrupt, "the saved notices are not signed by the watch");
  }
  if (lease.empty()) return {};
  const auto payload = open_envelope(public_key_, EnvelopeKind::lease, lease);
  if (!payload) return tl::unexpected(payload.error());
  auto decoded = decode_lease(*payload);
  if (!decoded) return tl::unexpected(decoded.error());
  lease_ = std::move(*decoded);
  lease_envelope_ = lease;
  lease_received_.reset();
  return {};
}

}  // namespace oki::notify
