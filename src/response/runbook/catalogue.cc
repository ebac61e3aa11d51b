#include "response/runbook/catalogue.h"

#include <utility>

namespace oki::response {
namespace {

using Words = std::vector<std::string>;

Words on_log(Words words) {
  for (const char* word : {"--cluster", "{cluster}", "--nodes", "{nodes}"})
    words.emplace_back(word);
  return words;
}

Words on_edge(Words words) {
  for (const char* word :
       {"--admin", "{admin}", "--token", "{token}", "--by", "{by}", "--words", "{words}"}) {
    words.emplace_back(word);
  }
  return words;
}

std::vector<ActionSpec> market_actions() {
  const ParameterSpec market{"market", ValueKind::market};
  const ParameterSpec flag{"flag", ValueKind::words};
  return {
      {"market.halt", {market}, on_log({"market", "halt", "{market}"})},
      {"market.resume", {market}, on_log({"market", "resume", "{market}"})},
      {"market.stop", {market, flag}, on_log({"market", "stop", "{market}", "--flag", "{flag}"})},
      {"market.allow", {market, flag}, on_log({"market", "allow", "{market}", "--flag", "{flag}"})},
      {"market.reopen",
       {market,
        {"cancel_only_at", ValueKind::time},
        {"auction_at", ValueKind::time},
        {"trading_at", ValueKind::time},
        {"withdrawals_at", ValueKind::time}},
       on_log({"market", "reopen", "{market}", "--cancel-only-at", "{cancel_only_at}",
               "--auction-at", "{auction_at}", "--trading-at", "{trading_at}", "--withdrawals-at",
               "{withdrawals_at}"})}};
}

std::vector<ActionSpec> edge_actions() {
  const ParameterSpec edge{"edge", ValueKind::number};
  const ParameterSpec time{"for", ValueKind::duration};
  const ParameterSpec set{"set", ValueKind::settings};
  return {{"edge.drain", {edge, time}, on_edge({"edge", "drain", "--for", "{for}"})},
          {"edge.undrain", {edge}, on_edge({"edge", "undrain"})},
          {"edge.tighten",
           {edge, set, time},
           on_edge({"edge", "tighten", "--set", "{set}", "--for", "{for}"})},
          {"edge.restore", {edge}, on_edge({"edge", "restore"})},
          {"config.rollback",
           {edge, {"to", ValueKind::number}},
           on_edge({"config", "rollback", "--to", "{to}"})}};
}

std::vector<ActionSpec> all_actions() {
  const ParameterSpec process{"process", ValueKind::process};
  std::vector<ActionSpec> all = {{"leader.transfer",
                                  {{"to", ValueKind::number}},
                                  on_log({"leader", "transfer", "--to", "{to}"})},
                                 {"process.restart", {process}, {}},
                                 {"process.stop", {process}, {}},
                                 {"process.start", {process}, {}},
                                 {"node.replace", {process}, {}},
                                 {"task", {{"role", ValueKind::role}}, {}, true}};
  for (const auto& more : {market_actions(), edge_actions()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace

const std::vector<ActionSpec>& action_specs() {
  static const std::vector<ActionSpec> specs = all_actions();
  return specs;
}

const ActionSpec* find_action(ByteView name) {
  for (const ActionSpec& spec : action_specs()) {
    if (name == spec.name) return &spec;
  }
  return nullptr;
}

}  // namespace oki::response
