// What the server of LMTP answers, step by step.
#include "watch/inquiries/lmtp_session.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "watch/inquiries/lmtp_server.h"

namespace oki::watch::inquiries {
namespace {

class LmtpSessionTest : public ::testing::Test {
 protected:
  LmtpSessionTest() { open(); }

  void open() {
    said.clear();
    closed = false;
    session = std::make_unique<LmtpSession>(
        LmtpSession::Parts{[this](ByteView bytes) { said += bytes; }, [this] { closed = true; },
                           [this](Envelope mail, std::function<void(std::string)> answer) {
                             mails.push_back(std::move(mail));
                             if (answer_now) return answer("250 2.6.0 kept");
                             waiting.push_back(std::move(answer));
                           }},
        options);
    session->greet();
  }
  // What is answered to it.
  std::string say(ByteView bytes) {
    said.clear();
    session->on_bytes(bytes);
    return said;
  }
  // The code of the first line.
  std::string code(ByteView bytes) { return say(bytes).substr(0, 3); }
  void begin_mail() {
    EXPECT_EQ(code("LHLO mx\r\n"), "250");
    EXPECT_EQ(code("MAIL FROM:<a@example.jp> SIZE=10 BODY=8BITMIME\r\n"), "250");
    EXPECT_EQ(code("RCPT TO:<support@example.jp>\r\n"), "250");
    EXPECT_EQ(code("DATA\r\n"), "354");
  }

  LmtpOptions options;
  std::string said;
  bool closed = false;
  bool answer_now = true;
  std::vector<Envelope> mails;
  std::vector<std::function<void(std::string)>> waiting;
  std::unique_ptr<LmtpSession> session;
};

TEST_F(LmtpSessionTest, TakesAMailAndAnswersForEachRecipient) {
  EXPECT_TRUE(said.starts_with("220 okiagari LMTP"));
  const std::string offer = say("LHLO mx.example.jp\r\n");
  for (const char* word : {"250-PIPELINING\r\n", "250-SIZE 262144\r\n", "250-8BITMIME\r\n",
                           "250 ENHANCEDSTATUSCODES\r\n"}) {
    EXPECT_NE(offer.find(word), std::string::npos) << offer;
  }
  EXPECT_EQ(say("MAIL FROM:<a@example.jp>\r\nRCPT TO:<one@example.jp>\r\n"
                "RCPT TO:<two@example.jp>\r\nDATA\r\n"),
            "250 2.1.0 go on\r\n250 2.1.5 go on\r\n250 2.1.5 go on\r\n"
            "354 go on, end with a dot\r\n");
  EXPECT_EQ(say("Subject: x\r\n\r\n..dot\r\n.\r\n"), "250 2.6.0 kept\r\n250 2.6.0 kept\r\n");
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].sender, "a@example.jp");
  EXPECT_EQ(mails[0].recipients.size(), 2u);
  EXPECT_EQ(mails[0].data, "Subject: x\r\n\r\n.dot\r\n");
  EXPECT_EQ(code("QUIT\r\n"), "221");
  EXPECT_TRUE(closed);
}

TEST_F(LmtpSessionTest, SaysYesOnlyWhenTheMailIsKept) {
  answer_now = false;
  begin_mail();
  EXPECT_EQ(say("x\r\n.\r\nMAIL FROM:<b@example.jp>\r\n"), "");
  said.clear();
  waiting[0]("451 4.3.0 later");
  EXPECT_EQ(said, "451 4.3.0 later\r\n250 2.1.0 go on\r\n");
  waiting[0]("250 twice");
  EXPECT_EQ(said, "451 4.3.0 later\r\n250 2.1.0 go on\r\n");
}

TEST_F(LmtpSessionTest, AnAnswerAfterTheEndOfTheSessionIsNoMatter) {
  answer_now = false;
  begin_mail();
  say("x\r\n.\r\n");
  session.reset();
  waiting[0]("250 kept");
}

