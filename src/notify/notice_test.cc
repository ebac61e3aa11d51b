#include "notify/notice.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>

#include "crypto/crypto.h"
#include "notify/testing/notices.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

Bytes bytes_of(const Notice& notice) {
  Bytes out;
  append(out, notice);
  return out;
}

TEST(NoticeTest, BytesAreThoseWrittenDown) {
  const std::map<std::string, std::string> now = {
      {"notice_first", crypto::hex(bytes_of(first_notice(noon)))},
      {"notice_full", crypto::hex(bytes_of(full_notice(noon)))},
      {"notice_last", crypto::hex(bytes_of(last_notice(noon)))}};
  std::ifstream file("test/golden/notice.txt");
  std::map<std::string, std::string> lines;
  for (std::string name, hex; file >> name >> hex;) lines[name] = hex;
  EXPECT_EQ(lines.size(), now.size());
  for (const auto& [name, hex] : now) {
    EXPECT_EQ(lines[name], hex) << "should hold\n" << name << ' ' << hex;
  }
}

TEST(NoticeTest, ReadsWhatItWrote) {
  for (const Notice& notice : {first_notice(noon), full_notice(noon), last_notice(noon)}) {
    EXPECT_TRUE(check(notice));
    EXPECT_EQ(read_notice(bytes_of(notice)).value(), notice);
  }
}

TEST(NoticeTest, RefusesEveryTruncationAndEveryExtraByte) {
  const Bytes bytes = bytes_of(full_notice(noon));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_notice(ByteView(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_notice(bytes + '\0'));
  Bytes later = bytes;
  later[0] = 2;
  EXPECT_FALSE(read_notice(later));
}

TEST(NoticeTest, EveryDamagedByteGivesAnErrorOrANoticeThatKeepsTheRules) {
  const Bytes bytes = bytes_of(full_notice(noon));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {1, 0x80, 0xFF}) {
      Bytes damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const Result<Notice> read = read_notice(damaged);
      EXPECT_TRUE(!read || check(*read)) << at;
    }
  }
}

struct Broken {
  const char* what;
  std::function<void(Notice&)> change;
};

TEST(NoticeTest, EachBrokenRuleIsRefused) {
  const std::vector<Broken> all = {
      {"name", [](Notice& n) { n.incident = ""; }},
      {"name", [](Notice& n) { n.incident = "1a"; }},
      {"name", [](Notice& n) { n.incident = "a/b"; }},
      {"name", [](Notice& n) { n.incident = std::string(33, 'a'); }},
      {"number", [](Notice& n) { n.number = 0; }},
      {"phase", [](Notice& n) { n.phase = static_cast<NoticePhase>(9); }},
      {"impact", [](Notice& n) { n.impact = static_cast<Impact>(5); }},
      {"time", [](Notice& n) { n.at = {-1}; }},
      {"time", [](Notice& n) { n.at = {time_max.value + 1}; }},
      {"began", [](Notice& n) { n.began = {n.at.value + 1}; }},
      {"ended", [](Notice& n) { n.ended = n.at; }},
      {"ended", [](Notice& n) { n.phase = NoticePhase::resolved; }},
      {"promise", [](Notice& n) { n.next_update_at = n.at; }},
      {"recovery", [](Notice& n) { n.recovery->to = {n.recovery->from.value - 1}; }},
      {"recovery", [](Notice& n) { n.recovery->cases = 0; }},
      {"recovery", [](Notice& n) { n.recovery->held_percent = 101; }},
      {"title", [](Notice& n) { n.title.ja = ""; }},
      {"title", [](Notice& n) { n.title.en = "two\nlines"; }},
      {"title", [](Notice& n) { n.title.en = std::string(201, 'a'); }},
      {"body", [](Notice& n) { n.body.en = ""; }},
      {"body", [](Notice& n) { n.body.en = std::string(4001, 'a'); }},
      {"body", [](Notice& n) { n.body.en = "since {began}"; }},
      {"body", [](Notice& n) { n.body.en = "a\rb"; }},
      {"body", [](Notice& n) { n.body.en = "\xFF"; }},
      {"body", [](Notice& n) { n.body.en = "\xE2\x80\xAE"; }},
      {"body", [](Notice& n) { n.body.en = "\xC2\x85"; }},
      {"cause", [](Notice& n) { n.cause->ja = ""; }},
      {"assets", [](Notice& n) { n.assets.en = ""; }},
      {"component", [](Notice& n) { n.affected.push_back(n.affected[0]); }},
      {"component", [](Notice& n) { n.unaffected.push_back(n.affected[0].id); }},
      {"component", [](Notice& n) { n.unaffected[0].name = "BTC"; }},
      {"component", [](Notice& n) { n.affected[0].now = State::unknown; }},
      {"approver", [](Notice& n) { n.approved_by.push_back("sato"); }},
      {"approver", [](Notice& n) { n.approved_by.push_back(""); }},
      {"approvers",
       [](Notice& n) {
         for (char c = 'a'; c < 'h'; ++c) n.approved_by.push_back(std::string(1, c));
       }},
      {"components", [](Notice& n) {
         for (int i = 0; i < 65; ++i) {
           n.unaffected.push_back({ComponentKind::node, std::to_string(i)});
         }
       }}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    Notice notice = full_notice(noon);
    all[i].change(notice);
    const Result<void> kept = check(notice);
    ASSERT_FALSE(kept) << all[i].what << ' ' << i;
    EXPECT_EQ(kept.error().code, Errc::invalid);
  }
}

