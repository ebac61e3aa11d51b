#include <fmt/format.h>

#include "app/operator_commands.h"
#include "app/operator_run.h"
#include "app/process.h"

namespace oki::app {
namespace {

tl::unexpected<Error> pass(const Error& fault) { return tl::unexpected<Error>(fault); }

Result<std::string> show(const Arguments&, const Seen& seen) {
  std::string text = fmt::format("active release of the rules: {}\n", seen.exchange.release());
  for (const auto& [node, release] : seen.exchange.node_releases()) {
    text += fmt::format("node {} knows release {}\n", node, release);
  }
  for (std::size_t i = 0; i < seen.cluster.nodes.size(); ++i) {
    text += seen.cluster.connected[i]
                ? fmt::format("seat {}: node {}\n", i + 1, seen.cluster.nodes[i].value)
                : fmt::format("seat {}: does not answer\n", i + 1);
  }
  return text;
}

// All members must be named, as one that does not know the release could not go on. They are who
// sits on the seats now, unless the operator names them.
Result<std::vector<std::uint64_t>> members(const Arguments& arguments, const Seen& seen) {
  std::vector<std::uint64_t> nodes;
  if (arguments.has("members")) {
    for (const std::string& word : split(arguments.text("members"), ',')) {
      const auto id = id_of(word, "a member");
      if (!id) return pass(id.error());
      nodes.push_back(*id);
    }
    return nodes;
  }
  for (std::size_t i = 0; i < seen.cluster.nodes.size(); ++i) {
    if (!seen.cluster.connected[i] || seen.cluster.nodes[i].value == 0) {
      return error(Errc::unavailable,
                   fmt::format("seat {} does not answer: start it, or name all members", i + 1));
    }
    nodes.push_back(seen.cluster.nodes[i].value);
  }
  return nodes;
}

// The core refuses the same with node_not_ready; here is which node it is.
Result<void> all_know(std::uint64_t release, const std::vector<std::uint64_t>& nodes,
                      const Seen& seen) {
  const auto& known = seen.exchange.node_releases();
  for (const auto& [node, newest] : known) {
    if (newest >= release) continue;
    return error(
        Errc::unavailable,
        fmt::format("node {} knows only release {}: upgrade it, or if it has left for good, "
                    "okiagari release forget {}",
                    node, newest, node));
  }
  for (const std::uint64_t node : nodes) {
    if (known.contains(node)) continue;
    return error(Errc::unavailable, fmt::format("node {} has not said what it knows", node));
  }
  return {};
}

Result<Prepared> activate(const Arguments& arguments, const Seen& seen) {
  const auto release = id_of(arguments.text("release"), "the release");
  if (!release) return pass(release.error());
  if (*release != seen.exchange.release() + std::uint64_t{1}) {
    return error(Errc::invalid, fmt::format("release {} is active, so the next one is {}",
                                            seen.exchange.release(), seen.exchange.release() + 1));
  }
  const auto nodes = members(arguments, seen);
  if (!nodes) return pass(nodes.error());
  if (auto ready = all_know(*release, *nodes, seen); !ready) return pass(ready.error());
  return Prepared{core::ActivateRelease{static_cast<std::uint32_t>(*release), *nodes},
                  fmt::format("activate release {} for nodes {}; there is no way back", *release,
                              fmt::join(*nodes, ", "))};
}

Result<Prepared> forget(const Arguments& arguments, const Seen& seen) {
  const auto node = id_of(arguments.text("node"), "the node");
  if (!node) return pass(node.error());
  for (std::size_t i = 0; i < seen.cluster.nodes.size(); ++i) {
    if (seen.cluster.connected[i] && seen.cluster.nodes[i].value == *node) {
      return error(Errc::invalid, fmt::format("node {} sits on seat {}", *node, i + 1));
    }
  }
  return Prepared{core::ReportRelease{*node, 0},
                  fmt::format("forget which release node {} knows: it has left for good", *node)};
}

}  // namespace

std::vector<CommandSpec> release_commands() {
  return {operator_view("release show", {"The active release of the rules", "有効なルールの版"},
                        nullptr, show),
          operator_command(
              "release activate",
              {"Switches the next release on, when every node knows it",
               "全ノードが対応済みなら次の版を有効にする"},
              "release",
              {{"members", "IDS", "", {"node ids; else all seats", "ノード番号。省略時は全席"}}},
              activate),
          operator_command("release forget",
                           {"A node that has left no longer holds a release up",
                            "離脱したノードを有効化の条件から外す"},
                           "node", {}, forget)};
}

}  // namespace oki::app
