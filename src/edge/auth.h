// Who sent this request: bitbank's request signatures, in every variant that clients use.
//
// ACCESS-SIGNATURE is the lower-case hex HMAC-SHA256, under the key's secret, of a prefix and the
// payload. Payload: the raw request target of a GET, the raw body of a POST; never re-serialised.
// The method is chosen by the presence of ACCESS-REQUEST-TIME:
//   with it     prefix = request time, then ACCESS-TIME-WINDOW as sent (nothing when not sent).
//               Accepted iff time < now + 1000 and now - time <= window (default 5000).
//   without it  prefix = ACCESS-NONCE; a window header is ignored. The nonce must exceed every
//               nonce that this key has used, as far as this edge has seen; for commands the core
//               checks it once more against all edges.
//
// Checked in this order: key present (20003), time or nonce present (20036), their spelling
// (20037, 20038, 20039), key known (20002), signature (20005), time (20034, 20035), nonce (20001).
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "base/clock.h"
#include "core/types.h"
#include "edge/codes.h"
#include "history/projection.h"
#include "net/http.h"

namespace oki::edge {

constexpr std::int64_t time_window_default_ms = 5'000;
constexpr std::int64_t time_window_max_ms = 60'000;
constexpr std::int64_t request_time_ahead_max_ms = 1'000;

struct Caller {
  core::AccountId account;
  core::Signed signed_by;
};

class Authenticator {
 public:
  // `sealing_key` opens the sealed secrets of API keys. Keeps at most `keys_max` opened secrets,
  // the oldest opened are dropped first.
  Authenticator(const Clock& clock, Bytes sealing_key, std::size_t keys_max);

  // Whatever window the request asks for, it is not older than `window_max_ms`.
  Checked<Caller> check(const net::HttpRequest& request, const history::Projection& projection,
                        std::int64_t window_max_ms = time_window_max_ms);

 private:
  struct OpenedKey {
    Bytes secret;
    std::uint64_t nonce = 0;  // The highest this edge has accepted.
  };
  // How the request says it is signed.
  struct Claim {
    ByteView key;
    bool by_time = false;
    ByteView prefix_time;    // The request time or the nonce, as sent.
    ByteView prefix_window;  // As sent.
    std::int64_t time_ms = 0;
    std::int64_t window_ms = time_window_default_ms;
    std::uint64_t nonce = 0;
  };

  static Checked<Claim> read_claim(const net::HttpRequest& request);
  OpenedKey* opened(const history::Projection::ApiKey& key);
  Checked<void> check_time(const Claim& claim, std::int64_t window_max_ms) const;

  const Clock& clock_;
  Bytes sealing_key_;
  std::size_t keys_max_;
  std::unordered_map<std::uint64_t, OpenedKey> opened_;  // By KeyId.
  std::deque<std::uint64_t> opened_order_;
};

}  // namespace oki::edge
