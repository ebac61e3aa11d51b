// The desk's pages as a handler of HTTP; what is none of them goes to the next handler.
#pragma once

#include <functional>

#include "net/http_server.h"
#include "watch/inquiries/inquiry_desk.h"

namespace oki::watch::inquiries {

class InquiryService : public net::HttpHandler {
 public:
  // All must outlive the service. `asker`: what counts as one asker (notify::network_of).
  struct Parts {
    InquiryDesk& desk;
    std::function<std::string(const Address& peer, const net::HttpRequest& request)> asker;
    net::HttpHandler* next = nullptr;  // 404 where there is none.
  };
  explicit InquiryService(Parts parts) : parts_(std::move(parts)) {}

  void on_request(const Address& peer, net::HttpRequest request, net::Responder responder) override;

 private:
  Parts parts_;
};

}  // namespace oki::watch::inquiries
