#include "watch/logs/mask.h"

#include <algorithm>
#include <array>

namespace oki::watch::logs {
namespace {

constexpr ByteView masked = "<*>";

// Wherever they stand in a name: "access_token", "x-api-secret".
constexpr std::array<ByteView, 13> secret_names = {
    "password", "passwd",     "passphrase", "secret", "token",    "authorization", "cookie",
    "bearer",   "credential", "signature",  "seed",   "mnemonic", "private"};
// Only at the end of one: a "keyboard" is none.
constexpr std::array<ByteView, 7> secret_ends = {"key",  "otp", "pin",  "pwd",
                                                 "auth", "sid", "nonce"};
// More than one word belongs to these.
constexpr std::array<ByteView, 6> whole_lines = {"authorization", "cookie",     "seed",
                                                 "mnemonic",      "passphrase", "private"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_key_byte(char c) {
  return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '_' || c == '=' || c == '-';
}

std::string lower_case(ByteView text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool names_a_secret(const std::string& name) {
  std::string letters = name;
  while (!letters.empty() && !is_letter(letters.back())) letters.pop_back();
  const auto is_in = [&](ByteView word) { return letters.find(word) != std::string::npos; };
  const auto is_at_end = [&](ByteView word) { return letters.ends_with(word); };
  return std::ranges::any_of(secret_names, is_in) || std::ranges::any_of(secret_ends, is_at_end);
}

bool takes_the_line(const std::string& name) {
  return std::ranges::any_of(whole_lines,
                             [&](ByteView word) { return name.find(word) != std::string::npos; });
}

// Long runs in a word that is otherwise kept.
std::string without_runs(ByteView word) {
  std::string out;
  for (std::size_t at = 0; at < word.size();) {
    std::size_t end = at;
    while (end < word.size() && is_key_byte(word[end])) ++end;
    if (end == at) {
      out += word[at++];
      continue;
    }
    out += end - at >= run_bytes_max ? masked : word.substr(at, end - at);
    at = end;
  }
  return out;
}

bool is_mail(ByteView word) {
  const std::size_t at = word.find('@');
  return at != ByteView::npos && at > 0 && at + 1 < word.size();
}

// Goes from word to word and knows whether the next one is a secret.
class Masker {
 public:
  std::string run(ByteView line) {
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
      std::size_t end = at;
      while (end < line.size() && is_space(line[end]) == is_space(line[at])) ++end;
      const ByteView part = line.substr(at, end - at);
      at = end;
      if (is_space(part.front())) {
        out += ' ';
        continue;
      }
      out += word(part);
      if (hides_rest_) break;
    }
    return out;
  }

 private:
  std::string word(ByteView part) {
    const std::string lower = lower_case(part);
    if (hides_next_) {
      hides_next_ = names_a_secret(lower) || lower == "basic" || lower == "=" || lower == ":";
      return std::string(masked);
    }
    for (std::size_t at = part.find_first_of("=:"); at != ByteView::npos;
         at = part.find_first_of("=:", at + 1)) {
      const std::string name = lower.substr(0, at);
      if (!names_a_secret(name)) continue;
      hides_rest_ = takes_the_line(name);
      hides_next_ = lower.find_first_not_of("\"'", at + 1) == std::string::npos;
      return without_runs(part.substr(0, at + 1)) + std::string(masked);
    }
    if (is_mail(part)) return std::string(masked);
    if (const std::size_t place = part.find("://"); place != ByteView::npos) {
      return without_runs(part.substr(0, place + 3)) + std::string(masked);
    }
    hides_next_ = names_a_secret(lower);
    return without_runs(part);
  }

  bool hides_next_ = false;
  bool hides_rest_ = false;
};

}  // namespace

std::string mask_secrets(ByteView line) { return Masker().run(line); }

}  // namespace oki::watch::logs
