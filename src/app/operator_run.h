// How every operator's command runs: it reads the exchange as of now, makes one command of the
// core's (or only shows something), submits it through the log and says what became of it.
#pragma once

#include <functional>
#include <string>

#include "app/command_table.h"
#include "base/result.h"
#include "core/commands.h"
#include "history/projection.h"
#include "replica/client.h"

namespace oki::app {

// What a command is made from.
struct Seen {
  const history::Projection& exchange;
  const replica::ClusterView& cluster;
  WallTimeMs now;
};

struct Prepared {
  core::Command command;
  std::string says;  // One line: what it will do.
};

using Prepare = std::function<Result<Prepared>(const Arguments&, const Seen&)>;
using Show = std::function<Result<std::string>(const Arguments&, const Seen&)>;

// The specs of such commands: --cluster, --nodes, --dry-run and the options given. `name` and
// `operand` as in CommandSpec.
CommandSpec operator_command(const char* name, Words summary, const char* operand,
                             std::vector<OptionSpec> options, Prepare prepare);
CommandSpec operator_view(const char* name, Words summary, const char* operand, Show show);

// --- What many of them read from their words.
Result<core::MarketId> market_named(const Seen& seen, const std::string& name);
Result<core::AssetId> asset_named(const Seen& seen, const std::string& name);
const core::AssetSpec& asset_spec(const Seen& seen, core::AssetId asset);
Result<core::Amount> amount_of(const Arguments& arguments, const char* option,
                               const core::AssetSpec& asset);
Result<std::uint64_t> id_of(const std::string& text, const char* what);  // Not 0.

}  // namespace oki::app
