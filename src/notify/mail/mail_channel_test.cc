#include "notify/mail/mail_channel.h"

#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "notify/testing/notices.h"
#include "notify/testing/smtp_sink.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

class KnownRecord : public MailRecord {
 public:
  Result<std::set<std::string>> taken(const std::set<std::string>& message_ids) override {
    if (broken) return error(Errc::io, "the log cannot be read");
    std::set<std::string> out;
    for (const std::string& id : message_ids) {
      if (known.contains(id)) out.insert(id);
    }
    return out;
  }
  std::set<std::string> known;
  bool broken = false;
};

class MailChannelTest : public ::testing::Test {
 protected:
  MailChannelTest() {
    append(content, first_notice(noon));
    letter = {{1}, "i20261122a/1", content, "mail", "taro@example.jp", detail};
  }
  AttemptResult send() {
    std::optional<AttemptResult> result;
    channel.send(letter, [&](AttemptResult r) { result = std::move(r); });
    EXPECT_FALSE(result.has_value());  // Never inside the call.
    for (int i = 0; i < 5; ++i) {
      timers.advance_ms(0);
      network.run();
    }
    return result.value_or(AttemptResult{Attempt::unknown, "no answer", {}});
  }

  testing::MemoryNetwork network;
  testing::MemoryNet& client = network.host();
  testing::MemoryNet& server = network.host();
  testing::StepClock clock;
  testing::StepTimers timers{clock};
  std::vector<SunkMail> taken;
  SmtpSink sink{server, {}, [this](const SunkMail& mail) { taken.push_back(mail); }};
  SmtpPool pool{client, timers, {.server = sink.listen({server.ip(), 25}).value()}};
  KnownRecord record;
  MailChannel channel{
      pool, &record, {"status@example.jp", "Okiagari", {"https://status.example.jp", "", ""}}};
  Bytes content;
  Bytes detail = encode(MailRecipient{Language::en, "tok_-1"});
  Letter letter;
};

TEST_F(MailChannelTest, SendsTheNoticeInTheRecipientsLanguageWithAWayOut) {
  EXPECT_EQ(send().outcome, Attempt::sent);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].to, "taro@example.jp");
  EXPECT_EQ(taken[0].message_id, channel.message_id(letter));
  EXPECT_NE(
      taken[0].data.find("List-Unsubscribe: <https://status.example.jp/unsubscribe?t=tok_-1>"),
      Bytes::npos);
  EXPECT_NE(taken[0].data.find("Content-Language: en"), Bytes::npos);
  EXPECT_EQ(taken[0].data.find("References:"), Bytes::npos);
}

TEST_F(MailChannelTest, AnotherAttemptIsTheSameMailToTheLastByte) {
  send();
  send();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].data, taken[1].data);
}

TEST_F(MailChannelTest, LaterNoticesOfAnIncidentJoinItsThread) {
  Letter second = letter;
  second.posting = "i20261122a/2";
  const std::string first_id = channel.message_id(letter);
  letter = second;
  send();
  EXPECT_NE(taken[0].data.find("References: <" + first_id + ">"), Bytes::npos);
}

TEST_F(MailChannelTest, RefusesWhatIsNoMail) {
  letter.recipient = "a\r\nRCPT TO:<b@example.jp>";
  EXPECT_EQ(send().outcome, Attempt::refused);
  letter.recipient = "taro@example.jp";
  letter.detail = "\x07";
  EXPECT_EQ(send().outcome, Attempt::refused);
  letter.detail = detail;
  letter.posting = "other/1";
  letter.content = "no notice";
  EXPECT_EQ(send().outcome, Attempt::refused);
  EXPECT_TRUE(taken.empty());
}

TEST_F(MailChannelTest, ADrillLeavesByNoMail) {
  Notice notice = first_notice(noon);
  notice.drill = true;
  content.clear();
  append(content, notice);
  letter.content = content;
  EXPECT_EQ(send().outcome, Attempt::refused);
  EXPECT_TRUE(taken.empty());
}

TEST_F(MailChannelTest, AsksTheServersRecord) {
  Letter other = letter;
  other.recipient = "hanako@example.jp";
  record.known = {channel.message_id(other)};
  std::vector<FoundResult> found;
  const auto keep = [&](std::vector<FoundResult> f) { found = std::move(f); };
  channel.ask({letter, other}, keep);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].found, Found::did_not_arrive);
  EXPECT_EQ(found[1].found, Found::arrived);
  record.broken = true;
  channel.ask({letter}, keep);
  EXPECT_EQ(found[0].found, Found::cannot_tell);
}

TEST(MailRecordTest, OnlyAMailThatReachedTheQueueWasTaken) {
  const std::string log =
      "Nov 22 02:00:00 h postfix/cleanup[1]: AA1: message-id=<one@x>\n"
      "Nov 22 02:00:00 h postfix/qmgr[2]: AA1: from=<s@x>, size=12, nrcpt=1 (queue active)\n"
      "Nov 22 02:00:01 h postfix/cleanup[1]: AA2: message-id=<two@x>\n"
      "Nov 22 02:00:01 h postfix/smtpd[1]: lost connection after DATA from localhost\n"
      "Nov 22 02:00:02 h postfix/cleanup[1]: AA3: message-id=<three@x>\n"
      "Nov 22 02:00:02 h postfix/qmgr[2]: AA3: removed\n"
      "Nov 22 02:00:03 h postfix/cleanup[1]: AA4: message-id=<four@x>\n"
      "Nov 22 02:00:03 h postfix/qmgr[2]: AA4: from=<s@x>, size=12, nrcpt=1 (queue active)";
  const std::set<std::string> asked = {"one@x", "two@x", "three@x", "four@x"};
  EXPECT_EQ(taken_in_log(log, asked), std::set<std::string>{"one@x"});
  EXPECT_EQ(taken_in_log(log + "\n", asked), (std::set<std::string>{"four@x", "one@x"}));
  EXPECT_TRUE(taken_in_log("", asked).empty());
  EXPECT_TRUE(taken_in_log(log, {"five@x"}).empty());
}

}  // namespace
}  // namespace oki::notify
