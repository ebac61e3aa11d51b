#include "watch/operators/login_tokens.h"

#include <charconv>

#include "crypto/crypto.h"

namespace oki::watch {
namespace {

constexpr std::size_t hash_bytes = 32;

std::optional<std::uint32_t> number_of(ByteView text) {
  std::uint32_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

ByteView trimmed(ByteView line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

NewLoginToken make_login_token(Random& random, response::PersonId person) {
  const std::string token = crypto::hex(random.bytes(login_token_bytes));
  return {token, std::to_string(person.value) + ' ' + crypto::hex(crypto::sha256(token))};
}

Result<LoginTokens> LoginTokens::parse(ByteView file) {
  if (file.size() > login_file_bytes_max) return error(Errc::invalid, "the file is too long");
  LoginTokens tokens;
  for (std::size_t number = 1; !file.empty(); ++number) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    const ByteView line = trimmed(file.substr(0, end));
    file.remove_prefix(std::min(end + 1, file.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::size_t blank = line.find(' ');
    const auto person = number_of(line.substr(0, blank));
    const auto hash =
        blank == ByteView::npos ? std::nullopt : crypto::from_hex(line.substr(blank + 1));
    if (!person || !hash || hash->size() != hash_bytes) {
      return error(Errc::invalid, "line " + std::to_string(number) +
                                      " is not a person's number and the hash of a token");
    }
    if (tokens.entries_.size() >= login_tokens_max) {
      return error(Errc::invalid,
                   "there are more than " + std::to_string(login_tokens_max) + " tokens");
    }
    tokens.entries_.push_back({{*person}, *hash});
  }
  return tokens;
}

std::optional<response::PersonId> LoginTokens::person_of(ByteView token) const {
  if (token.size() != 2 * login_token_bytes) return std::nullopt;
  const Bytes hash = crypto::sha256(token);
  std::optional<response::PersonId> person;
  for (const Entry& entry : entries_) {
    if (crypto::equal_constant_time(entry.hash, hash)) person = entry.person;
  }
  return person;
}

}  // namespace oki::watch
