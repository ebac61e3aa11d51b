#include "watch/inquiries/inquiry_service.h"

#include <memory>
#include <utility>

#include "watch/inquiries/inquiry_pages.h"

namespace oki::watch::inquiries {

void InquiryService::on_request(const Address& peer, net::HttpRequest request,
                                net::Responder responder) {
  std::optional<InquiryAnswer> answer = inquiry_page(request);
  if (!answer) {
    if (parts_.next != nullptr) {
      return parts_.next->on_request(peer, std::move(request), std::move(responder));
    }
    return responder.send(net::text_response(404, "Not found.\n"));
  }
  if (!answer->draft) return responder.send(std::move(answer->response));
  const auto held = std::make_shared<net::Responder>(std::move(responder));
  parts_.desk.take(
      std::move(*answer->draft), parts_.asker(peer, request),
      [held, page = std::move(answer->page)](const Taken& taken) { held->send(page(taken)); });
}

}  // namespace oki::watch::inquiries
