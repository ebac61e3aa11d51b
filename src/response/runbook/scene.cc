#include "response/runbook/scene.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "response/runbook/catalogue.h"
#include "response/runbook/change_follower.h"

namespace oki::response {
namespace {

constexpr std::pair<const char*, Each> each_words[] = {
    {"affected market", Each::affected_market}, {"affected edge", Each::affected_edge},
    {"affected node", Each::affected_node},     {"every market", Each::every_market},
    {"every edge", Each::every_edge},           {"every node", Each::every_node},
    {"changed edge", Each::changed_edge}};

using notify::ComponentKind;

const char* placeholder_of(ComponentKind kind) {
  return kind == ComponentKind::market ? "market" : kind == ComponentKind::edge ? "edge" : "seat";
}

std::vector<std::string> affected(const Scene& scene, ComponentKind kind) {
  std::vector<std::string> names;
  for (const notify::ComponentId& id : scene.components) {
    if (id.kind == kind) names.push_back(id.name);
  }
  return names;
}

std::vector<std::string> numbers(std::uint32_t count) {
  std::vector<std::string> out;
  for (std::uint32_t i = 1; i <= count; ++i) out.push_back(std::to_string(i));
  return out;
}

ComponentKind kind_of(Each each) {
  if (each == Each::affected_market || each == Each::every_market) return ComponentKind::market;
  if (each == Each::affected_edge || each == Each::every_edge || each == Each::changed_edge) {
    return ComponentKind::edge;
  }
  return ComponentKind::node;
}

std::vector<std::string> things(Each each, const Scene& scene) {
  switch (each) {
    case Each::every_market:
      return scene.markets;
    case Each::every_edge:
      return numbers(scene.edges);
    case Each::every_node:
      return numbers(scene.nodes);
    case Each::changed_edge:
      return scene.changed_edges;
    default:
      return affected(scene, kind_of(each));
  }
}

Values values_of(const Scene& scene) {
  Values values;
  for (const ComponentKind kind :
       {ComponentKind::market, ComponentKind::edge, ComponentKind::node}) {
    const auto names = affected(scene, kind);
    if (names.size() == 1) values[placeholder_of(kind)] = names.front();
  }
  if (scene.leader != 0) values["leader"] = std::to_string(scene.leader);
  if (scene.follower != 0) values["follower"] = std::to_string(scene.follower);
  values["incident"] = name(scene.incident);
  for (const auto& [key, value] : scene.facts) values["fact." + key] = value;
  return values;
}

Result<Call> call_of(const BookStep& step, const Values& values) {
  const ActionSpec* spec = find_action(step.action);
  if (spec == nullptr) return error(Errc::invalid, "there is no action '" + step.action + "'");
  Call call;
  call.action = step.action;
  for (const ParameterSpec& parameter : spec->parameters) {
    const auto given = step.with.find(parameter.name);
    if (given == step.with.end()) {
      return error(Errc::invalid, std::string("the parameter '") + parameter.name + "' is missing");
    }
    auto value = fill(given->second, values);
    if (!value) return tl::unexpected<Error>(value.error());
    if (!fits(parameter.kind, *value)) {
      return error(Errc::invalid, std::string("'") + parameter.name + "' has a value that is none");
    }
    call.parameters[parameter.name] = std::move(*value);
  }
  const auto verify = fill(step.verify, values);
  if (!verify) return tl::unexpected<Error>(verify.error());
  auto condition = parse_condition(*verify);
  if (!condition) return tl::unexpected<Error>(condition.error());
  call.verify = std::move(*condition);
  return call;
}

}  // namespace

std::optional<Each> parse_each(ByteView text) {
  for (const auto& [words, each] : each_words) {
    if (text == words) return each;
  }
  return std::nullopt;
}

std::optional<std::string> example_of(const std::string& placeholder) {
  if (placeholder == "market") return "btc_jpy";
  if (placeholder == "incident") return "inc1";
  for (const char* number : {"edge", "seat", "leader", "follower"}) {
    if (placeholder == number) return "1";
  }
  const bool is_fact = placeholder.starts_with("fact.") && placeholder.size() > 5;
  return is_fact ? std::optional<std::string>("1") : std::nullopt;
}

namespace {

// Edges whose last change of settings is not a rollback, in the order of their numbers.
std::vector<std::string> changed_edges(const State& state, WallTimeMs began) {
  std::map<std::string, bool> by_edge;
  for (const ChangeRecord& change : state.changes) {
    if (change.kind != ChangeKind::configuration || change.components.size() != 1) continue;
    const notify::ComponentId& id = change.components.front();
    if (id.kind != ComponentKind::edge) continue;
    if (change.at.value < began.value - changed_before_ms) continue;
    by_edge[id.name] = !is_rollback(change);
  }
  std::vector<std::string> edges;
  for (const auto& [edge, applied] : by_edge) {
    if (applied) edges.push_back(edge);
  }
  return edges;
}

}  // namespace

Scene scene_of(const State& state, IncidentId incident) {
  Scene scene;
  scene.incident = incident;
  const auto found = state.incidents.find(incident);
  if (found == state.incidents.end()) return scene;
  scene.drill = found->second.drill;
  scene.components = found->second.components;
  scene.changed_edges = changed_edges(state, found->second.began);
  std::set<std::string> doubtful;
  for (const auto& [key, held] : state.signals) {
    if (held.incident != incident) continue;
    for (const Fact& fact : held.signal.facts) {
      const auto [place, added] = scene.facts.emplace(fact.name, fact.value);
      if (!added && place->second != fact.value) doubtful.insert(fact.name);
    }
  }
  for (const std::string& name : doubtful) scene.facts.erase(name);
  return scene;
}

Result<std::vector<Call>> calls_of(const BookStep& step, const Scene& scene) {
  Values values = values_of(scene);
  std::vector<Call> calls;
  if (step.each == Each::once) {
    auto call = call_of(step, values);
    if (!call) return tl::unexpected<Error>(call.error());
    calls.push_back(std::move(*call));
    return calls;
  }
  const auto all = things(step.each, scene);
  if (all.empty()) return error(Errc::not_found, "the step finds nothing here to be done for");
  if (all.size() > calls_max) return error(Errc::full, "the step would be done too many times");
  for (const std::string& one : all) {
    values[placeholder_of(kind_of(step.each))] = one;
    auto call = call_of(step, values);
    if (!call) return tl::unexpected<Error>(call.error());
    calls.push_back(std::move(*call));
  }
  return calls;
}

}  // namespace oki::response
