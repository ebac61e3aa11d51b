#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "app/operator_commands.h"
#include "app/process.h"
#include "base/decimal.h"
#include "replica/client.h"

namespace oki::app {
namespace {

constexpr std::int64_t look_ms = 10;
constexpr std::int64_t find_leader_ms = 3'000;
constexpr std::int64_t hand_over_ms = 5'000;

std::string table(const replica::ClusterView& view, const std::vector<Address>& nodes) {
  std::string out = fmt::format("term {}\n", view.term.value);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const bool leads = view.leader_known && view.leader_seat == i + 1;
    out += fmt::format("  seat {}  {:<21}  {:<13}  {}\n", i + 1, to_string(nodes[i]),
                       view.connected[i] ? "connected" : "not connected", leads ? "leads" : "");
  }
  return out;
}

// Finds the leader, asks it, and looks until the wanted seat leads; before and after are shown.
class HandOver {
 public:
  HandOver(const Arguments& arguments, std::vector<Address> nodes, std::optional<std::uint32_t> to)
      : arguments_(arguments),
        nodes_(std::move(nodes)),
        to_(to),
        process_("leader"),
        client_({process_.loop().clock(), process_.loop().timers(), process_.loop().net(),
                 process_.random(), process_.log(), process_.metrics()},
                options()) {}

  int run() {
    deadline_ = now() + find_leader_ms * ns_per_ms;
    find();
    const int ended = process_.run();
    return ended == exit_code::ok ? code_ : ended;
  }

 private:
  replica::ClientOptions options() const {
    replica::ClientOptions options;
    options.cluster = arguments_.number("cluster");
    options.nodes = nodes_;
    return options;
  }
  MonoTimeNs now() { return process_.loop().clock().mono_now(); }
  void look_later(void (HandOver::*look)()) {
    process_.loop().timers().after_ms(look_ms, [this, look] { (this->*look)(); });
  }

  // A moment longer than the leader needs, so that all who are there are seen.
  void find() {
    const bool over = now() >= deadline_;
    if (client_.view().leader_known && ++looks_with_leader_ >= 20) return show_or_ask();
    if (over) return end(exit_code::unavailable, "no leader answers");
    look_later(&HandOver::find);
  }

  void show_or_ask() {
    fmt::print("{}{}", to_ ? "before: " : "", table(client_.view(), nodes_));
    if (!to_) return end(exit_code::ok, "");
    const replica::ClusterView& view = client_.view();
    if (*to_ == 0 || *to_ > nodes_.size()) return end(exit_code::usage, "there is no such seat");
    if (view.leader_seat == *to_) return end(exit_code::ok, "", "it leads already\n");
    if (!view.connected[*to_ - 1]) return end(exit_code::failed, "that node does not answer");
    if (arguments_.has("dry-run")) {
      const std::string says = fmt::format(
          "dry run, nothing is sent: seat {} would be asked to "
          "hand over to seat {}\n",
          view.leader_seat, *to_);
      return end(exit_code::ok, "", says);
    }
    std::fflush(stdout);
    started_ = now();
    client_.transfer_leadership(*to_, [this](replica::TransferResult result) { take(result); });
  }

  void take(replica::TransferResult result) {
    if (result == replica::TransferResult::leads_already) {
      return end(exit_code::ok, "", "it leads already\n");
    }
    if (result != replica::TransferResult::begun) {
      return end(exit_code::failed, std::string("refused: ") + name(result));
    }
    deadline_ = now() + hand_over_ms * ns_per_ms;
    wait();
  }

  void wait() {
    const replica::ClusterView& view = client_.view();
    if (view.leader_known && view.leader_seat == *to_) {
      const std::int64_t ms = (now() - started_) / ns_per_ms;
      return end(exit_code::ok, "",
                 fmt::format("after: {}seat {} leads, {} ms after it was asked for\n",
                             table(view, nodes_), *to_, ms));
    }
    if (now() >= deadline_) {
      fmt::print("after: {}", table(view, nodes_));
      return end(exit_code::unknown_outcome, "that seat does not lead; look before trying again");
    }
    look_later(&HandOver::wait);
  }

  void end(int code, const std::string& fault, const std::string& says = {}) {
    fmt::print("{}", says);
    std::fflush(stdout);  // Before a fault, which goes to stderr.
    if (!fault.empty()) fmt::print(stderr, "okiagari leader: {}\n", fault);
    code_ = code;
    process_.loop().stop();
  }

  const Arguments& arguments_;
  const std::vector<Address> nodes_;
  const std::optional<std::uint32_t> to_;
  Process process_;
  replica::Client client_;
  MonoTimeNs deadline_;
  MonoTimeNs started_;
  int looks_with_leader_ = 0;
  int code_ = exit_code::ok;
};

int run(const Arguments& arguments, std::optional<std::uint32_t> to) {
  auto nodes = parse_addresses(arguments.text("nodes"));
  if (!nodes) return usage("leader", nodes.error().message);
  return HandOver(arguments, std::move(*nodes), to).run();
}

int transfer(const Arguments& arguments) {
  const std::uint64_t to = arguments.number("to");
  return run(arguments, static_cast<std::uint32_t>(std::min<std::uint64_t>(to, 1'000)));
}

}  // namespace

std::vector<CommandSpec> leader_commands() {
  const OptionSpec cluster{"cluster", "N", "", {"the cluster's number", "クラスター番号"}, true};
  const OptionSpec nodes{
      "nodes", "ADDRESSES", "", {"of all nodes, by seat", "全ノードのアドレス（席順）"}, true};
  return {{"leader show",
           {"Who leads, and who is there", "リーダーと各ノードの状態"},
           {cluster, nodes},
           [](const Arguments& arguments) { return run(arguments, std::nullopt); }},
          {"leader transfer",
           {"Lets another node lead; no request fails", "リーダーを別のノードへ移す（無停止）"},
           {cluster,
            nodes,
            {"to", "N", "", {"the seat that should lead", "移す先の席"}, true},
            {"dry-run", nullptr, "", {"show, ask nothing", "表示のみ"}}},
           transfer}};
}

}  // namespace oki::app
