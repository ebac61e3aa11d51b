#include "notify/mail/mail_message.h"

#include <gtest/gtest.h>

#include "crypto/crypto.h"
#include "notify/mail/mail_address.h"
#include "notify/mail/smtp_reply.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

MailHead some_head() {
  MailHead head;
  head.from = "status@example.jp";
  head.from_name = "Okiagari";
  head.to = "a@example.jp";
  head.message_id = "00ff@example.jp";
  head.unsubscribe_url = "https://status.example.jp/unsubscribe?t=abc";
  head.language = "ja";
  head.date = noon;
  return head;
}

TEST(MailMessageTest, SaysThatItIsAutomaticAndHowToLeaveTheList) {
  const Bytes mail = write_mail(some_head(), {"Subject", "plain\n", "<p>html</p>"});
  for (const char* line :
       {"Date: Fri, 21 Nov 2025 15:00:00 +0000\r\n", "From: Okiagari <status@example.jp>\r\n",
        "To: <a@example.jp>\r\n", "Message-ID: <00ff@example.jp>\r\n",
        "Auto-Submitted: auto-generated\r\n", "Content-Language: ja\r\n",
        "List-Unsubscribe: <https://status.example.jp/unsubscribe?t=abc>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "Content-Type: multipart/alternative; boundary=\"-00ff\"\r\n"}) {
    EXPECT_NE(mail.find(line), Bytes::npos) << line << "is missing in\n" << mail;
  }
  EXPECT_NE(mail.find(crypto::base64("plain\n")), Bytes::npos);
  EXPECT_NE(mail.find(crypto::base64("<p>html</p>")), Bytes::npos);
  EXPECT_TRUE(mail.ends_with("---00ff--\r\n"));
}

TEST(MailMessageTest, EveryLineIsShortAndAsciiWhateverTheText) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "注文の受付で障害が発生しています。";
  MailHead head = some_head();
  head.from_name = "起き上がり取引所 お知らせ係";
  const Bytes mail = write_mail(head, {text, text, text});
  std::size_t begin = 0;
  while (begin < mail.size()) {
    const std::size_t end = mail.find("\r\n", begin);
    ASSERT_NE(end, Bytes::npos);
    EXPECT_LE(end - begin, 128u) << mail.substr(begin, end - begin);
    begin = end + 2;
  }
  for (const char c : mail) {
    EXPECT_LT(static_cast<unsigned char>(c), 0x80);
  }
}

TEST(MailMessageTest, NoTextCanBeginAHeader) {
  const Bytes mail = write_mail(some_head(), {"a\r\nBcc: everyone@example.jp", "text", ""});
  EXPECT_EQ(mail.find("\r\nBcc:"), Bytes::npos);
}

TEST(MailMessageTest, EncodedWordsNeverCutACharacter) {
  EXPECT_EQ(encoded_words("plain subject"), "plain subject");
  EXPECT_EQ(encoded_words("=?utf-8?B?"), "=?utf-8?B?PT91dGYtOD9CPw==?=");
  const std::string long_text = "障害のお知らせ：ビットコインの注文が受け付けられません";
  const std::string encoded = encoded_words(long_text);
  std::string back;
  std::size_t at = 0;
  while ((at = encoded.find("?B?", at)) != std::string::npos) {
    const std::size_t end = encoded.find("?=", at + 3);
    const auto word = crypto::from_base64(encoded.substr(at + 3, end - at - 3));
    ASSERT_TRUE(word);
    EXPECT_LE(end - at, 75u);
    back += *word;
    at = end;
  }
  EXPECT_EQ(back, long_text);
}

TEST(MailAddressTest, TakesWhatPeopleHave) {
  for (const char* good : {"a@example.jp", "first.last+tag@sub.example.co.jp", "a_b-c@x-y.example",
                           "o'brien@example.com", "日本@example.jp", "a@xn--wgv71a.jp"}) {
    EXPECT_TRUE(is_mail_address(good)) << good;
  }
  const std::string longest = std::string(64, 'a') + "@example.jp";
  EXPECT_TRUE(is_mail_address(longest));
}

TEST(MailAddressTest, RefusesWhatCouldHarmOrCannotBe) {
  const std::string too_long_local = std::string(65, 'a') + "@example.jp";
  std::string too_long = "a@";
  while (too_long.size() < 250) too_long += "abcdefghi.";
  too_long += "example";
  const std::vector<std::string> bad = {"",
                                        "a",
                                        "@example.jp",
                                        "a@",
                                        "a@localhost",
                                        "a@@example.jp",
                                        "a b@example.jp",
                                        "a@exa mple.jp",
                                        "<a@example.jp>",
                                        "a@example.jp>",
                                        "\"a b\"@example.jp",
                                        "a\r\nRCPT TO:<b@example.jp>",
                                        "a@example.jp\r\n",
                                        "a\0b@example.jp",
                                        ".a@example.jp",
                                        "a.@example.jp",
                                        "a..b@example.jp",
                                        "a@-example.jp",
                                        "a@example-.jp",
                                        "a@example..jp",
                                        "a@.example.jp",
                                        "a@[127.0.0.1]",
                                        "a@127.0.0.1",
                                        "a,b@example.jp",
                                        "a:b@example.jp",
                                        "a@日本.jp",
                                        "\xFF@example.jp",
                                        "a\xC2\x85@example.jp",
                                        too_long_local,
                                        too_long};
  for (const std::string& one : bad) EXPECT_FALSE(is_mail_address(one)) << one;
}

TEST(MailAddressTest, OneMailboxHasOneSpellingOfItsDomain) {
  EXPECT_EQ(canonical_mail_address("Taro@EXAMPLE.Jp"), "Taro@example.jp");
}

TEST(SmtpReplyTest, ReadsRepliesOfOneAndOfManyLines) {
  SmtpReplyParser parser(1000);
  const std::string bytes =
      "250-sink\r\n250-PIPELINING\r\n250-SIZE 10\r\n250 HELP\r\n354 go\r\n221\r\n";
  std::vector<SmtpReply> replies;
  for (const char c : bytes) {
    parser.feed({&c, 1});
    auto reply = parser.next();
    ASSERT_TRUE(reply);
    if (*reply) replies.push_back(**reply);
  }
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(replies[0].lines.size(), 4u);
  EXPECT_TRUE(replies[0].offers("pipelining"));
  EXPECT_TRUE(replies[0].offers("SIZE"));
  EXPECT_FALSE(replies[0].offers("sink"));
  EXPECT_EQ(replies[1].text(), "354 go");
  EXPECT_EQ(replies[2].code, 221u);
}

TEST(SmtpReplyTest, RefusesWhatIsNoReply) {
  for (const char* bad : {"hello\r\n", "150 early\r\n", "600 late\r\n", "25 \r\n", "250_x\r\n",
                          "250-a\r\n251 b\r\n", "\r\n"}) {
    SmtpReplyParser parser(1000);
    parser.feed(bad);
    EXPECT_FALSE(parser.next()) << bad;
  }
  SmtpReplyParser parser(100);
  parser.feed(std::string(101, '2'));
  EXPECT_FALSE(parser.next());
}

}  // namespace
}  // namespace oki::notify
