// The pages for subscribers as a handler of HTTP, joined to the log by functions.
//
// It serves what subscriber_pages.h lists, and the style sheet and the icon that these pages use;
// everything else goes to the next handler, so that one public address can offer more than this.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "net/http_server.h"
#include "notify/announcer.h"
#include "notify/subscriber_pages.h"

namespace oki::notify {

// Brings a command to the log; calls back once, without a result when it was not brought there or
// nobody knows.
using SubmitSubscriber = std::function<void(
    const SubscriberCommand& command, std::function<void(std::optional<SubscriberResult>)> done)>;

class SubscriberService : public net::HttpHandler {
 public:
  // All must outlive the service. `components`: what can be chosen just now. `asker`: the address
  // that counts as the asker's; behind a proxy it is in a header, else it is the peer's.
  struct Parts {
    const SubscriberBook& book;
    const SubscriberTokens& tokens;
    std::function<std::vector<ComponentId>()> components;
    std::function<std::string(const Address& peer, const net::HttpRequest& request)> asker;
    SubmitSubscriber submit;
    net::HttpHandler* next = nullptr;  // 404 where there is none.
  };
  explicit SubscriberService(Parts parts) : parts_(std::move(parts)) {}

  void on_request(const Address& peer, net::HttpRequest request, net::Responder responder) override;

 private:
  Parts parts_;
};

// For Announcer::start(): everybody who confirmed and chose one of the components, with the token
// by which he leaves. Both must outlive the announcer.
Announcer::Subscribers subscribers_of_book(const SubscriberBook& book,
                                           const SubscriberTokens& tokens);

}  // namespace oki::notify
