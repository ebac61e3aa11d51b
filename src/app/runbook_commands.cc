#include <fmt/format.h>

#include <cstdio>

#include "app/operator_commands.h"
#include "app/process.h"
#include "response/runbook/actions_config.h"
#include "response/runbook/library.h"
#include "response/runbook/runner.h"

namespace oki::app {
namespace {

using response::Book;
using response::BookStep;

constexpr const char* approval_words[] = {"automatic", "one_person", "two_people"};

const char* word_of(response::Approval approval) {
  return approval_words[static_cast<std::size_t>(approval)];
}

int refuse(const char* name, const Error& fault) {
  fmt::print(stderr, "okiagari {}: {}\n", name, fault.message);
  return exit_code::failed;
}

int list(const Arguments& arguments) {
  const auto books = response::read_books(arguments.text("dir"));
  if (!books) return refuse("runbook list", books.error());
  for (const auto& [name, book] : *books) {
    fmt::print("{:<24} {}\n", name, arguments.japanese() ? book.title_ja : book.title_en);
  }
  return exit_code::ok;
}

int show(const Arguments& arguments) {
  const auto books = response::read_books(arguments.text("dir"));
  if (!books) return refuse("runbook show", books.error());
  const auto found = books->find(arguments.text("runbook"));
  if (found == books->end()) return usage("runbook show", "there is no such runbook");
  const Book& book = found->second;
  const bool ja = arguments.japanese();
  fmt::print("{}\n\n{}\n", ja ? book.title_ja : book.title_en, ja ? book.text_ja : book.text_en);
  for (const BookStep& step : book.steps) {
    fmt::print("\n{}: {}\n{}\n", step.name, ja ? step.title_ja : step.title_en,
               ja ? step.text_ja : step.text_en);
    fmt::print("[{}; {}; verify: {}]\n", step.action, word_of(step.approval), step.verify);
  }
  return exit_code::ok;
}

// What the house is asked to agree on: a line for each runbook.
int check(const Arguments& arguments) {
  const auto books = response::read_books(arguments.text("dir"));
  if (!books) return refuse("runbook check", books.error());
  for (const auto& [name, book] : *books) {
    fmt::print("{:<24} {}", name, book.digest);
    for (const BookStep& step : book.steps) {
      fmt::print(" {}={}", step.name, word_of(step.approval));
    }
    fmt::print("\n");
  }
  return exit_code::ok;
}

// "market/btc_jpy,edge/1" and who leads.
Result<response::Scene> scene_of_words(const Arguments& arguments) {
  response::Scene scene;
  scene.incident = {1};
  scene.leader = static_cast<std::uint32_t>(arguments.number("leader"));
  scene.follower = static_cast<std::uint32_t>(arguments.number("follower"));
  if (!arguments.has("components")) return scene;
  for (const std::string& one : split(arguments.text("components"), ',')) {
    const std::size_t slash = one.find('/');
    notify::ComponentId id;
    id.name = slash == std::string::npos ? "" : one.substr(slash + 1);
    bool known = false;
    for (const auto kind : {notify::ComponentKind::market, notify::ComponentKind::edge,
                            notify::ComponentKind::node, notify::ComponentKind::ledger}) {
      if (one.substr(0, slash) != name(kind)) continue;
      id.kind = kind;
      known = true;
    }
    if (!known || id.name.empty()) {
      return error(Errc::invalid, "--components is like market/btc_jpy,edge/1,node/3");
    }
    if (id.kind == notify::ComponentKind::market) scene.markets.push_back(id.name);
    if (id.kind == notify::ComponentKind::edge) scene.changed_edges.push_back(id.name);
    scene.components.push_back(std::move(id));
  }
  return scene;
}

// Exactly what would be done, by nobody and to nothing.
int dry_run(const Arguments& arguments) {
  if (!arguments.has("dry-run")) {
    return usage("runbook run",
                 "a step runs in an incident, where somebody agrees to it "
                 "(okiagari incident step); here there is only --dry-run");
  }
  const auto books = response::read_books(arguments.text("dir"));
  if (!books) return refuse("runbook run", books.error());
  const auto found = books->find(arguments.text("runbook"));
  if (found == books->end()) return usage("runbook run", "there is no such runbook");
  const auto text = host::read_file(arguments.text("actions"), response::actions_bytes_max);
  if (!text) return usage("runbook run", text.error().message);
  const auto config = response::read_actions_config(*text);
  if (!config) return usage("runbook run", config.error().message);
  auto scene = scene_of_words(arguments);
  if (!scene) return usage("runbook run", scene.error().message);
  scene->edges = static_cast<std::uint32_t>(config->edges.size());
  scene->nodes = static_cast<std::uint32_t>(config->nodes.size());
  bool any = false;
  for (const BookStep& step : found->second.steps) {
    if (arguments.has("step") && arguments.text("step") != step.name) continue;
    any = true;
    const auto plan = response::plan_step(found->second, step, *scene, *config);
    if (!plan)
      return refuse("runbook run", {Errc::invalid, step.name + ": " + plan.error().message});
    fmt::print("{}", plan->text);
  }
  if (!any) return usage("runbook run", "there is no such step");
  fmt::print("dry run, nothing was done\n");
  return exit_code::ok;
}

}  // namespace

std::vector<CommandSpec> runbook_commands() {
  const OptionSpec dir{"dir", "DIR", "runbooks", {"where they are", "ランブックの場所"}};
  return {
      {"runbook list", {"All runbooks", "ランブックの一覧"}, {dir}, list},
      {"runbook show", {"The text of one", "本文を表示する"}, {dir}, show, "runbook"},
      {"runbook check",
       {"Reads all and prints what the house is to agree on", "全部を検査し、承認対象を表示する"},
       {dir},
       check},
      {"runbook run",
       {"Says what a runbook would do", "実行内容を表示する（試行のみ）"},
       {dir,
        {"actions", "FILE", "deploy/actions.toml", {"what it acts on", "操作対象の設定"}},
        {"step", "NAME", "", {"this one only", "この手順だけ"}},
        {"components", "LIST", "", {"as market/btc_jpy,edge/1", "market/btc_jpy,edge/1 など"}},
        {"leader", "N", "1", {"the seat that leads", "リーダーの席"}},
        {"follower", "N", "2", {"one that does not", "それ以外の席"}},
        {"dry-run", nullptr, "", {"do nothing", "何も行わない"}}},
       dry_run,
       "runbook"}};
}

}  // namespace oki::app
