// HTTP/1.1 messages (RFC 9110, 9112): shapes, and parsing as a function of bytes.
//
// Strict where laxness lets requests be smuggled: refuses Transfer-Encoding other than exactly
// "chunked", Content-Length together with Transfer-Encoding or twice, folded headers, more than one
// Host or none, bare LF, and targets that are not paths (the absolute form sent to proxies).
// HTTP/1.0 is answered and closed. Trailers of chunked bodies are read and dropped. Limits are
// fields of HttpLimits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"

namespace oki::net {

struct HttpLimits {
  std::size_t header_bytes_max = 16u << 10;
  std::size_t body_bytes_max = 256u << 10;
  std::size_t headers_max = 100;
  std::size_t pipelined_max = 32;  // Requests of one connection waiting for their answers.
};

struct HttpHeader {
  std::string name;  // As sent.
  std::string value;
};

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // Exactly as sent: "/v1/user/spot/order?pair=btc_jpy&order_id=1"
  std::vector<HttpHeader> headers;
  std::string body;
  bool keep_alive = true;

  ByteView path() const;   // Before '?'.
  ByteView query() const;  // After '?', may be empty.

  // The first header of this name, whatever its case; empty when absent.
  ByteView header(ByteView name) const;
  bool has_header(ByteView name) const;
};

struct HttpResponse {
  std::uint16_t status = 200;
  std::vector<HttpHeader> headers;  // Content-Length, Date and Connection are added when written.
  std::string body;

  ByteView header(ByteView name) const;
  bool has_header(ByteView name) const;
};

HttpResponse json_response(std::uint16_t status, std::string body);
HttpResponse text_response(std::uint16_t status, std::string body);

// "Sat, 21 Nov 2026 18:47:15 GMT", the only form of RFC 9110 that a sender may use.
std::string http_date(WallTimeMs time);

struct ResponseFraming {
  bool keep_alive = true;
  bool head = false;   // Answers a HEAD: Content-Length as if, but no body.
  ByteView date = {};  // Left out when empty, for senders without a clock.
};

// Appends header and body. Answers 1xx, 204 and 304 carry neither body nor Content-Length. A header
// with a control character in it would let its author write headers or a second answer: it is left
// out, and so is any other word on the length.
void append_response(Bytes& out, const HttpResponse& response, const ResponseFraming& framing);

// The header alone, for bodies that are sent without another copy.
void append_response_header(Bytes& out, const HttpResponse& response,
                            const ResponseFraming& framing);

Bytes write_response(const HttpResponse& response, bool keep_alive);

// Host and Content-Length are written here, the latter when there is a body or the method wants
// one. REQUIRES: method, target and host hold neither blanks nor control characters.
Bytes write_request(const HttpRequest& request, ByteView host);

// Takes bytes as they come, gives whole requests in order. How many requests may wait for their
// answers is the caller's business: it stops asking `next()`.
class HttpRequestParser {
 public:
  explicit HttpRequestParser(const HttpLimits& limits);
  ~HttpRequestParser();
  HttpRequestParser(HttpRequestParser&&) noexcept;
  HttpRequestParser& operator=(HttpRequestParser&&) noexcept;

  void feed(ByteView bytes);

  // Nothing when more bytes are needed. Error: malformed or beyond a limit; the connection is to be
  // answered with `refusal_status()` and closed, and every later call gives the same error.
  Result<std::optional<HttpRequest>> next();

  std::uint16_t refusal_status() const;  // 400, 413, 414, 431, 501, 505; 0 before a refusal

  // True from the first byte of a request until `next()` has given it.
  bool within_request() const;

  // True once for a request whose client waits for "100 Continue" before it sends the body.
  bool take_continue_wanted();

  // Bytes not yet used by a request.
  std::size_t buffered_bytes() const;

  // Bytes fed after the last request given: what belongs to the next protocol after an upgrade.
  Bytes take_rest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class HttpResponseParser {
 public:
  explicit HttpResponseParser(const HttpLimits& limits);
  ~HttpResponseParser();
  HttpResponseParser(HttpResponseParser&&) noexcept;
  HttpResponseParser& operator=(HttpResponseParser&&) noexcept;

  // The answer now awaited is to a HEAD: it has no body whatever its headers say.
  void expect_head();

  void feed(ByteView bytes);

  // Interim answers (100 to 199 but 101) are passed over. Errors as for requests.
  Result<std::optional<HttpResponse>> next();

  // The peer has closed. Gives the answer whose body was to end there; nothing when none had begun;
  // an error when one was cut short.
  Result<std::optional<HttpResponse>> finish();

  // Whether the connection may be used again after the last answer given.
  bool keep_alive() const;

  Bytes take_rest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "a=1&b=%20x" as pairs, percent and plus decoded. Nothing when an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(ByteView query);
std::string percent_encode(ByteView text);

// "Keep-Alive" and "keep-alive" are the same name. ASCII only.
bool equal_ignoring_case(ByteView a, ByteView b);

// Whether a comma-separated header value holds this word, whatever its case.
bool has_token(ByteView list, ByteView token);

}  // namespace oki::net
