// Mail from a client that is not ours, Python's smtplib, over real sockets to the listener of the
// watch and onto a real disk.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

#include "host/child.h"
#include "host/loop.h"
#include "watch/inquiries/inquiries.h"

namespace oki::watch::inquiries {
namespace {

constexpr std::int64_t patience_ms = 30'000;

class RealMailTest : public ::testing::Test {
 protected:
  RealMailTest() {
    char name[] = "/tmp/okiagari_mail_XXXXXX";
    path_ = mkdtemp(name);
    open();
  }
  ~RealMailTest() override {
    disk_.reset();
    inquiries_.reset();
    if (!HasFailure()) std::filesystem::remove_all(path_);
  }

  void open() {
    disk_.reset();  // Finishes what is being written.
    inquiries_.reset();
    disk_ = std::move(*loop_.open_disk(path_ + "/desk"));
    InquiriesOptions options;
    options.mail.session.recipients = {"support@example.jp"};
    auto opened = Inquiries::open(
        {loop_.clock(), loop_.timers(), loop_.net(), *disk_, metrics_, [](const Counts&) {}, {}},
        options);
    ASSERT_TRUE(opened) << opened.error().message;
    inquiries_ = std::move(*opened);
    const auto bound = inquiries_->listen_for_mail({"127.0.0.1", 0});
    ASSERT_TRUE(bound) << bound.error().message;
    address_ = to_string(*bound);
  }

  bool run_until(const std::function<bool()>& condition) {
    const MonoTimeNs deadline = loop_.clock().mono_now() + patience_ms * ns_per_ms;
    while (!condition()) {
      if (loop_.clock().mono_now() >= deadline) return false;
      loop_.timers().after_ms(10, [this] { loop_.stop(); });
      loop_.run();
    }
    return true;
  }
  void send(const char* what) {
    const std::string log = path_ + "/send.log";
    auto child = host::Child::start(
        {"/usr/bin/env", "python3", "test/clients/send_inquiries.py", address_, what}, log);
    ASSERT_TRUE(child) << child.error().message;
    ASSERT_TRUE(run_until([&] { return !child->running(); }));
    EXPECT_EQ(child->exit_status(), 0) << host::read_file(log, 1u << 20).value_or("");
  }

  host::Loop loop_;
  Metrics metrics_;
  std::string path_, address_;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<Inquiries> inquiries_;
};

TEST_F(RealMailTest, IsKeptOnceAndIsThereAfterARestart) {
  send("some");
  for (int times = 0; times < 2; ++times) {
    const InquiryDesk& desk = inquiries_->desk();
    const Inquiry* first = desk.find({1});
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->words, "注文が約定しません\n\n口座番号: 42\n.\n点の行もあります");
    EXPECT_EQ(first->contact, "aki@example.jp");
    EXPECT_EQ(first->account, "42");
    EXPECT_EQ(first->again, 0u) << "sent twice, and the same";
    const Inquiry* second = desk.find({2});
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(second->topic, Topic::withdrawal);
    EXPECT_EQ(second->words, "Help\n\nMy withdrawal is late");
    ASSERT_NE(desk.find({3}), nullptr);
    EXPECT_TRUE(desk.find({3})->automatic);
    EXPECT_EQ(desk.find({4}), nullptr) << "the rest was refused";
    EXPECT_EQ(desk.load().open_inquiries, 2u);
    open();
  }
}

}  // namespace
}  // namespace oki::watch::inquiries
