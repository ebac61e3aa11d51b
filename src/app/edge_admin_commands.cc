#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "app/operator_commands.h"
#include "app/process.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "base/json.h"
#include "net/http_client.h"
#include "net/json_reader.h"

namespace oki::app {
namespace {

constexpr std::int64_t deadline_ms = 5'000;
constexpr std::size_t answer_bytes_max = 1u << 20;

Result<std::string> token_of(const Arguments& arguments) {
  Result<Bytes> text = host::read_file(arguments.text("token"), 4096);
  if (!text) return text;
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  const auto shown = [](char c) { return c > ' ' && c < 0x7f; };
  for (const char c : *text) {
    if (!shown(c)) return error(Errc::invalid, "the token's file must hold one word");
  }
  return text;
}

// "query_percent=50,in_flight_max=100"
Result<void> write_settings(JsonWriter& json, const std::string& text) {
  json.key("set").begin_object();
  for (const std::string& one : split(text, ',')) {
    const std::size_t equals = one.find('=');
    const auto value =
        parse_decimal(one.substr(equals == std::string::npos ? one.size() : equals + 1), 0);
    if (equals == std::string::npos || !value) {
      return error(Errc::invalid, "--set is like query_percent=50,in_flight_max=100");
    }
    json.field(one.substr(0, equals), *value);
  }
  json.end_object();
  return {};
}

Result<std::string> body_of(const Arguments& arguments) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("by", arguments.text("by"));
  json.field("words", arguments.has("words") ? arguments.text("words") : std::string());
  if (arguments.has("set")) {
    if (auto done = write_settings(json, arguments.text("set")); !done) {
      return tl::unexpected<Error>(done.error());
    }
  }
  if (arguments.has("for")) {
    const auto for_ms = parse_duration_ms(arguments.text("for"));
    if (!for_ms) return error(Errc::invalid, "--for is like 90s, 10m or 2h");
    json.field("for_ms", *for_ms);
  }
  if (arguments.has("to")) json.field("to", arguments.number("to"));
  json.end_object();
  return body;
}

std::string text_of(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  return found != nullptr && found->string() ? std::string(*found->string()) : std::string();
}

std::int64_t number_of(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  return found == nullptr ? 0 : found->integer().value_or(0);
}

std::string settings_of(const net::Json& json, ByteView name) {
  std::string out;
  const net::Json* found = json.find(name);
  if (found == nullptr || found->object() == nullptr) return out;
  for (const auto& [key, value] : *found->object()) {
    if (!out.empty()) out += ' ';
    out += key + "=" + std::string(value.number_text().value_or("?"));
  }
  return out;
}

std::string state_text(const net::Json& state) {
  std::string out =
      fmt::format("version {}: {}\n", number_of(state, "version"), settings_of(state, "settings"));
  const std::int64_t tightened = number_of(state, "tightened_until");
  if (tightened != 0) {
    out += fmt::format("tightened until {}: {}\n", rfc3339_utc({tightened}),
                       settings_of(state, "in_force"));
  }
  const std::int64_t draining = number_of(state, "draining_until");
  if (draining != 0) out += fmt::format("draining until {}\n", rfc3339_utc({draining}));
  return out;
}

std::string history_text(const net::Json& state) {
  std::string out;
  const net::Json* changes = state.find("changes");
  if (changes == nullptr || changes->array() == nullptr) return out;
  for (const net::Json& change : *changes->array()) {
    out += fmt::format("{}  {:<8}  version {:<3}  {}  {}  {}\n",
                       rfc3339_utc({number_of(change, "at")}), text_of(change, "kind"),
                       number_of(change, "version"), text_of(change, "by"),
                       settings_of(change, "settings"), text_of(change, "words"));
  }
  return out;
}

enum class Show { state, history };

// One request to one edge, and what it says.
class Asking {
 public:
  Asking(const char* name, const Address& admin, Show show)
      : name_(name),
        show_(show),
        process_(name),
        client_(process_.loop().net(), process_.loop().timers(), admin,
                {.limits = {.body_bytes_max = answer_bytes_max}, .deadline_ms = deadline_ms}) {}

