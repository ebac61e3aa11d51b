#include "drill/mailed_customer.h"

#include <gtest/gtest.h>

#include "notify/mail/mail_message.h"

namespace oki::drill {
namespace {

const std::string token = "0123456789abcdefghijklmnopqrstuvwx";

Bytes mail(const std::string& plain, const std::string& html = {}) {
  notify::MailHead head;
  head.from = "status@example.jp";
  head.to = "sato@example.jp";
  head.message_id = "1@example.jp";
  return notify::write_mail(head, {"Please confirm", plain, html});
}

TEST(MailedCustomer, FindsTheLinkInTheMail) {
  const std::string words(200, 'x');
  const std::string text = words + "\nhttp://127.0.0.1:80/en/confirm?t=" + token + "\n" + words;
  EXPECT_EQ(confirm_token(mail(text)), token);
  EXPECT_EQ(confirm_token(mail(text, "<p>Please confirm</p>")), token);
}

TEST(MailedCustomer, FindsNoneInOtherMails) {
  EXPECT_FALSE(confirm_token(mail("http://127.0.0.1:80/en/unsubscribe?t=" + token)));
  EXPECT_FALSE(confirm_token(mail("http://127.0.0.1:80/en/confirm?t=short")));
  EXPECT_FALSE(confirm_token("no mail at all"));
}

}  // namespace
}  // namespace oki::drill
