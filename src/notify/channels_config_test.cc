#include "notify/channels_config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace oki::notify {
namespace {

constexpr const char* site = "[site]\nurl = \"https://status.example.jp\"\n";

std::string channel(const std::string& lines) { return site + ("[[channel]]\n" + lines + "\n"); }
std::string mastodon(const std::string& more = "") {
  return channel(
      "service = \"mastodon\"\nname = \"m\"\nurl = \"https://m.example\"\n"
      "secret_file = \"/s/m\"\n" +
      more);
}

std::string fault_of(const std::string& text) {
  const auto config = parse_channels(text);
  return config ? "" : config.error().message;
}

TEST(ChannelsConfigTest, TheExampleThatShipsHasEveryKeyAndIsWhole) {
  std::ifstream file("deploy/channels.toml");
  std::stringstream text;
  text << file.rdbuf();
  const auto config = parse_channels(text.str());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->mail.has_value());
  for (const PlaceKind kind :
       {PlaceKind::mastodon, PlaceKind::line, PlaceKind::x, PlaceKind::slack, PlaceKind::discord,
        PlaceKind::telegram, PlaceKind::facebook, PlaceKind::bluesky, PlaceKind::webhook}) {
    const auto is_kind = [&](const Place& place) { return place.kind == kind; };
    EXPECT_TRUE(std::any_of(config->channels.begin(), config->channels.end(), is_kind))
        << name(kind);
  }
  EXPECT_TRUE(std::any_of(config->channels.begin(), config->channels.end(),
                          [](const Place& place) { return place.drill; }));
  EXPECT_EQ(config->page_ways.size(), 6u);
  EXPECT_FALSE(config->page_links.operator_url.empty());
}

TEST(ChannelsConfigTest, OnlyTheSiteMustBeThere) {
  const auto config = parse_channels(site);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->channels.empty());
  EXPECT_FALSE(config->mail);
  EXPECT_NE(fault_of(""), "");
  EXPECT_NE(fault_of("[site]\nurl = \"https://status.example.jp/\"\n"), "");
  EXPECT_NE(fault_of("[site]\nurl = \"http://status.example.jp\"\n"), "");
}

TEST(ChannelsConfigTest, FaultsNameThePlaceAndTheKey) {
  EXPECT_EQ(fault_of(mastodon()), "");
  EXPECT_EQ(fault_of(mastodon("colour = 1")), "channel 1: unknown key 'colour'");
  EXPECT_EQ(fault_of(mastodon("languages = [\"fr\"]")),
            "channel 1: 'languages' must be [\"ja\"], [\"en\"] or both");
  EXPECT_NE(fault_of(mastodon("languages = []")), "");
  EXPECT_NE(fault_of(mastodon("languages = [\"ja\", \"ja\"]")), "");
  EXPECT_EQ(fault_of(mastodon("per_minute = 0")),
            "channel 1: 'per_minute' must be a whole number from 1 to 100000");
  EXPECT_NE(fault_of(mastodon("drill = 1")), "");
  EXPECT_NE(fault_of(mastodon("format = \"statuspage\"")), "");
  EXPECT_EQ(fault_of(mastodon() + mastodon().substr(std::string(site).size())),
            "'m' is there twice");
  EXPECT_EQ(fault_of(channel("service = \"fax\"\nname = \"f\"\nsecret_file = \"/s\"")),
            "channel 1: 'service' names nothing that can be reached");
  EXPECT_NE(fault_of(channel("service = \"pagerduty\"\nname = \"p\"\nsecret_file = \"/s\"")), "");
  EXPECT_NE(fault_of(channel("service = \"telegram\"\nname = \"t\"\nsecret_file = \"/s\"")), "");
  EXPECT_NE(fault_of(channel("service = \"x\"\nname = \"mail\"\nsecret_file = \"/s\"")), "");
  EXPECT_NE(fault_of(channel("service = \"x\"\nname = \"X\"\nsecret_file = \"/s\"")), "");
  EXPECT_NE(fault_of(channel("service = \"slack\"\nname = \"s\"\nsecret_file = \"/s\"\n"
                             "url = \"https://hooks.slack.com/services/secret\"")),
            "");
  EXPECT_EQ(fault_of(std::string(site) + "[mail]\nserver = \"mail.example:25\"\nfrom = \"a@b.jp\""),
            "mail: 'server' is an IP address and a port");
  EXPECT_NE(fault_of(std::string(site) + "[[pages.way]]\nkind = \"x\"\nname = \"x\"\n"
                                         "secret_file = \"/s\""),
            "");
  EXPECT_EQ(fault_of(std::string(site) + "[colours]\nred = 1\n"),
            "channels: unknown key 'colours'");
  EXPECT_NE(fault_of("[site"), "");
  EXPECT_NE(fault_of(std::string(channels_file_bytes_max + 1, '#')), "");
}

