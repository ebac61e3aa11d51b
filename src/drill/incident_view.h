// What the watches say of their incidents, asked from outside all the time: GET /state.json of
// each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "net/http_client.h"

namespace oki::drill {

constexpr std::int64_t incident_poll_ms = 100;

struct IncidentSeen {
  std::string number;  // As the operators' API takes it.
  std::string phase;
  std::string severity;
};

class IncidentView {
 public:
  // All must outlive the view, and its net must not run any more when it goes.
  IncidentView(Timers& timers, Net& net, const std::vector<Address>& watches);
  ~IncidentView();

  // Of the watch that has applied most; those that are not open any more are left out.
  const std::vector<IncidentSeen>& open() const { return open_; }
  const IncidentSeen* in_phase(ByteView phase) const;

  // At least one watch keeps incidents at all.
  bool answers() const { return answers_; }

 private:
  void ask();
  void take(const Result<net::HttpResponse>& response);

  Timers& timers_;
  std::vector<std::unique_ptr<net::HttpClient>> watches_;
  std::vector<IncidentSeen> open_;
  std::int64_t applied_ = -1;
  bool answers_ = false;
  TimerId timer_;
};

}  // namespace oki::drill
