// What staff see of inquiries and do about them, as routes of the operators' API:
//
//   GET  /v1/inquiries?state=open&topic=order&from=TIME&to=TIME&automatic=yes&before=N&limit=50
//   GET  /v1/inquiries/N           with what the customer wrote
//   GET  /v1/inquiries/counts      how many of each class; the only route without personal text
//   POST /v1/inquiries             {account, contact, words}: what somebody said on the telephone
//   POST /v1/inquiries/N/state     {to}: open, answered or closed
//
// Counts are for everybody in the house. The rest holds what strangers wrote in confidence: it is
// for support, and for commanders. Inquiries stay at the watch that took them: other watches have
// their own, with their own numbers, and `seat` says whose they are.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "net/http.h"
#include "net/json_reader.h"
#include "response/state.h"
#include "watch/inquiries/inquiry_desk.h"

namespace oki::watch {

constexpr std::uint8_t rights_to_help =
    response::right_of(response::Role::support) | response::right_of(response::Role::commander);

class InquiryRoutes {
 public:
  struct Parts {
    const Clock& clock;
    inquiries::InquiryDesk& desk;
    std::function<const response::State&()> state;
    std::uint32_t seat = 1;
  };
  using Path = std::vector<ByteView>;  // Behind "/v1/inquiries".
  using Query = std::vector<std::pair<std::string, std::string>>;
  using Answer = std::function<void(net::HttpResponse)>;

  // All must outlive it.
  explicit InquiryRoutes(Parts parts) : parts_(std::move(parts)) {}

  net::HttpResponse get(response::PersonId by, const Path& path, const Query& query) const;
  void post(response::PersonId by, const Path& path, const net::Json& body, Answer answer);

 private:
  bool may(response::PersonId by, std::uint8_t any_of) const;
  net::HttpResponse list(const Query& query) const;
  net::HttpResponse show(ByteView number) const;
  net::HttpResponse counts() const;
  void write_down(response::PersonId by, const net::Json& body, const Answer& answer);
  void set_state(response::PersonId by, inquiries::InquiryId id, const net::Json& body,
                 const Answer& answer);
  void write(JsonWriter& json, const inquiries::Inquiry& inquiry, bool with_words) const;

  Parts parts_;
};

}  // namespace oki::watch