TEST_F(LmtpSessionTest, EveryPieceOfASessionMayComeAlone) {
  const std::string whole =
      "LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<s@example.jp>\r\nDATA\r\n.\r\n"
      "RSET\r\nMAIL FROM:<a@b.jp>\r\nRCPT TO:<s@example.jp>\r\nDATA\r\na\r\n..\r\n.b\r\n.\r\n";
  const std::string at_once = say(whole);
  const std::vector<Envelope> first = mails;
  mails.clear();
  open();
  said.clear();
  for (const char c : whole) session->on_bytes({&c, 1});
  EXPECT_EQ(said, at_once);
  ASSERT_EQ(mails.size(), 2u);
  EXPECT_EQ(mails[0].data, "");
  EXPECT_EQ(mails[0].sender, "");
  EXPECT_EQ(mails[1].data, "a\r\n.\r\nb\r\n");
  EXPECT_EQ(mails[1].data, first[1].data);
}

TEST_F(LmtpSessionTest, OnlyCrlfEndsAMail) {
  begin_mail();
  EXPECT_EQ(say("a\n.\nMAIL FROM:<x@y.jp>\r\n\r.\r\n.\n"), "");
  EXPECT_EQ(code("\r\n.\r\n"), "250");
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_NE(mails[0].data.find("MAIL FROM"), std::string::npos);
}

TEST_F(LmtpSessionTest, CommandsHaveAnOrderAndAShape) {
  const std::pair<const char*, const char*> table[] = {
      {"MAIL FROM:<a@b.jp>\r\n", "503"},
      {"EHLO x\r\n", "500"},
      {"HELO x\r\n", "500"},
      {"LHLO\r\n", "501"},
      {"LHLO x\r\n", "250"},
      {"RCPT TO:<a@b.jp>\r\n", "503"},
      {"DATA\r\n", "503"},
      {"MAIL\r\n", "501"},
      {"MAIL FROM:a@b.jp\r\n", "501"},
      {"MAIL FROM:<a b@c.jp>\r\n", "501"},
      {"MAIL FROM:<a@b.jp> X=1\r\n", "555"},
      {"MAIL FROM:<a@b.jp> SIZE=x\r\n", "501"},
      {"MAIL FROM:<a@b.jp> SIZE=999999999\r\n", "552"},
      {"mail from:<a@b.jp>\r\n", "250"},
      {"MAIL FROM:<a@b.jp>\r\n", "503"},
      {"DATA\r\n", "503"},
      {"RCPT TO:<>\r\n", "501"},
      {"rcpt to:<a@b.jp>\r\n", "250"},
      {"DATA now\r\n", "501"},
      {"NOOP\r\n", "250"},
      {"VRFY a\r\n", "252"},
      {"RSET\r\n", "250"},
      {"RCPT TO:<a@b.jp>\r\n", "503"},
      {"\r\n", "500"},
  };
  for (const auto& [line, answer] : table) EXPECT_EQ(code(line), answer) << line;
}

TEST_F(LmtpSessionTest, OnlyOurRecipientsAreTaken) {
  options.recipients = {"support@example.jp"};
  open();
  say("LHLO x\r\nMAIL FROM:<>\r\n");
  EXPECT_EQ(code("RCPT TO:<other@example.jp>\r\n"), "550");
  EXPECT_EQ(code("RCPT TO:<Support+12@EXAMPLE.jp>\r\n"), "250");
}

