// One TOML file says where notices and pages go (deploy/channels.toml is an example with every
// key).
//
// Unknown keys, values out of range and doubled names refuse the file, so that a slip of the pen is
// found at the start and not in an outage. Secrets stand in files of their own; this file only
// names them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "notify/channels/endpoint.h"
#include "notify/channels/oauth.h"
#include "notify/channels/post.h"
#include "notify/channels/webhook_body.h"
#include "notify/page.h"

namespace oki::notify {

constexpr std::size_t channels_file_bytes_max = 256u << 10;
constexpr std::size_t secret_bytes_max = 4'096;
constexpr std::size_t places_max = 64;

enum class PlaceKind : std::uint8_t {
  mastodon,
  line,
  x,
  slack,
  discord,
  telegram,
  facebook,
  bluesky,
  webhook,
  pagerduty,  // Pages only.
};
const char* name(PlaceKind kind);
std::optional<Service> service_of(PlaceKind kind);

// One place where posts or pages go.
struct Place {
  PlaceKind kind = PlaceKind::mastodon;
  std::string name;
  std::vector<Language> languages = {Language::ja};  // One post in each.
  Endpoint endpoint;
  std::string to;  // Chat, page, recipient or account, where the service asks for one.
  std::uint32_t per_minute = 0;  // 0: what the service's own rules say.
  bool drill = false;            // Gets notices of drills, and no others.
  WebhookFormat format = WebhookFormat::statuspage;
  std::string secret_file;

  // From the file of the secret.
  std::string secret;
  std::optional<OAuthKeys> oauth;  // Of X.
  Bytes key;                       // Of webhooks.
};

struct MailPlace {
  Address server;
  std::string hello, from, from_name;
  std::size_t connections = 8;
  std::string log_file;  // Empty: nobody can be asked what the server took.
  std::int64_t ask_after_ms = 5'000;
  std::uint32_t per_minute = 0;
};

struct ChannelsConfig {
  NoticeLinks links;
  std::string page_name;   // Of webhooks.
  std::string texts_file;  // Templates; empty: those that ship.
  std::string ca_file;     // Of TLS; empty: the system's authorities.
  std::optional<MailPlace> mail;
  std::vector<Place> channels;

  PageLinks page_links;
  bool page_drills = false;  // Whether pages of drills leave.
  std::vector<Place> page_ways;
};

// Errc::invalid with one sentence that names the place and the key.
Result<ChannelsConfig> parse_channels(ByteView text);

// Reads every secret that the configuration names. The error names the place, never a secret.
using ReadFile = std::function<Result<Bytes>(const std::string& path, std::size_t bytes_max)>;
Result<void> load_secrets(ChannelsConfig& config, const ReadFile& read);

}  // namespace oki::notify
