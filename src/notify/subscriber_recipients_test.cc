#include "notify/subscriber_recipients.h"

#include <gtest/gtest.h>

#include "notify/mail/mail_channel.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};
const ComponentId btc{ComponentKind::market, "btc_jpy"};
const ComponentId eth{ComponentKind::market, "eth_jpy"};

TEST(SubscriberRecipientsTest, ConfirmedOnesGetWhatTheyChoseWithTheirOwnWayOut) {
  SubscriberBook book;
  const SubscriberTokens tokens(Bytes(subscriber_secret_bytes, 's'));
  const auto subscribe = [&](const std::string& address, std::vector<ComponentId> components,
                             bool confirm) {
    ASSERT_EQ(book.apply(noon, Subscribe{address, address, Language::en, std::move(components)}),
              SubscriberResult::done);
    if (confirm) {
      ASSERT_EQ(book.apply(noon, ConfirmSubscriber{*book.find(address)}), SubscriberResult::done);
    }
  };
  subscribe("all@example.jp", {}, true);
  subscribe("eth@example.jp", {eth}, true);
  subscribe("pending@example.jp", {}, false);
  const auto for_btc = recipients_of(book, tokens, {btc});
  ASSERT_EQ(for_btc.size(), 1u);
  EXPECT_EQ(for_btc[0].address, "all@example.jp");
  EXPECT_LE(for_btc[0].detail.size(), recipient_detail_bytes_max);
  const auto detail = decode_mail_recipient(for_btc[0].detail);
  ASSERT_TRUE(detail);
  EXPECT_EQ(detail->language, Language::en);
  EXPECT_EQ(tokens.read(TokenPurpose::manage, detail->unsubscribe_token),
            book.find("all@example.jp"));
  EXPECT_EQ(recipients_of(book, tokens, {btc, eth}).size(), 2u);
  EXPECT_EQ(recipients_of(book, tokens, {}).size(), 2u);
}

}  // namespace
}  // namespace oki::notify
