#include "notify/envelope.h"

#include "base/assert.h"

namespace oki::notify {
namespace {

constexpr ByteView magic = "OKST";
constexpr std::uint8_t version = 1;
constexpr std::size_t signature_bytes = 64;

}  // namespace

Bytes sign_envelope(const crypto::SigningKey& key, EnvelopeKind kind, ByteView payload) {
  ASSERT(payload.size() <= envelope_payload_bytes_max);
  Bytes envelope;
  Writer writer(envelope);
  writer.raw(magic);
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.u8(version);
  writer.blob(payload);
  envelope += crypto::sign(key, envelope);
  return envelope;
}

std::optional<EnvelopeKind> envelope_kind(ByteView envelope) {
  Reader reader(envelope);
  if (reader.raw(magic.size()) != magic) return std::nullopt;
  switch (reader.u8()) {
    case 1:
      return EnvelopeKind::lease;
    case 2:
      return EnvelopeKind::document;
    case 3:
      return EnvelopeKind::notices;
    default:
      return std::nullopt;
  }
}

Result<ByteView> open_envelope(ByteView public_key, EnvelopeKind kind, ByteView envelope) {
  Reader reader(envelope);
  const bool is_ours = reader.raw(magic.size()) == magic;
  const bool is_kind = reader.u8() == static_cast<std::uint8_t>(kind);
  const bool is_version = reader.u8() == version;
  const ByteView payload = reader.blob(envelope_payload_bytes_max);
  const ByteView signature = reader.raw(signature_bytes);
  if (!reader.done() || !is_ours || !is_kind || !is_version) {
    return error(Errc::invalid, "not a status envelope of this kind and version");
  }
  const ByteView message = envelope.substr(0, envelope.size() - signature_bytes);
  if (!crypto::verify(public_key, message, signature)) {
    return error(Errc::mismatch, "the signature of the status envelope does not match");
  }
  return payload;
}

}  // namespace oki::notify
