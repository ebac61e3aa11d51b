// A drill as a sequence of steps: each call runs the loop until its answer is there, and what was
// expected is written down beside what was seen.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/commands.h"
#include "drill/session.h"
#include "net/http_client.h"

namespace oki::drill {

struct Check {
  std::string what;
  std::string expected;
  std::string seen;
  bool ok() const { return expected == seen; }
};

class Steps {
 public:
  // `session` has started and outlives this.
  explicit Steps(Session& session) : session_(session) {}

  // Requests as a customer. Throttled ones and those that were surely not taken are sent again.
  ApiAnswer get(const DrillAccount& account, const std::string& target);
  ApiAnswer post(const DrillAccount& account, const std::string& target, const std::string& body);

  // Any request to any server; nothing when it did not answer.
  std::optional<net::HttpResponse> ask(const Address& server, net::HttpRequest request);
  std::optional<net::HttpResponse> page(const Address& server, const std::string& target);

  // A command of an operator, by the log's own client. Nothing when its outcome is not known.
  std::optional<core::Reply> submit(const core::Command& command);

  void wait_ms(std::int64_t ms);

  // Asks again and again, until it holds or `patience_ms` are over; whether it held.
  bool wait_for(std::int64_t patience_ms, const std::function<bool()>& holds);

  // True when both are the same text.
  bool check(const std::string& what, const std::string& expected, const std::string& seen);
  bool check(const std::string& what, std::int64_t expected, std::int64_t seen) {
    return check(what, std::to_string(expected), std::to_string(seen));
  }
  bool check(const std::string& what, bool holds) {
    return check(what, "yes", holds ? "yes" : "no");
  }
  const std::vector<Check>& checks() const { return checks_; }

  // Somebody has stopped the loop from outside: every later step returns at once.
  bool interrupted() const { return interrupted_; }

  Session& session() { return session_; }

 private:
  using Send = std::function<void(ApiClient::Done)>;
  ApiAnswer repeated(const Send& send);
  ApiAnswer once(const Send& send);
  void run_until(const std::function<bool()>& holds);

  Session& session_;
  std::map<std::string, std::unique_ptr<net::HttpClient>> servers_;
  std::vector<Check> checks_;
  bool interrupted_ = false;
};

// A member as a text: strings as they are, numbers as spelled, null as "null", absent as "absent".
std::string text_of(const net::Json& object, ByteView name);
std::int64_t number_of(const net::Json& object, ByteView name);  // 0 when it is none.

}  // namespace oki::drill
