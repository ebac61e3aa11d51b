#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/prng.h"
#include "net/http.h"

namespace oki::net {
namespace {

using namespace std::string_literals;  // "..."s counts its zeros.

const Bytes get = "GET /a?b=1 HTTP/1.1\r\nHost: h\r\n\r\n";

struct Outcome {
  std::vector<HttpRequest> requests;
  std::uint16_t refused = 0;
};

// Feeds `bytes` in pieces of `piece` bytes and takes all there is to take after each.
Outcome parse(ByteView bytes, std::size_t piece = SIZE_MAX, const HttpLimits& limits = {}) {
  HttpRequestParser parser(limits);
  Outcome outcome;
  while (!bytes.empty()) {
    parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto request = parser.next();
      if (!request) {
        outcome.refused = parser.refusal_status();
        return outcome;
      }
      if (!*request) break;
      outcome.requests.push_back(std::move(**request));
    }
  }
  return outcome;
}

TEST(HttpRequestParser, ReadsARequest) {
  const auto [requests, refused] = parse(
      "POST /v1/user/spot/order HTTP/1.1\r\nHost: api.example\r\nACCESS-NONCE:  1 \r\n"
      "Content-Length: 13\r\n\r\n{\"pair\":\"btc\"");
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].target, "/v1/user/spot/order");
  EXPECT_EQ(requests[0].header("access-nonce"), "1");
  EXPECT_EQ(requests[0].body, "{\"pair\":\"btc\"");
  EXPECT_TRUE(requests[0].keep_alive);
}

TEST(HttpRequestParser, KeepsTheTargetExactlyAsSent) {
  const Bytes target = "/v1/user/spot/order?pair=btc%5Fjpy&order_id=1&&x=+%E5";
  const auto [requests, refused] = parse("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].target, target);
}

TEST(HttpRequestParser, ReadsPipelinedRequestsInOrderHoweverTheyAreCut) {
  const Bytes bytes = get +
                      "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
                      "4;name=value\r\nwiki\r\n6\r\npedia \r\n0\r\nTrailer: x\r\n\r\n"
                      "\r\nPUT /d HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" +
                      get;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const auto [requests, refused] = parse(bytes, piece);
    ASSERT_EQ(refused, 0) << piece;
    ASSERT_EQ(requests.size(), 4u) << piece;
    EXPECT_EQ(requests[0].target, "/a?b=1");
    EXPECT_EQ(requests[1].body, "wikipedia ");
    EXPECT_FALSE(requests[1].has_header("Trailer"));
    EXPECT_EQ(requests[2].body, "abc");
    EXPECT_EQ(requests[3].target, "/a?b=1");
  }
}

TEST(HttpRequestParser, GivesTheGoodRequestsBeforeABadOne) {
  const auto [requests, refused] = parse(get + get + "BAD\n\n");
  EXPECT_EQ(requests.size(), 2u);
  EXPECT_EQ(refused, 400);
}

TEST(HttpRequestParser, ARefusalStays) {
  HttpRequestParser parser{HttpLimits{}};
  parser.feed("GET / HTTP/1.1\nHost: h\n\n");
  EXPECT_FALSE(parser.next().has_value());
  parser.feed(get);
  EXPECT_FALSE(parser.next().has_value());
  EXPECT_EQ(parser.refusal_status(), 400);
}

struct BadRequest {
  const char* name;
  Bytes bytes;
  std::uint16_t status;
};

const Bytes post = "POST / HTTP/1.1\r\nHost: h\r\n";

