#include "watch/inputs/tokens.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "net/http.h"

namespace oki::watch::inputs {
namespace {

constexpr std::size_t digest_bytes = 32;

ByteView trimmed(ByteView text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<Tokens> Tokens::read(ByteView text) {
  if (text.size() > tokens_bytes_max) return error(Errc::invalid, "the file of tokens is too long");
  Tokens tokens;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const ByteView whole = text.substr(0, end);
    const ByteView line = trimmed(whole.substr(0, whole.find('#')));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const std::size_t name_end = std::min(line.find_first_of(" \t"), line.size());
    auto digest = crypto::from_hex(trimmed(line.substr(name_end)));
    if (!digest || digest->size() != digest_bytes) {
      return error(Errc::invalid, "line " + std::to_string(number) +
                                      " of the tokens must be a name and 64 hex digits");
    }
    tokens.entries_.push_back({std::string(line.substr(0, name_end)), std::move(*digest)});
  }
  return tokens;
}

std::optional<std::string> Tokens::owner(ByteView token) const {
  if (token.size() < token_bytes_min || token.size() > token_bytes_max) return std::nullopt;
  const Bytes digest = crypto::sha256(token);
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (crypto::equal_constant_time(entry.digest, digest)) found = &entry;
  }
  if (found == nullptr) return std::nullopt;
  return found->source;
}

std::optional<std::string> Tokens::owner_by_header(ByteView authorization) const {
  const std::size_t blank = authorization.find(' ');
  if (blank == ByteView::npos) return std::nullopt;
  const ByteView scheme = authorization.substr(0, blank);
  const ByteView rest = trimmed(authorization.substr(blank + 1));
  if (net::equal_ignoring_case(scheme, "bearer")) return owner(rest);
  if (!net::equal_ignoring_case(scheme, "basic")) return std::nullopt;
  const auto pair = crypto::from_base64(rest);
  const std::size_t colon = pair ? pair->find(':') : Bytes::npos;
  if (colon == Bytes::npos) return std::nullopt;
  const auto found = owner(ByteView(*pair).substr(colon + 1));
  if (!found || *found != pair->substr(0, colon)) return std::nullopt;
  return found;
}

bool Tokens::has(const std::string& source) const {
  return std::ranges::find(entries_, source, &Entry::source) != entries_.end();
}

Result<void> Tokens::check(const std::vector<std::string>& sources) const {
  for (const Entry& entry : entries_) {
    if (std::ranges::find(sources, entry.source) == sources.end()) {
      return error(Errc::invalid, "a token belongs to '" + entry.source + "', which is no source");
    }
  }
  return {};
}

}  // namespace oki::watch::inputs
