#include "app/operator_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "net/http_client.h"

namespace oki::app {
namespace {

constexpr std::int64_t deadline_ms = 8'000;
constexpr std::size_t answer_bytes_max = 16u << 20;
constexpr std::size_t token_bytes_max = 4'096;

int code_of(std::uint16_t status) {
  if (status >= 200 && status < 300) return exit_code::ok;
  if (status == 400) return exit_code::usage;
  if (status == 503) return exit_code::unavailable;
  if (status == 504) return exit_code::unknown_outcome;
  return exit_code::failed;
}

// What the API itself says of a refusal.
std::string why_of(const std::string& body, std::uint16_t status) {
  const auto json = net::parse_json(body, answer_bytes_max);
  for (const char* field : {"refusal", "why"}) {
    const net::Json* word = json ? json->find(field) : nullptr;
    if (word != nullptr && word->string()) return std::string(*word->string());
  }
  return fmt::format("the watch answers {}", status);
}

// What was asked for is kept by another watch, as the draft of a postmortem is.
bool points_elsewhere(const std::string& body) {
  const auto json = net::parse_json(body, answer_bytes_max);
  return json && json->find("draft_seat") != nullptr;
}

class Asking {
 public:
  Asking(const char* command, std::vector<Address> addresses, net::HttpRequest request)
      : process_(command), addresses_(std::move(addresses)), request_(std::move(request)) {}

  OperatorAnswer run() {
    next();
    process_.run();
    return std::move(answer_);
  }

 private:
  void next() {
    if (place_ >= addresses_.size()) return process_.loop().stop();
    net::HttpClientOptions options;
    options.deadline_ms = deadline_ms;
    options.limits.body_bytes_max = answer_bytes_max;
    clients_.push_back(std::make_unique<net::HttpClient>(
        process_.loop().net(), process_.loop().timers(), addresses_[place_], options));
    ++place_;
    clients_.back()->request(request_,
                             [this](const Result<net::HttpResponse>& response) { take(response); });
  }

  void take(const Result<net::HttpResponse>& response) {
    // Who has it matters more than who has not.
    const bool is_known = answer_.status == 404 && points_elsewhere(answer_.body);
    if (response) {
      const int code = code_of(response->status);
      if (!is_known || code == exit_code::ok) {
        answer_ = {code, response->status, response->body, ""};
        if (code != exit_code::ok) answer_.why = why_of(response->body, response->status);
      }
      // Nobody leads where it was asked, its replica stands still, or what is asked for is kept by
      // another watch: another one may know more.
      const bool goes_on = is_known || answer_.status == 503 ||
                           (answer_.status == 404 && points_elsewhere(answer_.body));
      const bool done = code == exit_code::ok || !goes_on || place_ >= addresses_.size();
      if (done) return process_.loop().stop();
    } else if (!is_known) {
      const bool surely_not = response.error().code == Errc::unavailable;
      answer_ = {surely_not ? exit_code::unavailable : exit_code::unknown_outcome, 0, "",
                 response.error().message};
      if (!surely_not && request_.method != "GET") return process_.loop().stop();
    }
    // Not inside the client's own call.
    process_.loop().timers().after_ms(0, [this] { next(); });
  }

  Process process_;
  std::vector<Address> addresses_;
  net::HttpRequest request_;
  std::vector<std::unique_ptr<net::HttpClient>> clients_;
  std::size_t place_ = 0;
  OperatorAnswer answer_;
};

}  // namespace

OperatorAnswer ask_operators(const char* command, const Arguments& arguments,
                             const std::string& method, const std::string& target,
                             const std::string& body) {
  auto addresses = parse_addresses(arguments.text("at"));
  if (!addresses) return {exit_code::usage, 0, "", addresses.error().message};
  Result<Bytes> token = host::read_file(arguments.text("token"), token_bytes_max);
  if (!token) return {exit_code::usage, 0, "", token.error().message};
  while (!token->empty() && (token->back() == '\n' || token->back() == '\r')) token->pop_back();
  const bool is_token = !token->empty() && std::all_of(token->begin(), token->end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (!is_token) return {exit_code::usage, 0, "", "--token must name a file with a token"};
  net::HttpRequest request;
  request.method = method;
  request.target = target;
  request.body = body;
  request.headers.push_back({"Authorization", "Bearer " + *token});
  if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  return Asking(command, std::move(*addresses), std::move(request)).run();
}

std::vector<OptionSpec> with_operators(std::vector<OptionSpec> options) {
  options.push_back({"at",
                     "ADDRESSES",
                     "",
                     {"of the watches' operator APIs", "監視の運用 API のアドレス"},
                     true});
  options.push_back({"token", "FILE", "", {"with your token", "本人のトークンのファイル"}, true});
  options.push_back({"json", nullptr, "", {"what the API answers", "API の応答をそのまま表示"}});
  return options;
}

}  // namespace oki::app
