// Finds every change of an edge's settings, whoever made it and however, and tells it to the
// incident machine: the first thing that the causes of an incident are ranked by.
//
// Asks GET /admin/state of every edge each follow_every_ms and tells the changes with a higher
// number than the last one told. What was changed before the first answer of an edge is told only
// when it is not older than follow_back_ms, so that a watch that starts does not tell old news. A
// change told twice by two watches has the same time, words and author.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "base/result.h"
#include "net/http.h"
#include "response/tell.h"

namespace oki::response {

constexpr std::int64_t follow_every_ms = 1'000;
constexpr std::int64_t follow_back_ms = 60'000;

// Whether the change was told here and took an earlier one back.
bool is_rollback(const ChangeRecord& change);

class ChangeFollower {
 public:
  // Sends the request to the edge's metrics listener; an error when there was no answer in time.
  using Send = std::function<void(std::size_t edge, net::HttpRequest request,
                                  std::function<void(Result<net::HttpResponse>)> done)>;
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Send send;
    Tell tell;
  };

  // All parts must outlive this. `token` is that of the edges' --admin-token.
  ChangeFollower(const Parts& parts, std::size_t edges, Bytes token);
  ~ChangeFollower();
  ChangeFollower(const ChangeFollower&) = delete;
  ChangeFollower& operator=(const ChangeFollower&) = delete;

  void start();

 private:
  struct Edge {
    bool asking = false;
    std::optional<std::int64_t> told;  // The number of the last change; nothing before an answer.
  };

  void ask_all();
  void take(std::size_t edge, const Result<net::HttpResponse>& answer);

  Parts parts_;
  Bytes token_;
  std::vector<Edge> edges_;
  std::shared_ptr<ChangeFollower*> alive_;
  TimerId timer_;
};

}  // namespace oki::response
