#include "watch/conductor/house_plan.h"

#include <utility>

#include "watch/speakers.h"

namespace oki::watch {
namespace {

using notify::ComponentId;
using notify::ComponentKind;

std::vector<ComponentId> numbered(ComponentKind kind, std::size_t count) {
  std::vector<ComponentId> ids;
  for (std::size_t i = 1; i <= count; ++i) ids.push_back({kind, std::to_string(i)});
  return ids;
}

}  // namespace

// One of several nodes or edges is missed by few; the ledger and a market by everybody who is
// there. Markets and edges need the nodes, so what breaks at both at once is one incident.
std::vector<response::Change> plan_house(const HouseShape& shape) {
  const std::vector<ComponentId> nodes = numbered(ComponentKind::node, shape.nodes);
  const std::vector<ComponentId> edges = numbered(ComponentKind::edge, shape.edges);
  const ComponentId ledger{ComponentKind::ledger, "house"};
  response::SetTopology topology;
  topology.components.push_back({ledger, 1, nodes});
  for (const ComponentId& node : nodes) {
    topology.components.push_back({node, std::uint8_t(nodes.size() > 1 ? 3 : 1), {}});
  }
  for (const ComponentId& edge : edges) {
    topology.components.push_back({edge, std::uint8_t(edges.size() > 1 ? 2 : 1), nodes});
  }
  std::vector<ComponentId> of_market{ledger};
  of_market.insert(of_market.end(), nodes.begin(), nodes.end());
  std::vector<ComponentId> markets;
  for (const std::string& market : shape.markets) {
    markets.push_back({ComponentKind::market, market});
    topology.components.push_back({markets.back(), 1, of_market});
  }
  topology.services = {{"trading", "取引", "Trading", markets},
                       {"api", "API・ウェブ", "API and web", edges},
                       {"balances", "残高と資産", "Balances and assets", {ledger}}};
  std::vector<response::Change> changes{std::move(topology)};
  for (response::PutSpeaker speaker :
       speakers(static_cast<std::uint32_t>(shape.watches), shape.edges)) {
    changes.emplace_back(std::move(speaker));
  }
  return changes;
}

}  // namespace oki::watch
