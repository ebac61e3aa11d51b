#include "notify/mail/recipient_list.h"

#include <gtest/gtest.h>

#include "notify/mail/mail_channel.h"

namespace oki::notify {
namespace {

TEST(RecipientListTest, ReadsAddressesLanguagesAndTokens) {
  const auto list = parse_recipients("taro@Example.jp ja\n\nann@example.com en tok_-1");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].address, "taro@example.jp");
  EXPECT_EQ(decode_mail_recipient((*list)[0].detail)->language, Language::ja);
  EXPECT_EQ(decode_mail_recipient((*list)[1].detail)->unsubscribe_token, "tok_-1");
  EXPECT_TRUE(parse_recipients("")->empty());
}

TEST(RecipientListTest, NamesTheLineThatIsNone) {
  for (const char* wrong :
       {"taro@example.jp", "taro ja", "taro@example.jp fr", "taro@example.jp ja a b",
        "taro@example.jp ja t!", "taro@example.jp\tja", "taro@example.jp ja\r"}) {
    const auto list = parse_recipients("a@example.jp ja\n" + std::string(wrong) + "\n");
    ASSERT_FALSE(list) << wrong;
    EXPECT_TRUE(list.error().message.starts_with("line 2: ")) << list.error().message;
  }
}

}  // namespace
}  // namespace oki::notify
