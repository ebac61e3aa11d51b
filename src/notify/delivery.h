// One thing to be told to one recipient by one channel, and how that went.
//
// What no answer confirmed is `unknown`: it may or may not have arrived. A channel that knows a
// repetition by its key is simply asked again; of the others somebody or something must find out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/strong.h"

namespace oki::notify {

using DeliveryId = Strong<struct DeliveryIdTag, std::uint64_t>;  // From 1, never used twice.

constexpr std::size_t posting_name_bytes_max = 64;
constexpr std::size_t posting_content_bytes_max = 128u << 10;
constexpr std::size_t channel_name_bytes_max = 32;
constexpr std::size_t recipient_bytes_max = 320;
constexpr std::size_t recipient_detail_bytes_max = 64;
constexpr std::size_t proof_bytes_max = 200;

enum class DeliveryState : std::uint8_t {
  queued = 0,
  sending = 1,  // Written down before the channel hears of it.
  sent = 2,     // With the proof that the other side gave.
  refused = 3,  // Will not be tried again; the reason says why.
  unknown = 4,
};
const char* name(DeliveryState state);

// What a channel gets. The views live until its answer.
struct Letter {
  DeliveryId id;
  ByteView posting;  // "i20261122a/1"
  ByteView content;  // Of the posting: what it means is between its writer and the channel.
  ByteView channel;
  ByteView recipient;  // A mail address; empty where a channel has one public place.
  ByteView detail;     // What else the writer said of this recipient.
};

// 32 hexadecimal digits, the same for every attempt and after every restart.
std::string idempotency_key(const Letter& letter);

// The same bits in the form of a UUID (version 8, RFC 9562).
std::string idempotency_uuid(const Letter& letter);

enum class Attempt : std::uint8_t {
  sent,     // `text` is the proof.
  refused,  // `text` is the reason; the same again would be refused again.
  retry,    // Surely not taken, and this letter may be why.
  absent,   // Surely not taken: nobody was there to take any. No attempt of this letter.
  unknown,  // Handed over, not confirmed.
};

struct AttemptResult {
  Attempt outcome = Attempt::unknown;
  std::string text;

  // The other side's own wish (Retry-After). The whole channel waits, not only this delivery.
  std::optional<std::int64_t> wait_ms;
};

enum class Found : std::uint8_t { arrived, did_not_arrive, cannot_tell };
struct FoundResult {
  Found found = Found::cannot_tell;
  std::string text;
};

class Channel {
 public:
  using Sent = std::function<void(AttemptResult)>;
  using Told = std::function<void(std::vector<FoundResult>)>;

  virtual ~Channel() = default;

  // Answers exactly once, never inside this call.
  virtual void send(const Letter& letter, Sent sent) = 0;

  // Whether these unknown ones arrived, one answer for each, in order; once, and perhaps inside
  // this call.
  virtual void ask(const std::vector<Letter>& letters, Told told) {
    told(std::vector<FoundResult>(letters.size()));
  }
};

}  // namespace oki::notify