TEST(NoticeTest, PlannedWorkIsToldWithItsPlannedTimesInEachPhase) {
  for (const NoticePhase phase : {NoticePhase::scheduled, NoticePhase::in_progress,
                                  NoticePhase::completed, NoticePhase::cancelled}) {
    const Notice notice = work_notice(noon, phase);
    ASSERT_TRUE(check(notice)) << name(phase);
    Bytes bytes;
    append(bytes, notice);
    EXPECT_EQ(read_notice(bytes).value(), notice);
  }
}

TEST(NoticeTest, PlannedWorkThatBreaksARuleIsRefused) {
  struct BrokenPlan {
    NoticePhase phase;
    std::function<void(Notice&)> change;
  };
  using enum NoticePhase;
  const std::vector<BrokenPlan> all = {
      {scheduled, [](Notice& n) { n.at = n.began; }},
      {in_progress, [](Notice& n) { --n.at.value; }},
      {completed, [](Notice& n) { --n.at.value; }},
      {cancelled, [](Notice& n) { n.at = {n.began.value + 1}; }},
      {scheduled, [](Notice& n) { n.ended = n.began; }},
      {scheduled, [](Notice& n) { n.ended.reset(); }},
      {scheduled, [](Notice& n) { n.ended = WallTimeMs{time_max.value + 1}; }},
      {scheduled, [](Notice& n) { n.impact = Impact::none; }},
      {scheduled, [](Notice& n) { n.drill = true; }},
      {scheduled, [](Notice& n) { n.next_update_at = n.began; }},
      {scheduled, [](Notice& n) { n.cause = LocalText{"a", "b"}; }},
      {scheduled, [](Notice& n) { n.recovery = RecoveryRange{n.began, n.began, 3, 80}; }},
      {scheduled, [](Notice& n) { n.assets.ja = "資産"; }},
      {scheduled, [](Notice& n) { n.body.en.clear(); }},
      {investigating, [](Notice& n) { n.assets = {}; }}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool planned = is_planned(all[i].phase);
    Notice notice = planned ? work_notice(noon, all[i].phase) : first_notice(noon);
    all[i].change(notice);
    EXPECT_FALSE(check(notice)) << i;
  }
}

TEST(NoticeTest, NothingIsPromisedAfterTheEnd) {
  Notice notice = last_notice(noon);
  notice.next_update_at = WallTimeMs{noon.value + 1};
  EXPECT_FALSE(check(notice));
  notice = last_notice(noon);
  notice.recovery = RecoveryRange{noon, noon, 3, 80};
  EXPECT_FALSE(check(notice));
  notice = last_notice(noon);
  notice.ended = WallTimeMs{noon.value + 1};
  EXPECT_FALSE(check(notice));
  notice.ended = WallTimeMs{notice.began.value - 1};
  EXPECT_FALSE(check(notice));
}

}  // namespace
}  // namespace oki::notify
