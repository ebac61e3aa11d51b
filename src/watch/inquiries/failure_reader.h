// Which accounts had a request fail lately through no fault of their own: an order, a cancel, an
// amend or a withdrawal that was refused for load, or whose outcome is unknown
// (docs/incidents.md, 14.3), read from the records of all edges (docs/formats/edge-records.md).
//
// Every `every_ms` each edge is asked for what is new, page by page, whether somebody waits for an
// answer or not: so a question costs one look into a table, and a flood of inquiries costs the
// edges nothing. Reading goes on where the last round stopped; a page that was not full is read
// again. What is older than `window_ms` is forgotten.
//
// A question is answered "yes" as soon as a failure is known, "no" when every edge was read to its
// end in a round that began after the question, or when `deadline_ms` have passed.
//
// Limits: rows_max records of one edge in a round, accounts_max accounts, waiting_max questions.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "edge/records_format.h"
#include "net/http_client.h"

namespace oki::watch::inquiries {

struct FailureReaderOptions {
  std::vector<Address> edges;                   // Their --metrics listeners, all of them.
  std::vector<core::AccountId> house_accounts;  // Are no customers.
  std::int64_t window_ms = 3'600'000;  // A failure before that is not what somebody writes about.
  std::int64_t every_ms = 2'000;
  std::int64_t page_ms = 2'000;      // For one page.
  std::int64_t ahead_ms = 60'000;    // An edge's clock may be so much before ours.
  std::int64_t deadline_ms = 8'000;  // Of a question.
  std::size_t rows_max = 1'000'000;
  std::size_t accounts_max = 500'000;
  std::size_t waiting_max = 10'000;
};

class FailureReader {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Metrics& metrics;
  };
  using Done = std::function<void(bool)>;

  // All must outlive the reader, and the loop of `net` must not run any more when it is destroyed.
  FailureReader(const Parts& parts, const FailureReaderOptions& options);
  ~FailureReader();
  FailureReader(const FailureReader&) = delete;
  FailureReader& operator=(const FailureReader&) = delete;

  void start();

  // `account` as the customer gave it: what is no account of a customer has no failure. `done`
  // once, perhaps inside the call.
  void ask(const std::string& account, WallTimeMs at, Done done);

  // Of how many accounts a failure is known.
  std::size_t accounts() const { return accounts_; }

 private:
  static constexpr std::size_t shards = 64;  // So that forgetting is done a little at a time.

  struct Edge {
    std::unique_ptr<net::HttpClient> client;
    edge::RecordPlace place;  // Of the page that was read last.
    std::size_t rows = 0;     // Of this round.
    bool at_end = false;      // In this round.
  };
  struct Question {
    std::uint64_t account = 0;
    WallTimeMs at;
    std::uint64_t round = 0;  // The first one whose "no" counts.
    MonoTimeNs until;
    Done done;
  };

  void begin_round();
  void ask_page(std::size_t edge);
  void take_page(std::size_t edge, const Result<net::HttpResponse>& response);
  bool take_records(Edge& from, const edge::RecordPage& page);
  void remember(const edge::FailedRequest& record);
  void end_edge();
  void end_round();
  void forget_some();
  bool has_failed(std::uint64_t account, WallTimeMs at) const;

  Parts parts_;
  FailureReaderOptions options_;
  std::unordered_set<std::uint64_t> house_;
  std::vector<Edge> edges_;
  std::array<std::unordered_map<std::uint64_t, std::int64_t>, shards> newest_;  // By account.
  std::size_t accounts_ = 0;
  std::deque<Question> questions_;
  std::uint64_t round_ = 0;
  std::size_t reading_ = 0;  // Edges, in this round.
  std::size_t forgetting_ = 0;
  TimerId timer_;
  Counter& unread_;
  Counter& overflow_;
};

}  // namespace oki::watch::inquiries
