// Notices as posts: one HTTP request for each, in the shape that the service expects.
//
// Plain HTTP to a forwarder on this machine that speaks TLS to the service (stunnel, HAProxy,
// nginx). The secret comes from a file, stands only in the request, and never in a result or a log.
//
// What an answer means: 2xx sent; 429, 408, 425 and 503 retry, after Retry-After where given; 401
// and 403 absent, because a person has to mend the secret and no letter is at fault; other 4xx and
// 3xx refused; other 5xx and no answer at all unknown. LINE answers 409 to a key it has taken:
// sent. Of the services here Mastodon and LINE know a repetition by its key (AfterUnknown::resend);
// for the others what is unknown waits for a person (AfterUnknown::hold).
#pragma once

#include <map>
#include <string>

#include "net/http_client.h"
#include "notify/delivery.h"
#include "notify/notice_short.h"
#include "notify/outbox.h"

namespace oki::notify {

enum class Service : std::uint8_t {
  mastodon,  // POST /api/v1/statuses, Idempotency-Key
  line,      // POST /v2/bot/message/broadcast, X-Line-Retry-Key
  x,         // POST /2/tweets
  slack,     // An incoming webhook.
  discord,   // A webhook.
  telegram,  // POST /bot<secret>/sendMessage, the recipient is the chat.
  facebook,  // POST /v21.0/<recipient>/feed: the recipient is the page.
};
const char* name(Service service);

struct PostChannelOptions {
  Service service = Service::mastodon;
  Language language = Language::ja;
  std::string path;    // Of webhooks, with the secret in it: "/services/T0/B0/secret".
  std::string secret;  // Of the others: an access token.
  NoticeLinks links;
};

class PostChannel : public Channel {
 public:
  // `client` leads to the forwarder and names the service as its host; it and the timers outlive
  // the channel.
  PostChannel(net::HttpClient& client, Timers& timers, PostChannelOptions options);
  ~PostChannel() override;

  void send(const Letter& letter, Sent sent) override;

  // Public for tests: the request as it leaves.
  net::HttpRequest request(const Letter& letter, const Notice& notice) const;

 private:
  void refuse_soon(const char* why, Sent sent);

  net::HttpClient& client_;
  Timers& timers_;
  PostChannelOptions options_;
  std::map<std::uint64_t, Sent> refused_;  // Until they are told so, by the number of the timer.
};

// One at a time, some a minute, and what follows an unknown outcome.
ChannelRules post_rules(Service service);

AttemptResult post_result(Service service, const Result<net::HttpResponse>& response);

}  // namespace oki::notify
