// What an edge remembers of failed requests: which ones, on disk, over restarts, and over HTTP.
#include "edge/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "edge/control.h"
#include "edge/records_page.h"
#include "edge/records_segment.h"
#include "edge/testing/exchange.h"
#include "net/http_client.h"
#include "net/metrics_server.h"
#include "store/testing/memory_disk.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;
using ::testing::ElementsAre;
using testing::Exchange;
using ::testing::IsEmpty;

FailedRequest failed(std::int64_t at, std::uint64_t account, Ending ending = Ending::not_taken) {
  FailedRequest record;
  record.at = {at};
  record.account = {account};
  record.ending = ending;
  record.subject = 0;
  record.amount = 5;
  return record;
}

struct Desk {
  explicit Desk(store::MemoryDisk& disk, RecordsOptions options = {}) {
    auto opened = Records::open({clock, log, metrics}, disk, options);
    if (opened) records = std::move(*opened);
    if (!opened) refused = opened.error();
  }

  Result<RecordPage> page(std::int64_t from, std::int64_t to, RecordPlace place = {}) {
    Result<RecordPage> found = error(Errc::unavailable, "no answer");
    records->page({from}, {to}, place,
                  [&found](Result<RecordPage> got) { found = std::move(got); });
    return found;
  }

  // All pages, without what the records say of themselves.
  std::vector<FailedRequest> all(std::int64_t from = 0, std::int64_t to = 1LL << 50) {
    std::vector<FailedRequest> found;
    RecordPlace place;
    for (int pages = 0; pages < 1'000; ++pages) {
      const Result<RecordPage> got = page(from, to, place);
      if (!got) break;
      for (const FailedRequest& record : got->records) {
        if (record.kind < RecordKind::started) found.push_back(record);
      }
      if (!got->next) return found;
      place = *got->next;
    }
    ADD_FAILURE() << "the pages do not end";
    return found;
  }

  oki::testing::StepClock clock;
  Log log{clock, "test", {}};
  Metrics metrics;
  std::unique_ptr<Records> records;
  std::optional<Error> refused;
};

RecordsOptions small_segments() {
  RecordsOptions options;
  options.segment_bytes = 1u << 20;
  options.segments_max = 3;
  return options;
}

const std::string first_segment = records_segment_name(1);

