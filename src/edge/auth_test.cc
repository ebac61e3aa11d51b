#include "edge/auth.h"

#include <gtest/gtest.h>

#include <optional>

#include "edge/testing/exchange.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;
using testing::Exchange;
using testing::key_of;
using testing::sealing_key;
using testing::signature_of;

constexpr std::int64_t official_ms = 1'721'121'776'490;
constexpr ByteView official_body =
    R"({"pair": "xrp_jpy", "price": "20", "amount": "1","side": "buy", "type": "limit"})";

struct AuthTest : ::testing::Test {
  AuthTest() { clock().jump_wall_ms(official_ms - clock().wall_now().value); }

  oki::testing::StepClock& clock() { return exchange.clock; }
  std::int64_t now() { return clock().wall_now().value; }

  // The code, or nothing when the caller is known to be `account`.
  std::optional<Code> check(const net::HttpRequest& request, core::AccountId account = alice) {
    const auto caller = authenticator.check(request, exchange.projection);
    if (!caller) return caller.error().code;
    EXPECT_EQ(caller->account, account);
    return std::nullopt;
  }

  static net::HttpRequest get(std::vector<net::HttpHeader> headers,
                              std::string target = "/v1/user/assets") {
    net::HttpRequest request = Exchange::request("GET", std::move(target));
    request.headers = std::move(headers);
    return request;
  }

  net::HttpRequest by_time(std::int64_t time, std::optional<std::string> window) const {
    const std::string prefix = std::to_string(time) + window.value_or("");
    net::HttpRequest request =
        get({{"ACCESS-KEY", key_of(alice)},
             {"ACCESS-REQUEST-TIME", std::to_string(time)},
             {"ACCESS-SIGNATURE", signature_of(alice, prefix + "/v1/user/assets")}});
    if (window) request.headers.push_back({"ACCESS-TIME-WINDOW", *window});
    return request;
  }

  net::HttpRequest by_nonce(std::string nonce) const {
    return get({{"ACCESS-KEY", key_of(alice)},
                {"ACCESS-NONCE", nonce},
                {"ACCESS-SIGNATURE", signature_of(alice, nonce + "/v1/user/assets")}});
  }

  Exchange exchange;
  Authenticator authenticator{exchange.clock, sealing_key(), 100};
};

// The four samples of bitbank's rest-api.md.
struct Vector {
  bool by_time;
  bool post;
  ByteView signature;
};
constexpr Vector vectors[] = {
    {true, false, "9ec5745960d05573c8fb047cdd9191bd0c6ede26f07700bb40ecf1a3920abae8"},
    {true, true, "7868665738ae3f8a796224e0413c1351ddd7ec2af121db12815c0a5b74b8764c"},
    {false, false, "f957817b95c3af6cf5e2e9dfe1503ea8088f46879d4ab73051467fd7b94f1aba"},
    {false, true, "8ef83c2b991765b18c95aade7678471747c06890a23a453c76238345b5c86fb8"},
};

TEST_F(AuthTest, BitbanksOwnSamplesAreAccepted) {
  testing::CountingRandom random;
  for (std::size_t i = 0; i < std::size(vectors); ++i) {
    // A key each, because two samples use the same nonce.
    const std::string key = "hoge" + std::to_string(i);
    exchange.cluster.apply_now(
        core::AddApiKey{bob, key, crypto::seal(random, sealing_key(), "hoge")});
    net::HttpRequest request = vectors[i].post ? Exchange::request("POST", "/v1/user/spot/order",
                                                                   std::string(official_body))
                                               : Exchange::request("GET", "/v1/user/assets");
    request.headers = {{"ACCESS-KEY", key},
                       {"ACCESS-SIGNATURE", std::string(vectors[i].signature)}};
    if (vectors[i].by_time) {
      request.headers.push_back({"ACCESS-REQUEST-TIME", std::to_string(official_ms)});
      request.headers.push_back({"ACCESS-TIME-WINDOW", "1000"});
    } else {
      request.headers.push_back({"ACCESS-NONCE", std::to_string(official_ms)});
    }
    EXPECT_EQ(check(request, bob), std::nullopt) << i;
  }
}

