#include "notify/channels/place_channels.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "notify/channels/bluesky_channel.h"
#include "notify/channels/page_channels.h"
#include "notify/channels/post_channel.h"

namespace oki::notify {
namespace {

constexpr std::int64_t deadline_ms = 15'000;

std::unique_ptr<net::HttpClient> client_of(const ChannelWorld& world, const Place& place) {
  net::HttpClientOptions options;
  options.deadline_ms = deadline_ms;
  options.host = place.endpoint.host;
  Net& net = place.endpoint.tls ? world.secure : world.plain;
  return std::make_unique<net::HttpClient>(net, world.timers, place.endpoint.address, options);
}

std::unique_ptr<Channel> post_channel(const ChannelWorld& world, const Place& place,
                                      net::HttpClient& client, PostWriter writer) {
  const std::optional<Service> service = service_of(place.kind);
  ASSERT(service.has_value());
  return std::make_unique<PostChannel>(
      PostChannel::Parts{client, world.timers, world.clock, world.random},
      PostChannelOptions{*service, place.endpoint.origin(), place.endpoint.path, place.secret,
                         place.oauth},
      std::move(writer));
}

WebhookOptions webhook_options(const ChannelsConfig& config, const Place& place,
                               Language language) {
  return {place.format,
          place.endpoint.path,
          place.key,
          place.drill,
          {language, config.links, config.page_name},
          config.page_links};
}

void set_pace(OpenChannel& open, const Place& place) {
  if (place.per_minute == 0) return;
  open.rules.per_minute_max = place.per_minute;
  open.rules.burst = std::min(open.rules.burst, place.per_minute);
}

OpenChannel notice_channel(const ChannelWorld& world, const ChannelsConfig& config,
                           const Place& place, Language language,
                           const WebhookChannel::Earlier& earlier) {
  OpenChannel open;
  open.client = client_of(world, place);
  open.drill = place.drill;
  open.recipient = place.kind == PlaceKind::bluesky ? "" : place.to;
  const PostWriter writer = notice_posts(language, config.links, place.drill);
  if (place.kind == PlaceKind::webhook) {
    open.rules = webhook_rules();
    open.tells_components = !place.drill;
    open.channel = std::make_unique<WebhookChannel>(
        *open.client, world.timers, world.clock, webhook_options(config, place, language), earlier);
  } else if (place.kind == PlaceKind::bluesky) {
    open.rules = bluesky_rules();
    open.channel = std::make_unique<BlueskyChannel>(*open.client, world.timers, world.clock,
                                                    BlueskyOptions{place.to, place.secret}, writer);
  } else {
    open.rules = post_rules(*service_of(place.kind));
    open.channel = post_channel(world, place, *open.client, writer);
  }
  set_pace(open, place);
  return open;
}

}  // namespace

std::string page_channel_name(ByteView kind, ByteView name) {
  return "page_" + std::string(kind) + "_" + std::string(name);
}

std::vector<OpenChannel> notice_channels(const ChannelWorld& world, const ChannelsConfig& config,
                                         const Place& place,
                                         const WebhookChannel::Earlier& earlier) {
  std::vector<OpenChannel> all;
  for (const Language language : place.languages) {
    OpenChannel open = notice_channel(world, config, place, language, earlier);
    open.name = place.name;
    if (place.languages.size() > 1) open.name += language == Language::ja ? "_ja" : "_en";
    all.push_back(std::move(open));
  }
  return all;
}

OpenChannel page_channel(const ChannelWorld& world, const ChannelsConfig& config,
                         const Place& way) {
  OpenChannel open;
  open.name = page_channel_name(name(way.kind), way.name);
  open.recipient = way.to;
  open.rules = page_rules();
  open.client = client_of(world, way);
  if (way.kind == PlaceKind::pagerduty) {
    open.channel =
        std::make_unique<PagerDutyChannel>(*open.client, world.timers, world.clock, way.secret,
                                           config.links.site_url, config.page_links);
  } else if (way.kind == PlaceKind::webhook) {
    open.channel = std::make_unique<WebhookChannel>(
        *open.client, world.timers, world.clock, webhook_options(config, way, Language::en),
        [](const Notice&) { return std::vector<Notice>{}; });
  } else {
    open.channel = post_channel(world, way, *open.client, page_posts(config.page_links));
  }
  set_pace(open, way);
  return open;
}

}  // namespace oki::notify
