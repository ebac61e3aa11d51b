// Signed webhooks to machines that watch us, or that people who are paged have built.
//
// The address is the operator's and stands in the configuration: nobody from outside can name one.
// A redirection is a failure, never followed: the signature is for whom we were told of. The id in
// the headers (signature.h) is the same for every attempt, so what is unknown is sent again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/http_client.h"
#include "notify/channels/answer.h"
#include "notify/channels/webhook_body.h"
#include "notify/outbox.h"

namespace oki::notify {

struct WebhookOptions {
  WebhookFormat format = WebhookFormat::statuspage;
  std::string path;  // With its query.
  Bytes key;         // Of the signature.
  bool drills = false;
  WebhookWords words;
  PageLinks page_links;
};

class WebhookChannel : public Channel {
 public:
  // Earlier notices of the incident, newest first; those that are not kept any more are left out.
  using Earlier = std::function<std::vector<Notice>(const Notice& notice)>;

  WebhookChannel(net::HttpClient& client, Timers& timers, const Clock& clock,
                 WebhookOptions options, Earlier earlier);

  void send(const Letter& letter, Sent sent) override;

 private:
  Result<Bytes> body_of(const Letter& letter) const;
  Result<Bytes> notice_body(const Letter& letter) const;

  net::HttpClient& client_;
  const Clock& clock_;
  WebhookOptions options_;
  Earlier earlier_;
  SoonAnswers soon_;
};

ChannelRules webhook_rules();

}  // namespace oki::notify
