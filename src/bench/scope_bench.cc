#include "bench/scope_bench.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "bench/big_state.h"
#include "edge/records_page.h"
#include "host/loop.h"
#include "net/metrics_server.h"
#include "response/scope_reader.h"
#include "response/testing/scope_world.h"

namespace oki::bench {
namespace {

constexpr std::size_t edges = 2;
constexpr std::size_t told_at_once = 8'192;
constexpr std::int64_t watch_ms = 1;

// What an edge has of its own for this.
struct BenchEdge {
  Metrics metrics;
  std::unique_ptr<Disk> disk;
  std::unique_ptr<edge::Records> records;
  std::unique_ptr<net::MetricsServer> server;
  std::vector<edge::FailedRequest> to_tell;
  std::size_t told = 0;
};

class ScopeBench {
 public:
  explicit ScopeBench(const ScopeBenchOptions& options)
      : options_(options),
        world_(options.seed, {.accounts = options.accounts,
                              .orders = options.orders,
                              .markets = 20,
                              .edges = edges}) {}

  Result<ScopeBenchRow> run() {
    for (std::size_t i = 0; i < edges; ++i) {
      if (auto done = begin_edge(i); !done) return tl::unexpected(done.error());
    }
    follow();
    reader_.emplace(response::ScopeReader::Parts{loop_.timers(), loop_.net(), log_},
                    reader_options_);
    loop_.post([this] { tell_records(); });
    loop_.run();
    if (!reading_.report.complete) {
      return error(Errc::mismatch, reading_.report.missing.empty()
                                       ? "the report is incomplete"
                                       : reading_.report.missing.front());
    }
    judge();
    return row_;
  }

 private:
  std::int64_t now_us() const { return loop_.clock().mono_now().value / 1'000; }

  Result<void> begin_edge(std::size_t number) {
    edges_.push_back(std::make_unique<BenchEdge>());
    BenchEdge& edge = *edges_.back();
    auto disk = loop_.open_disk(options_.directory + "/edge" + std::to_string(number));
    if (!disk) return tl::unexpected(disk.error());
    edge.disk = std::move(*disk);
    edge::RecordsOptions keep;
    keep.segments_max = 256;
    auto records = edge::Records::open({early_, quiet_, edge.metrics}, *edge.disk, keep);
    if (!records) return tl::unexpected(records.error());
    edge.records = std::move(*records);
    edge.server = std::make_unique<net::MetricsServer>(loop_.net(), loop_.timers(), loop_.clock(),
                                                       edge.metrics);
    edge.server->add_handler(
        std::string(edge::records_path),
        [&edge](const net::HttpRequest& request, const net::MetricsServer::Respond& respond) {
          edge::answer_records(*edge.records, request, respond);
        });
    const Result<Address> bound = edge.server->listen({"127.0.0.1", 0});
    if (!bound) return tl::unexpected(bound.error());
    reader_options_.edges.push_back(*bound);
    return {};
  }

  void follow() {
    std::int64_t spent_ns = 0;
    world_.run(
        [&](const replica::EventBlock& block) {
          const MonoTimeNs start = loop_.clock().mono_now();
          log_.on_block(block);
          spent_ns += loop_.clock().mono_now() - start;
          row_.events_bytes += block.events.size();
        },
        [this](std::size_t edge, const edge::FailedRequest& record) {
          edges_[edge]->to_tell.push_back(record);
          ++row_.records;
        });
    row_.follow_ms = spent_ns / ns_per_ms;
    row_.open_orders = log_.tables() == nullptr ? 0 : log_.tables()->open_count;
    reader_options_.house_accounts = world_.house_accounts();
  }

  // A portion a turn, as they would come in a bad minute.
  void tell_records() {
    bool more = false;
    for (const auto& edge : edges_) {
      const std::size_t end = std::min(edge->told + told_at_once, edge->to_tell.size());
      for (; edge->told < end; ++edge->told) edge->records->add(edge->to_tell[edge->told]);
      more = more || end < edge->to_tell.size();
    }
    // Asking for a page waits until what was told is durable.
    if (more) return wait_for_disks([this] { tell_records(); });
    wait_for_disks([this] { ask(); });
  }

  void wait_for_disks(std::function<void()> then) {
    auto left = std::make_shared<std::size_t>(edges_.size());
    for (const auto& edge : edges_) {
      edge->records->page({0}, {0}, {}, [left, then](const Result<edge::RecordPage>&) {
        if (--*left == 0) then();
      });
    }
  }

  void ask() {
    asked_us_ = last_us_ = now_us();
    watch();
    reader_->read(world_.query(), [this](response::ScopeReading reading) {
      row_.took_ms = (now_us() - asked_us_) / 1'000;
      row_.resident_bytes = resident_bytes();
      reading_ = std::move(reading);
      loop_.stop();
    });
  }

  void watch() {
    row_.longest_us = std::max(row_.longest_us, now_us() - last_us_ - watch_ms * 1'000);
    last_us_ = now_us();
    loop_.timers().after_ms(watch_ms, [this] { watch(); });
  }

  void judge() {
    response::ScopeReport expected = world_.expected_report();
    response::ScopeReport& got = reading_.report;
    row_.accounts = got.accounts;
    row_.accounts_failed = got.accounts_failed;
    row_.accounts_waiting = got.accounts_waiting;
    expected.complete = got.complete;
    expected.first = got.first;
    expected.last = got.last;
    expected.accounts_digest = got.accounts_digest;
    row_.equal = expected == got && reading_.accounts == world_.expected_accounts();
  }

  // The edges were there before anything happened.
  struct Early : Clock {
    WallTimeMs wall_now() const override { return {1}; }
    MonoTimeNs mono_now() const override { return {1}; }
  };

  ScopeBenchOptions options_;
  Early early_;
  Log quiet_{early_, "bench", {}};
  host::Loop loop_;
  response::ScopeWorld world_;
  response::ScopeLog log_{{}};
  response::ScopeReaderOptions reader_options_;
  std::vector<std::unique_ptr<BenchEdge>> edges_;
  std::optional<response::ScopeReader> reader_;
  response::ScopeReading reading_;
  ScopeBenchRow row_;
  std::int64_t asked_us_ = 0;
  std::int64_t last_us_ = 0;
};

}  // namespace

Result<ScopeBenchRow> run_scope_bench(const ScopeBenchOptions& options) {
  return ScopeBench(options).run();
}

std::string to_json(const ScopeBenchOptions& options, const ScopeBenchRow& row) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("accounts", options.accounts).field("orders", options.orders);
  json.field("seed", options.seed).field("equal", row.equal).field("took_ms", row.took_ms);
  json.field("longest_us", row.longest_us).field("follow_ms", row.follow_ms);
  json.field("rss", row.resident_bytes).field("events_bytes", row.events_bytes);
  json.field("records", row.records).field("open_orders", row.open_orders);
  json.field("accounts_hit", row.accounts).field("accounts_failed", row.accounts_failed);
  json.field("accounts_waiting", row.accounts_waiting).end_object();
  return out;
}

}  // namespace oki::bench
