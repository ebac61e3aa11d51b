#include "notify/channels/webhook_channel.h"

#include <utility>

#include "notify/channels/request.h"
#include "notify/channels/signature.h"

namespace oki::notify {
namespace {

constexpr std::uint32_t posts_per_minute_max = 300;
constexpr std::uint32_t burst = 60;
constexpr std::size_t in_flight_max = 4;

}  // namespace

ChannelRules webhook_rules() {
  ChannelRules rules;
  rules.in_flight_max = in_flight_max;
  rules.per_minute_max = posts_per_minute_max;
  rules.burst = burst;
  rules.after_unknown = AfterUnknown::resend;
  return rules;
}

WebhookChannel::WebhookChannel(net::HttpClient& client, Timers& timers, const Clock& clock,
                               WebhookOptions options, Earlier earlier)
    : client_(client),
      clock_(clock),
      options_(std::move(options)),
      earlier_(std::move(earlier)),
      soon_(timers) {}

Result<Bytes> WebhookChannel::notice_body(const Letter& letter) const {
  const Result<Notice> notice = notice_for(letter, options_.drills);
  if (!notice) return tl::unexpected(notice.error());
  if (options_.format == WebhookFormat::cloudevents) return cloud_event(*notice, options_.words);
  std::vector<Notice> notices = {*notice};
  for (Notice& before : earlier_(*notice)) notices.push_back(std::move(before));
  return statuspage_incident(notices, options_.words);
}

Result<Bytes> WebhookChannel::body_of(const Letter& letter) const {
  if (const auto page = read_page(letter.content)) {
    return cloud_event(*page, options_.words, options_.page_links);
  }
  const auto update = read_component_update(letter.content);
  if (!update) return notice_body(letter);
  return options_.format == WebhookFormat::statuspage
             ? statuspage_component(*update, options_.words)
             : cloud_event(*update, options_.words);
}

void WebhookChannel::send(const Letter& letter, Sent sent) {
  Result<Bytes> body = body_of(letter);
  if (!body) return soon_.refuse(std::move(sent), body.error().message);
  const bool event = options_.format == WebhookFormat::cloudevents;
  net::HttpRequest request = post_of(
      options_.path, std::move(*body),
      event ? "application/cloudevents+json; charset=utf-8" : "application/json; charset=utf-8");
  sign_webhook(request, options_.key, idempotency_key(letter), clock_.wall_now());
  client_.request(std::move(request), [&clock = clock_, sent = std::move(sent)](
                                          const Result<net::HttpResponse>& response) {
    sent(http_result(response, clock.wall_now()));
  });
}

}  // namespace oki::notify