TEST_F(AuthTest, HeaderNamesComeInAnyCase) {
  net::HttpRequest request = by_time(now(), "1000");
  for (net::HttpHeader& header : request.headers) {
    for (char& c : header.name) c = static_cast<char>(std::tolower(c));
  }
  EXPECT_EQ(check(request), std::nullopt);
}

// pybotters.
TEST_F(AuthTest, WithoutAWindowTheDefaultHolds) {
  EXPECT_EQ(check(by_time(now() - 5000, std::nullopt)), std::nullopt);
  EXPECT_EQ(check(by_time(now() - 5001, std::nullopt)), Code::outside_time_window);
}

// bitbank's own command line client.
TEST_F(AuthTest, WithANonceAndNoTimeTheWindowIsIgnored) {
  net::HttpRequest request = by_nonce("1");
  request.headers.push_back({"ACCESS-TIME-WINDOW", "5000"});
  EXPECT_EQ(check(request), std::nullopt);
}

TEST_F(AuthTest, WithATimeTheNonceIsIgnored) {
  net::HttpRequest request = by_time(now(), "5000");
  request.headers.push_back({"ACCESS-NONCE", "not a number"});
  EXPECT_EQ(check(request), std::nullopt);
  EXPECT_EQ(check(request), std::nullopt) << "the same time may come again";
}

