#include "edge/auth.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "crypto/crypto.h"

namespace oki::edge {
namespace {

// Digits only: no sign, no blank, nothing else.
std::optional<std::uint64_t> whole_number(ByteView text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr std::uint64_t request_time_max = std::uint64_t{1} << 51;  // Far from overflow.

bool signature_matches(ByteView secret, ByteView message, ByteView signature) {
  return crypto::equal_constant_time(crypto::hex(crypto::hmac_sha256(secret, message)), signature);
}

}  // namespace

Authenticator::Authenticator(const Clock& clock, Bytes sealing_key, std::size_t keys_max)
    : clock_(clock), sealing_key_(std::move(sealing_key)), keys_max_(keys_max) {}

Checked<Authenticator::Claim> Authenticator::read_claim(const net::HttpRequest& request) {
  Claim claim;
  claim.key = request.header("ACCESS-KEY");
  if (claim.key.empty()) return tl::unexpected(Code::key_missing);
  claim.by_time = request.has_header("ACCESS-REQUEST-TIME");
  if (!claim.by_time) {
    if (!request.has_header("ACCESS-NONCE")) return tl::unexpected(Code::time_and_nonce_missing);
    claim.prefix_time = request.header("ACCESS-NONCE");
    const auto nonce = whole_number(claim.prefix_time);
    if (!nonce || *nonce == 0) return tl::unexpected(Code::invalid_nonce);
    claim.nonce = *nonce;
    return claim;
  }
  claim.prefix_time = request.header("ACCESS-REQUEST-TIME");
  const auto time = whole_number(claim.prefix_time);
  if (!time || *time > request_time_max) return tl::unexpected(Code::invalid_request_time);
  claim.time_ms = static_cast<std::int64_t>(*time);
  if (request.has_header("ACCESS-TIME-WINDOW")) {
    claim.prefix_window = request.header("ACCESS-TIME-WINDOW");
    const auto window = whole_number(claim.prefix_window);
    if (!window || *window == 0 || *window > static_cast<std::uint64_t>(time_window_max_ms)) {
      return tl::unexpected(Code::invalid_time_window);
    }
    claim.window_ms = static_cast<std::int64_t>(*window);
  }
  return claim;
}

Checked<Caller> Authenticator::check(const net::HttpRequest& request,
                                     const history::Projection& projection,
                                     std::int64_t window_max_ms) {
  const auto claim = read_claim(request);
  if (!claim) return tl::unexpected(claim.error());
  const history::Projection::ApiKey* key = projection.api_key(claim->key);
  if (key == nullptr) return tl::unexpected(Code::invalid_key);
  OpenedKey* const opened_key = opened(*key);
  if (opened_key == nullptr) return tl::unexpected(Code::invalid_key);

  Bytes message;
  message.append(claim->prefix_time).append(claim->prefix_window);
  message.append(request.method == "POST" ? request.body : request.target);
  if (!signature_matches(opened_key->secret, message, request.header("ACCESS-SIGNATURE"))) {
    return tl::unexpected(Code::invalid_signature);
  }
  if (claim->by_time) {
    if (const auto timely = check_time(*claim, window_max_ms); !timely) {
      return tl::unexpected(timely.error());
    }
  } else {
    if (claim->nonce <= std::max(key->nonce, opened_key->nonce)) {
      return tl::unexpected(Code::nonce_reused);
    }
    opened_key->nonce = claim->nonce;
  }
  return Caller{key->account, {key->id, claim->nonce}};
}

Checked<void> Authenticator::check_time(const Claim& claim, std::int64_t window_max_ms) const {
  const std::int64_t now = clock_.wall_now().value;
  if (claim.time_ms >= now + request_time_ahead_max_ms) {
    return tl::unexpected(Code::request_time_in_future);
  }
  const std::int64_t window_ms = std::min(claim.window_ms, window_max_ms);
  if (now - claim.time_ms > window_ms) return tl::unexpected(Code::outside_time_window);
  return {};
}

// Nothing when the secret was sealed for other edges: to this one the key is unknown.
Authenticator::OpenedKey* Authenticator::opened(const history::Projection::ApiKey& key) {
  const auto found = opened_.find(key.id.value);
  if (found != opened_.end()) return &found->second;
  auto secret = crypto::unseal(sealing_key_, key.sealed_secret);
  if (!secret) return nullptr;
  if (opened_.size() >= keys_max_) {
    opened_.erase(opened_order_.front());
    opened_order_.pop_front();
  }
  opened_order_.push_back(key.id.value);
  return &opened_.emplace(key.id.value, OpenedKey{std::move(*secret), 0}).first->second;
}

}  // namespace oki::edge
