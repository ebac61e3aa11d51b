#include "notify/channels/post_channel.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "base/json.h"
#include "net/json_reader.h"

namespace oki::notify {
namespace {

constexpr std::size_t answer_bytes_max = 1u << 20;
constexpr std::size_t id_bytes_max = 100;
constexpr std::int64_t ms_per_second = 1000;

LengthRule length_of(Service service) {
  switch (service) {
    case Service::mastodon:
      return mastodon_length;
    case Service::line:
      return line_length;
    case Service::x:
      return x_length;
    case Service::telegram:
      return telegram_length;
    case Service::slack:
    case Service::discord:
    case Service::facebook:
      break;
  }
  return discord_length;
}

Bytes text_object(ByteView member, ByteView text) {
  Bytes body;
  JsonWriter(body).begin_object().field(member, text).end_object();
  return body;
}

Bytes mastodon_body(ByteView text, Language language) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("status", text).field("visibility", "public");
  json.field("language", language == Language::ja ? "ja" : "en").end_object();
  return body;
}

Bytes line_body(ByteView text) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().key("messages").begin_array().begin_object();
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

std::optional<std::int64_t> retry_after_ms(const net::HttpResponse& response) {
  const ByteView text = response.header("Retry-After");
  std::int64_t seconds = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t seconds_max = 7 * 86'400;
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (seconds < 0) return std::nullopt;
  return std::min(seconds, seconds_max) * ms_per_second;
}

// What the service calls the post, as proof.
std::string post_id(const net::HttpResponse& response) {
  const Result<net::Json> json = net::parse_json(response.body, answer_bytes_max);
  if (!json) return {};
  const net::Json* inner =
      json->find("data") != nullptr ? json->find("data") : json->find("result");
  for (const net::Json* object : {&*json, inner}) {
    for (const char* member : {"id", "message_id"}) {
      const net::Json* id = object == nullptr ? nullptr : object->find(member);
      if (id == nullptr) continue;
      if (const auto text = id->number_text()) return std::string(text->substr(0, id_bytes_max));
    }
  }
  return {};
}

}  // namespace

const char* name(Service service) {
  switch (service) {
    case Service::mastodon:
      return "mastodon";
    case Service::line:
      return "line";
    case Service::x:
      return "x";
    case Service::slack:
      return "slack";
    case Service::discord:
      return "discord";
    case Service::telegram:
      return "telegram";
    case Service::facebook:
      return "facebook";
  }
  return "";
}

ChannelRules post_rules(Service service) {
  constexpr std::uint32_t posts_per_minute = 20;
  constexpr std::uint32_t posts_at_once = 5;
  ChannelRules rules;
  rules.per_minute_max = posts_per_minute;
  rules.burst = posts_at_once;
  const bool knows_keys = service == Service::mastodon || service == Service::line;
  rules.after_unknown = knows_keys ? AfterUnknown::resend : AfterUnknown::hold;
  return rules;
}

AttemptResult post_result(Service service, const Result<net::HttpResponse>& response) {
  if (!response) {
    const bool sent = response.error().code == Errc::io;
    return {
        sent ? Attempt::unknown : Attempt::absent, sent ? "no answer came" : "nobody answered", {}};
  }
  const std::uint16_t status = response->status;
  const std::string id = post_id(*response);
  const std::string text = "HTTP " + std::to_string(status) + (id.empty() ? "" : " id " + id);
  if (status >= 200 && status < 300) return {Attempt::sent, text, {}};
  if (status == 409 && service == Service::line)
    return {Attempt::sent, text + " (taken before)", {}};
  if (status == 401 || status == 403) return {Attempt::absent, text + ": mend the secret", {}};
  if (status == 429 || status == 408 || status == 425 || status == 503) {
    return {Attempt::retry, text, retry_after_ms(*response)};
  }
  if (status >= 500) return {Attempt::unknown, text, {}};
  return {Attempt::refused, text, {}};
}

PostChannel::PostChannel(net::HttpClient& client, Timers& timers, PostChannelOptions options)
    : client_(client), timers_(timers), options_(std::move(options)) {}

PostChannel::~PostChannel() {
  for (const auto& [timer, sent] : refused_) timers_.cancel({timer});
}

net::HttpRequest PostChannel::request(const Letter& letter, const Notice& notice) const {
  const Service service = options_.service;
  const std::string text =
      notice_short(options_.language, notice, options_.links, length_of(service));
  net::HttpRequest request;
  request.method = "POST";
  request.target = options_.path;
  request.headers = {{"Content-Type", "application/json"}};
  const std::string bearer = "Bearer " + options_.secret;
  switch (service) {
    case Service::mastodon:
      request.target = "/api/v1/statuses";
      request.headers.push_back({"Authorization", bearer});
      request.headers.push_back({"Idempotency-Key", idempotency_key(letter)});
      request.body = mastodon_body(text, options_.language);
      break;
    case Service::line:
      request.target = "/v2/bot/message/broadcast";
      request.headers.push_back({"Authorization", bearer});
      request.headers.push_back({"X-Line-Retry-Key", idempotency_uuid(letter)});
      request.body = line_body(text);
      break;
    case Service::x:
      request.target = "/2/tweets";
      request.headers.push_back({"Authorization", bearer});
      request.body = text_object("text", text);
      break;
    case Service::slack:
      request.body = text_object("text", slack_text(text));
      break;
    case Service::discord:
      request.body = discord_body(text);
      break;
    case Service::telegram:
      request.target = "/bot" + options_.secret + "/sendMessage";
      request.body = telegram_body(letter.recipient, text);
      break;
    case Service::facebook:
      request.target = "/v21.0/" + net::percent_encode(letter.recipient) + "/feed";
      request.headers.push_back({"Authorization", bearer});
      request.body = text_object("message", text);
      break;
  }
  return request;
}

void PostChannel::send(const Letter& letter, Sent sent) {
  const Result<Notice> notice = read_notice(letter.content);
  if (!notice) return refuse_soon("the content is no notice", std::move(sent));
  if (notice->drill)
    return refuse_soon("a notice of a drill leaves by no channel", std::move(sent));
  const Service service = options_.service;
  client_.request(request(letter, *notice),
                  [service, sent = std::move(sent)](Result<net::HttpResponse> response) {
                    sent(post_result(service, response));
                  });
}

void PostChannel::refuse_soon(const char* why, Sent sent) {
  auto told = std::make_shared<TimerId>();
  *told = timers_.after_ms(0, [this, told, why] {
    const Sent taken = std::move(refused_.extract(told->value).mapped());
    taken({Attempt::refused, why, {}});
  });
  refused_.emplace(told->value, std::move(sent));
}

}  // namespace oki::notify