TEST(ChannelsConfigTest, SecretsAreReadFromTheirFilesAndNeverShown) {
  std::map<std::string, Bytes> files;
  const ReadFile read = [&](const std::string& path, std::size_t) -> Result<Bytes> {
    if (!files.contains(path)) return error(Errc::not_found, path + ": no such file");
    return files[path];
  };
  const auto load = [&](const std::string& lines, const Bytes& secret) -> Result<Place> {
    files["/s"] = secret;
    auto config = parse_channels(channel(lines + "\nname = \"n\"\nsecret_file = \"/s\""));
    EXPECT_TRUE(config) << config.error().message;
    if (auto loaded = load_secrets(*config, read); !loaded) {
      EXPECT_EQ(loaded.error().message.find("word"), std::string::npos);
      return tl::unexpected(loaded.error());
    }
    return config->channels.at(0);
  };
  const std::string x = "service = \"x\"", slack = "service = \"slack\"";
  EXPECT_EQ(load(x, "bearer-word\n")->secret, "bearer-word");
  EXPECT_EQ(load(x, "ck\nword\ntk\nword2\n")->oauth->token_secret, "word2");
  EXPECT_FALSE(load(x, "two\nwords\n"));
  EXPECT_FALSE(load(x, ""));
  EXPECT_FALSE(load(x, "a word with blanks\n"));
  EXPECT_FALSE(load(x, "word\r\n"));
  const auto hook = load(slack, "https://hooks.slack.com/services/T0/B0/word\n");
  EXPECT_EQ(hook->endpoint.path, "/services/T0/B0/word");
  EXPECT_EQ(hook->endpoint.address, (Address{"hooks.slack.com", 443}));
  EXPECT_FALSE(load(slack, "hooks.slack.com/word\n"));
  const std::string webhook = "service = \"webhook\"\nurl = \"https://w.example/in\"";
  EXPECT_EQ(load(webhook, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")->key.size(), 24u);
  EXPECT_FALSE(load(webhook, "word"));
  files.clear();
  auto missing = parse_channels(mastodon());
  EXPECT_FALSE(load_secrets(*missing, read));
}

TEST(EndpointTest, HttpsGoesAnywhereAndHttpNowhereButHere) {
  const auto endpoint = parse_endpoint("https://api.x.com");
  ASSERT_TRUE(endpoint);
  EXPECT_TRUE(endpoint->tls);
  EXPECT_EQ(endpoint->address, (Address{"api.x.com", 443}));
  EXPECT_EQ(endpoint->path, "/");
  EXPECT_EQ(endpoint->origin(), "https://api.x.com");
  EXPECT_EQ(parse_endpoint("https://a.example:8443/b?c=d")->host, "a.example:8443");
  EXPECT_EQ(parse_endpoint("https://a.example?c=d")->path, "/?c=d");
  EXPECT_EQ(parse_endpoint("http://127.0.0.1:9/x")->address, (Address{"127.0.0.1", 9}));
  EXPECT_EQ(parse_endpoint("http://[::1]:9/x")->address, (Address{"::1", 9}));
  for (const char* wrong :
       {"", "api.x.com", "ftp://a.example", "https://", "https:///x", "https://a b/",
        "https://a.example/ x", "https://a.example/\r\nHost: b", "https://a.example:0/",
        "https://a.example:65536/", "https://a.example:x/", "https://user:word@a.example/",
        "https://a.example/#f", "http://a.example/", "http://10.0.0.1/", "https://[::2]/"}) {
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_endpoint("https://a.example/" + std::string(url_bytes_max, 'a')));
}

}  // namespace
}  // namespace oki::notify
