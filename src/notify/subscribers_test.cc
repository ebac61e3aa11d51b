// Who is on the list, who is written to, and who cannot be bombed with mail.
#include "notify/subscribers.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/prng.h"
#include "crypto/crypto.h"
#include "notify/subscriber_tokens.h"

namespace oki::notify {
namespace {

const ComponentId btc{ComponentKind::market, "btc_jpy"};
const ComponentId eth{ComponentKind::market, "eth_jpy"};
constexpr std::int64_t hour_ms = 3'600'000;

class SubscribersTest : public ::testing::Test {
 protected:
  void TearDown() override { book_.verify(); }
  SubscriberResult ask(const std::string& address, const std::string& network = "192.0.2.0/24") {
    return book_.apply(now_, Subscribe{address, network, Language::en, {}});
  }
  SubscriberId id(const std::string& address) { return book_.find(address).value(); }
  SubscriberId confirmed(const std::string& address, std::vector<ComponentId> components = {}) {
    const std::string network = "n" + std::to_string(++networks_);
    EXPECT_EQ(book_.apply(now_, Subscribe{address, network, Language::ja, components}),
              SubscriberResult::done);
    EXPECT_EQ(book_.apply(now_, ConfirmSubscriber{id(address)}), SubscriberResult::done);
    return id(address);
  }
  std::vector<std::string> told(const std::vector<ComponentId>& affected) {
    std::vector<std::string> addresses;
    book_.for_each_of(affected, [&](SubscriberId, const Subscriber& subscriber) {
      addresses.push_back(subscriber.address);
    });
    return addresses;
  }
  void step_ms(std::int64_t ms) { now_.value += ms; }

