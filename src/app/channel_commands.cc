#include <fmt/format.h>

#include <map>
#include <optional>

#include "app/announcing.h"
#include "app/notice_commands.h"
#include "base/calendar.h"
#include "notify/channels/page_channels.h"

namespace oki::app {
namespace {

constexpr const char* command = "notices channels";
constexpr const char* mail_name = "mail";

using notify::Place;

// Takes what is sent to it, shows it with the secrets hidden, and answers as a friendly service
// would: nothing leaves the machine.
class ShowingNet : public Net {
 public:
  ShowingNet(Timers& timers, std::vector<std::string> secrets)
      : timers_(timers), secrets_(std::move(secrets)) {}

  Result<Address> listen(const Address&, StreamHandler&, const StreamOptions&) override {
    return error(Errc::invalid, "nothing listens here");
  }
  ConnectionId connect(const Address& address, StreamHandler& handler,
                       const StreamOptions&) override {
    const ConnectionId id{++last_id_};
    handlers_[id] = &handler;
    fmt::print("to {}\n", to_string(address));
    timers_.after_ms(0, [this, id, address] { handlers_.at(id)->on_open(id, address); });
    return id;
  }
  void send(ConnectionId id, ByteView bytes) override {
    fmt::print("{}\n\n", hidden(bytes));
    static constexpr ByteView body =
        "{\"id\":\"dry-run\",\"accessJwt\":\"dry-run\",\"refreshJwt\":\"dry-run\","
        "\"did\":\"did:plc:dry-run\"}";
    timers_.after_ms(0, [this, id] {
      handlers_.at(id)->on_bytes(
          id, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
    });
  }
  void send_shared(ConnectionId id, std::shared_ptr<const Bytes> bytes) override {
    send(id, *bytes);
  }
  void close(ConnectionId) override {}
  std::size_t backlog_bytes(ConnectionId) const override { return 0; }
  void detach(StreamHandler&) override {}

 private:
  std::string hidden(ByteView bytes) const {
    std::string out(bytes);
    for (const std::string& secret : secrets_) {
      for (std::size_t at = out.find(secret); at != std::string::npos; at = out.find(secret, at)) {
        out.replace(at, secret.size(), "***");
        at += 3;
      }
    }
    return out;
  }

  Timers& timers_;
  std::vector<std::string> secrets_;
  std::map<ConnectionId, StreamHandler*> handlers_;  // They outlive the loop's turns.
  std::uint64_t last_id_ = 0;
};

std::vector<std::string> secrets_of(const Place& place) {
  std::vector<std::string> secrets;
  if (!place.secret.empty()) secrets.push_back(place.secret);
  if (place.oauth) {
    for (const std::string* each : {&place.oauth->consumer_secret, &place.oauth->token_secret,
                                    &place.oauth->consumer_key, &place.oauth->token}) {
      secrets.push_back(*each);
    }
  }
  const bool address_is_secret =
      place.kind == notify::PlaceKind::slack || place.kind == notify::PlaceKind::discord;
  if (address_is_secret) secrets.push_back(place.endpoint.path);
  return secrets;
}

std::string languages_of(const Place& place) {
  std::string out;
  for (const notify::Language language : place.languages) {
    out += out.empty() ? "" : ",";
    out += language == notify::Language::ja ? "ja" : "en";
  }
  return out;
}

int list(const notify::ChannelsConfig& config) {
  constexpr const char* row = "{:<24} {:<10} {:<6} {:<6} {}\n";
  fmt::print(row, "channel", "kind", "langs", "drill", "host");
  if (config.mail) {
    fmt::print(row, mail_name, "mail", "ja,en", "no", to_string(config.mail->server));
  }
  for (const Place& place : config.channels) {
    fmt::print(row, place.name, name(place.kind), languages_of(place), place.drill ? "yes" : "no",
               place.endpoint.host);
  }
  for (const Place& way : config.page_ways) {
    fmt::print(row, notify::page_channel_name(name(way.kind), way.name), name(way.kind), "",
               config.page_drills ? "yes" : "no", way.endpoint.host);
  }
  return exit_code::ok;
}

// Says in both languages that it is a test, and is a notice of a drill besides.
notify::Notice test_notice(WallTimeMs now) {
  notify::Notice notice;
  notice.incident = fmt::format("test{}", now.value);
  notice.impact = notify::Impact::none;
  notice.drill = true;
  notice.at = now;
  notice.began = now;
  notice.title = {"配信試験", "Test of this channel"};
  notice.body = {"配信経路の試験です。障害は起きていません。",
                 "This is a test of the channel. Nothing has happened."};
  notice.assets = {"影響はありません。", "Not affected."};
  return notice;
}

notify::Page test_page(WallTimeMs now) {
  notify::Page page;
  page.cause = notify::PageCause::test;
  page.incident = fmt::format("test{}", now.value);
  page.severity = 4;
  page.person = "test";
  page.title = {"呼び出しの試験", "Test of the pager"};
  page.at = now;
  page.began = now;
  return page;
}

struct Test {
  std::vector<notify::OpenChannel> channels;
  std::string posting;
  Bytes content;
};

// The channels of one name, as places for drills, and what they are to say.
Result<Test> prepare(const notify::ChannelsConfig& config, const notify::ChannelWorld& world,
                     const std::string& wanted) {
  Test test;
  const WallTimeMs now = world.clock.wall_now();
  const notify::Notice notice = test_notice(now);
  test.posting = notice_posting_name(notice);
  for (Place place : config.channels) {
    if (place.name != wanted) continue;
    place.drill = true;
    test.channels =
        notice_channels(world, config, place,
                        [](const notify::Notice&) -> std::vector<notify::Notice> { return {}; });
    append(test.content, notice);
    return test;
  }
  for (const Place& way : config.page_ways) {
    if (notify::page_channel_name(name(way.kind), way.name) != wanted) continue;
    test.channels.push_back(page_channel(world, config, way));
    append(test.content, test_page(now));
    return test;
  }
  return error(Errc::not_found, "no channel '" + wanted + "'; `list` shows them");
}

std::vector<std::string> secrets_of(const notify::ChannelsConfig& config) {
  std::vector<std::string> all;
  for (const std::vector<Place>* places : {&config.channels, &config.page_ways}) {
    for (const Place& place : *places) {
      for (std::string& secret : secrets_of(place)) all.push_back(std::move(secret));
    }
  }
  return all;
}

const char* word_of(notify::Attempt attempt) {
  switch (attempt) {
    case notify::Attempt::sent:
      return "sent";
    case notify::Attempt::refused:
      return "refused";
    case notify::Attempt::retry:
      return "not now";
    case notify::Attempt::absent:
      return "nobody took it";
    case notify::Attempt::unknown:
      break;
  }
  return "unknown";
}

int run_test(const Arguments& arguments, const notify::ChannelsConfig& config) {
  Process process("notices");
  auto outward = Outward::open(process, config.ca_file);
  if (!outward) return usage(command, outward.error().message);
  ShowingNet showing(process.loop().timers(), secrets_of(config));
  const notify::ChannelWorld real = (*outward)->world(process);
  const notify::ChannelWorld dry{showing, showing, real.timers, real.clock, real.random};
  const notify::ChannelWorld& world = arguments.has("dry-run") ? dry : real;
  Result<Test> test = prepare(config, world, arguments.text("channel"));
  if (!test) return usage(command, test.error().message);
  std::size_t left = test->channels.size();
  bool all_sent = true;
  for (const notify::OpenChannel& open : test->channels) {
    const notify::Letter letter{{1}, test->posting, test->content, open.name, open.recipient, ""};
    open.channel->send(letter, [&, name = open.name](const notify::AttemptResult& result) {
      fmt::print("{}: {} ({})\n", name, word_of(result.outcome), result.text);
      all_sent = all_sent && result.outcome == notify::Attempt::sent;
      if (--left == 0) process.loop().stop();
    });
  }
  const int code = process.run();
  return code == exit_code::ok && !all_sent ? exit_code::failed : code;
}

int run(const Arguments& arguments) {
  const Result<notify::ChannelsConfig> config = read_channels(arguments.text("channels"));
  if (!config) return usage(command, config.error().message);
  const std::string& action = arguments.text("action");
  if (action == "list") return list(*config);
  if (action != "test") return usage(command, "the action is list or test");
  if (!arguments.has("channel")) return usage(command, "--channel is missing");
  return run_test(arguments, *config);
}

}  // namespace

CommandSpec channels_command() {
  return {command,
          {"Lists the channels of a configuration, or tests one",
           "設定された配信経路の一覧（list）と試験（test）"},
          {{"channels", "FILE", "", {"deploy/channels.toml", "設定ファイル"}, true},
           {"channel", "NAME", "", {"of test: which one", "試験する経路"}},
           {"dry-run",
            nullptr,
            "",
            {"of test: show the request, send nothing", "要求を表示するだけで送らない"}}},
          run,
          "action"};
}

}  // namespace oki::app
