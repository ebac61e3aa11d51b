#include "response/scope_reader.h"

#include <fmt/format.h>

#include <utility>

#include "base/assert.h"
#include "edge/records_page.h"

namespace oki::response {
namespace {

constexpr std::int64_t log_look_ms = 100;
// An edge that was killed says so when it is back; what was under way by then is not known.
constexpr std::int64_t restart_ms = 60'000;

// What is computed on while no log is known.
const ScopeTables& no_tables() {
  static const ScopeTables tables;
  return tables;
}

}  // namespace

ScopeReader::ScopeReader(const Parts& parts, const ScopeReaderOptions& options)
    : parts_(parts), options_(options) {
  net::HttpClientOptions client;
  client.deadline_ms = options.page_ms;
  client.connections_max = 1;
  for (const Address& address : options.edges) {
    edges_.push_back({to_string(address),
                      std::make_unique<net::HttpClient>(parts.net, parts.timers, address, client)});
  }
}

ScopeReader::~ScopeReader() {
  parts_.timers.cancel(timer_);
  if (calculator_ != nullptr) parts_.log.release();
}

void ScopeReader::later(std::int64_t ms, void (ScopeReader::*next)()) {
  timer_ = parts_.timers.after_ms(ms, [this, next] { (this->*next)(); });
}

void ScopeReader::read(ScopeQuery query, Done done) {
  if (waiting_.size() >= options_.waiting_max) {
    ScopeReading none;
    none.report.from = query.from;
    none.report.to = query.to;
    none.report.missing = {"Too many wait to be computed."};
    parts_.timers.after_ms(0, [none, done = std::move(done)] { done(none); });
    return;
  }
  waiting_.push_back({std::move(query), std::move(done)});
  if (std::exchange(busy_, true)) return;
  later(0, &ScopeReader::begin);
}

void ScopeReader::begin() {
  if (waiting_.empty()) {
    busy_ = false;
    return;
  }
  waited_ms_ = 0;
  await_log();
}

void ScopeReader::await_log() {
  const ScopeTables* tables = parts_.log.tables();
  const ScopeQuery& query = waiting_.front().query;
  const bool there = tables != nullptr && tables->time >= query.to;
  if (!there && waited_ms_ < options_.log_wait_ms) {
    waited_ms_ += log_look_ms;
    return later(log_look_ms, &ScopeReader::await_log);
  }
  parts_.log.hold();
  calculator_ = std::make_unique<ScopeCalculator>(tables == nullptr ? no_tables() : *tables, query,
                                                  options_.house_accounts, options_.limits);
  if (tables == nullptr) calculator_->add_missing("The log is not known yet.");
  if (edges_.empty()) calculator_->add_missing("No edge's records were asked for.");
  edge_ = 0;
  read_edge();
}

void ScopeReader::read_edge() {
  if (edge_ == edges_.size()) return later(0, &ScopeReader::step);
  place_ = {};
  pages_ = 0;
  ask_page();
}

void ScopeReader::ask_page() {
  const ScopeQuery& query = waiting_.front().query;
  net::HttpRequest request;
  request.method = "GET";
  request.target = edge::records_target(query.from, {query.to.value + restart_ms}, place_);
  edges_[edge_].client->request(
      std::move(request), [this](Result<net::HttpResponse> response) { take_page(response); });
}

void ScopeReader::lack(const std::string& why) {
  calculator_->add_missing(fmt::format("The records of edge {} {}.", edges_[edge_].name, why));
}

void ScopeReader::next_edge() {
  ++edge_;
  later(0, &ScopeReader::read_edge);
}

void ScopeReader::take_page(const Result<net::HttpResponse>& response) {
  if (!response) lack("cannot be read: " + response.error().message);
  if (response && response->status != 200) {
    lack(fmt::format("cannot be read: it answers {}", response->status));
  }
  if (!response || response->status != 200) return next_edge();
  const auto page = edge::decode_page(response->body);
  if (!page) lack("are no records");
  if (!page || !take_records(*page)) return next_edge();
  const bool forward = place_ < *page->next;
  if (!forward || ++pages_ >= options_.pages_max) {
    lack("do not end");
    return next_edge();
  }
  place_ = *page->next;
  later(0, &ScopeReader::ask_page);
}

// Whether there is another page.
bool ScopeReader::take_records(const edge::RecordPage& page) {
  const ScopeQuery& query = waiting_.front().query;
  const bool first = place_ == edge::RecordPlace{};
  if (first && page.whole_since > query.from) lack("begin only later");
  if (first && page.dropped > 0) lack("are not whole: some were lost");
  for (const edge::FailedRequest& record : page.records) {
    if (record.kind == edge::RecordKind::started && record.at > query.from) {
      lack("do not say what was under way when it was started anew");
    }
    if (record.kind == edge::RecordKind::dropped && record.at <= query.to) {
      lack("are not whole: some were lost");
    }
    calculator_->add(record);
  }
  return page.next.has_value();
}

void ScopeReader::step() {
  if (!calculator_->step()) return later(0, &ScopeReader::step);
  ScopeReading reading;
  reading.report = calculator_->take_report();
  reading.accounts = calculator_->take_accounts();
  calculator_.reset();
  parts_.log.release();
  const Done done = std::move(waiting_.front().done);
  waiting_.pop_front();
  later(0, &ScopeReader::begin);
  done(std::move(reading));
}

}  // namespace oki::response
