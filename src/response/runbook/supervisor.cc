#include "response/runbook/supervisor.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/json.h"
#include "crypto/crypto.h"
#include "net/json_reader.h"
#include "response/runbook/values.h"

namespace oki::response {
namespace {

constexpr std::size_t body_bytes_max = 1'024;
constexpr std::size_t connections_max = 16;
constexpr std::size_t token_bytes_min = 32;

net::HttpServerOptions options() {
  net::HttpServerOptions options;
  options.limits.body_bytes_max = body_bytes_max;
  options.stream.connections_max = connections_max;
  return options;
}

net::HttpResponse says(std::uint16_t status, ByteView key, ByteView sentence) {
  Bytes body;
  JsonWriter(body).begin_object().field(key, sentence).end_object();
  return net::json_response(status, std::move(body));
}

}  // namespace

Supervisor::Supervisor(const Parts& parts, Bytes token, Act act)
    : token_(std::move(token)),
      act_(std::move(act)),
      server_(parts.net, parts.timers, parts.clock, *this, options()) {
  ASSERT(token_.size() >= token_bytes_min);
}

net::HttpResponse Supervisor::answer(const net::HttpRequest& request) {
  if (!crypto::equal_constant_time(request.header("Authorization"), "Bearer " + token_)) {
    return says(401, "error", "the token is missing or wrong");
  }
  if (request.method != "POST" || request.path() != "/process") {
    return says(404, "error", "no such page");
  }
  constexpr ByteView verbs[] = {"restart", "stop", "start", "replace"};
  const auto json = net::parse_json(request.body, body_bytes_max);
  const net::Json* verb = json ? json->find("do") : nullptr;
  const net::Json* process = json ? json->find("process") : nullptr;
  if (verb == nullptr || process == nullptr || !verb->string() || !process->string()) {
    return says(400, "error", "the body must say 'do' and 'process'");
  }
  const auto found = std::find(std::begin(verbs), std::end(verbs), *verb->string());
  if (found == std::end(verbs) || !fits(ValueKind::process, *process->string())) {
    return says(400, "error", "no such thing can be done to a process");
  }
  const auto done =
      act_(static_cast<ProcessVerb>(found - std::begin(verbs)), std::string(*process->string()));
  return done ? says(200, "says", *done) : says(409, "error", done.error().message);
}

}  // namespace oki::response
