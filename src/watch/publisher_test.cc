// What reaches a status site, and what is sent again to one that forgot it.
#include "watch/publisher.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "notify/envelope.h"
#include "notify/testing/notices.h"
#include "notify/testing/parts.h"

namespace oki::watch {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

// A status site that answers when it is told to.
class FakeSite {
 public:
  Send sender() {
    return [this](net::HttpRequest request, net::HttpClient::Done done) {
      bodies.push_back(std::move(request.body));
      waiting.push_back(std::move(done));
    };
  }
  void answer(std::uint64_t document, std::uint64_t notices) {
    const net::HttpClient::Done done = std::move(waiting.front());
    waiting.erase(waiting.begin());
    done(net::json_response(
        200, fmt::format(R"({{"lease":1,"document":{},"notices":{}}})", document, notices)));
  }
  notify::EnvelopeKind kind(std::size_t position) const {
    return notify::envelope_kind(bodies.at(position)).value();
  }

  std::vector<Bytes> bodies;
  std::vector<net::HttpClient::Done> waiting;
};

class PublisherTest : public ::testing::Test {
 protected:
  void lease() {
    notify::Lease lease = notify::green_lease(0, noon);
    publisher_.publish(lease, false);
  }
  FakeSite site_;
  Metrics metrics_;
  Publisher publisher_{notify::test_key(), {site_.sender()}, metrics_};
};

TEST_F(PublisherTest, BringsNoticesAtOnceAndLeavesDrillsOut) {
  notify::NoticeBoard board = notify::small_board(noon);
  board.notices[1].drill = true;
  publisher_.set_notices(board);
  ASSERT_EQ(site_.bodies.size(), 1u);
  const auto payload = notify::open_envelope(notify::test_key().public_key,
                                             notify::EnvelopeKind::notices, site_.bodies[0]);
  const auto brought = notify::decode_notice_board(payload.value());
  EXPECT_EQ(brought->notices.size(), 1u);
  EXPECT_EQ(brought->maintenances.size(), 1u);
}

TEST_F(PublisherTest, AnOlderBoardChangesNothing) {
  publisher_.set_notices(notify::small_board(noon));
  notify::NoticeBoard older;
  older.sequence = 4;
  publisher_.set_notices(older);
  EXPECT_EQ(site_.bodies.size(), 1u);
}

TEST_F(PublisherTest, SendsAgainToASiteThatHasLessAndToNoOther) {
  publisher_.set_notices(notify::small_board(noon));
  site_.answer(0, 5);
  lease();
  site_.answer(0, 5);
  EXPECT_EQ(site_.bodies.size(), 2u);
  lease();
  site_.answer(0, 4);
  ASSERT_EQ(site_.bodies.size(), 4u);
  EXPECT_EQ(site_.kind(3), notify::EnvelopeKind::notices);
  site_.answer(0, 4);
  EXPECT_EQ(site_.bodies.size(), 4u) << "a refused board is not sent in a circle";
}

TEST_F(PublisherTest, DocumentAndNoticesDoNotWaitForEachOther) {
  publisher_.set_document(notify::document_with_outage(noon));
  publisher_.set_notices(notify::small_board(noon));
  ASSERT_EQ(site_.bodies.size(), 2u);
  EXPECT_EQ(site_.kind(0), notify::EnvelopeKind::document);
  EXPECT_EQ(site_.kind(1), notify::EnvelopeKind::notices);
}

}  // namespace
}  // namespace oki::watch