  SubscriberBook book_;
  WallTimeMs now_{1'763'737'200'000};
  int networks_ = 0;
};

TEST_F(SubscribersTest, NobodyIsToldAnythingBeforeHeConfirms) {
  EXPECT_EQ(ask("taro@example.jp"), SubscriberResult::done);
  EXPECT_TRUE(told({}).empty());
  EXPECT_EQ(book_.find(id("taro@example.jp"))->owed, SubscriberMail::confirm);
  EXPECT_EQ(book_.apply(now_, ConfirmSubscriber{id("taro@example.jp")}), SubscriberResult::done);
  EXPECT_EQ(told({}), std::vector<std::string>{"taro@example.jp"});
  EXPECT_TRUE(book_.owed().empty());
  EXPECT_EQ(book_.apply(now_, ConfirmSubscriber{id("taro@example.jp")}),
            SubscriberResult::no_change);
}

TEST_F(SubscribersTest, OneIsToldOfWhatHeChoseAndOfWhatNamesNothing) {
  confirmed("all@example.jp");
  confirmed("btc@example.jp", {btc});
  EXPECT_EQ(told({btc}), (std::vector<std::string>{"all@example.jp", "btc@example.jp"}));
  EXPECT_EQ(told({eth}), (std::vector<std::string>{"all@example.jp"}));
  EXPECT_EQ(told({}).size(), 2u);
  EXPECT_EQ(book_.apply(now_, SetComponents{id("btc@example.jp"), Language::en, {eth}}),
            SubscriberResult::done);
  EXPECT_EQ(told({btc}), (std::vector<std::string>{"all@example.jp"}));
}

TEST_F(SubscribersTest, WhoLeavesIsForgottenAndHisIdIsNeverUsedAgain) {
  const SubscriberId first = confirmed("taro@example.jp");
  EXPECT_EQ(book_.apply(now_, Unsubscribe{first}), SubscriberResult::done);
  EXPECT_EQ(book_.apply(now_, Unsubscribe{first}), SubscriberResult::unknown);
  EXPECT_FALSE(book_.find("taro@example.jp"));
  step_ms(hour_ms);
  EXPECT_GT(confirmed("taro@example.jp").value, first.value);
}

TEST_F(SubscribersTest, WhatNobodyConfirmsLapses) {
  EXPECT_EQ(ask("taro@example.jp"), SubscriberResult::done);
  const SubscriberId pending = id("taro@example.jp");
  EXPECT_EQ(book_.next_timer(), (WallTimeMs{now_.value + pending_ms_max}));
  step_ms(pending_ms_max - 1);
  book_.on_time(now_);
  EXPECT_EQ(book_.pending(), 1u);
  step_ms(1);
  EXPECT_EQ(book_.apply(now_, ConfirmSubscriber{pending}), SubscriberResult::unknown);
  EXPECT_EQ(book_.pending(), 0u);
  EXPECT_FALSE(book_.next_timer());
}

TEST_F(SubscribersTest, AStrangerCausesFewMailsToOneAddress) {
  EXPECT_EQ(ask("taro@example.jp", "a"), SubscriberResult::done);
  EXPECT_EQ(ask("taro@EXAMPLE.jp", "b"), SubscriberResult::address_limit);
  step_ms(mails_apart_ms_min);
  EXPECT_EQ(ask("taro@example.jp", "c"), SubscriberResult::done);
  step_ms(mails_apart_ms_min);
  EXPECT_EQ(ask("taro@example.jp", "d"), SubscriberResult::done);
  step_ms(mails_apart_ms_min);
  EXPECT_EQ(ask("taro@example.jp", "e"), SubscriberResult::address_limit);
  step_ms(mails_per_address_ms);
  EXPECT_EQ(ask("taro@example.jp", "f"), SubscriberResult::done);
}

TEST_F(SubscribersTest, AConfirmedOneIsRemindedButNotChangedByAStranger) {
  const SubscriberId taro = confirmed("taro@example.jp", {btc});
  step_ms(hour_ms);
  EXPECT_EQ(ask("taro@example.jp"), SubscriberResult::done);
  EXPECT_EQ(book_.find(taro)->components, std::vector<ComponentId>{btc});
  EXPECT_EQ(book_.find(taro)->owed, SubscriberMail::manage);
  EXPECT_EQ(told({eth}).size(), 0u);
}

TEST_F(SubscribersTest, OneNetworkAsksSoOftenAndNoMore) {
  for (std::uint32_t i = 0; i < requests_per_network_max; ++i) {
    EXPECT_EQ(ask("a" + std::to_string(i) + "@example.jp"), SubscriberResult::done);
  }
  EXPECT_EQ(ask("one.more@example.jp"), SubscriberResult::network_limit);
  EXPECT_EQ(ask("one.more@example.jp", "another"), SubscriberResult::done);
  step_ms(requests_per_network_ms);
  EXPECT_EQ(ask("later@example.jp"), SubscriberResult::done);
}

TEST_F(SubscribersTest, ManyNetworksTogetherAreStoppedAtTheHouse) {
  for (std::uint32_t i = 0; i < requests_in_house_max; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(ask("a" + number + "@example.jp", "n" + number), SubscriberResult::done);
  }
  EXPECT_EQ(ask("one.more@example.jp", "fresh"), SubscriberResult::house_limit);
  step_ms(requests_in_house_ms);
  EXPECT_EQ(ask("one.more@example.jp", "fresh"), SubscriberResult::done);
}

TEST_F(SubscribersTest, APendingFloodFillsOnlyThePlacesOfThePending) {
  confirmed("taro@example.jp");
  SubscriberResult last = SubscriberResult::done;
  for (std::size_t i = 0; i <= subscribers_pending_max; ++i) {
    if (i % requests_in_house_max == 0) step_ms(requests_in_house_ms);
    const std::string number = std::to_string(i);
    last = ask("a" + number + "@example.jp", "n" + std::to_string(i % 5'000));
  }
  EXPECT_EQ(last, SubscriberResult::full);
  EXPECT_EQ(book_.pending(), subscribers_pending_max);
  EXPECT_EQ(book_.confirmed(), 1u);
}

TEST_F(SubscribersTest, RefusesWhatIsNoAddressAndComponentsThatAreNone) {
  for (const char* bad : {"", "taro", "taro@", "@example.jp", "a b@example.jp", "a@b\r\nc.jp"}) {
    EXPECT_EQ(ask(bad), SubscriberResult::invalid) << bad;
  }
  EXPECT_EQ(ask("taro@example.jp", ""), SubscriberResult::invalid);
  EXPECT_EQ(ask("taro@example.jp", std::string(subscriber_network_bytes_max + 1, 'n')),
            SubscriberResult::invalid);
  Subscribe command{"taro@example.jp", "n", Language::ja, {btc, btc}};
  EXPECT_EQ(book_.apply(now_, command), SubscriberResult::invalid);
  command.components = {{ComponentKind::market, "<b>"}};
  EXPECT_EQ(book_.apply(now_, command), SubscriberResult::invalid);
  command.components.assign(subscriber_components_max + 1, btc);
  EXPECT_EQ(book_.apply(now_, command), SubscriberResult::invalid);
  EXPECT_EQ(book_.pending(), 0u);
}

TEST_F(SubscribersTest, AMailIsOwedUntilItLeft) {
  EXPECT_EQ(ask("taro@example.jp"), SubscriberResult::done);
  const SubscriberId taro = id("taro@example.jp");
  EXPECT_EQ(book_.owed(), std::set<std::uint64_t>{taro.value});
  EXPECT_EQ(book_.apply(now_, Mailed{taro, SubscriberMail::manage}), SubscriberResult::no_change);
  EXPECT_EQ(book_.apply(now_, Mailed{taro, SubscriberMail::confirm}), SubscriberResult::done);
  EXPECT_TRUE(book_.owed().empty());
  EXPECT_EQ(book_.apply(now_, Mailed{taro, SubscriberMail::confirm}), SubscriberResult::no_change);
}

TEST_F(SubscribersTest, CommandsHaveOneSpellingAndDamageIsMalformed) {
  const std::vector<SubscriberCommand> commands = {
      Subscribe{"taro@example.jp", "192.0.2.0/24", Language::en, {btc, eth}},
      ConfirmSubscriber{{7}}, Unsubscribe{{8}}, SetComponents{{9}, Language::ja, {eth}},
      Mailed{{10}, SubscriberMail::manage}};
  for (const SubscriberCommand& command : commands) {
    const Bytes bytes = encode(command);
    EXPECT_EQ(encode(decode_subscriber_command(bytes).value()), bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(book_.apply(now_, ByteView(bytes).substr(0, size)), SubscriberResult::malformed);
    }
    EXPECT_EQ(book_.apply(now_, bytes + '\0'), SubscriberResult::malformed);
  }
}

TEST_F(SubscribersTest, BytesAreThoseWrittenDown) {
  EXPECT_EQ(ask("taro@example.jp"), SubscriberResult::done);
  confirmed("hanako@example.jp", {btc});
  const std::map<std::string, std::string> now = {
      {"subscribe", crypto::hex(encode(Subscribe{"a@b.jp", "n", Language::en, {btc}}))},
      {"confirm", crypto::hex(encode(ConfirmSubscriber{{7}}))},
      {"unsubscribe", crypto::hex(encode(Unsubscribe{{7}}))},
      {"set_components", crypto::hex(encode(SetComponents{{7}, Language::ja, {btc}}))},
      {"mailed", crypto::hex(encode(Mailed{{7}, SubscriberMail::manage}))},
      {"snapshot", crypto::hex(book_.snapshot())}};
  std::ifstream file("test/golden/subscribers.txt");
  std::map<std::string, std::string> lines;
  for (std::string name, hex; file >> name >> hex;) lines[name] = hex;
  EXPECT_EQ(lines.size(), now.size());
  for (const auto& [name, hex] : now)
    EXPECT_EQ(lines[name], hex) << "should hold\n" << name << ' ' << hex;
}

TEST_F(SubscribersTest, RestoresExactlyAndRefusesDamage) {
  EXPECT_EQ(ask("taro@example.jp"), SubscriberResult::done);
  confirmed("hanako@example.jp", {btc});
  const Bytes snapshot = book_.snapshot();
  SubscriberBook again;
  ASSERT_TRUE(again.restore(snapshot));
  EXPECT_EQ(again.snapshot(), snapshot);
  EXPECT_EQ(again.hash(), book_.hash());
  for (std::size_t size = 0; size < snapshot.size(); ++size) {
    EXPECT_FALSE(again.restore(ByteView(snapshot).substr(0, size))) << size;
  }
  EXPECT_FALSE(again.restore(snapshot + '\0'));
  EXPECT_EQ(again.snapshot(), snapshot);
}

TEST(SubscriberTokensTest, ATokenOpensItsOwnDoorOnly) {
  const SubscriberTokens tokens(Bytes(subscriber_secret_bytes, 's'));
  const std::string token = tokens.token(TokenPurpose::confirm, {7});
  EXPECT_EQ(token.size(), subscriber_token_bytes);
  EXPECT_EQ(tokens.read(TokenPurpose::confirm, token), SubscriberId{7});
  EXPECT_FALSE(tokens.read(TokenPurpose::manage, token));
  EXPECT_FALSE(
      SubscriberTokens(Bytes(subscriber_secret_bytes, 't')).read(TokenPurpose::confirm, token));
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', '-', '_', '+', '/', '=', '\0', 'z'}) {
      std::string changed = token;
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_FALSE(tokens.read(TokenPurpose::confirm, changed)) << i << c;
    }
  }
  EXPECT_FALSE(tokens.read(TokenPurpose::confirm, token + "A"));
  EXPECT_FALSE(tokens.read(TokenPurpose::confirm, ""));
}

// What the book must say after any commands: kept as a plain list, looked through from the front.
struct PlainList {
  struct Row {
    std::uint64_t id;
    std::string address;
    bool confirmed;
    WallTimeMs asked_at;
  };
  void lapse(WallTimeMs now) {
    std::erase_if(rows, [now](const Row& row) {
      return !row.confirmed && now.value - row.asked_at.value >= pending_ms_max;
    });
  }
  Row* find(std::uint64_t id) {
    for (Row& row : rows) {
      if (row.id == id) return &row;
    }
    return nullptr;
  }
  std::vector<Row> rows;
};

TEST(SubscriberWalkTest, AgreesWithAPlainList) {
  Prng prng(20'261'122);
  SubscriberBook book;
  PlainList plain;
  WallTimeMs now{1'763'737'200'000};
  for (int i = 0; i < 20'000; ++i) {
    now.value += prng.between(0, 3'000'000);
    plain.lapse(now);
    const std::uint64_t id = prng.below(60) + (plain.rows.empty() ? 1 : plain.rows.back().id / 2);
    const std::string address = "a" + std::to_string(prng.below(12)) + "@example.jp";
    switch (prng.below(4)) {
      case 0: {
        const auto known = book.find(address);
        const std::string network = "n" + std::to_string(prng.below(3));
        if (book.apply(now, Subscribe{address, network, Language::ja, {}}) !=
            SubscriberResult::done) {
          break;
        }
        const std::uint64_t got = book.find(address)->value;
        if (PlainList::Row* row = plain.find(got)) {
          row->asked_at = now;
        } else {
          ASSERT_FALSE(known && plain.find(known->value) != nullptr);
          plain.rows.push_back({got, address, false, now});
        }
        break;
      }
      case 1: {
        PlainList::Row* row = plain.find(id);
        const auto result = book.apply(now, ConfirmSubscriber{{id}});
        EXPECT_EQ(result == SubscriberResult::unknown, row == nullptr);
        if (row != nullptr) row->confirmed = true;
        break;
      }
      case 2: {
        const bool known = plain.find(id) != nullptr;
        const bool leaves = prng.chance(1, 4);
        if (!leaves) break;
        EXPECT_EQ(book.apply(now, Unsubscribe{{id}}) == SubscriberResult::done, known);
        std::erase_if(plain.rows, [id](const PlainList::Row& row) { return row.id == id; });
        break;
      }
      default:
        book.on_time(now);
        break;
    }
    book.on_time(now);
    book.verify();
    ASSERT_EQ(book.confirmed() + book.pending(), plain.rows.size()) << i;
    for (const PlainList::Row& row : plain.rows) {
      const Subscriber* subscriber = book.find(SubscriberId{row.id});
      ASSERT_NE(subscriber, nullptr);
      EXPECT_EQ(subscriber->address, row.address);
      EXPECT_EQ(subscriber->confirmed, row.confirmed);
    }
  }
  EXPECT_GT(plain.rows.back().id, 100u);
}

}  // namespace
}  // namespace oki::notify
