// `okiagari drill mail`, small: a real sender, killed for real.
//
// OKI_CURRENT is the binary (CMakeLists).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "host/child.h"
#include "host/loop.h"
#include "net/json_reader.h"

namespace oki::app {
namespace {

constexpr int patience_ms = 100'000;
constexpr std::size_t output_bytes_max = 1u << 20;

class MailDrillTest : public ::testing::Test {
 protected:
  MailDrillTest() {
    char name[] = "/tmp/okiagari_mail_XXXXXX";
    path_ = mkdtemp(name);
  }
  ~MailDrillTest() override { std::filesystem::remove_all(path_); }

  int run(std::vector<std::string> words) {
    words.insert(words.begin(), OKI_CURRENT);
    std::filesystem::remove(path_ + "/out");
    auto child = host::Child::start(words, path_ + "/out");
    EXPECT_TRUE(child.has_value());
    EXPECT_TRUE(child->wait(patience_ms));
    child->running();
    return child->exit_status();
  }
  std::string output() { return host::read_file(path_ + "/out", output_bytes_max).value_or(""); }

  std::string path_;
};

TEST_F(MailDrillTest, TwoThousandMailsArriveOnceEachAcrossTwoKills) {
  ASSERT_EQ(run({"drill", "mail", "--mails", "2000", "--kills", "2", "--json"}), 0) << output();
  const std::string text = output();
  const std::size_t line = text.rfind("\n{");
  ASSERT_NE(line, std::string::npos) << text;
  const auto json = net::parse_json(text.substr(line + 1), output_bytes_max);
  ASSERT_TRUE(json) << text;
  for (const auto& [name, value] : std::vector<std::pair<const char*, std::int64_t>>{
           {"mails", 2000}, {"taken", 2000}, {"lost", 0}, {"doubled", 0}, {"kills", 2}}) {
    ASSERT_NE(json->find(name), nullptr) << name;
    EXPECT_EQ(json->find(name)->integer(), value) << name;
  }
}

TEST_F(MailDrillTest, ASenderSaysWhatIsWrongWithItsWords) {
  EXPECT_EQ(run({"notices", "send", "--dir=" + path_ + "/box", "--notice=/nowhere",
                 "--recipients=/nowhere", "--from=a@example.jp", "--site=http://x"}),
            2);
  EXPECT_NE(output().find("/nowhere"), std::string::npos) << output();
  ASSERT_TRUE(host::write_file(path_ + "/notice", "no notice", 0600));
  EXPECT_EQ(run({"notices", "send", "--dir=" + path_ + "/box", "--notice=" + path_ + "/notice",
                 "--recipients=/nowhere", "--from=a@example.jp", "--site=http://x"}),
            2);
  EXPECT_NE(output().find("a notice"), std::string::npos) << output();
  EXPECT_EQ(run({"drill", "mail", "--mails", "0"}), 2);
}

}  // namespace
}  // namespace oki::app
