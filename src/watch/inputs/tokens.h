// Who a request comes from, by its token: `Authorization: Bearer TOKEN`, or `Basic` with the
// source's name and the token as the password, or, of PagerDuty, the routing key in the body.
//
// The file holds no token, only SHA-256 digests: lines of a source's name and 64 hex digits; empty
// lines and what follows '#' do not count. A source may have several, so that one can be replaced
// without a gap. Tokens must be random and long (32 bytes of `openssl rand -hex 32`): a fast digest
// protects nothing that can be guessed, so shorter ones than token_bytes_min are never accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::watch::inputs {

constexpr std::size_t tokens_bytes_max = 64u << 10;
constexpr std::size_t token_bytes_min = 20;
constexpr std::size_t token_bytes_max = 500;

class Tokens {
 public:
  // Errc::invalid names the line, never its content.
  static Result<Tokens> read(ByteView text);

  // The source that the token belongs to. Takes the same time whichever it is.
  std::optional<std::string> owner(ByteView token) const;

  // By the header; nothing when it is absent, malformed, or of nobody.
  std::optional<std::string> owner_by_header(ByteView authorization) const;

  bool has(const std::string& source) const;

  // Every line must belong to one of these sources: a line for nobody is a mistake.
  Result<void> check(const std::vector<std::string>& sources) const;

 private:
  struct Entry {
    std::string source;
    Bytes digest;
  };
  std::vector<Entry> entries_;
};

}  // namespace oki::watch::inputs
