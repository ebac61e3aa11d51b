#include "app/signal_inputs.h"

#include <utility>

namespace oki::app {

std::vector<OptionSpec> signal_options() {
  return {
      {"signals", "ADDRESS", "", {"for outside alerts", "外部の警報を受けるアドレス"}},
      {"signal-settings",
       "FILE",
       "deploy/signals.toml",
       {"who may send them and what they mean", "送ってよい相手と、警報の意味"}},
      {"signal-tokens",
       "FILE",
       "signals.tokens",
       {"digests of their tokens, a name and 64 hex digits a line", "合い言葉のダイジェスト"}},
  };
}

Result<std::vector<response::PutSpeaker>> signal_speakers(const Arguments& arguments) {
  if (!arguments.has("signals")) return std::vector<response::PutSpeaker>();
  const auto file =
      host::read_file(arguments.text("signal-settings"), watch::inputs::settings_bytes_max);
  if (!file) return tl::unexpected(file.error());
  const auto settings = watch::inputs::read_settings(*file);
  if (!settings) return tl::unexpected(settings.error());
  return watch::inputs::speakers_of(*settings);
}

Result<std::unique_ptr<watch::inputs::InputServer>> open_signal_inputs(Process& process,
                                                                       const Arguments& arguments,
                                                                       response::Tell tell) {
  using watch::inputs::InputServer;
  if (!arguments.has("signals")) return std::unique_ptr<InputServer>();
  const auto address = parse_address(arguments.text("signals"));
  if (!address) return tl::unexpected(address.error());
  const auto settings =
      host::read_file(arguments.text("signal-settings"), watch::inputs::settings_bytes_max);
  if (!settings) return tl::unexpected(settings.error());
  const auto tokens =
      host::read_file(arguments.text("signal-tokens"), watch::inputs::tokens_bytes_max);
  if (!tokens) return tl::unexpected(tokens.error());
  auto files = watch::inputs::read_input_files(*settings, *tokens);
  if (!files) return tl::unexpected(files.error());
  host::Loop& loop = process.loop();
  auto server = std::make_unique<InputServer>(
      InputServer::Parts{loop.clock(), loop.timers(), loop.net(), process.metrics()},
      std::move(files->settings), std::move(files->tokens), std::move(tell));
  if (const auto bound = server->listen(*address); !bound) return tl::unexpected(bound.error());
  server->start();
  return server;
}

}  // namespace oki::app
