#include "notify/delivery.h"

#include "crypto/crypto.h"

namespace oki::notify {
namespace {

constexpr std::size_t key_bytes = 16;

Bytes key_of(const Letter& letter) {
  Bytes name;
  Writer writer(name);
  writer.blob(letter.posting);
  writer.blob(letter.channel);
  writer.blob(letter.recipient);
  return crypto::sha256(name).substr(0, key_bytes);
}

}  // namespace

const char* name(DeliveryState state) {
  switch (state) {
    case DeliveryState::queued:
      return "queued";
    case DeliveryState::sending:
      return "sending";
    case DeliveryState::sent:
      return "sent";
    case DeliveryState::refused:
      return "refused";
    case DeliveryState::unknown:
      return "unknown";
  }
  return "";
}

std::string idempotency_key(const Letter& letter) { return crypto::hex(key_of(letter)); }

std::string idempotency_uuid(const Letter& letter) {
  Bytes key = key_of(letter);
  key[6] = static_cast<char>((key[6] & 0x0F) | 0x80);
  key[8] = static_cast<char>((key[8] & 0x3F) | 0x80);
  std::string text = crypto::hex(key);
  for (const std::size_t dash : {20u, 16u, 12u, 8u}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace oki::notify
