// Any bytes as a subscriber command, a book of subscribers, a token, a copy of the site, or a form:
// refused, or taken whole.
//
// Input: the first byte says what the rest is. What is taken must encode to the same bytes and
// leave the book in order.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "notify/site_copy.h"
#include "notify/subscriber_pages.h"

namespace {

using oki::Bytes;
using oki::ByteView;
namespace notify = oki::notify;

constexpr oki::WallTimeMs noon{1'763'737'200'000};

void try_command(ByteView bytes) {
  const auto command = notify::decode_subscriber_command(bytes);
  if (!command) return;
  ASSERT(notify::encode(*command) == bytes);
  notify::SubscriberBook book;
  const auto first = book.apply(noon, notify::Subscribe{"a@example.jp", "n", {}, {}});
  ASSERT(first == notify::SubscriberResult::done);
  const auto result = book.apply(noon, *command);
  ASSERT(result != notify::SubscriberResult::malformed);
  book.verify();
}

void try_book(ByteView bytes) {
  notify::SubscriberBook book;
  if (!book.restore(bytes)) return;
  ASSERT(book.snapshot() == bytes);
  book.verify();
}

void try_copy(ByteView bytes) {
  const auto copy = notify::decode_site_copy(bytes);
  if (copy) ASSERT(notify::encode(*copy) == bytes);
}

void try_form(ByteView bytes) {
  const notify::SubscriberBook book;
  const notify::SubscriberTokens tokens(Bytes(notify::subscriber_secret_bytes, 's'));
  const notify::SubscriberDesk desk{book, tokens, {}, "n"};
  oki::net::HttpRequest request;
  request.method = "POST";
  request.target = "/subscribe";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = bytes;
  const auto answer = notify::subscriber_page(request, desk);
  ASSERT(answer.has_value());
  if (answer->command) ASSERT(!answer->page(notify::SubscriberResult::invalid).body.empty());
  ASSERT(!tokens.read(notify::TokenPurpose::manage, bytes).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      try_command(bytes);
      break;
    case 1:
      try_book(bytes);
      break;
    case 2:
      try_copy(bytes);
      break;
    default:
      try_form(bytes);
      break;
  }
  return 0;
}
