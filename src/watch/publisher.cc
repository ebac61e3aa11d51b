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
  for (Send& send : sites) sites_.push_back({std::move(send), 0, false});
}

void Publisher::publish(notify::Lease lease, bool urgent) {
  const auto wall = static_cast<std::uint64_t>(std::max<std::int64_t>(lease.issued_at.value, 1));
  serial_ = std::max(serial_ + 1, wall);
  lease.serial = serial_;
  lease.document = document_sequence_;
  const Bytes envelope =
      notify::sign_envelope(key_, notify::EnvelopeKind::lease, notify::encode(lease));
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    const std::size_t limit = urgent ? posts_max : 1;
    if (sites_[site].under_way < limit) post(site, envelope, false);
  }
}

void Publisher::set_document(const notify::StatusDocument& document) {
  document_sequence_ = document.sequence;
  document_ = notify::sign_envelope(key_, notify::EnvelopeKind::document, notify::encode(document));
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    if (!sites_[site].document_under_way) post(site, document_, true);
  }
}

void Publisher::post(std::size_t site, const Bytes& envelope, bool is_document) {
  posts_.add();
  if (is_document) {
    sites_[site].document_under_way = true;
  } else {
    ++sites_[site].under_way;
  }
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/internal/lease";
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = envelope;
  sites_[site].send(std::move(request), [this, site, is_document, alive = alive_](
                                            const Result<net::HttpResponse>& response) {
    if (!*alive) return;
    if (is_document) {
      sites_[site].document_under_way = false;
    } else {
      --sites_[site].under_way;
    }
    const std::uint64_t has = on_answer(response);
    // Only answers to leases ask for the document, so that one that is refused is not sent in a
    // circle.
    const bool behind = !is_document && response && has < document_sequence_;
    if (behind && !sites_[site].document_under_way) post(site, document_, true);
  });
}

std::uint64_t Publisher::on_answer(const Result<net::HttpResponse>& response) {
  if (!response || response->status != 200) failures_.add();
  if (!response) return 0;
  const auto json = net::parse_json(response->body, answer_max);
  if (!json) return 0;
  // A watch that lost its clock or its memory goes on above what the site has seen.
  const std::uint64_t lease = number_of(*json, "lease");
  if (lease > serial_ && lease < serial_taken_max) serial_ = lease;
  return number_of(*json, "document");
}

}  // namespace oki::watch
