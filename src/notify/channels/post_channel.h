// Posts: one HTTP request for each, in the shape that the service expects.
//
// The secret comes from a file, stands only in the request, and never in a result or a log. What an
// answer means: answer.h; LINE answers 409 to a key it has taken: sent. Of the services here
// Mastodon and LINE know a repetition by its key (AfterUnknown::resend); for the others what is
// unknown waits for a person (AfterUnknown::hold).
#pragma once

#include <optional>
#include <string>

#include "base/random.h"
#include "net/http_client.h"
#include "notify/channels/answer.h"
#include "notify/channels/oauth.h"
#include "notify/channels/post.h"
#include "notify/outbox.h"

namespace oki::notify {

struct PostChannelOptions {
  Service service = Service::mastodon;
  std::string origin;              // "https://api.x.com": of the signature of OAuth 1.0a.
  std::string path;                // Of webhooks, with the secret in it: "/services/T0/B0/secret".
  std::string secret;              // Of the others: an access token.
  std::optional<OAuthKeys> oauth;  // Of X, in its place.
};

class PostChannel : public Channel {
 public:
  // All outlive the channel. `client` names the service as its host.
  struct Parts {
    net::HttpClient& client;
    Timers& timers;
    const Clock& clock;
    Random& random;
  };
  PostChannel(const Parts& parts, PostChannelOptions options, PostWriter writer);

  void send(const Letter& letter, Sent sent) override;

  // Public for tests: the request as it leaves.
  net::HttpRequest request(const Letter& letter, const Post& post) const;

 private:
  std::string authorization(ByteView target) const;

  Parts parts_;
  PostChannelOptions options_;
  PostWriter writer_;
  SoonAnswers soon_;
};

// One at a time, some a minute, and what follows an unknown outcome.
ChannelRules post_rules(Service service);

AttemptResult post_result(Service service, const Result<net::HttpResponse>& response,
                          WallTimeMs now);

}  // namespace oki::notify