TEST_F(AuthTest, TheTimeWindowIsExactAtBothEnds) {
  EXPECT_EQ(check(by_time(now() - 1000, "1000")), std::nullopt);
  EXPECT_EQ(check(by_time(now() - 1001, "1000")), Code::outside_time_window);
  EXPECT_EQ(check(by_time(now() - 60'000, "60000")), std::nullopt);
  EXPECT_EQ(check(by_time(now() + 999, "1000")), std::nullopt);
  EXPECT_EQ(check(by_time(now() + 1000, "1000")), Code::request_time_in_future);
}

TEST_F(AuthTest, MalformedTimesWindowsAndNoncesHaveTheirOwnCodes) {
  const auto with = [](ByteView name, std::string value) {
    return get({{"ACCESS-KEY", key_of(alice)},
                {std::string(name), std::move(value)},
                {"ACCESS-SIGNATURE", "x"}});
  };
  for (const char* text : {"", " ", "-1", "+1", "1.5", "1e3", "abc", "99999999999999999999"}) {
    EXPECT_EQ(check(with("ACCESS-REQUEST-TIME", text)), Code::invalid_request_time) << text;
    EXPECT_EQ(check(with("ACCESS-NONCE", text)), Code::invalid_nonce) << text;
    EXPECT_EQ(check(by_time(now(), text)), Code::invalid_time_window) << text;
  }
  EXPECT_EQ(check(by_time(now(), "0")), Code::invalid_time_window);
  EXPECT_EQ(check(by_time(now(), "60001")), Code::invalid_time_window);
  EXPECT_EQ(check(with("ACCESS-NONCE", "0")), Code::invalid_nonce);
}

TEST_F(AuthTest, WhatIsMissingIsNamedInOrder) {
  EXPECT_EQ(check(get({})), Code::key_missing);
  EXPECT_EQ(check(get({{"ACCESS-KEY", ""}})), Code::key_missing);
  EXPECT_EQ(check(get({{"ACCESS-KEY", "nobody"}})), Code::time_and_nonce_missing);
  EXPECT_EQ(check(get({{"ACCESS-KEY", "nobody"}, {"ACCESS-NONCE", "1"}})), Code::invalid_key);
  EXPECT_EQ(check(get({{"ACCESS-KEY", key_of(alice)}, {"ACCESS-NONCE", "1"}})),
            Code::invalid_signature);
}

TEST_F(AuthTest, AnyOtherByteBreaksTheSignature) {
  const net::HttpRequest good = by_time(now(), "5000");
  EXPECT_EQ(check(good), std::nullopt);
  net::HttpRequest other = good;
  other.target += "?";
  EXPECT_EQ(check(other), Code::invalid_signature);
  for (std::size_t i = 1; i < good.headers.size(); ++i) {
    other = good;
    char& last = other.headers[i].value.back();
    last = last == '1' ? '2' : '1';
    EXPECT_TRUE(check(other).has_value()) << other.headers[i].name;
  }
  other = good;
  other.headers[0].value = key_of(bob);
  EXPECT_EQ(check(other), Code::invalid_signature);
}

TEST_F(AuthTest, TheSignatureIsLowerCaseHexOfFullLength) {
  net::HttpRequest request = by_time(now(), "5000");
  std::string& signature = request.headers[2].value;
  const std::string good = signature;
  signature = good.substr(0, 63);
  EXPECT_EQ(check(request), Code::invalid_signature);
  signature = good + "0";
  EXPECT_EQ(check(request), Code::invalid_signature);
  signature = good;
  for (char& c : signature) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(check(request), Code::invalid_signature);
}

TEST_F(AuthTest, APostIsSignedByItsRawBody) {
  net::HttpRequest request =
      Exchange::request("POST", "/v1/user/spot/order?x=1", "{ \"a\" : 1.00 }");
  const std::string time = std::to_string(now());
  request.headers = {{"ACCESS-KEY", key_of(alice)},
                     {"ACCESS-REQUEST-TIME", time},
                     {"ACCESS-SIGNATURE", signature_of(alice, time + request.body)}};
  EXPECT_EQ(check(request), std::nullopt);
  request.body += " ";
  EXPECT_EQ(check(request), Code::invalid_signature);
}

TEST_F(AuthTest, NoncesMustRise) {
  EXPECT_EQ(check(by_nonce("5")), std::nullopt);
  EXPECT_EQ(check(by_nonce("5")), Code::nonce_reused);
  EXPECT_EQ(check(by_nonce("4")), Code::nonce_reused);
  EXPECT_EQ(check(by_nonce("18446744073709551615")), std::nullopt);
}

TEST_F(AuthTest, AWrongSignatureDoesNotUseUpTheNonce) {
  net::HttpRequest forged = by_nonce("99");
  forged.headers[2].value = std::string(64, '0');
  EXPECT_EQ(check(forged), Code::invalid_signature);
  EXPECT_EQ(check(by_nonce("1")), std::nullopt);
}

TEST_F(AuthTest, NoncesUsedInCommandsThroughOtherEdgesCount) {
  core::PlaceOrder order;
  order.account = alice;
  order.auth = {exchange.projection.api_key(key_of(alice))->id, 50};
  order.price = {1};
  order.amount = {1};
  exchange.cluster.apply_now(order);
  EXPECT_EQ(check(by_nonce("50")), Code::nonce_reused);
  EXPECT_EQ(check(by_nonce("51")), std::nullopt);
}

TEST_F(AuthTest, ASecretSealedForOthersIsAnUnknownKey) {
  testing::CountingRandom random;
  const Bytes other_key(crypto::seal_key_bytes, 'o');
  exchange.cluster.apply_now(
      core::AddApiKey{alice, "foreign", crypto::seal(random, other_key, "s")});
  exchange.cluster.apply_now(core::AddApiKey{alice, "broken", "not sealed at all"});
  for (const char* key : {"foreign", "broken"}) {
    EXPECT_EQ(check(get({{"ACCESS-KEY", key}, {"ACCESS-NONCE", "1"}})), Code::invalid_key) << key;
  }
}

TEST_F(AuthTest, OpenedSecretsAreBoundedAndOpenedAgainWhenNeeded) {
  Authenticator small(exchange.clock, sealing_key(), 1);
  for (int round = 0; round < 3; ++round) {
    for (const core::AccountId account : {alice, bob}) {
      const auto caller = small.check(exchange.signed_request(account, "GET", "/v1/user/assets"),
                                      exchange.projection);
      ASSERT_TRUE(caller.has_value());
      EXPECT_EQ(caller->account, account);
    }
  }
}

}  // namespace
}  // namespace oki::edge
