// Reads how far an incident reached, beside everything else that the process does: the records of
// all edges over HTTP, a page at a time, then the tables of the log, some milliseconds a turn.
//
// One reading at a time; the others wait. It waits for the log to reach the end of the time asked
// for, at most `log_wait_ms`. What could not be read is named in the report, whose numbers are
// floors then.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "net/http_client.h"
#include "response/scope_calculator.h"

namespace oki::response {

struct ScopeReaderOptions {
  std::vector<Address> edges;  // Their --metrics listeners, all of them.
  std::vector<core::AccountId> house_accounts;
  ScopeLimits limits;
  std::size_t waiting_max = 16;      // Readings; one more gives an empty report that says so.
  std::size_t pages_max = 20'000;    // Of one edge.
  std::int64_t page_ms = 5'000;      // For one page.
  std::int64_t log_wait_ms = 3'000;  // Then it is read as far as it is.
};

struct ScopeReading {
  ScopeReport report;
  Bytes accounts;  // The list whose digest the report has; scope_calculator.h.
};

class ScopeReader {
 public:
  struct Parts {
    Timers& timers;
    Net& net;
    ScopeLog& log;
  };
  using Done = std::function<void(ScopeReading)>;

  // All must outlive this.
  ScopeReader(const Parts& parts, const ScopeReaderOptions& options);
  ~ScopeReader();

  // Called back exactly once, never inside this call.
  void read(ScopeQuery query, Done done);

 private:
  struct Waiting {
    ScopeQuery query;
    Done done;
  };
  struct Edge {
    std::string name;
    std::unique_ptr<net::HttpClient> client;
  };

  void later(std::int64_t ms, void (ScopeReader::*next)());
  void begin();
  void await_log();
  void read_edge();
  void ask_page();
  void take_page(const Result<net::HttpResponse>& response);
  bool take_records(const edge::RecordPage& page);
  void lack(const std::string& why);
  void next_edge();
  void step();

  Parts parts_;
  ScopeReaderOptions options_;
  std::vector<Edge> edges_;
  std::deque<Waiting> waiting_;  // The first one is being read, when `calculator_` is there.
  std::unique_ptr<ScopeCalculator> calculator_;
  TimerId timer_;
  bool busy_ = false;
  std::int64_t waited_ms_ = 0;
  std::size_t edge_ = 0;
  std::size_t pages_ = 0;
  edge::RecordPlace place_;
};

}  // namespace oki::response
