// Posts to Bluesky, or to any other personal data server of the AT Protocol.
//
// The name of a record is made from the letter (a TID: the time of what it tells and ten bits of
// the letter's key), and putRecord under a name that is there writes the same record again: a
// repetition changes nothing, so what is unknown is sent again.
//
// Sessions: createSession with an app password; its access token ends after some hours, then
// refreshSession, and when that is refused createSession again, once for a letter. Before the
// record is put nothing has left: whatever goes wrong until then is `absent` or `retry`.
#pragma once

#include <deque>
#include <string>

#include "net/http_client.h"
#include "notify/channels/answer.h"
#include "notify/channels/post.h"
#include "notify/outbox.h"

namespace oki::notify {

struct BlueskyOptions {
  std::string identifier;  // "status.example.jp"
  std::string password;    // An app password.
};

class BlueskyChannel : public Channel {
 public:
  // Client, timers and clock outlive the channel.
  BlueskyChannel(net::HttpClient& client, Timers& timers, const Clock& clock,
                 BlueskyOptions options, PostWriter writer);

  void send(const Letter& letter, Sent sent) override;

 private:
  struct Job {
    std::string record_name;
    Bytes record;
    Sent sent;
    bool refreshed = false, logged_in = false;  // For this letter, once each.
  };
  using Answered = void (BlueskyChannel::*)(const Result<net::HttpResponse>&);

  void next();
  void call(const char* method, const std::string& token, Bytes body, Answered then);
  void log_in();
  void on_logged_in(const Result<net::HttpResponse>& response);
  void on_refreshed(const Result<net::HttpResponse>& response);
  void put();
  void on_put(const Result<net::HttpResponse>& response);
  bool take_session(const Result<net::HttpResponse>& response);
  AttemptResult before_the_post(const Result<net::HttpResponse>& response) const;
  void finish(AttemptResult result);

  net::HttpClient& client_;
  const Clock& clock_;
  BlueskyOptions options_;
  PostWriter writer_;
  SoonAnswers soon_;
  std::deque<Job> jobs_;  // The first one is under way.
  std::string did_, access_, refresh_;
};

// 13 characters, never twice for different letters of one account in practice: microseconds of the
// time, the last three and the clock's number from the letter's key.
std::string record_name(const Letter& letter, WallTimeMs at);

ChannelRules bluesky_rules();

}  // namespace oki::notify