TEST_F(LmtpSessionTest, EveryLimitHasItsRefusal) {
  options.mail_bytes_max = 1'000;
  options.content_line_bytes_max = 200;
  options.recipients_max = 1;
  options.mails_max = 4;
  options.unread_bytes_max = 100'000;
  options.ahead_bytes_max = 1'000;
  options.mistakes_max = 3;
  open();
  const std::string line(100, 'x');
  begin_mail();
  for (int i = 0; i < 50; ++i) say(line + "\r\n");
  EXPECT_EQ(code(".\r\n"), "552");
  begin_mail();
  say(std::string(5'000, 'y') + "\r\nshort\r\n");
  EXPECT_EQ(code(".\r\n"), "554");
  EXPECT_TRUE(mails.empty());
  EXPECT_EQ(code(std::string(5'000, 'z')), "500");
  EXPECT_EQ(code("still the same line\r\nNOOP\r\n"), "250");
  begin_mail();
  EXPECT_EQ(code("x\r\n.\r\n"), "250");
  say("MAIL FROM:<>\r\nRCPT TO:<a@b.jp>\r\n");
  EXPECT_EQ(code("RCPT TO:<c@b.jp>\r\n"), "452");
  say("DATA\r\n");
  answer_now = false;
  say("x\r\n.\r\n");
  say(std::string(2'000, 'a'));
  EXPECT_TRUE(said.starts_with("421")) << said;
  EXPECT_TRUE(closed);
  open();
  say("?\r\n?\r\n?\r\n?\r\n");
  EXPECT_NE(said.find("421"), std::string::npos);
  EXPECT_TRUE(closed);
}

TEST_F(LmtpSessionTest, AnEndlessMailIsEnded) {
  options.unread_bytes_max = 100'000;
  for (const char* end : {"\r\n", ""}) {
    open();
    begin_mail();
    for (int i = 0; i < 1'000 && !closed; ++i) session->on_bytes(std::string(1'000, 'x') + end);
    EXPECT_TRUE(closed);
    EXPECT_EQ(session->in_content(), true);
  }
}

// --- On a network, with time.
class LmtpServerTest : public ::testing::Test, private StreamHandler {
 protected:
  LmtpServerTest() {
    options.sessions_max = 2;
    server = std::make_unique<LmtpServer>(
        LmtpServer::Parts{clock, timers, server_net, metrics,
                          [](const Envelope&, const std::function<void(std::string)>& answer) {
                            answer("250 kept");
                          }},
        options);
    address = server->listen({server_net.ip(), 24}).value_or(Address{});
  }
  ~LmtpServerTest() override { client_net.detach(*this); }

  ConnectionId connect() {
    const ConnectionId id = client_net.connect(address, *this, {});
    network.run();
    return id;
  }
  void send(ConnectionId id, ByteView bytes) {
    client_net.send(id, bytes);
    network.run();
  }
  void on_open(ConnectionId, const Address&) override {}
  void on_bytes(ConnectionId id, ByteView bytes) override { heard[id] += bytes; }
  void on_closed(ConnectionId id, CloseReason) override { gone[id] = true; }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  testing::MemoryNetwork network;
  testing::MemoryNet& server_net = network.host();
  testing::MemoryNet& client_net = network.host();
  Metrics metrics;
  LmtpServerOptions options;
  std::unique_ptr<LmtpServer> server;
  Address address;
  std::map<ConnectionId, std::string> heard;
  std::map<ConnectionId, bool> gone;
};

TEST_F(LmtpServerTest, OneSessionTooManyIsToldSo) {
  const ConnectionId first = connect();
  connect();
  const ConnectionId third = connect();
  EXPECT_TRUE(heard[first].starts_with("220"));
  EXPECT_TRUE(heard[third].starts_with("421"));
  EXPECT_TRUE(gone[third]);
  send(first, "QUIT\r\n");
  EXPECT_TRUE(gone[first]);
  EXPECT_TRUE(heard[connect()].starts_with("220"));
}

TEST_F(LmtpServerTest, WhoMakesNoProgressIsEnded) {
  const ConnectionId slow = connect();
  const ConnectionId busy = connect();
  for (int i = 0; i < 20; ++i) {
    send(slow, "x");
    send(busy, "NOOP\r\n");
    timers.advance_ms(10'000, [this] { network.run(); });
  }
  EXPECT_NE(heard[slow].find("421"), std::string::npos);
  EXPECT_TRUE(gone[slow]);
  EXPECT_FALSE(gone[busy]);
  for (int i = 0; i < 100; ++i) {
    send(busy, "NOOP\r\n");
    timers.advance_ms(10'000, [this] { network.run(); });
  }
  EXPECT_TRUE(gone[busy]) << "no session lasts for ever";
}

}  // namespace
}  // namespace oki::watch::inquiries
