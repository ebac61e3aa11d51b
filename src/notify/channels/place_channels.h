// A place of the configuration made into a channel: its HTTP client, what it says, and its rules.
#pragma once

#include <memory>

#include "base/random.h"
#include "net/http_client.h"
#include "notify/channels/webhook_channel.h"
#include "notify/channels_config.h"
#include "notify/outbox.h"

namespace oki::notify {

struct ChannelWorld {
  Net& plain;   // For http:// on this machine, and for the mail server.
  Net& secure;  // For https://: takes names, speaks TLS (host/tls_net.h).
  Timers& timers;
  const Clock& clock;
  Random& random;
};

struct OpenChannel {
  std::string name;  // In the outbox.
  std::string recipient;
  ChannelRules rules;
  bool drill = false;
  bool tells_components = false;
  std::unique_ptr<net::HttpClient> client;  // Outlives the channel: destroyed after it.
  std::unique_ptr<Channel> channel;

  OpenChannel() = default;
  OpenChannel(OpenChannel&&) = default;
  OpenChannel& operator=(OpenChannel&&) = delete;
  ~OpenChannel() { channel.reset(); }
};

// One for each language of the place.
std::vector<OpenChannel> notice_channels(const ChannelWorld& world, const ChannelsConfig& config,
                                         const Place& place,
                                         const WebhookChannel::Earlier& earlier);

OpenChannel page_channel(const ChannelWorld& world, const ChannelsConfig& config, const Place& way);

// "page_slack_operations"
std::string page_channel_name(ByteView kind, ByteView name);

}  // namespace oki::notify