  int run(net::HttpRequest request) {
    client_.request(std::move(request), [this](Result<net::HttpResponse> answer) {
      code_ = take(answer);
      process_.loop().stop();
    });
    const int ended = process_.run();
    return ended == exit_code::ok ? code_ : ended;
  }

 private:
  int say(int code, const std::string& sentence) {
    fmt::print(stderr, "okiagari {}: {}\n", name_, sentence);
    return code;
  }

  int take(const Result<net::HttpResponse>& answer) {
    if (!answer) {
      const bool surely_not = answer.error().code != Errc::io;
      return say(surely_not ? exit_code::unavailable : exit_code::unknown_outcome,
                 answer.error().message);
    }
    const auto json = net::parse_json(answer->body, answer_bytes_max);
    if (!json || (answer->status != 200 && json->find("error") == nullptr)) {
      return say(exit_code::failed,
                 fmt::format("status {}; is this an edge with --admin-token?", answer->status));
    }
    if (answer->status == 503) return say(exit_code::unavailable, text_of(*json, "error"));
    if (answer->status != 200) {
      return say(exit_code::failed, "refused: " + text_of(*json, "error"));
    }
    fmt::print("{}", show_ == Show::history ? history_text(*json) : state_text(*json));
    return exit_code::ok;
  }

  const char* name_;
  const Show show_;
  Process process_;
  net::HttpClient client_;
  int code_ = exit_code::ok;
};

// `what` is the page below /admin/; "state" is asked for, all others are told.
int run(const char* name, const char* what, Show show, const Arguments& arguments) {
  const auto admin = parse_address(arguments.text("admin"));
  if (!admin) return usage(name, admin.error().message);
  const auto token = token_of(arguments);
  if (!token) return usage(name, token.error().message);
  net::HttpRequest request;
  const bool asks = std::string_view(what) == "state";
  request.method = asks ? "GET" : "POST";
  request.target = std::string("/admin/") + what;
  request.headers = {{"Authorization", "Bearer " + *token}};
  if (!asks) {
    auto body = body_of(arguments);
    if (!body) return usage(name, body.error().message);
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::move(*body);
  }
  return Asking(name, *admin, show).run(std::move(request));
}

CommandSpec command(const char* name, const char* what, Words summary,
                    std::vector<OptionSpec> more = {}, Show show = Show::state) {
  std::vector<OptionSpec> options = {
      {"admin",
       "ADDRESS",
       "",
       {"the edge's metrics listener", "エッジのメトリクス用アドレス"},
       true},
      {"token", "FILE", "", {"of --admin-token", "--admin-token のファイル"}, true}};
  if (std::string_view(what) != "state") {
    options.push_back({"by", "NAME", "", {"who you are", "操作者"}, true});
    options.push_back({"words", "TEXT", "", {"why", "理由"}});
  }
  options.insert(options.end(), more.begin(), more.end());
  return {name, summary, std::move(options), [name, what, show](const Arguments& arguments) {
            return run(name, what, show, arguments);
          }};
}

}  // namespace

std::vector<CommandSpec> edge_admin_commands() {
  const OptionSpec set{
      "set", "SETTINGS", "", {"as query_percent=50", "query_percent=50 など"}, true};
  const OptionSpec time{
      "for", "TIME", "", {"as 15m; then it ends", "15m など。過ぎると終わる"}, true};
  const OptionSpec to{"to", "N", "0", {"the version; 0: before the last", "戻す版。0 は直前"}};
  return {command("config show", "state", {"The settings of an edge", "エッジの設定"}),
          command("config history", "state", {"Every change of them", "設定変更の履歴"}, {},
                  Show::history),
          command("config apply", "apply", {"Changes settings", "設定を変える"}, {set}),
          command("config rollback", "rollback", {"Takes a change back", "設定変更を戻す"}, {to}),
          command("edge tighten", "tighten",
                  {"Tightens limits for a while", "制限を一時的に強める"}, {set, time}),
          command("edge restore", "restore", {"Ends that", "強めた制限を戻す"}),
          command("edge drain", "drain", {"Takes an edge out", "エッジを外す"}, {time}),
          command("edge undrain", "undrain", {"Brings it back", "エッジを戻す"})};
}

}  // namespace oki::app
