// The exchange's public REST API as one of its own house accounts uses it.
//
// A Caller makes one request at a time, with a deadline: what was surely not processed is sent
// again until then, so that a leader change shorter than the deadline is no failure; what may have
// been processed is not, unless it only reads. Whatever a server answers, it can only fail the
// call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/http.h"
#include "net/http_client.h"
#include "net/json_reader.h"

namespace oki::watch {

struct HouseKey {
  std::string key;
  std::string secret;
};

// Sends one request to one edge; calls back exactly once, never inside the call. In production
// net::HttpClient::request.
using Send = std::function<void(net::HttpRequest, net::HttpClient::Done)>;

constexpr std::int64_t call_retry_ms = 40;
constexpr std::size_t answer_bytes_max = 1u << 20;

net::HttpRequest public_get(std::string target);
net::HttpRequest signed_get(const HouseKey& key, std::string target, WallTimeMs now);
net::HttpRequest signed_post(const HouseKey& key, std::string target, std::string body,
                             WallTimeMs now);

enum class CallEnd : std::uint8_t {
  answered,     // `data` of {"success":1}.
  refused,      // {"success":0}: `code` says why. Surely without effect.
  unavailable,  // Surely not processed until the deadline.
  unknown,      // May have been processed.
  nonsense,     // An answer that is not the API's.
};

struct CallResult {
  CallEnd end = CallEnd::unknown;
  bool reached = false;  // Any HTTP answer came from the edge.
  // The first try came to nothing: whoever asks only once had been turned away.
  bool turned_away = false;
  std::int64_t code = 0;  // When refused.
  net::Json data;         // When answered; null otherwise.
};

// Reads an answer of the API; what it means for a request that may be sent again is not decided
// here.
CallResult read_answer(const Result<net::HttpResponse>& response);

class Caller {
 public:
  using Done = std::function<void(CallResult)>;
  using MakeRequest = std::function<net::HttpRequest(WallTimeMs now)>;

  // `clock` and `timers` must outlive the caller; calls die silently with it.
  Caller(const Clock& clock, Timers& timers, Send send, std::int64_t deadline_ms);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // One call at a time. `reads_only`: may be sent again even when its outcome is unknown.
  // REQUIRES: no call is under way.
  void call(MakeRequest make, bool reads_only, Done done);
  bool busy() const { return static_cast<bool>(done_); }

 private:
  void attempt();
  void on_response(std::uint64_t attempt, const Result<net::HttpResponse>& response);
  void finish(CallResult result);

  const Clock& clock_;
  Timers& timers_;
  Send send_;
  std::int64_t deadline_ms_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  MakeRequest make_;
  Done done_;
  bool reads_only_ = false;
  bool reached_ = false;
  bool outstanding_ = false;
  bool first_try_ = false;     // Of this call.
  bool turned_away_ = false;   // It came to nothing.
  std::uint64_t attempt_ = 0;  // Late answers of earlier attempts are not ours.
  TimerId deadline_;
  TimerId retry_;
};

}  // namespace oki::watch
