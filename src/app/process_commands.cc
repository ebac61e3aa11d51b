#include <fmt/format.h>

#include <cstdio>

#include "app/operator_commands.h"
#include "app/process.h"
#include "base/json.h"
#include "net/http_client.h"
#include "net/json_reader.h"

namespace oki::app {
namespace {

constexpr std::int64_t deadline_ms = 60'000;
constexpr std::size_t answer_bytes_max = 64u << 10;

std::string text_of(const Result<net::Json>& json, ByteView name) {
  const net::Json* found = json ? json->find(name) : nullptr;
  return found != nullptr && found->string() ? std::string(*found->string()) : std::string();
}

int tell(const char* name, const Result<net::HttpResponse>& answer) {
  if (!answer) {
    fmt::print(stderr, "okiagari {}: {}\n", name, answer.error().message);
    return answer.error().code == Errc::io ? exit_code::unknown_outcome : exit_code::unavailable;
  }
  const auto json = net::parse_json(answer->body, answer_bytes_max);
  if (answer->status == 200) {
    fmt::print("{}\n", text_of(json, "says"));
    return exit_code::ok;
  }
  fmt::print(stderr, "okiagari {}: refused: {}\n", name, text_of(json, "error"));
  return exit_code::failed;
}

int ask(const char* name, const char* verb, const Arguments& arguments) {
  const auto supervisor = parse_address(arguments.text("supervisor"));
  if (!supervisor) return usage(name, supervisor.error().message);
  auto token = host::read_file(arguments.text("token"), 4096);
  if (!token) return usage(name, token.error().message);
  while (!token->empty() && (token->back() == '\n' || token->back() == '\r')) token->pop_back();
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/process";
  request.headers = {{"Authorization", "Bearer " + *token}, {"Content-Type", "application/json"}};
  JsonWriter(request.body)
      .begin_object()
      .field("do", verb)
      .field("process", arguments.text("process"))
      .end_object();
  Process process(name);
  net::HttpClient client(
      process.loop().net(), process.loop().timers(), *supervisor,
      {.limits = {.body_bytes_max = answer_bytes_max}, .deadline_ms = deadline_ms});
  int code = exit_code::ok;
  client.request(std::move(request), [&](const Result<net::HttpResponse>& answer) {
    code = tell(name, answer);
    process.loop().stop();
  });
  const int ended = process.run();
  return ended == exit_code::ok ? code : ended;
}

CommandSpec command(const char* name, const char* verb, Words summary) {
  return {name,
          summary,
          {{"supervisor", "ADDRESS", "", {"who starts processes", "プロセスを管理する相手"}, true},
           {"token", "FILE", "", {"that it knows", "そのトークン"}, true}},
          [name, verb](const Arguments& arguments) { return ask(name, verb, arguments); },
          "process"};
}

}  // namespace

std::vector<CommandSpec> process_commands() {
  return {command("process restart", "restart", {"Restarts edge1, node3, ...", "再起動する"}),
          command("process stop", "stop", {"Stops one", "停止する"}),
          command("process start", "start", {"Starts one", "起動する"}),
          command("process replace", "replace",
                  {"Starts a node with an empty directory", "ノードを空の状態で入れ替える"})};
}

}  // namespace oki::app
