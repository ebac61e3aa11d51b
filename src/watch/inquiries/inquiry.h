// What a customer wrote to the desk, and how it is judged.
//
// Everything in it comes from a stranger: it is cut to its limits, control characters are gone, and
// nothing of it is ever executed, rendered as markup or put into a log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "response/types.h"

namespace oki::watch::inquiries {

using InquiryId = Strong<struct InquiryIdTag, std::uint64_t>;  // From 1, never used twice.

constexpr std::size_t account_bytes_max = 32;
constexpr std::size_t words_bytes_max = 4'000;
constexpr std::size_t contact_bytes_max = 254;  // Of a mail address (RFC 3696).
constexpr std::size_t mails_max = 16;           // Remembered of one inquiry.

enum class Way : std::uint8_t { form = 0, staff = 1, mail = 2 };
constexpr std::uint8_t ways = 3;
const char* name(Way way);

enum class Topic : std::uint8_t {
  login = 0,
  order = 1,
  withdrawal = 2,
  deposit = 3,
  price = 4,  // What is shown: prices, charts, pages.
  other = 5,
};
constexpr std::uint8_t topics = 6;
const char* name(Topic topic);

// What staff have made of it.
enum class State : std::uint8_t { open = 0, answered = 1, closed = 2 };
constexpr std::uint8_t states = 3;
const char* name(State state);

struct Draft {
  Way way = Way::form;
  std::string account;  // As the customer says; nobody has proved it. May be empty.
  std::string contact;  // Where the answer goes, a mail address. May be empty but on the form.
  std::string words;
  bool automatic = false;  // No person wrote it: kept, never answered, never counted.
  std::uint64_t mail = 0;  // The same for the same mail when it comes again; 0: unknown.
};

struct Inquiry {
  InquiryId id;
  WallTimeMs at;
  Way way = Way::form;
  Topic topic = Topic::other;
  std::string account, contact, words;
  std::uint32_t again = 0;  // How often the same customer wrote again about it.
  State state = State::open;
  WallTimeMs changed;                // When the state was changed last; 0: never.
  response::PersonId by;             // Who changed it, or wrote it down (Way::staff). 0: nobody.
  bool failure = false;              // The edges know a failed request of this account.
  bool automatic = false;            // As of the draft; then it is closed from the beginning.
  std::vector<std::uint64_t> mails;  // Of which it was made, as in Draft::mail.
  friend bool operator==(const Inquiry&, const Inquiry&) = default;
};

// By the words that people use in Japanese and English; the first topic with the most hits.
Topic classify(ByteView words);

// Errc::invalid with one sentence for the person who wrote it; else the draft with its texts
// cleaned: valid UTF-8, line feeds the only control characters, no bidirectional overrides.
Result<Draft> clean(Draft draft);

}  // namespace oki::watch::inquiries
