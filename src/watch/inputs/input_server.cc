#include "watch/inputs/input_server.h"

#include <utility>

namespace oki::watch::inputs {
namespace {

constexpr std::int64_t tick_every_ms = 1'000;

net::HttpServerOptions server_options() {
  net::HttpServerOptions options;
  options.limits.body_bytes_max = body_bytes_limit;
  options.limits.pipelined_max = 4;
  options.stream.connections_max = input_connections_max;
  return options;
}

}  // namespace

InputServer::InputServer(const Parts& parts, Settings settings, Tokens tokens, response::Tell tell)
    : clock_(parts.clock),
      timers_(parts.timers),
      inputs_(std::move(settings), std::move(tokens), std::move(tell), parts.metrics),
      poller_(parts.net, parts.timers, parts.clock, parts.metrics, inputs_),
      server_(parts.net, parts.timers, parts.clock, *this, server_options()) {}

InputServer::~InputServer() { timers_.cancel(timer_); }

void InputServer::start() {
  poller_.start();
  tick();
}

void InputServer::tick() {
  timer_ = timers_.after_ms(tick_every_ms, [this] { tick(); });
  inputs_.tick(now());
}

void InputServer::on_request(const Address&, net::HttpRequest request, net::Responder responder) {
  responder.send(inputs_.respond(request, now()));
}

Result<InputFiles> read_input_files(ByteView settings_toml, ByteView tokens_text) {
  auto settings = read_settings(settings_toml);
  if (!settings) return tl::unexpected(settings.error());
  auto tokens = Tokens::read(tokens_text);
  if (!tokens) return tl::unexpected(tokens.error());
  std::vector<std::string> names;
  for (const SourceSettings& source : settings->sources) {
    names.push_back(source.name);
    // A source that is only asked needs none.
    if (!tokens->has(source.name) && source.poll.empty()) {
      return error(Errc::invalid, "the source '" + source.name + "' has no token");
    }
  }
  if (const auto done = tokens->check(names); !done) return tl::unexpected(done.error());
  return InputFiles{std::move(*settings), std::move(*tokens)};
}

}  // namespace oki::watch::inputs
