#include "notify/subscriber_service.h"

#include <memory>
#include <utility>

#include "notify/status_page.h"

namespace oki::notify {
namespace {

net::HttpResponse file(const char* type, ByteView body) {
  net::HttpResponse response;
  response.headers = {{"Content-Type", type},
                      {"Cache-Control", "max-age=300"},
                      {"X-Content-Type-Options", "nosniff"}};
  response.body = Bytes(body);
  return response;
}

std::optional<net::HttpResponse> fixed_file(const net::HttpRequest& request) {
  if (request.method != "GET") return std::nullopt;
  if (request.path() == "/style.css") return file("text/css; charset=utf-8", style_sheet());
  if (request.path() == "/icon.svg") return file("image/svg+xml", icon_svg());
  return std::nullopt;
}

}  // namespace

void SubscriberService::on_request(const Address& peer, net::HttpRequest request,
                                   net::Responder responder) {
  if (auto found = fixed_file(request)) return responder.send(std::move(*found));
  const SubscriberDesk desk{parts_.book, parts_.tokens, parts_.components(),
                            network_of(parts_.asker(peer, request))};
  std::optional<SubscriberAnswer> answer = subscriber_page(request, desk);
  if (!answer && parts_.next != nullptr) {
    return parts_.next->on_request(peer, std::move(request), std::move(responder));
  }
  if (!answer) return responder.send(net::text_response(404, "Not found.\n"));
  if (!answer->command) return responder.send(std::move(answer->response));
  const auto waiting = std::make_shared<net::Responder>(std::move(responder));
  parts_.submit(*answer->command,
                [waiting, page = answer->page](std::optional<SubscriberResult> result) {
                  waiting->send(page(result));
                });
}

Announcer::Subscribers subscribers_of_book(const SubscriberBook& book,
                                           const SubscriberTokens& tokens) {
  return [&book, &tokens](const std::vector<ComponentId>& components, Announcer::Recipients then) {
    std::vector<Recipient> recipients;
    book.for_each_of(components, [&](SubscriberId id, const Subscriber& subscriber) {
      const MailRecipient detail{subscriber.language, tokens.token(TokenPurpose::manage, id)};
      recipients.push_back({subscriber.address, encode(detail)});
    });
    then(std::move(recipients));
  };
}

}  // namespace oki::notify
