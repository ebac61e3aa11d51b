// Brings leases and documents to the status sites; the latest wins.
//
// Each site is told for itself. A renewal is left out while an earlier one is under way; what is
// urgent is sent beside it, up to posts_max at a time, because serials make order unimportant. A
// site whose answer shows an older document is sent the newest one. Failures need no memory: the
// next renewal is the retry.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/metrics.h"
#include "crypto/crypto.h"
#include "notify/lease.h"
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

 private:
  struct Site {
    Send send;
    std::size_t under_way = 0;
    bool document_under_way = false;
  };

  void post(std::size_t site, const Bytes& envelope, bool is_document);
  // The sequence of the document that the site has; 0 when it does not say.
  std::uint64_t on_answer(const Result<net::HttpResponse>& response);

  crypto::SigningKey key_;
  std::vector<Site> sites_;
  Counter& failures_;
  Counter& posts_;
  std::uint64_t serial_ = 0;
  std::uint64_t document_sequence_ = 0;
  Bytes document_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oki::watch