TEST(RecordsTest, KeepsWhatItWasToldOverARestart) {
  store::MemoryDisk disk(1);
  {
    Desk desk(disk);
    desk.records->add(failed(1'000, 7));
    desk.records->add(failed(2'000, 8, Ending::unknown));
  }
  Desk desk(disk);
  EXPECT_THAT(desk.all(), ElementsAre(failed(1'000, 7), failed(2'000, 8, Ending::unknown)));
  EXPECT_THAT(desk.all(1'001, 2'000), ElementsAre(failed(2'000, 8, Ending::unknown)));
  EXPECT_THAT(desk.all(3'000, 4'000), IsEmpty());
}

TEST(RecordsTest, SaysWhenItBeganToKeepThem) {
  store::MemoryDisk disk(1);
  Desk desk(disk);
  const auto page = desk.page(0, 1LL << 50);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->whole_since, desk.clock.wall_now());
  ASSERT_EQ(page->records.size(), 1u);
  EXPECT_EQ(page->records[0].kind, RecordKind::started);
}

TEST(RecordsTest, WritesWhatGatheredMeanwhileAsOneFrame) {
  store::MemoryDisk disk(1);
  Desk desk(disk);
  const std::uint64_t before = disk.finished();
  disk.hold();
  for (std::uint64_t i = 1; i <= 100; ++i) desk.records->add(failed(1'000, i));
  disk.finish_all();
  EXPECT_EQ(disk.finished() - before, 2u);
  disk.finish_at_once();
  EXPECT_EQ(desk.all().size(), 100u);
}

TEST(RecordsTest, AnswersWithEverythingToldBeforeTheQuestion) {
  store::MemoryDisk disk(1);
  Desk desk(disk);
  disk.hold();
  for (std::uint64_t i = 1; i <= 3; ++i) desk.records->add(failed(1'000, i));
  std::optional<Result<RecordPage>> answer;
  desk.records->page({0}, {2'000}, {}, [&answer](Result<RecordPage> page) { answer = page; });
  EXPECT_FALSE(answer.has_value());
  disk.finish_all();
  ASSERT_TRUE(answer.has_value() && answer->has_value());
  EXPECT_EQ((*answer)->records.size(), 3u);
}

TEST(RecordsTest, APowerCutLosesOnlyWhatWasNotDurable) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    store::MemoryDisk disk(seed);
    {
      Desk desk(disk, small_segments());
      for (std::uint64_t i = 1; i <= 40; ++i) desk.records->add(failed(1'000, i));
      disk.hold();
      for (std::uint64_t i = 41; i <= 90; ++i) desk.records->add(failed(1'000, i));
      if (seed % 3 == 0) disk.finish_next();
      disk.crash();
    }
    disk.finish_at_once();
    Desk desk(disk, small_segments());
    ASSERT_FALSE(desk.refused) << seed << ": " << desk.refused->message;
    const std::size_t kept = desk.all().size();
    EXPECT_GE(kept, 40u);
    EXPECT_LE(kept, 90u);
    desk.records->add(failed(2'000, 1));
    Desk again(disk, small_segments());
    ASSERT_FALSE(again.refused) << seed;
    EXPECT_EQ(again.all().size(), kept + 1);
  }
}

TEST(RecordsTest, ATornTailIsDroppedAndDamageIsRefused) {
  store::MemoryDisk disk(1);
  {
    Desk desk(disk, small_segments());
    for (std::uint64_t i = 1; i <= 3; ++i) desk.records->add(failed(1'000, i));
  }
  const std::uint64_t frame = records_frame_header_bytes + record_bytes;
  store::MemoryDisk torn(1, disk.files());
  torn.flip(first_segment, 3 * frame + 30, 0x10);  // The last of four: `started` and three.
  Desk kept(torn, small_segments());
  ASSERT_FALSE(kept.refused);
  EXPECT_EQ(kept.all().size(), 2u);
  for (std::uint64_t at = 0; at < 3 * frame; ++at) {
    store::MemoryDisk damaged(1, disk.files());
    damaged.flip(first_segment, at, 0x01);
    Desk desk(damaged, small_segments());
    ASSERT_TRUE(desk.refused) << at;
    EXPECT_EQ(desk.refused->code, Errc::corrupt);
  }
}

TEST(RecordsTest, KeepsTheNewestSegmentsAndSaysFromWhenOn) {
  store::MemoryDisk disk(1);
  Desk desk(disk, small_segments());
  const std::int64_t begun = desk.clock.wall_now().value;
  for (std::int64_t i = 0; i < 100'000; ++i) desk.records->add(failed(begun + i, 9));
  EXPECT_EQ(disk.files().size(), 3u);
  const std::vector<FailedRequest> all = desk.all();
  ASSERT_FALSE(all.empty());
  EXPECT_LT(all.size(), 60'000u);
  EXPECT_EQ(all.back().at.value, begun + 99'999);
  for (std::size_t i = 1; i < all.size(); ++i) {
    ASSERT_EQ(all[i].at.value, all[i - 1].at.value + 1);  // Without a gap.
  }
  EXPECT_GE(desk.page(0, 1)->whole_since, all.front().at);
  Desk again(disk, small_segments());
  EXPECT_EQ(again.all(), all);
  EXPECT_GE(again.page(0, 1)->whole_since, all.front().at);
}

TEST(RecordsTest, MoreThanItCanHoldIsCountedAndToldOf) {
  store::MemoryDisk disk(1);
  RecordsOptions options;
  options.waiting_max = 10;
  Desk desk(disk, options);
  disk.hold();
  for (std::uint64_t i = 0; i < 50; ++i) desk.records->add(failed(1'000, i + 1));
  disk.finish_all();
  disk.finish_at_once();
  const auto page = desk.page(0, 1LL << 50);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->dropped, 39u);  // One was on its way, ten waited.
  EXPECT_EQ(page->records.back().kind, RecordKind::dropped);
  EXPECT_EQ(page->records.back().count, 39u);
}

TEST(RecordsTest, AFailedDiskStopsTheRecordsAndNothingElse) {
  store::MemoryDisk disk(1);
  Desk desk(disk);
  disk.fail_operation(0, Errc::io);
  desk.records->add(failed(1'000, 1));
  desk.records->add(failed(1'000, 2));
  EXPECT_EQ(desk.metrics.gauge("okiagari_edge_records_failed", "").value(), 1);
  const auto page = desk.page(0, 1LL << 50);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->dropped, 2u);
}

TEST(RecordsTest, PagesAndRecordsHaveOneSpelling) {
  RecordPage page;
  page.whole_since = {5};
  page.dropped = 2;
  page.next = RecordPlace{3, 48};
  page.records = {failed(1, 2), failed(3, 4, Ending::connection_lost)};
  const Bytes bytes = encode(page);
  EXPECT_EQ(decode_page(bytes), page);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_page(ByteView(bytes).substr(0, size)).has_value());
  }
  EXPECT_FALSE(decode_page(bytes + 'x').has_value());
  Bytes record;
  append(record, failed(1, 2));
  EXPECT_EQ(record.size(), record_bytes);
  record[30] = static_cast<char>(record_kinds);
  EXPECT_FALSE(read_record(record).has_value());
}

TEST(RecordsTest, BytesAreThoseWrittenDown) {
  std::map<std::string, Bytes> now;
  append(now["record"], failed(1'000, 7, Ending::unknown));
  now["frame"] = records_frame(2, 56, now["record"]);
  now["page"] = encode({{5}, 2, RecordPlace{3, 48}, {failed(1, 2)}});
  std::ifstream file("test/golden/edge_records.txt");
  std::map<std::string, std::string> lines;
  for (std::string name, hex; file >> name >> hex;) lines[name] = hex;
  EXPECT_EQ(lines.size(), now.size());
  for (const auto& [name, bytes] : now) {
    EXPECT_EQ(lines[name], crypto::hex(bytes)) << "should hold\n"
                                               << name << ' ' << crypto::hex(bytes);
  }
}

// --- Over HTTP.
struct RecordsPageTest : ::testing::Test {
  RecordsPageTest() {
    server.add_handler(
        std::string(records_path),
        [this](const net::HttpRequest& request, const net::MetricsServer::Respond& respond) {
          answer_records(*desk.records, request, respond);
        });
  }

  net::HttpResponse ask(const std::string& target, const std::string& method = "GET") {
    net::HttpRequest request;
    request.method = method;
    request.target = target;
    net::HttpResponse answer;
    net::HttpClient client(client_net, timers, address, {});
    client.request(request, [&answer](Result<net::HttpResponse> response) {
      ASSERT_TRUE(response.has_value());
      answer = std::move(*response);
    });
    network.run();
    return answer;
  }

  store::MemoryDisk disk{1};
  Desk desk{disk};
  oki::testing::StepTimers timers{desk.clock};
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& client_net = network.host();
  net::MetricsServer server{network.host(), timers, desk.clock, desk.metrics};
  Address address = server.listen({"10.0.0.2", 0}).value_or(Address{});
};

TEST_F(RecordsPageTest, GivesTheRecordsOfAStretchOfTimeInPages) {
  std::vector<FailedRequest> told;
  for (std::int64_t i = 0; i < 70'000; ++i) told.push_back(failed(1'000 + i, 7));
  for (const FailedRequest& record : told) desk.records->add(record);
  std::vector<FailedRequest> got;
  RecordPlace place;
  int pages = 0;
  for (bool more = true; more && pages < 10; ++pages) {
    const auto answer = ask(records_target({1'000}, {1'000'000}, place));
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto page = decode_page(answer.body);
    ASSERT_TRUE(page.has_value());
    got.insert(got.end(), page->records.begin(), page->records.end());
    more = page->next.has_value();
    if (more) place = *page->next;
  }
  EXPECT_EQ(got, told);
  EXPECT_GT(pages, 1);
}

TEST_F(RecordsPageTest, RefusesWhatItDoesNotUnderstand) {
  for (const char* query : {"", "?from=1", "?to=1", "?from=2&to=1", "?from=x&to=1", "?from=-1&to=1",
                            "?from=1&to=2&offset=4294967296", "?from=1&to=2&segment=x"}) {
    EXPECT_EQ(ask(std::string(records_path) + query).status, 400) << query;
  }
  EXPECT_EQ(ask(std::string(records_path) + "?from=1&to=2", "POST").status, 405);
  desk.records->add(failed(1'000, 7));
  EXPECT_EQ(ask(std::string(records_path) + "?from=1&to=2000&segment=1&offset=3").status, 500);
}

// --- What is remembered of the requests of an edge.
struct Remembering : Exchange {
  Remembering() { gateway.remember_in(*desk.records); }

  void ask(core::AccountId account, std::uint64_t connection) {
    const std::string order =
        R"({"pair":"btc_jpy","amount":"0.5","price":"100","side":"buy","type":"limit"})";
    gateway.handle(
        signed_request(account, "POST", "/v1/user/spot/order", order),
        [this](const net::HttpResponse& response) { status = response.status; }, connection);
  }
  FailedRequest order_of(core::AccountId account, Ending ending) const {
    FailedRequest record;
    record.at = clock.wall_now();
    record.account = account;
    record.ending = ending;
    record.subject = 0;
    record.amount = 5'000;
    return record;
  }

  store::MemoryDisk disk{1};
  Desk desk{disk};
  int status = 0;
};

TEST(EdgeRecordsTest, WhatSucceedsOrBreaksARuleIsNotRemembered) {
  Remembering edge;
  edge.ask(alice, 1);
  edge.cluster.run();
  EXPECT_EQ(edge.status, 200);
  EXPECT_NE(edge.post(alice, "/v1/user/spot/order", R"({"pair":"btc_jpy"})").find(R"("success":0)"),
            std::string::npos);
  EXPECT_THAT(edge.desk.all(), IsEmpty());
}

TEST(EdgeRecordsTest, OrdersThatWereRefusedOrStayedUnknownAreRemembered) {
  Remembering edge;
  edge.cluster.outcome = replica::Outcome::not_taken;
  edge.ask(alice, 1);
  edge.cluster.run();
  EXPECT_EQ(edge.status, 503);
  edge.cluster.outcome = replica::Outcome::unknown;
  edge.ask(bob, 2);
  edge.cluster.run();
  EXPECT_EQ(edge.status, 504);
  EXPECT_THAT(edge.desk.all(), ElementsAre(edge.order_of(alice, Ending::not_taken),
                                           edge.order_of(bob, Ending::unknown)));
}

TEST(EdgeRecordsTest, CancelsThatFailAreRememberedWithTheirNumberOfOrders) {
  Remembering edge;
  edge.cluster.outcome = replica::Outcome::unknown;
  (void)edge.post(alice, "/v1/user/spot/cancel_orders",
                  R"({"pair":"btc_jpy","order_ids":[1,2,3]})");
  const std::vector<FailedRequest> all = edge.desk.all();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].kind, RecordKind::cancel);
  EXPECT_EQ(all[0].count, 3u);
  EXPECT_EQ(all[0].subject, 0);
}

TEST(EdgeRecordsTest, WhoHungUpBeforeTheAnswerIsRemembered) {
  Remembering edge;
  edge.ask(alice, 1);
  edge.ask(bob, 2);
  edge.gateway.closed(1);
  edge.cluster.run();
  EXPECT_THAT(edge.desk.all(), ElementsAre(edge.order_of(alice, Ending::connection_lost)));
}

TEST(EdgeRecordsTest, WhoAsksTooOftenAtATightenedEdgeIsRememberedOnceASecond) {
  Remembering edge;
  Settings tight;
  tight.updates_per_second_max = 1;
  auto control =
      Control::open({edge.clock, edge.timers, edge.desk.log, edge.metrics, nullptr}, tight);
  ASSERT_TRUE(control.has_value());
  Gateway gateway({edge.clock, edge.timers, edge.metrics, edge.cluster, edge.projection, edge.books,
                   control->get()},
                  edge.options);
  gateway.reached(edge.projection.index());
  gateway.remember_in(*edge.desk.records);
  const std::string order =
      R"({"pair":"btc_jpy","amount":"1","price":"1","side":"buy","type":"limit"})";
  for (int i = 0; i < 5; ++i) {
    gateway.handle(edge.signed_request(alice, "POST", "/v1/user/spot/order", order),
                   [&edge](const net::HttpResponse& response) { edge.status = response.status; });
  }
  EXPECT_EQ(edge.status, 429);
  ASSERT_EQ(edge.desk.all().size(), 1u);
  EXPECT_EQ(edge.desk.all()[0].ending, Ending::throttled);
  EXPECT_EQ(edge.desk.all()[0].account, alice);
  EXPECT_EQ(edge.desk.all()[0].subject, every_market);
}

TEST(EdgeRecordsTest, UpdatesBeforeTheEdgeKnowsAnybodyAreCounted) {
  Remembering edge;
  edge.gateway.lost();
  edge.ask(alice, 1);
  edge.ask(bob, 2);
  EXPECT_EQ(edge.status, 503);
  const auto page = edge.desk.page(0, 1LL << 50);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->records.back().kind, RecordKind::unnamed);
  EXPECT_EQ(page->records.back().count, 2u);
}

}  // namespace
}  // namespace oki::edge
