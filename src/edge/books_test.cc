#include "edge/books.h"

#include <gtest/gtest.h>

#include <map>

#include "base/prng.h"
#include "edge/testing/exchange.h"
#include "net/json_reader.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::Exchange;

constexpr core::MarketId btc_jpy{0};

net::Json parsed(ByteView text) {
  auto json = net::parse_json(text, 1u << 20);
  EXPECT_TRUE(json.has_value()) << text;
  return json ? *json : net::Json();
}

// A book as a bitbank client keeps it: by the price's spelling, absolute amounts, "0" removes.
class ClientBook {
 public:
  void take_whole(ByteView json) {
    const net::Json whole = parsed(json);
    asks_.clear();
    bids_.clear();
    change(asks_, whole.find("asks"));
    change(bids_, whole.find("bids"));
    sequence_ = *whole.find("sequenceId")->string();
  }
  void take_diff(ByteView json) {
    const net::Json diff = parsed(json);
    EXPECT_EQ(*diff.find("ps")->string(), sequence_) << "a difference was lost";
    change(asks_, diff.find("a"));
    change(bids_, diff.find("b"));
    sequence_ = *diff.find("s")->string();
  }
  friend bool operator==(const ClientBook&, const ClientBook&) = default;

 private:
  static void change(std::map<std::string, std::string>& side, const net::Json* levels) {
    for (const net::Json& level : *levels->array()) {
      const std::string price((*level.array())[0].string().value());
      const std::string amount((*level.array())[1].string().value());
      if (amount == "0") {
        EXPECT_EQ(side.erase(price), 1u) << "removed, and was not there: " << price;
      } else {
        side[price] = amount;
      }
    }
  }
  std::map<std::string, std::string> asks_, bids_;
  std::string sequence_;
};

struct BooksTest : ::testing::Test {
  BooksTest() {
    exchange.books.on_diff(
        [this](core::MarketId market, const BookView& before, const BookView& after) {
          diffs.push_back(diff_json(before, after, exchange.projection.markets()[market.value]));
        });
  }
  Exchange exchange;
  std::vector<Bytes> diffs;
};

TEST_F(BooksTest, DepthIsWrittenAsBitbankWritesIt) {
  exchange.place(alice, core::Side::sell, 101, 5000);
  exchange.place(alice, core::Side::sell, 102, 1);
  exchange.place(alice, core::Side::buy, 99, 20000);
  const std::string time = std::to_string(exchange.clock.wall_now().value);
  const std::string sequence = std::to_string(exchange.projection.sequence(btc_jpy).value);
  EXPECT_EQ(exchange.books.depth(btc_jpy),
            R"({"asks":[["101","0.5000"],["102","0.0001"]],"bids":[["99","2.0000"]],)"
            R"("asks_over":"0.0000","bids_under":"0.0000","asks_under":"0","bids_over":"0",)"
            R"("ask_market":"0","bid_market":"0","timestamp":)" +
                time + R"(,"sequenceId":")" + sequence + "\"}");
}

TEST_F(BooksTest, ADiffHoldsOnlyWhatChanged) {
  exchange.place(alice, core::Side::sell, 101, 5000);
  const core::OrderId gone = exchange.place(alice, core::Side::buy, 99, 20000);
  const std::string before = std::to_string(exchange.books.refresh(btc_jpy).sequence.value);
  core::CancelOrders cancel;
  cancel.account = alice;
  cancel.orders = {gone};
  exchange.cluster.apply_now(cancel);
  exchange.place(alice, core::Side::sell, 101, 1);
  exchange.place(alice, core::Side::sell, 100, 2);
  const std::string after = std::to_string(exchange.books.refresh(btc_jpy).sequence.value);
  ASSERT_EQ(diffs.size(), 1u);
  EXPECT_EQ(diffs[0], R"({"a":[["100","0.0002"],["101","0.5001"]],"b":[["99","0"]],"t":)" +
                          std::to_string(exchange.clock.wall_now().value) + R"(,"s":")" + after +
                          R"(","ps":")" + before + "\"}");
}

TEST_F(BooksTest, AnUnchangedBookIsNotToldAgain) {
  exchange.place(alice, core::Side::sell, 101, 5000);
  exchange.books.refresh(btc_jpy);
  exchange.books.refresh(btc_jpy);
  exchange.books.depth(btc_jpy);
  EXPECT_TRUE(diffs.empty());
}

// The view must hold more levels than one account may have open orders: many accounts share.
TEST_F(BooksTest, AClientThatAppliesTheDiffsHoldsExactlyTheDepth) {
  Prng prng(20261121);
  constexpr std::uint64_t accounts = 40;
  for (std::uint64_t id = 100; id < 100 + accounts; ++id) {
    exchange.cluster.apply_now(core::AddAccount{{id}, 0, 0});
    for (std::uint16_t asset = 0; asset < 2; ++asset) {
      exchange.cluster.apply_now(core::Deposit{{id},
                                               {asset},
                                               {1'000'000'000'000'000},
                                               std::to_string(id) + "-" + std::to_string(asset)});
    }
  }
  ClientBook client;
  client.take_whole(exchange.books.depth(btc_jpy));
  std::vector<std::pair<core::AccountId, core::OrderId>> open;
  std::size_t levels_most = 0;
  for (int step = 0; step < 6'000; ++step) {
    const core::AccountId account{100 + prng.below(accounts)};
    if (!open.empty() && prng.chance(2, 5)) {
      const std::size_t pick = prng.below(open.size());
      core::CancelOrders cancel;
      cancel.account = open[pick].first;
      cancel.orders = {open[pick].second};
      exchange.cluster.apply_now(cancel);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
    } else {
      const bool sell = prng.chance(1, 2);
      const std::uint64_t distance = prng.below(500);
      const std::uint64_t price = sell ? 9'995 + distance : 10'005 - distance;
      const auto id = exchange.place(account, sell ? core::Side::sell : core::Side::buy, price,
                                     1 + prng.below(50));
      if (id.value != 0) open.push_back({account, id});
    }
    if (!prng.chance(1, 4)) continue;
    levels_most = std::max(levels_most, exchange.books.refresh(btc_jpy).asks.size());
    for (const Bytes& diff : diffs) client.take_diff(diff);
    diffs.clear();
    ClientBook fresh;
    fresh.take_whole(exchange.books.depth(btc_jpy));
    ASSERT_TRUE(client == fresh) << "at step " << step;
  }
  EXPECT_EQ(levels_most, depth_levels_max) << "the walk never filled the view";
}

}  // namespace
}  // namespace oki::edge
