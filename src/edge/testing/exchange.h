// A small exchange in memory behind a Gateway: two markets, one of them not listed, two traders and
// the house, each with an API key. For tests and the fuzzer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/testing/stepped.h"
#include "crypto/crypto.h"
#include "edge/gateway.h"
#include "edge/testing/core_cluster.h"

namespace oki::edge::testing {

constexpr core::AccountId alice{11};
constexpr core::AccountId bob{12};
constexpr core::AccountId house{13};

// Bytes that repeat from run to run.
class CountingRandom : public Random {
 public:
  Bytes bytes(std::size_t count) override {
    Bytes result;
    while (result.size() < count) result.push_back(static_cast<char>(next_++));
    return result;
  }

 private:
  std::uint8_t next_ = 0;
};

inline Bytes sealing_key() { return Bytes(crypto::seal_key_bytes, 'k'); }
inline std::string key_of(core::AccountId account) {
  return "key-" + std::to_string(account.value);
}
inline std::string secret_of(core::AccountId account) {
  return "secret-" + std::to_string(account.value);
}

inline EdgeOptions test_options() {
  EdgeOptions options;
  options.sealing_key = sealing_key();
  options.house_accounts = {house};
  return options;
}

inline std::string signature_of(core::AccountId account, ByteView message) {
  return crypto::hex(crypto::hmac_sha256(secret_of(account), message));
}

// The request as ccxt would sign it at `time`.
inline net::HttpRequest signed_at(WallTimeMs time, core::AccountId account,
                                  net::HttpRequest request) {
  const std::string now = std::to_string(time.value);
  const std::string& payload = request.method == "POST" ? request.body : request.target;
  request.headers = {{"ACCESS-KEY", key_of(account)},
                     {"ACCESS-REQUEST-TIME", now},
                     {"ACCESS-TIME-WINDOW", "5000"},
                     {"ACCESS-SIGNATURE", signature_of(account, now + "5000" + payload)}};
  return request;
}

// What the house does to open the small exchange.
inline std::vector<core::Command> opening_commands(std::uint32_t updates_per_second) {
  CountingRandom random;
  core::MarketSpec listed;
  listed.name = "btc_jpy";
  listed.base = {1};
  listed.quote = {0};
  listed.price_digits = 0;
  listed.amount_digits = 4;
  listed.maker_fee_ppm = -200;
  listed.taker_fee_ppm = 1200;
  listed.price_max = {100'000'000};
  listed.limit_amount_max = {10'000'000};
  listed.market_amount_max = {100'000};
  core::MarketSpec probe = listed;
  probe.name = "probe_jpy";
  probe.base = {2};
  probe.listed = false;
  std::vector<core::Command> commands{core::AddAsset{{"jpy", 4}}, core::AddAsset{{"btc", 8}},
                                      core::AddAsset{{"probe", 4}}, core::AddMarket{listed},
                                      core::AddMarket{probe}};
  for (const core::AccountId account : {alice, bob, house}) {
    const std::string key = key_of(account);
    const Bytes secret = crypto::seal(random, sealing_key(), secret_of(account));
    commands.push_back(core::AddAccount{account, updates_per_second, 10});
    commands.push_back(core::AddApiKey{account, key, secret});
    commands.push_back(core::Deposit{account, {0}, {1'000'000'000'000}, "jpy-" + key});
    commands.push_back(core::Deposit{account, {1}, {10'000'000'000}, "btc-" + key});
  }
  commands.push_back(core::Deposit{house, {2}, {10'000'000}, "probe"});
  return commands;
}

struct Exchange {
  // `updates_per_second` of each account; 0 is no limit.
  explicit Exchange(EdgeOptions edge_options = test_options(), std::uint32_t updates_per_second = 6)
      : options(std::move(edge_options)),
        gateway({clock, timers, metrics, cluster, projection, books}, options) {
    cluster.follower = [this](const replica::EventBlock& block) {
      if (!follows) return held.push_back(block);
      read(block);
    };
    for (const core::Command& command : opening_commands(updates_per_second)) {
      cluster.apply_now(command);
    }
  }

  // Whether the edge reads blocks as they come; those held are read by catch_up().
  bool follows = true;
  std::vector<replica::EventBlock> held;
  std::function<void()> after_block;

  void read(const replica::EventBlock& block) {
    ASSERT(projection.apply(block).has_value());
    gateway.reached(block.index);
    if (after_block) after_block();
  }
  void catch_up() {
    follows = true;
    for (const replica::EventBlock& block : held) read(block);
    held.clear();
  }

  // --- Requests.
  static net::HttpRequest request(std::string method, std::string target, std::string body = {}) {
    net::HttpRequest made;
    made.method = std::move(method);
    made.target = std::move(target);
    made.body = std::move(body);
    return made;
  }

  net::HttpRequest signed_request(core::AccountId account, std::string method, std::string target,
                                  std::string body = {}) const {
    return signed_at(clock.wall_now(), account,
                     request(std::move(method), std::move(target), std::move(body)));
  }

  // The answer, after the cluster has done all that waits; nothing when none came.
  std::optional<net::HttpResponse> send(const net::HttpRequest& made) {
    std::optional<net::HttpResponse> answer;
    gateway.handle(made, [&answer](net::HttpResponse response) { answer = std::move(response); });
    cluster.run();
    return answer;
  }
  std::string body(const net::HttpRequest& made) {
    const auto answer = send(made);
    return answer ? answer->body : "no answer";
  }
  std::string get(std::string target) { return body(request("GET", std::move(target))); }
  std::string get(core::AccountId account, std::string target) {
    return body(signed_request(account, "GET", std::move(target)));
  }
  std::string post(core::AccountId account, std::string target, std::string text) {
    return body(signed_request(account, "POST", std::move(target), std::move(text)));
  }

  core::OrderId place(core::AccountId account, core::Side side, std::uint64_t price,
                      std::uint64_t amount) {
    core::PlaceOrder order;
    order.account = account;
    order.market = {0};
    order.side = side;
    order.price = {price};
    order.amount = {amount};
    const core::Reply reply = cluster.apply_now(order);
    return reply.rows.empty() ? core::OrderId{} : reply.rows.front().order.id;
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  Metrics metrics;
  CoreCluster cluster{clock};
  EdgeOptions options;
  history::Projection projection{options.projection};
  Books books{projection};
  Gateway gateway;
};

}  // namespace oki::edge::testing
