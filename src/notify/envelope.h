// Signed bytes from the watch to the status sites.
//
// Format (docs/formats/status.md): "OKST", kind u8, version u8 (1), payload as u32 length and
// bytes, Ed25519 signature (64 bytes) over everything before it. The kind is inside what is
// signed, so a document can never be taken for a lease.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/crypto.h"

namespace oki::notify {

enum class EnvelopeKind : std::uint8_t { lease = 1, document = 2, notices = 3 };

constexpr std::size_t envelope_payload_bytes_max = 128u << 10;
constexpr std::size_t envelope_bytes_max = envelope_payload_bytes_max + 128;

Bytes sign_envelope(const crypto::SigningKey& key, EnvelopeKind kind, ByteView payload);

// What the bytes claim to be, before any signature is checked.
std::optional<EnvelopeKind> envelope_kind(ByteView envelope);

// The payload, a view into `envelope`. Errc::invalid: malformed or of another kind;
// Errc::mismatch: not signed by this key.
Result<ByteView> open_envelope(ByteView public_key, EnvelopeKind kind, ByteView envelope);

}  // namespace oki::notify
