// Brings leases, documents and notices to the status sites; the latest wins.
//
// Each site is told for itself. A renewal is left out while an earlier one is under way; what is
// urgent is sent beside it, up to posts_max at a time, because serials make order unimportant. A
// site whose answer shows an older document or board is sent the newest one. Failures need no
// memory: the next renewal is the retry.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/metrics.h"
#include "crypto/crypto.h"
#include "notify/lease.h"
#include "notify/notice_board.h"
#include "notify/status_document.h"
#include "watch/house_api.h"

namespace oki::watch {

constexpr std::size_t posts_max = 4;  // Under way to one site.

class Publisher {
 public:
  Publisher(crypto::SigningKey key, std::vector<Send> sites, Metrics& metrics);

  // Gives the lease the next serial, signs it and sends it. REQUIRES: expires_at is set.
  void publish(notify::Lease lease, bool urgent);

  ~Publisher() { *alive_ = false; }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Kept and sent to every site that does not have it.
  void set_document(const notify::StatusDocument& document);

  // The same for what people say; notices of drills are left out here. A board whose sequence is
  // not above the last one changes nothing. REQUIRES: all that is on it passes its check().
  void set_notices(notify::NoticeBoard board);

 private:
  // What is kept at every site beside the lease.
  enum Kept : std::size_t { document, notices, kept_count };
  struct Site {
    Send send;
    std::size_t under_way = 0;
    std::array<bool, kept_count> kept_under_way{};
  };
  struct Newest {
    std::uint64_t sequence = 0;
    Bytes envelope;
  };

  void keep(Kept kept, Newest newest);
  void post_lease(std::size_t site, const Bytes& envelope);
  void post_kept(std::size_t site, Kept kept);
  void send(std::size_t site, const Bytes& envelope, net::HttpClient::Done done);
  void on_answer(std::size_t site, const Result<net::HttpResponse>& response, bool of_lease);

  crypto::SigningKey key_;
  std::vector<Site> sites_;
  Counter& failures_;
  Counter& posts_;
  std::uint64_t serial_ = 0;
  std::array<Newest, kept_count> kept_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oki::watch
