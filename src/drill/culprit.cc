#include "drill/culprit.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/json_reader.h"
namespace oki::drill {
namespace {

struct Row {
  std::string_view fault;
  std::vector<std::string> kinds;
  std::vector<std::string> processes;  // Sets of them, as Harm::processes() takes them.
  std::string component = {};          // Instead of these.
};

const std::vector<std::string> broken = {"broken"};
const std::vector<std::string> short_of = {"broken", "shortage"};
const std::vector<std::string> change = {"change"};
const std::vector<std::string> wrong_start = {"broken", "change"};

const Row rows[] = {
    {"nodes-killed", broken, {"nodes"}},
    {"majority-killed", broken, {"majority"}},
    {"nodes-frozen", broken, {"nodes"}},
    {"majority-frozen", broken, {"majority"}},
    {"nodes-starved", short_of, {"nodes"}},
    {"edges-killed", broken, {"edges"}},
    {"edge-killed", broken, {"edge 1"}},
    {"edges-frozen", broken, {"edges"}},
    {"edge-frozen", broken, {"edge 1"}},
    {"edges-starved", short_of, {"edges"}},
    // Of two that broke at once either one is right.
    {"exchange-killed", broken, {"nodes", "edges"}},
    {"leader-and-edge-killed", broken, {"leader", "edge 1"}},
    {"disks-full", short_of, {"nodes"}},
    {"majority-disks-full", short_of, {"majority"}},
    {"disks-stalled", short_of, {"nodes"}},
    {"majority-disks-stalled", short_of, {"majority"}},
    // What an operator did, at the markets that it stops.
    {"exchange-halted", change, {}, "market "},
    {"exchange-cancel-only", change, {}, "market "},
    {"wrong-seal-key", wrong_start, {"edges"}},
    {"wrong-nodes", wrong_start, {"edges"}},
    {"wrong-cluster", wrong_start, {"edges"}},
    {"setting-takes-none", change, {"edges"}},
    {"edges-crash-loop", wrong_start, {"edges"}},
    {"clock-jump", wrong_start, {"edges"}},
    {"nodes-cut", broken, {"nodes"}},
    {"majority-cut", broken, {"majority"}},
    {"edges-cut", broken, {"edges"}},
    {"edge-cut", broken, {"edge 1"}},
    {"edges-reset", broken, {"edges"}},
    {"edges-lossy", short_of, {"edges"}},
    {"market-dead", change, {}, "market eth_jpy"},
    {"wrong-balance", {"defect"}, {}, "ledger house"},
    {"limit-too-low", change, {"edge 1"}},
    {"two-percent", short_of, {"edge 1"}},
};

const Row* find(std::string_view fault) {
  const auto found = std::ranges::find(rows, fault, &Row::fault);
  return found == std::end(rows) ? nullptr : &*found;
}

std::string component(const ProcessId& process) {
  return fmt::format("{} {}", process.role == Role::node ? "node" : "edge", process.number);
}

}  // namespace

std::optional<NamedCause> likeliest_cause(ByteView incident_json) {
  const auto json = net::parse_json(incident_json, incident_bytes_max);
  const net::Json* causes = json ? json->find("causes") : nullptr;
  if (causes == nullptr || causes->array() == nullptr || causes->array()->empty()) {
    return std::nullopt;
  }
  const net::Json& first = causes->array()->front();
  const auto word = [&first](ByteView name) {
    const net::Json* value = first.find(name);
    return std::string(value == nullptr ? ByteView{} : value->string().value_or(ByteView{}));
  };
  return NamedCause{word("kind"), word("component")};
}

bool Culprit::is(const NamedCause& cause) const {
  const bool right_kind = std::ranges::find(kinds, cause.kind) != kinds.end();
  return right_kind && std::ranges::any_of(places, [&cause](const std::string& place) {
           // "market " stands for all of them.
           return place.ends_with(' ') ? cause.component.starts_with(place)
                                       : cause.component == place;
         });
}

bool has_culprit(std::string_view fault) { return find(fault) != nullptr; }

Result<std::optional<Culprit>> culprit_of(std::string_view fault, Harm& harm) {
  const Row* row = find(fault);
  if (row == nullptr) return std::nullopt;
  Culprit culprit{row->kinds, {}};
  if (!row->component.empty()) culprit.places.push_back(row->component);
  for (const std::string& where : row->processes) {
    const auto processes = harm.processes(where);
    if (!processes) return tl::unexpected(processes.error());
    for (const ProcessId& process : *processes) culprit.places.push_back(component(process));
  }
  return culprit;
}

}  // namespace oki::drill
