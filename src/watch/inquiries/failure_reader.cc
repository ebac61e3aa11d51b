#include "watch/inquiries/failure_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "edge/records_page.h"

namespace oki::watch::inquiries {
namespace {

// Nothing when it is no number that an account can have.
std::optional<std::uint64_t> account_of(ByteView text) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  if (!whole || value == 0) return std::nullopt;
  return value;
}

bool is_of_a_customer(edge::RecordKind kind) {
  return kind == edge::RecordKind::order || kind == edge::RecordKind::cancel ||
         kind == edge::RecordKind::amend || kind == edge::RecordKind::withdrawal;
}

}  // namespace

FailureReader::FailureReader(const Parts& parts, const FailureReaderOptions& options)
    : parts_(parts),
      options_(options),
      unread_(parts.metrics.counter("okiagari_inquiry_records_unread_total",
                                    "Rounds in which an edge's records were not read to the end")),
      overflow_(parts.metrics.counter("okiagari_inquiry_join_overflow_total",
                                      "Accounts and questions beyond the limits of the join")) {
  net::HttpClientOptions client;
  client.deadline_ms = options.page_ms;
  client.connections_max = 1;
  for (const Address& address : options.edges) {
    edges_.push_back({std::make_unique<net::HttpClient>(parts.net, parts.timers, address, client),
                      {},
                      0,
                      false});
  }
  for (const core::AccountId account : options.house_accounts) house_.insert(account.value);
}

FailureReader::~FailureReader() { parts_.timers.cancel(timer_); }

void FailureReader::start() { begin_round(); }

void FailureReader::ask(const std::string& account, WallTimeMs at, Done done) {
  const auto number = account_of(account);
  if (!number || house_.contains(*number) || edges_.empty()) return done(false);
  if (has_failed(*number, at)) return done(true);
  if (questions_.size() >= options_.waiting_max) {
    overflow_.add();
    return done(false);
  }
  questions_.push_back({*number, at, round_ + 1,
                        parts_.clock.mono_now() + options_.deadline_ms * ns_per_ms,
                        std::move(done)});
}

bool FailureReader::has_failed(std::uint64_t account, WallTimeMs at) const {
  const auto& shard = newest_[account % shards];
  const auto found = shard.find(account);
  return found != shard.end() && found->second >= at.value - options_.window_ms;
}

void FailureReader::begin_round() {
  ++round_;
  reading_ = edges_.size();
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    edges_[i].rows = 0;
    edges_[i].at_end = false;
    ask_page(i);
  }
  if (edges_.empty()) end_round();
}

void FailureReader::ask_page(std::size_t edge) {
  const WallTimeMs now = parts_.clock.wall_now();
  net::HttpRequest request;
  request.method = "GET";
  request.target = edge::records_target({std::max<std::int64_t>(0, now.value - options_.window_ms)},
                                        {now.value + options_.ahead_ms}, edges_[edge].place);
  edges_[edge].client->request(
      std::move(request),
      [this, edge](const Result<net::HttpResponse>& response) { take_page(edge, response); });
}

void FailureReader::take_page(std::size_t edge, const Result<net::HttpResponse>& response) {
  Edge& from = edges_[edge];
  const auto page = response && response->status == 200 ? edge::decode_page(response->body)
                                                        : std::optional<edge::RecordPage>();
  // An edge whose records were moved away counts its segments from 1 again: then there is no such
  // place, and the next round begins anew. One that is busy or away is asked again from here.
  const bool is_busy = !response || response->status == 503;
  if (!page && !is_busy) from.place = {};
  if (!page || !take_records(from, *page) || from.rows >= options_.rows_max) return end_edge();
  ask_page(edge);
}

// Whether another page is to be asked for.
bool FailureReader::take_records(Edge& from, const edge::RecordPage& page) {
  for (const edge::FailedRequest& record : page.records) remember(record);
  from.rows += page.records.size();
  if (page.next) {
    const bool forward = from.place < *page.next;
    if (forward) from.place = *page.next;
    return forward;
  }
  // Nothing from here on, or no such place any more: the beginning knows which.
  const bool is_lost = page.records.empty() && from.place != edge::RecordPlace{};
  if (is_lost) from.place = {};
  from.at_end = !is_lost;
  return is_lost;
}

void FailureReader::remember(const edge::FailedRequest& record) {
  const std::uint64_t account = record.account.value;
  if (account == 0 || !is_of_a_customer(record.kind) || house_.contains(account)) return;
  auto& shard = newest_[account % shards];
  const auto found = shard.find(account);
  if (found != shard.end()) {
    found->second = std::max(found->second, record.at.value);
  } else if (accounts_ >= options_.accounts_max) {
    overflow_.add();
  } else {
    shard.emplace(account, record.at.value);
    ++accounts_;
  }
}

void FailureReader::end_edge() {
  if (--reading_ == 0) end_round();
}

void FailureReader::end_round() {
  const bool all_read = std::ranges::all_of(edges_, &Edge::at_end);
  if (!all_read) unread_.add();
  const MonoTimeNs now = parts_.clock.mono_now();
  for (std::size_t left = questions_.size(); left > 0; --left) {
    Question question = std::move(questions_.front());
    questions_.pop_front();
    const bool failed = has_failed(question.account, question.at);
    const bool answered = all_read && question.round <= round_;
    if (failed || answered || question.until <= now) {
      question.done(failed);
    } else {
      questions_.push_back(std::move(question));
    }
  }
  forget_some();
  timer_ = parts_.timers.after_ms(options_.every_ms, [this] { begin_round(); });
}

void FailureReader::forget_some() {
  auto& shard = newest_[forgetting_++ % shards];
  const std::int64_t before = parts_.clock.wall_now().value - options_.window_ms;
  accounts_ -= std::erase_if(shard, [&](const auto& one) { return one.second < before; });
}

}  // namespace oki::watch::inquiries
