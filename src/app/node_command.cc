#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "app/operator_words.h"
#include "app/process.h"
#include "app/server_commands.h"
#include "base/json.h"
#include "host/fork_file_maker.h"
#include "node/exchange_machine.h"
#include "node/release_reporter.h"
#include "replica/node.h"

namespace oki::app {
namespace {

constexpr std::int64_t hand_over_ms = 1000;

constexpr std::size_t quarantines_shown_max = 10;

const char* name(core::StepKind kind) {
  switch (kind) {
    case core::StepKind::command:
      return "command";
    case core::StepKind::timer:
      return "timer";
    case core::StepKind::trigger:
      return "trigger";
  }
  return "step";
}

// The newest steps that the core had to undo, oldest first.
void quarantine_json(JsonWriter& json, const history::Projection& projection) {
  const auto& all = projection.quarantines();
  json.field("quarantined", std::uint64_t{all.size()});
  json.key("quarantines");
  json.begin_array();
  const std::size_t first = all.size() - std::min(all.size(), quarantines_shown_max);
  for (std::size_t i = first; i < all.size(); ++i) {
    const history::QuarantinedStep& one = all[i];
    json.begin_object().field("index", one.index.value).field("kind", name(one.step.kind));
    json.field("number", one.step.number).field("subject", one.step.subject);
    json.field("fault", one.step.fault);
    json.end_object();
  }
  json.end_array();
}

// What operators stopped, by market, where anything is.
void stops_json(JsonWriter& json, const history::Projection& projection) {
  json.key("stops").begin_object();
  for (std::size_t i = 0; i < projection.markets().size(); ++i) {
    const core::MarketId id{static_cast<decltype(core::MarketId::value)>(i)};
    const core::MarketState state = projection.market_state(id);
    const bool halted = state.status == core::MarketStatus::halt;
    std::string words = halted ? "halt" : "";
    if (state.stops != 0) words += (halted ? "," : "") + stops_text(state.stops);
    if (!words.empty()) json.field(projection.markets()[i].name, words);
  }
  json.end_object();
}

// At error level: withdrawals are frozen now, and people must look.
void tell_quarantined(Log& log, const history::QuarantinedStep& one) {
  log.error("core", "a step broke an invariant and was undone; withdrawals are frozen",
            {{"index", one.index.value},
             {"kind", name(one.step.kind)},
             {"number", one.step.number},
             {"subject", one.step.subject},
             {"fault", one.step.fault}});
}

// GET /state.json: what this node knows of itself. With ?hash=1 also the hash of its whole state,
// which costs a walk over it. Hashes are text: JSON numbers end at 2^53.
std::string state_json(replica::Node& node, const node::ExchangeMachine& machine,
                       const net::HttpRequest& request) {
  const replica::Replica* replica = node.replica();
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("started", replica != nullptr);
  if (replica != nullptr) {
    const replica::ReplicaStatus& status = replica->status();
    std::uint32_t seat = 0;
    std::uint32_t leader_seat = 0;
    for (const auto& member : status.members.all) {
      if (member.id == status.self) seat = member.seat;
      if (member.id == status.leader) leader_seat = member.seat;
    }
    json.field("seat", std::uint64_t{seat}).field("node", status.self.value);
    json.field("leader_seat", std::uint64_t{leader_seat}).field("is_leader", status.is_leader);
    json.field("serving", status.serving).field("term", status.term.value);
    json.field("commit", status.commit.value).field("applied", status.applied.value);
    json.field("snapshot", status.snapshot.value);
    json.field("event_hash", fmt::format("{:016x}", status.event_hash));
    json.field("compared_index", status.state_hash_index.value);
    if (request.query() == "hash=1") {
      json.field("state_hash", fmt::format("{:016x}", replica->state_hash()));
    }
    json.field("release", std::uint64_t{machine.projection().release()});
    stops_json(json, machine.projection());
    quarantine_json(json, machine.projection());
  }
  json.end_object();
  return out;
}

Result<replica::NodeOptions> node_options(const Arguments& arguments) {
  replica::NodeOptions options;
  options.cluster = arguments.number("cluster");
  options.seat = static_cast<std::uint32_t>(arguments.number("seat"));
  auto nodes = parse_addresses(arguments.text("nodes"));
  if (!nodes) return tl::unexpected(nodes.error());
  options.nodes = std::move(*nodes);
  if (options.seat < 1 || options.seat > options.nodes.size()) {
    return error(Errc::invalid, "--seat must be 1 to the number of --nodes");
  }
  options.bootstrap = arguments.has("bootstrap");
  options.replica.snapshot_every_entries = arguments.number("snapshot-every");
  if (options.replica.snapshot_every_entries < replica::hash_every_entries_min) {
    return error(Errc::invalid, "--snapshot-every must be at least " +
                                    std::to_string(replica::hash_every_entries_min));
  }
  return options;
}

replica::ClientOptions client_options(const replica::NodeOptions& node) {
  replica::ClientOptions options;
  options.cluster = node.cluster;
  options.nodes = node.nodes;
  return options;
}

int run_node(const Arguments& arguments) {
  const auto options = node_options(arguments);
  if (!options) return usage("node", options.error().message);
  Process process("node " + arguments.text("seat"));
  host::Loop& loop = process.loop();
  Result<std::unique_ptr<Disk>> disk = loop.open_disk(arguments.text("dir"));
  if (!disk) return usage("node", disk.error().message);
  const std::string snapshots = arguments.text("dir") + "/snapshots";
  Result<std::unique_ptr<Disk>> snapshot_disk = loop.open_disk(snapshots);
  if (!snapshot_disk) return usage("node", snapshot_disk.error().message);
  host::ForkFileMaker maker(loop, snapshots);
  node::ExchangeMachine machine(core::CoreLimits{}, history::ProjectionLimits{});
  Counter& quarantined =
      process.metrics().counter("okiagari_core_quarantined_total", "Steps that broke an invariant");
  machine.on_unknown_release([&](std::uint32_t release) {
    process.fail(fmt::format(
        "the log has switched on release {} of the rules, and this program knows none above {}: "
        "start a newer program",
        release, core::core_release_max));
    std::fflush(nullptr);
    std::_Exit(exit_code::failed);  // At once: what follows in the log cannot be applied.
  });
  machine.on_quarantined([&](const history::QuarantinedStep& one) {
    quarantined.add();
    tell_quarantined(process.log(), one);
  });
  replica::Node node({loop.clock(), loop.timers(), loop.net(), **disk, process.log(),
                      process.metrics(), machine, snapshot_disk->get(), &maker},
                     *options, replica::make_raft_engine,
                     [&](const Error& reason) { process.fail(reason.message); });
  process.metrics_server().add_page("/state.json", [&](const net::HttpRequest& request) {
    return state_json(node, machine, request);
  });
  if (auto done = process.serve_metrics(arguments); !done) process.fail(done.error().message);
  std::unique_ptr<node::ReleaseReporter> reporter;
  node.start([&](const Result<Address>& bound) {
    if (!bound) return process.fail(bound.error().message);
    reporter = std::make_unique<node::ReleaseReporter>(
        replica::Client::Parts{loop.clock(), loop.timers(), loop.net(), process.random(),
                               process.log(), process.metrics()},
        client_options(*options), node.replica()->status().self, core::core_release_max);
  });
  loop.at_turn_end([&] { node.turn_end(); });
  process.on_end([&](std::function<void()> end) { node.hand_over(hand_over_ms, std::move(end)); });
  const int code = process.run();
  snapshot_disk->reset();
  disk->reset();  // Waits for what is being written, while the node is still there to be told.
  return code;
}

}  // namespace

CommandSpec node_command() {
  return {
      "node",
      {"One replica of the log and of the exchange", "ログと取引所の複製の1台"},
      {{"cluster", "N", "", {"the cluster's number", "クラスター番号"}, true},
       {"seat", "N", "", {"this node's place in --nodes, from 1", "このノードの席（1から）"}, true},
       {"nodes", "ADDRESSES", "", {"of all nodes, by seat", "全ノードのアドレス（席順）"}, true},
       {"dir", "DIR", "", {"journal and snapshots", "ジャーナルとスナップショットの場所"}, true},
       {"metrics", "ADDRESS", "", {"for /metrics and /state.json", "/metrics 等のアドレス"}},
       {"snapshot-every", "N", "200000", {"log entries", "ログのエントリー数"}},
       {"bootstrap",
        nullptr,
        "",
        {"an empty directory starts a new cluster, once on all seats; never after losing a disk",
         "空の場所から新しいクラスターを始める（最初の一度だけ。ディスク喪失後は禁止）"}}},
      run_node};
}

}  // namespace oki::app
