// The pages on which customers write to the desk: functions from a request to a page, or to a draft
// and the page that follows from what became of it. No scripts.
//
//   GET /inquiry   the form          POST /inquiry   takes it, shows its number
// and the same under /en/. What was written is shown again only when it was refused as invalid, so
// that nobody has to write it twice.
#pragma once

#include <functional>
#include <optional>

#include "net/http.h"
#include "watch/inquiries/inquiry_desk.h"

namespace oki::watch::inquiries {

struct InquiryAnswer {
  net::HttpResponse response;  // When there is no draft.

  // Else take it, then answer `page(taken)`.
  std::optional<Draft> draft;
  std::function<net::HttpResponse(const Taken&)> page;
};

// Nothing when the path is none of these.
std::optional<InquiryAnswer> inquiry_page(const net::HttpRequest& request);

}  // namespace oki::watch::inquiries
