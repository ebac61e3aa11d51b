#include "watch/publisher.h"

#include <algorithm>
#include <utility>

#include "net/json_reader.h"
#include "notify/envelope.h"

namespace oki::watch {
namespace {

constexpr std::size_t answer_max = 4096;

// Serials above this are left alone: no honest site gets there, and a wrap must not happen.
constexpr std::uint64_t serial_taken_max = std::uint64_t{1} << 62;

std::uint64_t number_of(const net::Json& json, ByteView field) {
  const net::Json* value = json.find(field);
  const std::int64_t number = value == nullptr ? 0 : value->integer().value_or(0);
  return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

}  // namespace

Publisher::Publisher(crypto::SigningKey key, std::vector<Send> sites, Metrics& metrics)
    : key_(std::move(key)),
      failures_(metrics.counter("okiagari_watch_publish_failures_total",
                                "Messages that a status site did not accept.")),
      posts_(metrics.counter("okiagari_watch_publishes_total", "Messages to status sites.")) {
  for (Send& send : sites) sites_.push_back({std::move(send), 0, {}});
}

void Publisher::publish(notify::Lease lease, bool urgent) {
  const auto wall = static_cast<std::uint64_t>(std::max<std::int64_t>(lease.issued_at.value, 1));
  serial_ = std::max(serial_ + 1, wall);
  lease.serial = serial_;
  lease.document = kept_[document].sequence;
  const Bytes envelope =
      notify::sign_envelope(key_, notify::EnvelopeKind::lease, notify::encode(lease));
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    const std::size_t limit = urgent ? posts_max : 1;
    if (sites_[site].under_way < limit) post_lease(site, envelope);
  }
}

void Publisher::set_document(const notify::StatusDocument& now) {
  keep(document, {now.sequence, notify::sign_envelope(key_, notify::EnvelopeKind::document,
                                                      notify::encode(now))});
}

void Publisher::set_notices(notify::NoticeBoard board) {
  if (board.sequence <= kept_[notices].sequence) return;
  notify::fit(board);
  keep(notices, {board.sequence, notify::sign_envelope(key_, notify::EnvelopeKind::notices,
                                                       notify::encode(board))});
}

void Publisher::keep(Kept kept, Newest newest) {
  kept_[kept] = std::move(newest);
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    if (!sites_[site].kept_under_way[kept]) post_kept(site, kept);
  }
}

void Publisher::post_lease(std::size_t site, const Bytes& envelope) {
  ++sites_[site].under_way;
  send(site, envelope, [this, site](const Result<net::HttpResponse>& response) {
    --sites_[site].under_way;
    on_answer(site, response, true);
  });
}

void Publisher::post_kept(std::size_t site, Kept kept) {
  sites_[site].kept_under_way[kept] = true;
  send(site, kept_[kept].envelope, [this, site, kept](const Result<net::HttpResponse>& response) {
    sites_[site].kept_under_way[kept] = false;
    on_answer(site, response, false);
  });
}

void Publisher::send(std::size_t site, const Bytes& envelope, net::HttpClient::Done done) {
  posts_.add();
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/internal/lease";
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = envelope;
  sites_[site].send(std::move(request),
                    [alive = alive_, done = std::move(done)](Result<net::HttpResponse> response) {
                      if (*alive) done(std::move(response));
                    });
}

// Only answers to leases ask for what is kept, so that one that is refused is not sent in a circle.
void Publisher::on_answer(std::size_t site, const Result<net::HttpResponse>& response,
                          bool of_lease) {
  if (!response || response->status != 200) failures_.add();
  if (!response) return;
  const auto json = net::parse_json(response->body, answer_max);
  // A watch that lost its clock or its memory goes on above what the site has seen.
  const std::uint64_t lease = json ? number_of(*json, "lease") : 0;
  if (lease > serial_ && lease < serial_taken_max) serial_ = lease;
  if (!of_lease) return;
  const std::array<std::uint64_t, kept_count> has = {json ? number_of(*json, "document") : 0,
                                                     json ? number_of(*json, "notices") : 0};
  for (const Kept kept : {document, notices}) {
    const bool behind = has[kept] < kept_[kept].sequence;
    if (behind && !sites_[site].kept_under_way[kept]) post_kept(site, kept);
  }
}

}  // namespace oki::watch
