// The status site: a process of its own that knows the exchange only by signed messages.
//
// It takes leases and documents by POST /internal/lease and computes every answer when it is asked,
// so that it keeps telling the truth when everything else is dead. It keeps the last of both on its
// own disk. A disk that fails costs memory over a restart, never an answer.
//
// Answers to POST /internal/lease: {"result":…,"lease":serial,"document":sequence,"notices":
// sequence}, so that the watch learns what of its own this site has; 200 accepted, 400 malformed,
// 403 forged, 409 stale, 413 too large.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/http_server.h"
#include "notify/site_content.h"
#include "notify/status_quorum.h"

namespace oki::notify {

// Without news the last lease is still written so often, so that a restarted site knows how long it
// has not known.
constexpr std::int64_t save_renewals_every_ms = 5000;

struct StatusSiteOptions {
  std::vector<Bytes> watch_public_keys;  // By seat: one, or three.
  SiteOptions site;
  std::string saved_name = "status.state";  // Of the first seat; then "status.state.2" …
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
  void set_public_url(std::string url) { options_.site.page.url = std::move(url); }

  void on_request(const Address& peer, net::HttpRequest request, net::Responder responder) override;

  // The same as a function of the request and the time.
  net::HttpResponse respond(const net::HttpRequest& request);

 private:
  net::HttpResponse take_envelope(const net::HttpRequest& request);
  net::HttpResponse get(ByteView path);
  std::string saved_name(std::size_t seat) const;
  void restore(std::size_t seat);
  void save_if_due(std::size_t seat);

  struct Saving {
    bool under_way = false;
    std::uint64_t changes = 0;
    MonoTimeNs at;
  };

  Parts parts_;
  StatusSiteOptions options_;
  StatusQuorum quorum_;
  std::vector<Saving> saving_;
  Counter& requests_;
  Counter& save_errors_;
  Gauge& green_;
  Gauge& live_;
};

}  // namespace oki::notify
