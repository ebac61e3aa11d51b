// HTTP/1.1 messages (RFC 9110, 9112): shapes, and parsing as a function of bytes.
//
// Strict where laxness lets requests be smuggled: refuses Transfer-Encoding other than exactly
// "chunked", Content-Length together with Transfer-Encoding or twice, folded headers, more than one
// Host, bare LF. Limits are fields of HttpLimits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

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

Bytes write_response(const HttpResponse& response, bool keep_alive);
Bytes write_request(const HttpRequest& request, ByteView host);

// Feeds bytes, takes whole messages. After a refusal the connection is to be answered with
// `refusal_status` and closed.
class HttpRequestParser {
 public:
  explicit HttpRequestParser(const HttpLimits& limits);
  ~HttpRequestParser();
  HttpRequestParser(HttpRequestParser&&) noexcept;

  // Gives every request that the bytes completed, in order, at most `pipelined_max` of them
  // unanswered. Error: malformed or beyond a limit.
  Result<std::vector<HttpRequest>> feed(ByteView bytes);
  std::uint16_t refusal_status() const;  // 400, 413, 414, 431, 501

  // Bytes fed after the last whole request: what belongs to the next protocol after an upgrade.
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
  Result<std::vector<HttpResponse>> feed(ByteView bytes);
  Bytes take_rest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "a=1&b=%20x" as pairs, percent and plus decoded. Nothing when an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(ByteView query);
std::string percent_encode(ByteView text);

}  // namespace oki::net
