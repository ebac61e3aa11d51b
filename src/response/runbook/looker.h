// Looks whether a condition holds, from outside: at what edges answer to anybody, at metrics, and
// at what the watch sees.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http.h"
#include "replica/client.h"
#include "response/commands.h"
#include "response/runbook/actions_config.h"
#include "response/runbook/condition.h"

namespace oki::response {

// Test trades since somebody began to count them.
struct TradeCounts {
  std::map<std::string, std::uint64_t> succeeded;  // By prober; never goes back.
  std::uint64_t failed = 0;
  friend bool operator==(const TradeCounts&, const TradeCounts&) = default;
};

// Counts what probers tell; at most probers_max of them.
class TradeCounter {
 public:
  void on(const Prove& proof);
  const TradeCounts& counts() const { return counts_; }

 private:
  TradeCounts counts_;
};

struct Looked {
  bool holds = false;
  std::string words;  // What was seen, in one sentence.
};

class Looker {
 public:
  virtual ~Looker() = default;

  // What test trades are counted from; taken when an action has ended.
  virtual TradeCounts counts() = 0;

  // `since` moves on to now when a test trade has failed after it. `done` is called once, inside or
  // later; it must not destroy this.
  using Done = std::function<void(Looked)>;
  virtual void look(const Condition& condition, TradeCounts& since, Done done) = 0;
};

class ExchangeLooker final : public Looker {
 public:
  // A GET of `target`, answered once; an error when there was no answer in time.
  using Fetch = std::function<void(const Address& server, const std::string& target,
                                   std::function<void(Result<net::HttpResponse>)> done)>;
  struct Parts {
    Fetch fetch;
    std::function<bool()> green;
    std::function<TradeCounts()> counts;
    std::function<replica::ClusterView()> view;
  };

  ExchangeLooker(Parts parts, ActionsConfig config);

  TradeCounts counts() override { return parts_.counts(); }
  void look(const Condition& condition, TradeCounts& since, Done done) override;

 private:
  void look_at_market(const Condition& condition, const Done& done);
  void ask_edges(std::size_t edge, const std::string& target,
                 std::function<void(Result<net::HttpResponse>)> done);
  void look_at_process(const Condition& condition, const Done& done);
  void look_at_edge(const Condition& condition, const Done& done);
  void look_at_metric(const Condition& condition, const Done& done);
  const Address* metrics_of(const std::string& process) const;

  Parts parts_;
  ActionsConfig config_;
};

// The sum of all series of this name in Prometheus text; nothing when there is none, or one that is
// no whole number.
std::optional<std::int64_t> sum_of(ByteView prometheus_text, ByteView metric);

}  // namespace oki::response
