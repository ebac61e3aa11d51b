// Any bytes as HTTP requests and answers. However they are cut they must give the same messages and
// the same refusal, and what was read must be read the same again after it was written.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "net/http.h"
#include "net/websocket.h"

namespace {

using oki::Bytes;
using oki::ByteView;
using namespace oki::net;

constexpr HttpLimits limits{.header_bytes_max = 512, .body_bytes_max = 1024, .headers_max = 20};

template <typename Message>
struct Outcome {
  std::vector<Message> messages;
  bool refused = false;
};

template <typename Parser, typename Message>
Outcome<Message> parse(ByteView bytes, std::size_t piece) {
  Parser parser(limits);
  Outcome<Message> outcome;
  while (!bytes.empty() && !outcome.refused) {
    parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto message = parser.next();
      outcome.refused = !message.has_value();
      if (!message || !*message) break;
      outcome.messages.push_back(std::move(**message));
    }
  }
  return outcome;
}

void check_request(const HttpRequest& request) {
  parse_query(request.query());
  if (is_websocket_upgrade(request)) websocket_handshake(request);
  const Bytes written = write_request(request, request.header("Host"));
  if (written.size() > limits.header_bytes_max) return;
  const auto again = parse<HttpRequestParser, HttpRequest>(written, SIZE_MAX);
  ASSERT(!again.refused && again.messages.size() == 1);
  ASSERT(again.messages[0].method == request.method);
  ASSERT(again.messages[0].target == request.target);
  ASSERT(again.messages[0].body == request.body);
}

template <typename Message>
void check_same(const Outcome<Message>& a, const Outcome<Message>& b) {
  ASSERT(a.refused == b.refused && a.messages.size() == b.messages.size());
  for (std::size_t i = 0; i < a.messages.size(); ++i) {
    ASSERT(a.messages[i].body == b.messages[i].body);
    ASSERT(a.messages[i].headers.size() == b.messages[i].headers.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 64;
  const ByteView bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = parse<HttpRequestParser, HttpRequest>(bytes, SIZE_MAX);
  check_same(whole, parse<HttpRequestParser, HttpRequest>(bytes, piece));
  for (const HttpRequest& request : whole.messages) {
    if (!request.header("Host").empty()) check_request(request);
  }
  check_same(parse<HttpResponseParser, HttpResponse>(bytes, SIZE_MAX),
             parse<HttpResponseParser, HttpResponse>(bytes, piece));
  return 0;
}