const BadRequest bad_requests[] = {
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
    {"bare LF after a header", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
    {"bare CR in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
    {"NUL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s, 400},
    {"folded with a blank", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
    {"folded with a tab", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400},
    {"folded first header", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
    {"blank before the colon", "GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n", 400},
    {"no colon", "GET / HTTP/1.1\r\nHost: h\r\nX\r\n\r\n", 400},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n", 400},
    {"a Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"absolute target", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"empty target", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 505},
    {"star target of a GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"no version", "GET /\r\nHost: h\r\n\r\n", 400},
    {"version 0.9", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
    {"version 2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s, 400},
    {"two equal Content-Length", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
    {"two different Content-Length", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na", 400},
    {"a list of Content-Length", post + "Content-Length: 1, 1\r\n\r\na", 400},
    {"negative Content-Length", post + "Content-Length: -1\r\n\r\n", 400},
    {"signed Content-Length", post + "Content-Length: +1\r\n\r\na", 400},
    {"hexadecimal Content-Length", post + "Content-Length: 0x1\r\n\r\na", 400},
    {"empty Content-Length", post + "Content-Length:\r\n\r\n", 400},
    {"Content-Length above 64 bits", post + "Content-Length: 18446744073709551617\r\n\r\na", 400},
    {"Content-Length above the limit", post + "Content-Length: 262145\r\n\r\n", 413},
    {"Content-Length then chunked",
     post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"chunked then Content-Length",
     post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
    {"unknown encoding and a length",
     post + "Transfer-Encoding: xchunked\r\nContent-Length: 1\r\n\r\na", 501},
    {"unknown encoding", post + "Transfer-Encoding: xchunked\r\n\r\n", 501},
    {"gzip and chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"identity", post + "Transfer-Encoding: identity\r\n\r\n", 501},
    {"chunked twice in one", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501},
    {"chunked twice in two",
     post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"empty encoding", post + "Transfer-Encoding:\r\n\r\n", 501},
    {"chunked in HTTP/1.0",
     "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"chunk size that is no number", post + "Transfer-Encoding: chunked\r\n\r\nxx\r\n\r\n", 400},
    {"chunk size above 64 bits", post + "Transfer-Encoding: chunked\r\n\r\n10000000000000001\r\n",
     400},
    {"negative chunk size", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400},
    {"chunk above the limit", post + "Transfer-Encoding: chunked\r\n\r\n40001\r\n", 413},
    {"chunk without its end", post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabcd\r\n", 400},
    {"quoted chunk extension",
     post + "Transfer-Encoding: chunked\r\n\r\n1;a=\"b\"\r\na\r\n0\r\n\r\n", 400},
    {"bare LF after a chunk size", post + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
     400},
};

TEST(HttpRequestParser, RefusesWhatCouldBeReadInTwoWays) {
  for (const BadRequest& bad : bad_requests) {
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{7}}) {
      const auto [requests, refused] = parse(bad.bytes, piece);
      EXPECT_EQ(requests.size(), 0u) << bad.name;
      EXPECT_EQ(refused, bad.status) << bad.name << " in pieces of " << piece;
    }
  }
}

TEST(HttpRequestParser, AnswersHttp10AndCloses) {
  for (const char* line : {"", "Host: h\r\n", "Connection: keep-alive\r\n"}) {
    const auto [requests, refused] = parse("GET / HTTP/1.0\r\n" + Bytes(line) + "\r\n");
    ASSERT_EQ(requests.size(), 1u) << line;
    EXPECT_FALSE(requests[0].keep_alive) << line;
  }
}

TEST(HttpRequestParser, ConnectionCloseEndsTheConnection) {
  const auto [requests, refused] =
      parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n");
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_FALSE(requests[0].keep_alive);
}

TEST(HttpRequestParser, OptionsMayAskForTheServerItself) {
  EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").requests.size(), 1u);
}

Bytes request_of_size(std::size_t header_bytes) {
  const Bytes start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  return start + Bytes(header_bytes - start.size() - 4, 'x') + "\r\n\r\n";
}

TEST(HttpRequestParser, HeadersMayBeAsLongAsTheLimitAndNotLonger) {
  const HttpLimits limits;
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1000}}) {
    EXPECT_EQ(parse(request_of_size(limits.header_bytes_max), piece).requests.size(), 1u);
    EXPECT_EQ(parse(request_of_size(limits.header_bytes_max + 1), piece).refused, 431);
  }
  const Bytes endless(limits.header_bytes_max + 1, 'G');
  EXPECT_EQ(parse(endless).refused, 414);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n" + endless).refused, 431);
}

TEST(HttpRequestParser, BodiesMayBeAsLongAsTheLimitAndNotLonger) {
  const HttpLimits limits{.body_bytes_max = 10};
  EXPECT_EQ(parse(post + "Content-Length: 10\r\n\r\n0123456789", 3, limits).requests.size(), 1u);
  EXPECT_EQ(parse(post + "Content-Length: 11\r\n\r\n", 3, limits).refused, 413);
  const Bytes chunked = post + "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n";
  EXPECT_EQ(parse(chunked + "0\r\n\r\n", 3, limits).requests.size(), 1u);
  EXPECT_EQ(parse(chunked + "1\r\n", 3, limits).refused, 413);
}

TEST(HttpRequestParser, CountsHeadersAndTrailers) {
  const HttpLimits limits{.headers_max = 3};
  const Bytes two = "X: 1\r\nY: 2\r\n";
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: h\r\n" + two + "\r\n", SIZE_MAX, limits).refused, 0);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: h\r\n" + two + "Z: 3\r\n\r\n", SIZE_MAX, limits).refused,
            431);
  EXPECT_EQ(parse(post + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + two + "\r\n", SIZE_MAX, limits)
                .refused,
            431);
}

TEST(HttpRequestParser, AChunkHeaderWithoutEndIsRefusedAtTheHeaderLimit) {
  const HttpLimits limits;
  const Bytes start = post + "Transfer-Encoding: chunked\r\n\r\n1;";
  EXPECT_EQ(parse(start + Bytes(1000, 'e')).refused, 0);
  EXPECT_EQ(parse(start + Bytes(limits.header_bytes_max, 'e'), 1000).refused, 400);
}

// Found by http_fuzz: Beast stopped the process when a last chunk that was also the first came in
// pieces.
TEST(HttpRequestParser, AnEmptyChunkedBodyMayComeInPieces) {
  const Bytes bytes = post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    EXPECT_EQ(parse(bytes, piece).requests.size(), 2u) << piece;
  }
}

TEST(HttpRequestParser, LeavesWhatFollowsAnUpgradeToTheNextProtocol) {
  HttpRequestParser parser{HttpLimits{}};
  parser.feed("GET /socket.io/ HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n\x81\x80mask");
  ASSERT_TRUE(parser.next().value().has_value());
  EXPECT_EQ(parser.buffered_bytes(), 6u);
  EXPECT_EQ(parser.take_rest(), "\x81\x80mask");
  EXPECT_EQ(parser.buffered_bytes(), 0u);
}

TEST(HttpRequestParser, KnowsWhetherARequestHasBegun) {
  HttpRequestParser parser{HttpLimits{}};
  EXPECT_FALSE(parser.within_request());
  parser.feed("GET / HT");
  EXPECT_FALSE(parser.next().value().has_value());
  EXPECT_TRUE(parser.within_request());
  parser.feed("TP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
  EXPECT_FALSE(parser.next().value().has_value());
  EXPECT_TRUE(parser.within_request());
  parser.feed("x");
  EXPECT_TRUE(parser.next().value().has_value());
  EXPECT_FALSE(parser.within_request());
}

TEST(HttpRequestParser, TellsOnceThatTheClientWaitsForContinue) {
  HttpRequestParser parser{HttpLimits{}};
  parser.feed(post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_FALSE(parser.next().value().has_value());
  EXPECT_TRUE(parser.take_continue_wanted());
  EXPECT_FALSE(parser.take_continue_wanted());
  parser.feed("ab");
  EXPECT_EQ(parser.next().value()->body, "ab");
}

// Any bytes, in any pieces, give the same requests and the same refusal.
TEST(HttpRequestParser, TheCutOfTheBytesNeverMatters) {
  Prng prng(7);
  const Bytes seed = get + post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + post +
                     "Content-Length: 3\r\n\r\nabc" + get;
  int refusals = 0;
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes = seed;
    for (std::uint64_t i = prng.below(3); i > 0; --i) {
      bytes[prng.below(bytes.size())] = "\r\n \t:0;,/A"[prng.below(10)];
    }
    const Outcome whole = parse(bytes);
    const Outcome cut = parse(bytes, 1 + prng.below(20));
    refusals += whole.refused != 0 ? 1 : 0;
    ASSERT_EQ(whole.refused, cut.refused) << round;
    ASSERT_EQ(whole.requests.size(), cut.requests.size()) << round;
    for (std::size_t i = 0; i < whole.requests.size(); ++i) {
      ASSERT_EQ(whole.requests[i].target, cut.requests[i].target) << round;
      ASSERT_EQ(whole.requests[i].body, cut.requests[i].body) << round;
    }
  }
  EXPECT_GT(refusals, 500);
}

std::vector<HttpResponse> parse_responses(ByteView bytes, std::size_t piece) {
  HttpResponseParser parser{HttpLimits{}};
  std::vector<HttpResponse> responses;
  while (!bytes.empty()) {
    parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto response = parser.next();
      if (!response || !*response) break;
      responses.push_back(std::move(**response));
    }
  }
  return responses;
}

TEST(HttpResponseParser, ReadsAnswersHoweverTheyAreCut) {
  const Bytes bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
      "HTTP/1.1 204 No Content\r\n\r\n"
      "HTTP/1.1 429 Too Many\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const auto responses = parse_responses(bytes, piece);
    ASSERT_EQ(responses.size(), 3u) << piece;
    EXPECT_EQ(responses[0].body, "{}");
    EXPECT_EQ(responses[1].status, 204);
    EXPECT_EQ(responses[2].status, 429);
    EXPECT_EQ(responses[2].body, "x");
  }
}

TEST(HttpResponseParser, ReadsWhatTheWriterWrote) {
  const auto responses =
      parse_responses(write_response(json_response(200, "{\"a\":1}"), false), SIZE_MAX);
  ASSERT_EQ(responses.size(), 1u);
  EXPECT_EQ(responses[0].body, "{\"a\":1}");
  EXPECT_EQ(responses[0].header("content-type"), "application/json; charset=utf-8");
}

TEST(HttpResponseParser, ABodyMayEndWithTheConnection) {
  HttpResponseParser parser{HttpLimits{}};
  parser.feed("HTTP/1.0 200 OK\r\n\r\nhel");
  EXPECT_FALSE(parser.next().value().has_value());
  parser.feed("lo");
  EXPECT_FALSE(parser.next().value().has_value());
  EXPECT_EQ(parser.finish().value()->body, "hello");
  EXPECT_FALSE(parser.keep_alive());
}

TEST(HttpResponseParser, ABodyCutShortIsAnError) {
  for (const char* bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "HTTP/1.1 2",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"}) {
    HttpResponseParser parser{HttpLimits{}};
    parser.feed(bytes);
    EXPECT_FALSE(parser.next().value().has_value()) << bytes;
    EXPECT_FALSE(parser.finish().has_value()) << bytes;
  }
  HttpResponseParser nothing{HttpLimits{}};
  EXPECT_FALSE(nothing.finish().value().has_value());
}

TEST(HttpResponseParser, AnAnswerToHeadHasNoBody) {
  HttpResponseParser parser{HttpLimits{}};
  parser.expect_head();
  parser.feed(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(parser.next().value()->body, "");
  EXPECT_EQ(parser.next().value()->body, "x");
}

TEST(HttpResponseParser, RefusesMalformedAnswers) {
  for (const char* bytes :
       {"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n"}) {
    HttpResponseParser parser{HttpLimits{}};
    parser.feed(bytes);
    EXPECT_FALSE(parser.next().has_value()) << bytes;
  }
}

// Found by http_fuzz: a header shorter than a status line took its missing bytes from behind it.
TEST(HttpResponseParser, AHeaderDoesNotBorrowTheBytesBehindIt) {
  const Bytes bytes = "\r\n\r\n\0\n\n\n\nHTTP/1.1 200 OK\r\n\r\n"s;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    HttpResponseParser parser{HttpLimits{}};
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      parser.feed(ByteView(bytes).substr(at, piece));
      if (!parser.next().has_value()) break;
    }
    EXPECT_FALSE(parser.next().has_value()) << piece;
  }
}

TEST(HttpResponseParser, KnowsWhetherTheConnectionMayBeUsedAgain) {
  HttpResponseParser parser{HttpLimits{}};
  parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(parser.next().value().has_value());
  EXPECT_TRUE(parser.keep_alive());
  parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(parser.next().value().has_value());
  EXPECT_FALSE(parser.keep_alive());
}

}  // namespace
}  // namespace oki::net
