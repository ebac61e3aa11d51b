// Text of strangers, reduced to its words.
#include "watch/inquiries/mail_words.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace oki::watch::inquiries {
namespace {

TEST(HtmlToText, KeepsTheWordsAndNothingThatCouldRun) {
  EXPECT_EQ(html_to_text("<html><head><title>t</title><style>p{}</style></head><body>"
                         "<p>My <b>order</b></p><script>alert('x')</script>is&nbsp;lost</body>"),
            "My order\nis lost");
  EXPECT_EQ(html_to_text("a<!-- <b>hidden</b> -->b"), "ab");
  EXPECT_EQ(html_to_text("<img src=x onerror=alert(1)>seen"), "seen");
  EXPECT_EQ(html_to_text("one<br>two<BR/>three"), "one\ntwo\nthree");
  EXPECT_EQ(html_to_text("<SCRIPT>x</ScRiPt >y"), "y");
}

TEST(HtmlToText, ReadsReferencesOnce) {
  EXPECT_EQ(html_to_text("&lt;b&gt; &amp;lt; &#x3042; &#12356; &quot;"), "<b> &lt; あ い \"");
  EXPECT_EQ(html_to_text("&#0;&#x110000;&#xd800;|"), "   |");
  EXPECT_EQ(html_to_text("a & b &unknown; &"), "a & b &unknown; &");
}

TEST(HtmlToText, BrokenMarkupEndsAndIsNotMoreThanItWas) {
  for (const std::string& html :
       {std::string("<"), std::string("<b"), std::string("<!--"), std::string("<script>x"),
        std::string("</"), std::string("<script>x</scrip"), std::string("1 < 2 and 3 > 2")}) {
    EXPECT_LE(html_to_text(html).size(), html.size()) << html;
  }
  EXPECT_EQ(html_to_text("1 < 2 and 3 > 2"), "1 < 2 and 3 > 2");
}

TEST(HtmlToText, TakesTimeThatGrowsWithTheLengthOnly) {
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "<b";
  EXPECT_EQ(html_to_text(nested).size(), nested.size());
  EXPECT_EQ(html_to_text(std::string(300'000, '<')).size(), 300'000u);
  EXPECT_EQ(html_to_text(std::string(300'000, '&')).size(), 300'000u);
}

TEST(TidyText, IsUtf8WithoutEmptyStretches) {
  EXPECT_EQ(tidy_text("a\r\n\r\n\r\n\r\nb  \r\n"), "a\n\nb");
  EXPECT_EQ(tidy_text("\n\n a"), " a");
  EXPECT_EQ(tidy_text("x\xff y"), "x\xef\xbf\xbd y");
  EXPECT_TRUE(is_utf8(tidy_text("\xe3\x81")));
  EXPECT_EQ(tidy_text(" \n \n"), "");
}

TEST(Cut, NeverEndsWithinACharacter) {
  EXPECT_EQ(cut("あい", 6), "あい");
  EXPECT_EQ(cut("あい", 5), "あ");
  EXPECT_EQ(cut("あい", 2), "");
  EXPECT_EQ(cut("abc", 2), "ab");
}

TEST(AccountIn, FindsTheNumberThatTheWriterNames) {
  EXPECT_EQ(account_in("口座番号：1234です。注文が通りません"), "1234");
  EXPECT_EQ(account_in("口座 77 の注文"), "77");
  EXPECT_EQ(account_in("My account number is odd. Account #42"), "42");
  EXPECT_EQ(account_in("account: 9\nthanks"), "9");
  EXPECT_EQ(account_in("I paid 5000 yen"), "");
  EXPECT_EQ(account_in("account 12345678901234567890123"), "");
  EXPECT_EQ(account_in("account"), "");
  EXPECT_EQ(account_in_address("support+55@example.jp"), "55");
  EXPECT_EQ(account_in_address("support+5x@example.jp"), "");
  EXPECT_EQ(account_in_address("support@example.jp"), "");
  EXPECT_EQ(account_in_address("a@b+5.jp"), "");
}

}  // namespace
}  // namespace oki::watch::inquiries
