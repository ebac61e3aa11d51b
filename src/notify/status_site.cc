#include "notify/status_site.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "notify/envelope.h"
#include "notify/site_copy.h"
#include "notify/status_page.h"

namespace oki::notify {
namespace {

constexpr ByteView lease_path = "/internal/lease";
constexpr ByteView copy_path = "/internal/copy";

constexpr const char* content_security_policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

bool starts_with(ByteView text, ByteView prefix) { return text.substr(0, prefix.size()) == prefix; }

net::HttpResponse answer(std::uint16_t status, const char* type, Bytes body) {
  net::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", type},
                      {"Cache-Control", "no-store"},
                      {"Content-Security-Policy", content_security_policy},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Opener-Policy", "same-origin"}};
  response.body = std::move(body);
  return response;
}

net::HttpResponse plain(std::uint16_t status, Bytes body) {
  return answer(status, "text/plain; charset=utf-8", std::move(body));
}

std::uint16_t status_of(Acceptance acceptance) {
  switch (acceptance) {
    case Acceptance::accepted:
      return 200;
    case Acceptance::malformed:
      return 400;
    case Acceptance::forged:
      return 403;
    case Acceptance::stale:
      return 409;
  }
  return 400;
}

}  // namespace

StatusSite::StatusSite(const Parts& parts, StatusSiteOptions options)
    : parts_(parts),
      options_(std::move(options)),
      quorum_(parts.clock, options_.watch_public_keys),
      saving_(quorum_.size(), Saving{false, 0, parts.clock.mono_now()}),
      requests_(parts.metrics.counter("okiagari_notify_requests_total", "Requests answered.")),
      save_errors_(parts.metrics.counter("okiagari_notify_save_errors_total",
                                         "Times the status could not be written to disk.")),
      green_(
          parts.metrics.gauge("okiagari_notify_green", "1 when the last answer was operational.")),
      live_(parts.metrics.gauge("okiagari_notify_live_watches",
                                "Watches with a valid lease at the last answer.")) {}

void StatusSite::start() {
  for (std::size_t seat = 0; seat < quorum_.size(); ++seat) restore(seat);
}

std::string StatusSite::saved_name(std::size_t seat) const {
  return seat == 0 ? options_.saved_name : options_.saved_name + "." + std::to_string(seat + 1);
}

void StatusSite::restore(std::size_t seat) {
  const std::string name = saved_name(seat);
  const auto names = parts_.disk.list();
  const bool exists = names && std::find(names->begin(), names->end(), name) != names->end();
  if (names && !exists) return;
  const auto saved = parts_.disk.read(name, 0, 4 * envelope_bytes_max);
  const Result<void> restored =
      saved ? quorum_.restore(seat, *saved) : Result<void>(tl::unexpected(saved.error()));
  if (restored) return;
  parts_.log.warning("notify", "the status of the last run could not be read",
                     {{"why", restored.error().message}});
}

void StatusSite::on_request(const Address&, net::HttpRequest request, net::Responder responder) {
  responder.send(respond(request));
}

net::HttpResponse StatusSite::respond(const net::HttpRequest& request) {
  requests_.add();
  const ByteView path = request.path();
  if (path == lease_path) {
    if (request.method == "POST") return take_envelope(request);
    net::HttpResponse refusal = plain(405, "Only POST.\n");
    refusal.headers.push_back({"Allow", "POST"});
    return refusal;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    net::HttpResponse refusal = plain(405, "Only GET and HEAD.\n");
    refusal.headers.push_back({"Allow", "GET, HEAD"});
    return refusal;
  }
  net::HttpResponse response = get(path);
  if (request.method == "HEAD") response.body.clear();
  return response;
}

net::HttpResponse StatusSite::take_envelope(const net::HttpRequest& request) {
  if (request.body.size() > envelope_bytes_max) return plain(413, "Too large.\n");
  const StatusQuorum::Taken taken = quorum_.accept(request.body);
  const Acceptance acceptance = taken.acceptance;
  parts_.metrics
      .counter("okiagari_notify_envelopes_total", "Leases and documents received.",
               fmt::format("result=\"{}\"", name(acceptance)))
      .add();
  if (acceptance == Acceptance::accepted) save_if_due(*taken.seat);
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("result", name(acceptance));
  const StatusTruth* truth = taken.seat ? &quorum_.truth(*taken.seat) : nullptr;
  json.field("lease", truth == nullptr ? std::uint64_t{0} : truth->lease_serial());
  json.field("document", truth == nullptr ? std::uint64_t{0} : truth->document_sequence());
  json.field("notices", truth == nullptr ? std::uint64_t{0} : truth->board_sequence());
  json.end_object();
  return answer(status_of(acceptance), "application/json; charset=utf-8", std::move(body));
}

net::HttpResponse StatusSite::get(ByteView path) {
  if (path == "/healthz") return plain(200, "ok\n");
  if (path == "/en") {
    net::HttpResponse moved = plain(308, "");
    moved.headers.push_back({"Location", "/en/"});
    return moved;
  }
  StatusView view = quorum_.view();
  if (path == copy_path) {
    return answer(200, "application/octet-stream",
                  encode(render_copy(std::move(view), options_.site)));
  }
  live_.set(static_cast<std::int64_t>(quorum_.live()));
  green_.set(view.overall == State::operational ? 1 : 0);
  std::optional<Content> content = site_content(path, view, options_.site);
  if (!content) {
    const bool english = starts_with(path, "/en/");
    return answer(404, "text/html; charset=utf-8",
                  not_found_page(english ? Language::en : Language::ja, options_.site.links));
  }
  net::HttpResponse response = answer(200, content->type, std::move(content->body));
  // Monitors in a browser may read these from anywhere: nothing here is private.
  const bool is_page = ByteView(content->type).substr(0, 9) == "text/html";
  if (!is_page) response.headers.push_back({"Access-Control-Allow-Origin", "*"});
  return response;
}

void StatusSite::save_if_due(std::size_t seat) {
  const StatusTruth& truth = quorum_.truth(seat);
  Saving& saving = saving_[seat];
  const MonoTimeNs now = parts_.clock.mono_now();
  const bool is_news = truth.changes() != saving.changes;
  if (!is_news && now - saving.at < save_renewals_every_ms * ns_per_ms) return;
  if (saving.under_way) return;
  saving = {true, truth.changes(), now};
  parts_.disk.replace(saved_name(seat), truth.save(), [this, seat](Result<void> saved) {
    saving_[seat].under_way = false;
    if (!saved) save_errors_.add();
    if (quorum_.truth(seat).changes() != saving_[seat].changes) save_if_due(seat);
  });
}

}  // namespace oki::notify
