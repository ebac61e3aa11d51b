#include "notify/channels_config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <toml.hpp>

#include "base/utf8.h"
#include "notify/channels/signature.h"
#include "notify/mail/mail_address.h"

namespace oki::notify {
namespace {

constexpr std::size_t channel_place_bytes_max = 24;  // Beside "_ja" in the name of a channel.
constexpr std::size_t way_bytes_max = 16;            // Beside "page_pagerduty_".
constexpr std::int64_t per_minute_max = 100'000;
constexpr std::int64_t connections_max = 256;
constexpr std::int64_t ask_after_ms_max = 600'000;

struct KindRow {
  PlaceKind kind;
  const char* name;
  const char* origin;  // Empty: the configuration must say it; nullptr: the secret is the address.
  bool for_notices, for_pages;
  bool needs_to;
};
constexpr std::array<KindRow, 10> kinds = {{
    {PlaceKind::mastodon, "mastodon", "", true, false, false},
    {PlaceKind::line, "line", "https://api.line.me", true, true, false},
    {PlaceKind::x, "x", "https://api.x.com", true, false, false},
    {PlaceKind::slack, "slack", nullptr, true, true, false},
    {PlaceKind::discord, "discord", nullptr, true, true, false},
    {PlaceKind::telegram, "telegram", "https://api.telegram.org", true, true, true},
    {PlaceKind::facebook, "facebook", "https://graph.facebook.com", true, false, true},
    {PlaceKind::bluesky, "bluesky", "https://bsky.social", true, false, true},
    {PlaceKind::webhook, "webhook", "", true, true, false},
    {PlaceKind::pagerduty, "pagerduty", "https://events.pagerduty.com", false, true, false},
}};

const KindRow& row_of(PlaceKind kind) { return kinds[static_cast<std::size_t>(kind)]; }

// One table being read: remembers which keys were asked for, and the first fault.
class Section {
 public:
  Section(const toml::value* value, std::string what) : what_(std::move(what)) {
    if (value == nullptr) return;
    if (value->is_table()) {
      table_ = &value->as_table();
    } else {
      fault("is not a table");
    }
  }

  bool has(const std::string& key) const {
    return table_ != nullptr && table_->find(key) != table_->end();
  }

  const toml::value* find(const std::string& key) {
    asked_.insert(key);
    return has(key) ? &table_->find(key)->second : nullptr;
  }

  // Empty when it is absent.
  std::string text(const std::string& key) {
    const toml::value* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string()) return value->as_string().str;
    fault("'" + key + "' must be a text in quotes");
    return {};
  }

  std::string needed_text(const std::string& key) {
    std::string value = text(key);
    if (value.empty()) fault("'" + key + "' is missing");
    return value;
  }

  std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t low,
                       std::int64_t high) {
    const toml::value* value = find(key);
    if (value == nullptr) return fallback;
    if (value->is_integer() && value->as_integer() >= low && value->as_integer() <= high) {
      return value->as_integer();
    }
    fault("'" + key + "' must be a whole number from " + std::to_string(low) + " to " +
          std::to_string(high));
    return fallback;
  }

  bool boolean(const std::string& key, bool fallback) {
    const toml::value* value = find(key);
    if (value == nullptr) return fallback;
    if (value->is_boolean()) return value->as_boolean();
    fault("'" + key + "' must be true or false");
    return fallback;
  }

  std::vector<const toml::value*> tables(const std::string& key) {
    std::vector<const toml::value*> all;
    const toml::value* value = find(key);
    if (value == nullptr) return all;
    if (!value->is_array()) {
      fault("'" + key + "' must be written [[" + key + "]]");
      return all;
    }
    for (const toml::value& each : value->as_array()) all.push_back(&each);
    return all;
  }

  void fault(const std::string& sentence) {
    if (fault_.empty()) fault_ = what_ + ": " + sentence;
  }

  // Call last: a key that nobody asked for is a fault too.
  Result<void> end() {
    if (table_ != nullptr) {
      for (const auto& [key, value] : *table_) {
        if (!asked_.contains(key)) fault("unknown key '" + key + "'");
      }
    }
    if (fault_.empty()) return {};
    return error(Errc::invalid, fault_);
  }

 private:
  std::string what_;
  const toml::table* table_ = nullptr;
  std::set<std::string> asked_;
  std::string fault_;
};

