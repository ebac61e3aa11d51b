#include "watch/logs/mask.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace oki::watch::logs {
namespace {

TEST(MaskSecrets, LeavesWhatSaysWhatHappened) {
  EXPECT_EQ(mask_secrets("replica: the disk is full"), "replica: the disk is full");
  EXPECT_EQ(mask_secrets("connection to 10.0.0.1:80 refused"), "connection to 10.0.0.1:80 refused");
  EXPECT_EQ(mask_secrets(""), "");
  EXPECT_EQ(mask_secrets(" \t "), " ");
}

TEST(MaskSecrets, HidesWhatStandsBehindTheNameOfASecret) {
  EXPECT_EQ(mask_secrets("login password=hunter failed"), "login password=<*> failed");
  EXPECT_EQ(mask_secrets("login password: hunter failed"), "login password:<*> <*> failed");
  EXPECT_EQ(mask_secrets("the token hunter expired"), "the token <*> expired");
  EXPECT_EQ(mask_secrets("PASSWD hunter"), "PASSWD <*>");
  EXPECT_EQ(mask_secrets("{\"access_token\":\"hunter\"}"), "{\"access_token\":<*>");
  EXPECT_EQ(mask_secrets("api-key = hunter"), "api-key <*> <*>");
  EXPECT_EQ(mask_secrets("ACCESS-SIGNATURE=abc"), "ACCESS-SIGNATURE=<*>");
  EXPECT_EQ(mask_secrets("bearer hunter and more"), "bearer <*> and more");
}

TEST(MaskSecrets, HidesTheRestOfTheLineWhereItBelongsToTheSecret) {
  EXPECT_EQ(mask_secrets("Authorization: Basic hunter two"), "Authorization:<*>");
  EXPECT_EQ(mask_secrets("Cookie: a=b; session=c"), "Cookie:<*>");
  EXPECT_EQ(mask_secrets("seed: able acid acorn"), "seed:<*>");
}

TEST(MaskSecrets, HidesAddressesOfPeopleAndOfPages) {
  EXPECT_EQ(mask_secrets("mail to <aki@example.jp> bounced"), "mail to <*> bounced");
  EXPECT_EQ(mask_secrets("GET https://u:p@host/x?y=z failed"), "GET <*> failed");
  EXPECT_EQ(mask_secrets("GET https://host/path failed"), "GET https://<*> failed");
}

TEST(MaskSecrets, HidesLongRunsOfWhatKeysAreMadeOf) {
  EXPECT_EQ(mask_secrets("got (aGVsbG8gd29ybGQhISEhISE) here"), "got (<*>) here");
  EXPECT_EQ(mask_secrets("got abcdefghijklmnopqrs"), "got abcdefghijklmnopqrs");
  EXPECT_EQ(mask_secrets("got abcdefghijklmnopqrst"), "got <*>");
}

// Whatever stands around it, a secret behind its name never comes through.
TEST(MaskSecrets, NoRandomLineLetsTheSecretThrough) {
  constexpr const char* names[] = {"password", "Secret", "x_token", "api_key", "Bearer"};
  constexpr const char* signs[] = {"=", ": ", " ", "=\"", ":'", " = "};
  Prng prng(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string line;
    const auto noise = [&] {
      for (std::uint64_t left = prng.below(20); left > 0; --left) {
        line += static_cast<char>(prng.below(256));
      }
    };
    noise();
    line += ' ';
    line += names[prng.below(5)];
    line += signs[prng.below(6)];
    line += "hunter";
    noise();
    EXPECT_EQ(mask_secrets(line).find("hunter"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace oki::watch::logs
