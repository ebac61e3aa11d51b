// The status site: a process of its own that knows the exchange only by signed messages.
//
// It takes leases and documents by POST /internal/lease and computes every answer when it is asked,
// so that it keeps telling the truth when everything else is dead. It keeps the last of both on its
// own disk. A disk that fails costs memory over a restart, never an answer.
//
// Answers to POST /internal/lease: {"result":…,"lease":serial,"document":sequence}, so that the
// watch learns which document this site has; 200 accepted, 400 malformed, 403 forged, 409 stale,
// 413 too large.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/http_server.h"
#include "notify/status_truth.h"
#include "notify/statuspage_json.h"

namespace oki::notify {

// Without news the last lease is still written so often, so that a restarted site knows how long it
// has not known.
constexpr std::int64_t save_renewals_every_ms = 5000;

struct StatusSiteOptions {
  Bytes watch_public_key;
  StatuspageOptions page;
  std::string saved_name = "status.state";
};

class StatusSite : public net::HttpHandler {
 public:
  struct Parts {
    const Clock& clock;
    Disk& disk;
    Log& log;
    Metrics& metrics;
  };

  // All parts must outlive the site, and the disk must finish nothing after the site is gone.
  StatusSite(const Parts& parts, StatusSiteOptions options);

  // Reads what the last process left. A file that cannot be read is reported and left out: a page
  // without history is better than none.
  void start();

  // Known only once the listener has its port.
  void set_public_url(std::string url) { options_.page.url = std::move(url); }

  void on_request(const Address& peer, net::HttpRequest request, net::Responder responder) override;

  // The same as a function of the request and the time.
  net::HttpResponse respond(const net::HttpRequest& request);

 private:
  net::HttpResponse take_envelope(const net::HttpRequest& request);
  net::HttpResponse get(ByteView path);
  net::HttpResponse page(ByteView path, const StatusView& view);
  void save_if_due();

  Parts parts_;
  StatusSiteOptions options_;
  StatusTruth truth_;
  Counter& requests_;
  Counter& save_errors_;
  Gauge& green_;
  bool saving_ = false;
  std::uint64_t saved_changes_ = 0;
  MonoTimeNs saved_at_;
};

}  // namespace oki::notify