bool is_place_name(const std::string& name, std::size_t bytes_max) {
  return !name.empty() && name.size() <= bytes_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

bool is_ip(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

void read_languages(Section& section, Place& place) {
  const toml::value* value = section.find("languages");
  if (value == nullptr) return;
  place.languages.clear();
  const auto wrong = [&] { section.fault("'languages' must be [\"ja\"], [\"en\"] or both"); };
  if (!value->is_array()) return wrong();
  for (const toml::value& each : value->as_array()) {
    const std::string name = each.is_string() ? each.as_string().str : "";
    const Language language = name == "en" ? Language::en : Language::ja;
    const bool twice = std::find(place.languages.begin(), place.languages.end(), language) !=
                       place.languages.end();
    if ((name != "ja" && name != "en") || twice) return wrong();
    place.languages.push_back(language);
  }
  if (place.languages.empty()) wrong();
}

void read_endpoint(Section& section, Place& place) {
  const char* origin = row_of(place.kind).origin;
  std::string url = section.text("url");
  if (origin == nullptr) {
    if (!url.empty()) section.fault("the address is a secret: it stands in 'secret_file'");
    return;
  }
  if (url.empty()) url = origin;
  if (url.empty()) return section.fault("'url' is missing");
  auto endpoint = parse_endpoint(url);
  if (!endpoint) return section.fault("'url': " + endpoint.error().message);
  place.endpoint = std::move(*endpoint);
}

void read_format(Section& section, Place& place) {
  const std::string format = section.text("format");
  if (format == "cloudevents") {
    place.format = WebhookFormat::cloudevents;
  } else if (!format.empty() && format != "statuspage") {
    section.fault("'format' is statuspage or cloudevents");
  }
}

// What places of notices and of pages have in common.
void read_place(Section& section, const char* kind_key, bool pages, Place& place) {
  const std::string kind = section.needed_text(kind_key);
  const auto row = std::find_if(kinds.begin(), kinds.end(),
                                [&](const KindRow& each) { return kind == each.name; });
  if (row == kinds.end() || !(pages ? row->for_pages : row->for_notices)) {
    return section.fault("'" + std::string(kind_key) + "' names nothing that can be reached");
  }
  place.kind = row->kind;
  place.name = section.needed_text("name");
  if (!is_place_name(place.name, pages ? way_bytes_max : channel_place_bytes_max)) {
    section.fault("'name' is short, of a-z, 0-9, '_' and '-'");
  }
  read_endpoint(section, place);
  place.secret_file = section.needed_text("secret_file");
  place.to = section.text("to");
  if (row->needs_to && place.to.empty()) section.fault("'to' is missing");
  if (place.to.size() > recipient_bytes_max) section.fault("'to' is too long");
  place.per_minute =
      static_cast<std::uint32_t>(section.integer("per_minute", 0, 1, per_minute_max));
}

Result<Place> read_channel(const toml::value& value, std::size_t number) {
  Section section(&value, "channel " + std::to_string(number));
  Place place;
  read_place(section, "service", false, place);
  read_languages(section, place);
  place.drill = section.boolean("drill", false);
  if (place.kind == PlaceKind::webhook) read_format(section, place);
  if (place.name == "mail" || place.name == "published" || place.name.starts_with("page_")) {
    section.fault("'" + place.name + "' is a name of our own");
  }
  if (Result<void> whole = section.end(); !whole) return tl::unexpected(whole.error());
  return place;
}

Result<Place> read_way(const toml::value& value, std::size_t number) {
  Section section(&value, "pages.way " + std::to_string(number));
  Place place;
  read_place(section, "kind", true, place);
  if (place.kind == PlaceKind::line && place.to.empty()) section.fault("'to' is missing");
  place.format = WebhookFormat::cloudevents;
  if (Result<void> whole = section.end(); !whole) return tl::unexpected(whole.error());
  return place;
}

using ReadPlace = Result<Place> (*)(const toml::value&, std::size_t);

Result<std::vector<Place>> read_places(Section& section, const std::string& key, ReadPlace read) {
  std::vector<Place> places;
  std::set<std::pair<PlaceKind, std::string>> ways;
  std::set<std::string> names;
  for (const toml::value* value : section.tables(key)) {
    if (places.size() >= places_max) return error(Errc::invalid, "too many places (places_max)");
    Result<Place> place = read(*value, places.size() + 1);
    if (!place) return tl::unexpected(place.error());
    const bool fresh = key == "channel" ? names.insert(place->name).second
                                        : ways.emplace(place->kind, place->name).second;
    if (!fresh) return error(Errc::invalid, "'" + place->name + "' is there twice");
    places.push_back(std::move(*place));
  }
  return places;
}

Result<MailPlace> read_mail(const toml::value& value) {
  Section section(&value, "mail");
  MailPlace mail;
  const auto server = parse_address(section.needed_text("server"));
  if (server && is_ip(server->host)) {
    mail.server = *server;
  } else {
    section.fault("'server' is an IP address and a port");
  }
  mail.hello = section.has("hello") ? section.text("hello") : "localhost";
  section.find("hello");
  mail.from = section.needed_text("from");
  if (!is_mail_address(mail.from)) section.fault("'from' is no address");
  mail.from_name = section.text("from_name");
  mail.connections =
      static_cast<std::size_t>(section.integer("connections", 8, 1, connections_max));
  mail.log_file = section.text("log_file");
  mail.ask_after_ms = section.integer("ask_after_ms", 5'000, 0, ask_after_ms_max);
  mail.per_minute = static_cast<std::uint32_t>(section.integer("per_minute", 0, 1, 10'000'000));
  if (Result<void> whole = section.end(); !whole) return tl::unexpected(whole.error());
  return mail;
}

Result<void> read_site(const toml::value* value, ChannelsConfig& config) {
  Section section(value, "site");
  config.links.site_url = section.needed_text("url");
  if (config.links.site_url.ends_with('/')) section.fault("'url' ends without a slash");
  if (!config.links.site_url.empty() && !parse_endpoint(config.links.site_url)) {
    section.fault("'url' is no https:// address");
  }
  config.links.faq_url = section.text("faq_url");
  config.links.support_url = section.text("support_url");
  config.page_name = section.text("name");
  if (config.page_name.empty()) config.page_name = "Okiagari";
  config.texts_file = section.text("texts_file");
  return section.end();
}

Result<void> read_pages(const toml::value* value, ChannelsConfig& config) {
  Section section(value, "pages");
  config.page_links.operator_url = section.text("operator_url");
  config.page_links.command = section.text("command");
  config.page_drills = section.boolean("drills", false);
  Result<std::vector<Place>> ways = read_places(section, "way", read_way);
  if (!ways) return tl::unexpected(ways.error());
  config.page_ways = std::move(*ways);
  return section.end();
}

Result<ChannelsConfig> read_root(const toml::value& root) {
  Section section(&root, "channels");
  ChannelsConfig config;
  if (auto done = read_site(section.find("site"), config); !done) {
    return tl::unexpected(done.error());
  }
  Section tls(section.find("tls"), "tls");
  config.ca_file = tls.text("ca_file");
  if (auto done = tls.end(); !done) return tl::unexpected(done.error());
  if (const toml::value* value = section.find("mail")) {
    Result<MailPlace> mail = read_mail(*value);
    if (!mail) return tl::unexpected(mail.error());
    config.mail = std::move(*mail);
  }
  Result<std::vector<Place>> channels = read_places(section, "channel", read_channel);
  if (!channels) return tl::unexpected(channels.error());
  config.channels = std::move(*channels);
  if (auto done = read_pages(section.find("pages"), config); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = section.end(); !done) return tl::unexpected(done.error());
  return config;
}

std::vector<std::string> lines_of(ByteView text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What stands in a header or a path as it is.
bool is_secret(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

// How the lines of the file are meant.
const char* take_secret(Place& place, const std::vector<std::string>& lines) {
  if (!std::all_of(lines.begin(), lines.end(), is_secret)) return "holds blanks or foreign bytes";
  if (place.kind == PlaceKind::x && lines.size() == 4) {
    place.oauth = OAuthKeys{lines[0], lines[1], lines[2], lines[3]};
    return nullptr;
  }
  if (lines.size() != 1) return "must be one line";
  if (row_of(place.kind).origin == nullptr) {
    auto endpoint = parse_endpoint(lines[0]);
    if (!endpoint) return "holds no https:// address";
    place.endpoint = std::move(*endpoint);
  } else if (place.kind == PlaceKind::webhook) {
    auto key = parse_webhook_key(lines[0]);
    if (!key) return "is not whsec_ and the base64 of 24 to 64 bytes";
    place.key = std::move(*key);
  } else {
    place.secret = lines[0];
  }
  return nullptr;
}

}  // namespace

const char* name(PlaceKind kind) { return row_of(kind).name; }

std::optional<Service> service_of(PlaceKind kind) {
  for (const Service service : services) {
    if (ByteView(name(service)) == name(kind)) return service;
  }
  return std::nullopt;
}

Result<ChannelsConfig> parse_channels(ByteView text) {
  if (text.size() > channels_file_bytes_max) return error(Errc::invalid, "the file is too large");
  if (!is_utf8(text)) return error(Errc::invalid, "the file is not UTF-8");
  toml::value root;
  try {
    std::istringstream stream{std::string(text)};
    root = toml::parse(stream, "channels");
  } catch (const std::exception& fault) {
    return error(Errc::invalid, fault.what());
  }
  return read_root(root);
}

Result<void> load_secrets(ChannelsConfig& config, const ReadFile& read) {
  for (std::vector<Place>* places : {&config.channels, &config.page_ways}) {
    for (Place& place : *places) {
      const Result<Bytes> file = read(place.secret_file, secret_bytes_max);
      if (!file) {
        return error(file.error().code, "'" + place.name + "': " + file.error().message);
      }
      if (const char* fault = take_secret(place, lines_of(*file))) {
        return error(Errc::invalid, "'" + place.name + "': the secret's file " + fault);
      }
    }
  }
  return {};
}

}  // namespace oki::notify
