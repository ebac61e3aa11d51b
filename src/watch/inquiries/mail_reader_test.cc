// Mails as people, machines and attackers send them.
#include "watch/inquiries/mail_reader.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace oki::watch::inquiries {
namespace {

Result<Draft> read(const std::string& mail, const std::string& sender = "a@example.jp") {
  return read_mail(mail, sender, "support@example.jp", {});
}

const std::string head =
    "From: Aki <aki@Example.JP>\r\nTo: support@example.jp\r\nMessage-ID: <1@example.jp>\r\n";

TEST(MailReader, APlainMailIsItsSubjectAndItsText) {
  const auto draft = read(head + "Subject: My order\r\n\r\nIt is lost.\r\nAccount: 42\r\n");
  ASSERT_TRUE(draft) << draft.error().message;
  EXPECT_EQ(draft->words, "My order\n\nIt is lost.\nAccount: 42");
  EXPECT_EQ(draft->contact, "aki@example.jp");
  EXPECT_EQ(draft->account, "42");
  EXPECT_EQ(draft->way, Way::mail);
  EXPECT_FALSE(draft->automatic);
  EXPECT_NE(draft->mail, 0u);
}

TEST(MailReader, CharsetsAndEncodingsBecomeUtf8) {
  const auto jis = read(head +
                        "Subject: =?ISO-2022-JP?B?GyRCQ21KOBsoQg==?=\r\n"
                        "Content-Type: text/plain; charset=iso-2022-jp\r\n"
                        "Content-Transfer-Encoding: 7bit\r\n\r\n\x1b$BCmJ8\x1b(B\r\n");
  ASSERT_TRUE(jis) << jis.error().message;
  EXPECT_EQ(jis->words, "注文\n\n注文");
  const auto sjis = read(head +
                         "Content-Type: text/plain; charset=Shift_JIS\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\nko2VtoLMjI8=\r\n");
  EXPECT_EQ(sjis->words, "注文の件");
  const auto quoted = read(head +
                           "Content-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                           "=E6=B3=A8=E6=96=87=\r\n!\r\n");
  EXPECT_EQ(quoted->words, "注文!");
  const auto unknown = read(head + "Content-Type: text/plain; charset=martian\r\n\r\na\xff z\r\n");
  ASSERT_TRUE(unknown);
  EXPECT_TRUE(is_utf8(unknown->words)) << unknown->words;
}

const std::string alternative =
    "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
    "<p>From <i>HTML</i></p>\r\n--b\r\nContent-Type: text/plain\r\n\r\nFrom plain\r\n--b--\r\n";

TEST(MailReader, PlainTextGoesBeforeHtml) {
  EXPECT_EQ(read(head + alternative)->words, "From plain");
  EXPECT_EQ(read(head + "Content-Type: text/html\r\n\r\n<p>Only<script>x</script> this</p>")->words,
            "Only this");
}

TEST(MailReader, AttachmentsAndMailsInsideAreNotRead) {
  const auto draft =
      read(head +
           "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
           "--m\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nsecret\r\n"
           "--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n"
           "--m\r\nContent-Type: text/plain\r\n\r\nthe words\r\n--m--\r\n");
  ASSERT_TRUE(draft);
  EXPECT_EQ(draft->words, "the words");
  EXPECT_EQ(read(head + "Content-Type: image/png\r\n\r\nxxx")->words, "(本文なし / no text)");
}

TEST(MailReader, WhatNoPersonWroteSaysSo) {
  const std::string body = "\r\nI am away.\r\n";
  EXPECT_TRUE(read(head + "Auto-Submitted: auto-replied\r\n" + body)->automatic);
  EXPECT_FALSE(read(head + "Auto-Submitted: no\r\n" + body)->automatic);
  EXPECT_TRUE(read(head + "Precedence: bulk\r\n" + body)->automatic);
  EXPECT_TRUE(read(head + "Precedence: list\r\n" + body)->automatic);
  EXPECT_TRUE(read(head + body, "")->automatic) << "the null sender";
  EXPECT_TRUE(read(head +
                   "Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n"
                   "\r\n--r\r\n\r\nundelivered\r\n--r--\r\n")
                  ->automatic);
}

TEST(MailReader, TheAnswerGoesWhereItIsAskedFor) {
  EXPECT_EQ(read("Reply-To: <b@example.jp>\r\n" + head + "\r\nx")->contact, "b@example.jp");
  EXPECT_EQ(read("Subject: x\r\n\r\nx", "env@example.jp")->contact, "env@example.jp");
  EXPECT_EQ(read("From: \"a b\"@localhost\r\n\r\nx", "")->contact, "");
  EXPECT_EQ(read(head + "\r\nx", "a@b.jp")->account, "");
  EXPECT_EQ(read_mail(head + "\r\nx", "a@b.jp", "support+7@example.jp", {})->account, "7");
}

TEST(MailReader, OneMailIsTheSameWheneverItComes) {
  const std::string mail = head + "\r\nwords\r\n";
  EXPECT_EQ(read(mail)->mail, read("Received: by x\r\n" + mail)->mail);
  EXPECT_NE(read(mail)->mail, read(head + "\r\nother words\r\n")->mail)
      << "a guessed Message-ID keeps nobody's mail out";
  EXPECT_EQ(read("From: a@example.jp\r\n\r\nx")->mail, 0u);
}

TEST(MailReader, HostileShapesAreRefused) {
  std::string nested = head;
  std::string many = head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 500; ++i) {
    const std::string border = "b" + std::to_string(i);
    nested += "Content-Type: multipart/mixed; boundary=" + border + "\r\n\r\n--" + border + "\r\n";
  }
  for (int i = 0; i < 5'000; ++i) many += "--b\r\n\r\n";
  EXPECT_FALSE(read(nested));
  EXPECT_FALSE(read(many));
  EXPECT_FALSE(read(head + std::string(300u << 10, 'x')));
  const auto fine = read(head + "\r\n" + std::string(200u << 10, 'x'));
  ASSERT_TRUE(fine) << fine.error().message;
  EXPECT_EQ(fine->words.size(), words_bytes_max);
}

TEST(MailReader, BrokenMailsAreReadAsFarAsTheyGo) {
  for (const std::string& mail :
       {std::string(), std::string("\r\n"), std::string("no header at all"), head,
        head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Ty",
        head + "Content-Type: multipart/mixed\r\n\r\n--\r\n",
        head + "Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        head + "Subject: =?UTF-8?B?////?=\r\n\r\n\x1b[31m\x07x",
        "From: \xff\xfe <\x01@>\r\n\r\nx" + std::string(1, '\0') + "y"}) {
    const auto draft = read(mail);
    if (!draft) continue;
    EXPECT_TRUE(is_utf8(draft->words));
    EXPECT_FALSE(draft->words.empty());
    EXPECT_EQ(draft->words.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace oki::watch::inquiries
