#include "notify/channels/post_channel.h"

#include <utility>

#include "base/json.h"
#include "crypto/crypto.h"

namespace oki::notify {
namespace {

constexpr std::uint32_t posts_per_minute_max = 30;
constexpr std::uint32_t burst = 10;
constexpr std::size_t nonce_bytes = 16;
constexpr std::int64_t ms_per_second = 1000;

Bytes text_object(ByteView member, ByteView text) {
  Bytes body;
  JsonWriter(body).begin_object().field(member, text).end_object();
  return body;
}

Bytes mastodon_body(const Post& post) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("status", post.text).field("visibility", "public");
  json.field("language", post.language == Language::ja ? "ja" : "en").end_object();
  return body;
}

// To one recipient, or to everybody who follows the account.
Bytes line_body(ByteView recipient, ByteView text) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object();
  if (!recipient.empty()) json.field("to", recipient);
  json.key("messages").begin_array().begin_object();
  json.field("type", "text").field("text", text).end_object().end_array();
  json.field("notificationDisabled", false).end_object();
  return body;
}

// No mention and no markup: a notice names nobody.
Bytes discord_body(ByteView text) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("content", text).key("allowed_mentions").begin_object();
  json.key("parse").begin_array().end_array().end_object().end_object();
  return body;
}

Bytes telegram_body(ByteView chat, ByteView text) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("chat_id", chat).field("text", text).end_object();
  return body;
}

// Slack reads &, < and > as its own markup.
std::string slack_text(ByteView text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

ChannelRules post_rules(Service service) {
  ChannelRules rules;
  rules.per_minute_max = posts_per_minute_max;
  rules.burst = burst;
  rules.after_unknown = knows_keys(service) ? AfterUnknown::resend : AfterUnknown::hold;
  return rules;
}

AttemptResult post_result(Service service, const Result<net::HttpResponse>& response,
                          WallTimeMs now) {
  AttemptResult result = http_result(response, now);
  if (!response || response->status != 409 || service != Service::line) return result;
  return {Attempt::sent, result.text + " (taken before)", {}};
}

PostChannel::PostChannel(const Parts& parts, PostChannelOptions options, PostWriter writer)
    : parts_(parts),
      options_(std::move(options)),
      writer_(std::move(writer)),
      soon_(parts.timers) {}

std::string PostChannel::authorization(ByteView target) const {
  if (!options_.oauth) return "Bearer " + options_.secret;
  const OAuthMoment moment{parts_.clock.wall_now().value / ms_per_second,
                           crypto::hex(parts_.random.bytes(nonce_bytes))};
  return oauth_authorization(*options_.oauth, moment, "POST",
                             options_.origin + std::string(target));
}

net::HttpRequest PostChannel::request(const Letter& letter, const Post& post) const {
  net::HttpRequest request;
  request.method = "POST";
  request.target = options_.path;
  // A kept connection may end just as it is used again, and then nobody knows what was taken.
  request.keep_alive = knows_keys(options_.service);
  request.headers = {{"Content-Type", "application/json"}};
  const auto to = [&](std::string target) {
    request.headers.push_back({"Authorization", authorization(target)});
    request.target = std::move(target);
  };
  switch (options_.service) {
    case Service::mastodon:
      to("/api/v1/statuses");
      request.headers.push_back({"Idempotency-Key", idempotency_key(letter)});
      request.body = mastodon_body(post);
      break;
    case Service::line:
      to(letter.recipient.empty() ? "/v2/bot/message/broadcast" : "/v2/bot/message/push");
      request.headers.push_back({"X-Line-Retry-Key", idempotency_uuid(letter)});
      request.body = line_body(letter.recipient, post.text);
      break;
    case Service::x:
      to("/2/tweets");
      request.body = text_object("text", post.text);
      break;
    case Service::slack:
      request.body = text_object("text", slack_text(post.text));
      break;
    case Service::discord:
      // Then the answer is the message, whose id is the proof.
      request.target += options_.path.find('?') == std::string::npos ? "?wait=true" : "&wait=true";
      request.body = discord_body(post.text);
      break;
    case Service::telegram:
      request.target = "/bot" + options_.secret + "/sendMessage";
      request.body = telegram_body(letter.recipient, post.text);
      break;
    case Service::facebook:
      to("/v21.0/" + net::percent_encode(letter.recipient) + "/feed");
      request.body = text_object("message", post.text);
      break;
  }
  return request;
}

void PostChannel::send(const Letter& letter, Sent sent) {
  const Service service = options_.service;
  const Result<Post> post = writer_(letter, post_length(service));
  if (!post) return soon_.refuse(std::move(sent), post.error().message);
  parts_.client.request(request(letter, *post),
                        [service, &clock = parts_.clock,
                         sent = std::move(sent)](const Result<net::HttpResponse>& response) {
                          sent(post_result(service, response, clock.wall_now()));
                        });
}

}  // namespace oki::notify
