#include "net/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oki::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(HttpRequest, SplitsTheTargetAtTheFirstQuestionMark) {
  HttpRequest request;
  request.target = "/v1/user?a=1?b";
  EXPECT_EQ(request.path(), "/v1/user");
  EXPECT_EQ(request.query(), "a=1?b");
  request.target = "/v1/user";
  EXPECT_EQ(request.path(), "/v1/user");
  EXPECT_EQ(request.query(), "");
}

TEST(HttpRequest, FindsHeadersWhateverTheirCase) {
  HttpRequest request;
  request.headers = {{"ACCESS-KEY", "k"}, {"access-key", "second"}, {"Empty", ""}};
  EXPECT_EQ(request.header("Access-Key"), "k");
  EXPECT_TRUE(request.has_header("empty"));
  EXPECT_FALSE(request.has_header("ACCESS-KEY2"));
  EXPECT_EQ(request.header("absent"), "");
}

TEST(HasToken, FindsWholeWordsOfAList) {
  EXPECT_TRUE(has_token("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(has_token("Upgrade", "upgrade"));
  EXPECT_TRUE(has_token(",, upgrade\t,", "upgrade"));
  EXPECT_FALSE(has_token("upgrades", "upgrade"));
  EXPECT_FALSE(has_token("", "upgrade"));
}

TEST(WriteResponse, HasLengthAndKeepsTheConnection) {
  EXPECT_EQ(write_response(json_response(200, "{}"), true),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            "Content-Length: 2\r\n\r\n{}");
}

TEST(WriteResponse, SaysCloseAndDateWhenAsked) {
  Bytes out;
  append_response(out, text_response(503, ""),
                  {.keep_alive = false, .date = "Sat, 21 Nov 2026 18:47:15 GMT"});
  EXPECT_EQ(out,
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Date: Sat, 21 Nov 2026 18:47:15 GMT\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
}

TEST(WriteResponse, AnswersHeadWithoutTheBody) {
  Bytes out;
  append_response(out, text_response(200, "four"), {.head = true});
  EXPECT_THAT(out, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(WriteResponse, GivesNoLengthWhereNoBodyMayBe) {
  for (const std::uint16_t status : std::initializer_list<std::uint16_t>{101, 204, 304}) {
    HttpResponse response;
    response.status = status;
    response.body = "ignored";
    const Bytes out = write_response(response, true);
    EXPECT_THAT(out, Not(HasSubstr("Content-Length"))) << status;
    EXPECT_TRUE(out.ends_with("\r\n\r\n")) << status;
  }
}

TEST(WriteResponse, LeavesOutHeadersThatWouldSplitTheAnswer) {
  HttpResponse response;
  response.headers = {{"Location", "/a\r\nSet-Cookie: x=1"},
                      {"X\nY", "1"},
                      {"A: b", "1"},
                      {"", "1"},
                      {"content-length", "7"},
                      {"Transfer-Encoding", "chunked"},
                      {"Good", "1"}};
  const Bytes out = write_response(response, true);
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nGood: 1\r\nContent-Length: 0\r\n\r\n");
}

TEST(WriteRequest, WritesHostLengthAndBody) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/user/spot/order";
  request.headers = {{"ACCESS-KEY", "k"}};
  request.body = "{}";
  EXPECT_EQ(write_request(request, "127.0.0.1:80"),
            "POST /v1/user/spot/order HTTP/1.1\r\nHost: 127.0.0.1:80\r\nACCESS-KEY: k\r\n"
            "Content-Length: 2\r\n\r\n{}");
}

TEST(WriteRequest, AGetHasNoLength) {
  HttpRequest request;
  request.method = "GET";
  request.target = "/";
  request.keep_alive = false;
  EXPECT_EQ(write_request(request, "h"), "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}

TEST(WriteRequest, ATargetThatSplitsTheRequestIsABug) {
  HttpRequest request;
  request.method = "GET";
  request.target = "/ HTTP/1.1\r\nX: y";
  EXPECT_DEATH(write_request(request, "h"), "is_plain");
}

TEST(HttpDate, IsTheFixedForm) {
  EXPECT_EQ(http_date({784111777'000}), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 5.6.7
  EXPECT_EQ(http_date({0}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date({-1}), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(http_date({1'709'210'096'999}), "Thu, 29 Feb 2024 12:34:56 GMT");
}

TEST(ParseQuery, DecodesPairsInOrder) {
  EXPECT_THAT(parse_query("a=1&b=%20x+y&c&=d&&a=%E5%86%86").value(),
              ElementsAre(Pair("a", "1"), Pair("b", " x y"), Pair("c", ""), Pair("", "d"),
                          Pair("a", "\xE5\x86\x86")));
  EXPECT_TRUE(parse_query("").value().empty());
  EXPECT_THAT(parse_query("a=b=c").value(), ElementsAre(Pair("a", "b=c")));
}

TEST(ParseQuery, RefusesBrokenEscapes) {
  for (const char* bad : {"a=%", "a=%2", "a=%zz", "%4=1", "a=1&b=%g0"}) {
    EXPECT_EQ(parse_query(bad), std::nullopt) << bad;
  }
}

TEST(PercentEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b&=/\xE5"), "a%20b%26%3D%2F%E5");
  EXPECT_EQ(parse_query("k=" + percent_encode("a+b &%")).value().at(0).second, "a+b &%");
}

}  // namespace
}  // namespace oki::net
