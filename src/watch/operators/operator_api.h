// The operators' API: what people see of incidents and ask of them, as requests and answers without
// a socket. docs/operators.md.
//
// Every request carries a token ("Authorization: Bearer ..."); whom it belongs to is who acts.
// Rights and two-person rules are the machine's own (docs/incidents.md, 8 and 10): this API adds
// none and can leave none out, because the person's number comes from the token and nowhere else.
//
// Limits: body_bytes_max of a body; per person `per_second` requests with a burst (429); wrong
// tokens of everybody together `wrong_per_minute` (429); lists come in pages of page_max.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http.h"
#include "net/http_server.h"
#include "net/json_reader.h"
#include "notify/notice_template.h"
#include "notify/outbox.h"
#include "response/state.h"
#include "watch/conductor/world_hooks.h"
#include "watch/operators/inquiry_routes.h"
#include "watch/operators/login_tokens.h"

namespace oki::watch {

struct OperatorApiOptions {
  std::size_t body_bytes_max = 64u << 10;
  std::uint32_t per_second = 20;
  std::uint32_t burst = 60;
  std::uint32_t wrong_per_minute = 60;
  std::size_t page_max = 200;
  std::string host = "watch.okiagari";  // In calendars.
};

class OperatorApi final : public net::HttpHandler {
 public:
  using Replied = std::function<void(Result<response::Reply>)>;
  struct Parts {
    const Clock& clock;
    std::function<const response::State&()> state;
    std::function<void(const response::Command&, Replied)> submit;

    // The following may be empty: then the house has none of it.
    std::function<Result<void>(notify::Notice&)> write;  // As of WorldHooks.
    std::function<std::vector<notify::NoticePreview>(const notify::Notice&)> preview;

    // A person's word on what a notice left in doubt in one channel of this watch's outbox; gives
    // how many deliveries it settled.
    std::function<std::size_t(const notify::Notice&, const std::string& channel,
                              notify::Decision decision, const std::string& who)>
        settle;

    // The draft of a postmortem that this watch keeps.
    std::function<Result<Bytes>(response::IncidentId, notify::Language)> draft;

    // The changes by which the house becomes what a file says.
    std::function<Result<std::vector<response::Change>>(ByteView toml)> read_house;

    // About this watch: seat, who leads.
    std::function<std::string()> about;

    std::uint32_t seat = 0;  // Of this watch.

    // What customers wrote; outlives the API.
    InquiryRoutes* inquiries = nullptr;
  };

  OperatorApi(Parts parts, LoginTokens tokens, const OperatorApiOptions& options)
      : parts_(std::move(parts)), tokens_(std::move(tokens)), options_(options) {}

  // Answers once, now or later.
  using Answer = std::function<void(net::HttpResponse)>;
  void respond(const net::HttpRequest& request, Answer answer);

  void set_tokens(LoginTokens tokens) { tokens_ = std::move(tokens); }

  void on_request(const Address& peer, net::HttpRequest request, net::Responder responder) override;

 private:
  struct Request;
  struct Bucket {
    MonoTimeNs at;
    std::int64_t left_ns = 0;  // Time that may still be spent; a request costs its share.
    bool is_new = true;
  };

  bool spend(Bucket& bucket, std::int64_t per_request_ns, std::int64_t burst_ns) const;
  std::optional<net::HttpResponse> admit(const net::HttpRequest& request, response::PersonId& by);
  void get(const Request& request, const Answer& answer);
  net::HttpResponse show(const Request& request);
  net::HttpResponse show_incident(const Request& request, response::IncidentId id);
  net::HttpResponse show_draft(const Request& request, response::IncidentId id);
  net::HttpResponse list(const Request& request);
  net::HttpResponse calendar(const Request& request);
  void post(const Request& request, const Answer& answer);
  void post_incident(const Request& request, const net::Json& body, const Answer& answer);
  void post_notice(const Request& request, response::IncidentId id, const net::Json& body,
                   bool only_preview, const Answer& answer);
  struct Settled {
    std::uint16_t status = 200;
    std::size_t count = 0;
    std::string words;  // For the timeline; else why not.
  };
  Settled settle(const Request& request, const std::vector<response::NoticeRecord>& notices,
                 const net::Json& json);
  void post_settle(const Request& request, response::IncidentId id, const net::Json& body,
                   const Answer& answer);
  void post_work(const Request& request, const net::Json& body, const Answer& answer);
  void settle_work(const Request& request, std::uint32_t work, const net::Json& body,
                   const Answer& answer);
  void post_house(const Request& request, const net::Json& body, const Answer& answer);
  void submit(Result<response::Command> command, const Answer& answer);

  Parts parts_;
  LoginTokens tokens_;
  OperatorApiOptions options_;
  std::map<response::PersonId, Bucket> spent_;
  Bucket wrong_;
};

}  // namespace oki::watch
