#include "watch/inquiries/inquiry_pages.h"

#include <gmock/gmock.h>

namespace oki::watch::inquiries {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

net::HttpRequest request(const char* method, const char* target, std::string body = {}) {
  net::HttpRequest request{method, target, {}, std::move(body), true};
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  return request;
}

TEST(InquiryPages, ShowAFormInBothLanguages) {
  const auto ja = inquiry_page(request("GET", "/inquiry"));
  ASSERT_TRUE(ja && !ja->draft);
  EXPECT_EQ(ja->response.status, 200);
  EXPECT_THAT(ja->response.body, HasSubstr("お問い合わせ"));
  EXPECT_THAT(ja->response.body, HasSubstr("lang=\"ja\""));
  const auto en = inquiry_page(request("GET", "/en/inquiry"));
  EXPECT_THAT(en->response.body, HasSubstr("action=\"/en/inquiry\""));
  EXPECT_TRUE(inquiry_page(request("HEAD", "/inquiry"))->response.body.empty());
}

TEST(InquiryPages, APostIsADraftAndItsPageSaysWhatBecameOfIt) {
  const auto answer = inquiry_page(
      request("POST", "/en/inquiry", "account=7&contact=a%40example.jp&words=my+order%0Ais+lost"));
  ASSERT_TRUE(answer && answer->draft);
  EXPECT_EQ(answer->draft->account, "7");
  EXPECT_EQ(answer->draft->contact, "a@example.jp");
  EXPECT_EQ(answer->draft->words, "my order\nis lost");
  const auto taken = answer->page({Refusal::none, InquiryId{42}, false, {}});
  EXPECT_EQ(taken.status, 200);
  EXPECT_THAT(taken.body, HasSubstr("Its number: 42"));
  EXPECT_EQ(answer->page({Refusal::network_limit, {}, false, {}}).status, 429);
  EXPECT_EQ(answer->page({Refusal::disk, {}, false, {}}).status, 503);
}

TEST(InquiryPages, WhatWasWrittenComesBackEscapedWhenItIsRefused) {
  const auto answer = inquiry_page(
      request("POST", "/en/inquiry", "contact=x&words=%3Cscript%3Ealert(1)%3C%2Fscript%3E"));
  ASSERT_TRUE(answer && answer->draft);
  const auto page = answer->page({Refusal::invalid, {}, false, "This is no mail address."});
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.body, HasSubstr("This is no mail address."));
  EXPECT_THAT(page.body, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page.body, Not(HasSubstr("<script>alert")));
}

TEST(InquiryPages, OtherPathsMethodsAndBodiesAreRefused) {
  EXPECT_FALSE(inquiry_page(request("GET", "/")));
  EXPECT_FALSE(inquiry_page(request("GET", "/inquiry/1")));
  EXPECT_EQ(inquiry_page(request("PUT", "/inquiry"))->response.status, 405);
  EXPECT_EQ(inquiry_page(request("POST", "/inquiry", "words=%zz"))->response.status, 400);
  net::HttpRequest json = request("POST", "/inquiry", "{}");
  json.headers = {{"Content-Type", "application/json"}};
  EXPECT_EQ(inquiry_page(json)->response.status, 400);
}

}  // namespace
}  // namespace oki::watch::inquiries
