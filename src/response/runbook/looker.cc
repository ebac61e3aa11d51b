#include "response/runbook/looker.h"

#include <charconv>
#include <utility>

#include "base/decimal.h"
#include "net/json_reader.h"

namespace oki::response {
namespace {

constexpr std::size_t answer_bytes_max = 1u << 20;

std::uint64_t value_of(const std::map<std::string, std::uint64_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

Looked look_at_trades(const Condition& condition, TradeCounts& since, const TradeCounts& now) {
  if (now.failed != since.failed) since = now;
  std::uint64_t trades = 0;
  std::uint32_t probers = 0;
  for (const auto& [prober, count] : now.succeeded) {
    const std::uint64_t own = count - std::min(count, value_of(since.succeeded, prober));
    trades += own;
    if (own > 0) ++probers;
  }
  const bool holds =
      trades >= static_cast<std::uint64_t>(condition.number) && probers >= condition.probers;
  return {holds, std::to_string(trades) + " test trades in a row by " + std::to_string(probers) +
                     " probers"};
}

Looked look_at_leader(const Condition& condition, const replica::ClusterView& view) {
  if (!view.leader_known) return {false, "no leader is known"};
  const bool any = condition.kind == ConditionKind::a_leader;
  return {any || view.leader_seat == static_cast<std::uint64_t>(condition.number),
          "seat " + std::to_string(view.leader_seat) + " leads"};
}

// The member of `list` whose "pair" or "name" is the market.
const net::Json* entry_of(const net::Json& root, ByteView list, ByteView key,
                          const std::string& market) {
  const net::Json* data = root.find("data");
  const net::Json* entries = data == nullptr ? nullptr : data->find(list);
  if (entries == nullptr || entries->array() == nullptr) return nullptr;
  for (const net::Json& entry : *entries->array()) {
    const net::Json* name = entry.find(key);
    if (name != nullptr && name->string() == ByteView(market)) return &entry;
  }
  return nullptr;
}

std::optional<net::Json> json_of(const Result<net::HttpResponse>& answer) {
  if (!answer || answer->status != 200) return std::nullopt;
  auto json = net::parse_json(answer->body, answer_bytes_max);
  if (!json) return std::nullopt;
  return std::move(*json);
}

// What is known of a market after each of three questions.
struct MarketSeen {
  std::string status, mode;
  bool stops_orders = false;
};

Looked judge(const Condition& condition, const MarketSeen& seen) {
  const bool halted = seen.status == "HALT";
  const bool collects = seen.mode != "NONE";
  const std::string words = condition.subject + " is " + seen.status + ", mode " + seen.mode +
                            (seen.stops_orders ? ", orders are stopped" : "");
  switch (condition.market) {
    case MarketWord::halted:
      return {halted, words};
    case MarketWord::auction:
      return {collects && !halted, words};
    case MarketWord::cancel_only:
      return {seen.stops_orders && !halted, words};
    case MarketWord::trading:
      break;
  }
  return {!halted && !collects && !seen.stops_orders, words};
}

}  // namespace

void TradeCounter::on(const Prove& proof) {
  counts_.failed += proof.failed;
  const auto found = counts_.succeeded.find(proof.speaker);
  if (found != counts_.succeeded.end()) {
    found->second += proof.succeeded;
  } else if (counts_.succeeded.size() < probers_max) {
    counts_.succeeded.emplace(proof.speaker, proof.succeeded);
  }
}

ExchangeLooker::ExchangeLooker(Parts parts, ActionsConfig config)
    : parts_(std::move(parts)), config_(std::move(config)) {}

void ExchangeLooker::look(const Condition& condition, TradeCounts& since, Done done) {
  switch (condition.kind) {
    case ConditionKind::nothing:
      return done({true, "nothing is to be seen"});
    case ConditionKind::green: {
      const bool green = parts_.green();
      return done({green, green ? "green" : "not green"});
    }
    case ConditionKind::test_trades:
      return done(look_at_trades(condition, since, parts_.counts()));
    case ConditionKind::a_leader:
    case ConditionKind::leader_is:
      return done(look_at_leader(condition, parts_.view()));
    case ConditionKind::market_is:
      return look_at_market(condition, done);
    case ConditionKind::process_is:
      return look_at_process(condition, done);
    case ConditionKind::edge_is:
      return look_at_edge(condition, done);
    case ConditionKind::metric:
      return look_at_metric(condition, done);
  }
}

// The first edge that answers: one of them may be the very thing that is broken.
void ExchangeLooker::ask_edges(std::size_t edge, const std::string& target,
                               std::function<void(Result<net::HttpResponse>)> done) {
  if (edge >= config_.edges.size()) return done(error(Errc::unavailable, "no edge answers"));
  parts_.fetch(config_.edges[edge], target,
               [this, edge, target, done = std::move(done)](Result<net::HttpResponse> answer) {
                 if (!answer || answer->status != 200) return ask_edges(edge + 1, target, done);
                 done(std::move(answer));
               });
}

void ExchangeLooker::look_at_market(const Condition& condition, const Done& done) {
  const auto unclear = [done] { done({false, "no edge says what the market's state is"}); };
  const auto by_mode = [done, condition, unclear](MarketSeen seen,
                                                  const Result<net::HttpResponse>& answer) {
    const auto json = json_of(answer);
    const net::Json* data = json ? json->find("data") : nullptr;
    const net::Json* mode = data == nullptr ? nullptr : data->find("mode");
    if (mode == nullptr || !mode->string()) return unclear();
    seen.mode = *mode->string();
    done(judge(condition, seen));
  };
  const auto by_pairs = [this, condition, unclear, by_mode](
                            MarketSeen seen, const Result<net::HttpResponse>& answer) {
    const auto json = json_of(answer);
    const net::Json* pair = json ? entry_of(*json, "pairs", "name", condition.subject) : nullptr;
    const net::Json* stop = pair == nullptr ? nullptr : pair->find("stop_order");
    if (stop == nullptr || !stop->boolean()) return unclear();
    seen.stops_orders = *stop->boolean();
    ask_edges(0, "/" + condition.subject + "/circuit_break_info",
              [seen, by_mode](const Result<net::HttpResponse>& next) { by_mode(seen, next); });
  };
  ask_edges(0, "/v1/spot/status",
            [this, condition, unclear, by_pairs](const Result<net::HttpResponse>& answer) {
              const auto json = json_of(answer);
              const net::Json* entry =
                  json ? entry_of(*json, "statuses", "pair", condition.subject) : nullptr;
              const net::Json* status = entry == nullptr ? nullptr : entry->find("status");
              if (status == nullptr || !status->string()) return unclear();
              const MarketSeen seen{std::string(*status->string()), {}, false};
              ask_edges(0, "/v1/spot/pairs",
                        [seen, by_pairs](const Result<net::HttpResponse>& next) {
                          by_pairs(seen, next);
                        });
            });
}

const Address* ExchangeLooker::metrics_of(const std::string& process) const {
  const bool edge = process.starts_with("edge");
  if (!edge && !process.starts_with("node")) return nullptr;
  const auto number = parse_decimal(ByteView(process).substr(4), 0);
  const std::vector<Address>& all = edge ? config_.edge_metrics : config_.node_metrics;
  if (!number || *number == 0 || *number > all.size()) return nullptr;
  return &all[*number - 1];
}

void ExchangeLooker::look_at_process(const Condition& condition, const Done& done) {
  const Address* address = metrics_of(condition.subject);
  if (address == nullptr) return done({false, "there is no " + condition.subject});
  parts_.fetch(*address, "/metrics", [condition, done](const Result<net::HttpResponse>& answer) {
    const bool up = answer.has_value();
    done({up == condition.up, condition.subject + (up ? " answers" : " does not answer")});
  });
}

void ExchangeLooker::look_at_edge(const Condition& condition, const Done& done) {
  const auto number = static_cast<std::uint64_t>(condition.number);
  if (number == 0 || number > config_.edges.size()) return done({false, "there is no such edge"});
  parts_.fetch(config_.edges[number - 1], "/healthz",
               [condition, done](const Result<net::HttpResponse>& answer) {
                 if (!answer) return done({false, "the edge does not answer"});
                 const auto json = net::parse_json(answer->body, answer_bytes_max);
                 const net::Json* draining = json ? json->find("draining") : nullptr;
                 const net::Json* healthy = json ? json->find("healthy") : nullptr;
                 if (draining == nullptr || healthy == nullptr) {
                   return done({false, "the edge's health cannot be read"});
                 }
                 const bool drains = draining->boolean() == true;
                 const bool serves = healthy->boolean() == true && !drains;
                 done({condition.up ? serves : drains, drains   ? "it is draining"
                                                       : serves ? "it is serving"
                                                                : "it is not healthy"});
               });
}

void ExchangeLooker::look_at_metric(const Condition& condition, const Done& done) {
  const Address* address = metrics_of(condition.subject);
  if (address == nullptr) return done({false, "there is no " + condition.subject});
  parts_.fetch(*address, "/metrics", [condition, done](const Result<net::HttpResponse>& answer) {
    const auto sum = answer ? sum_of(answer->body, condition.metric) : std::nullopt;
    if (!sum) return done({false, condition.subject + " does not tell " + condition.metric});
    const bool holds = condition.comparison == '<'   ? *sum < condition.number
                       : condition.comparison == '>' ? *sum > condition.number
                                                     : *sum == condition.number;
    done({holds, condition.metric + " is " + std::to_string(*sum)});
  });
}

std::optional<std::int64_t> sum_of(ByteView text, ByteView metric) {
  std::optional<std::int64_t> sum;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    ByteView line = text.substr(0, end);
    text.remove_prefix(end == ByteView::npos ? text.size() : end + 1);
    if (!line.starts_with(metric)) continue;
    line.remove_prefix(metric.size());
    if (!line.starts_with(' ') && !line.starts_with('{')) continue;
    const ByteView number = line.substr(line.rfind(' ') + 1);
    std::int64_t value = 0;
    const auto [stop, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (fault != std::errc{} || stop != number.data() + number.size()) return std::nullopt;
    sum = sum.value_or(0) + value;
  }
  return sum;
}

}  // namespace oki::response
