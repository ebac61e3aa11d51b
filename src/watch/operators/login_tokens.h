// Who may speak to the operators' API: one line per token in a file, "PERSON HASH", where HASH is
// the SHA-256 of the token in hexadecimal digits. '#' begins a comment.
//
// A token is 256 random bits, so its plain hash gives nothing away and needs no salt. Lines of one
// person add up: a token is changed by adding the new one, then taking the old line out. The file
// never holds a token; whoever reads it can speak for nobody.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "response/types.h"

namespace oki::watch {

constexpr std::size_t login_token_bytes = 32;
constexpr std::size_t login_tokens_max = 2'000;
constexpr std::size_t login_file_bytes_max = 256u << 10;

struct NewLoginToken {
  std::string token;  // 64 hexadecimal digits; shown once.
  std::string line;   // What the file keeps.
};
NewLoginToken make_login_token(Random& random, response::PersonId person);

class LoginTokens {
 public:
  LoginTokens() = default;

  // Errc::invalid with the number of the first bad line. The error never shows a line.
  static Result<LoginTokens> parse(ByteView file);

  // Looks through every line, in a time that does not depend on which one it is.
  std::optional<response::PersonId> person_of(ByteView token) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    response::PersonId person;
    Bytes hash;
  };
  std::vector<Entry> entries_;
};

}  // namespace oki::watch
