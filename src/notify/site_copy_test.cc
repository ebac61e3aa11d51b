// Copies: what they may say, how they hang together, and whose they are.
#include "notify/site_copy.h"

#include <gtest/gtest.h>

#include "notify/s3_request.h"
#include "notify/status_truth.h"
#include "notify/testing/notices.h"
#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

class SiteCopyTest : public ::testing::Test {
 protected:
  SiteCopyTest() {
    options_.page.url = "https://status.example.jp";
    options_.security_contact = "mailto:security@example.jp";
    const WallTimeMs now = clock_.wall_now();
    take(signed_document(document_with_outage(now)));
    take(signed_lease(green_lease(1, now)));
    take(sign_envelope(test_key(), EnvelopeKind::notices, encode(small_board(now))));
  }
  void take(const Bytes& envelope) { EXPECT_EQ(truth_.accept(envelope), Acceptance::accepted); }
  SiteCopy copy() { return render_copy(truth_.view(), options_); }
  const CopyFile* file(const SiteCopy& copy, const std::string& name) {
    for (const CopyFile& each : copy.files) {
      if (each.name == name) return &each;
    }
    return nullptr;
  }

  testing::StepClock clock_;
  StatusTruth truth_{clock_, test_key().public_key};
  SiteOptions options_;
};

TEST_F(SiteCopyTest, NeverSaysThatAllIsWellNow) {
  const SiteCopy made = copy();
  const std::string& home = file(made, "en.html")->body;
  EXPECT_NE(home.find("Trading was working as of"), std::string::npos);
  EXPECT_NE(home.find("This is a copy made at"), std::string::npos);
  for (const CopyFile& each : made.files) {
    if (!each.name.ends_with(".html")) continue;
    EXPECT_EQ(each.body.find("badge state-operational"), std::string::npos) << each.name;
    EXPECT_EQ(each.body.find("banner state-operational"), std::string::npos) << each.name;
    EXPECT_EQ(each.body.find("Trading works in every market"), std::string::npos) << each.name;
  }
  for (const char* present :
       {"api-v2-summary.json", "api-v2-status.json", "api-v2-components.json"}) {
    EXPECT_EQ(file(made, present), nullptr) << present;
  }
  EXPECT_NE(file(made, "badge.svg")->body.find("時点で正常"), std::string::npos);
}

TEST_F(SiteCopyTest, SaysWhatIsNotWell) {
  take(signed_lease(red_lease(2, clock_.wall_now())));
  EXPECT_NE(file(copy(), "en.html")->body.find("Trading is down"), std::string::npos);
}

TEST_F(SiteCopyTest, EveryLinkLeadsToAFileOrToTheLiveSite) {
  const SiteCopy made = copy();
  std::size_t links = 0;
  for (const CopyFile& each : made.files) {
    if (!each.name.ends_with(".html")) continue;
    constexpr ByteView mark = " href=\"";
    for (std::size_t at = each.body.find(mark); at != std::string::npos;
         at = each.body.find(mark, at + 1)) {
      const std::size_t start = at + mark.size();
      const std::string target = each.body.substr(start, each.body.find('"', start) - start);
      ++links;
      EXPECT_TRUE(target.starts_with("https://status.example.jp/") || target == "#main" ||
                  file(made, target) != nullptr)
          << each.name << ": " << target;
    }
  }
  EXPECT_GT(links, 50u);
  EXPECT_NE(file(made, "notices-i20261122a.html"), nullptr);
  EXPECT_NE(file(made, "security.txt"), nullptr);
}

TEST_F(SiteCopyTest, TravelsAndRefusesEveryTruncation) {
  SiteCopy made = copy();
  EXPECT_EQ(decode_site_copy(encode(made)).value(), made);
  made.files.resize(2);
  const Bytes bytes = encode(made);
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_FALSE(decode_site_copy(ByteView(bytes).substr(0, size))) << size;
  }
  for (const char* bad : {"../x", ".hidden", "a/b", "", "A", "-x"}) {
    made.files[0].name = bad;
    EXPECT_FALSE(decode_site_copy(encode(made))) << bad;
  }
}

TEST_F(SiteCopyTest, TheManifestNamesEveryFileAndOnlyItsKeyOpensIt) {
  SiteCopy made = copy();
  const std::size_t files = made.files.size();
  sign_copy(made, test_key());
  const Bytes& manifest = made.files[files].body;
  const Bytes& signature = made.files[files + 1].body;
  const auto opened = open_manifest(manifest, signature, test_key().public_key);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->as_of, clock_.wall_now());
  EXPECT_EQ(opened->hashes.size(), files);
  for (std::size_t i = 0; i < files; ++i) {
    EXPECT_EQ(opened->hashes.at(made.files[i].name),
              crypto::hex(crypto::sha256(made.files[i].body)));
  }
  EXPECT_EQ(open_manifest(manifest, signature, test_key('x').public_key).error().code,
            Errc::mismatch);
  Bytes changed = manifest;
  changed[30] ^= 1;
  EXPECT_FALSE(open_manifest(changed, signature, test_key().public_key));
  const Bytes other = "not a manifest\n";
  const Bytes its = crypto::hex(crypto::sign(test_key(), other));
  EXPECT_EQ(open_manifest(other, its, test_key().public_key).error().code, Errc::invalid);
}

// The example of the AWS documentation, "Example: PUT Object".
TEST(S3RequestTest, SignsAsTheDocumentationDoes) {
  const std::string payload = crypto::hex(crypto::sha256("Welcome to Amazon S3."));
  const S3Signed request{"PUT",
                         "/test%24file.text",
                         {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                          {"host", "examplebucket.s3.amazonaws.com"},
                          {"x-amz-content-sha256", payload},
                          {"x-amz-date", "20130524T000000Z"},
                          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         payload};
  const S3Keys keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
  EXPECT_EQ(s3_authorization(request, keys, "us-east-1"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
            "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(S3RequestTest, PutsByPathAndKeepsTheSecretToItself) {
  const S3Bucket bucket{"127.0.0.1:9000", "status", "a b/", "ap-northeast-1"};
  const net::HttpRequest request =
      s3_put(bucket, {"key", "hidden"}, "index.html", "text/html", "x", {1'763'737'200'000});
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/status/a%20b/index.html");
  EXPECT_EQ(request.header("x-amz-date"), "20251121T150000Z");
  for (const net::HttpHeader& header : request.headers) {
    EXPECT_EQ(header.value.find("hidden"), std::string::npos);
  }
  EXPECT_EQ(s3_delete(bucket, {"key", "hidden"}, "index.html", {0}).method, "DELETE");
}

}  // namespace
}  // namespace oki::notify
