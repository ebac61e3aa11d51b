#include "drill/faults.h"

#include <unistd.h>

#include <algorithm>

namespace oki::drill {
namespace {

// Of every three seconds a starved process runs this long.
constexpr std::int64_t starved_run_ms = 100;
constexpr std::int64_t starved_period_ms = 3000;
constexpr unsigned heavy_loss_percent = 80;
constexpr unsigned faint_loss_percent = 2;

constexpr const char* clock_library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

using Inject = std::function<Result<void>(Harm&)>;
using Processes = std::vector<ProcessId>;

Inject on(const char* words, std::function<Result<void>(Harm&, const Processes&)> act) {
  return [words = std::string(words), act = std::move(act)](Harm& harm) -> Result<void> {
    const auto processes = harm.processes(words);
    if (!processes) return tl::unexpected(processes.error());
    return act(harm, *processes);
  };
}

Inject kill(const char* words) {
  return on(words, [](Harm& harm, const Processes& processes) { return harm.kill(processes); });
}

Inject freeze(const char* words) {
  return on(words, [](Harm& harm, const Processes& processes) { return harm.freeze(processes); });
}

Inject starve(const char* words) {
  return on(words, [](Harm& harm, const Processes& processes) {
    return harm.starve(processes, starved_run_ms, starved_period_ms);
  });
}

Inject refuse_writes(const char* words) {
  return on(words,
            [](Harm& harm, const Processes& processes) { return harm.refuse_writes(processes); });
}

Inject hold_disks(const char* words) {
  return on(words,
            [](Harm& harm, const Processes& processes) { return harm.hold_disks(processes); });
}

Inject lose(const char* words, unsigned percent, PacketLoss::How how = PacketLoss::How::drop) {
  return on(words, [percent, how](Harm& harm, const Processes& processes) {
    return harm.lose_packets(processes, percent, how);
  });
}

Inject restart(const char* words, std::vector<std::string> more,
               std::vector<std::string> with = {}) {
  return on(words, [more = std::move(more), with = std::move(with)](Harm& harm,
                                                                    const Processes& processes) {
    return harm.restart_with(processes, more, with);
  });
}

Inject set(const char* words, const char* setting, std::uint64_t value) {
  return on(words, [setting, value](Harm& harm, const Processes& processes) {
    return harm.change_setting(processes, setting, value);
  });
}

Inject both(Inject first, Inject second) {
  return [first = std::move(first), second = std::move(second)](Harm& harm) -> Result<void> {
    if (auto done = first(harm); !done) return done;
    return second(harm);
  };
}

// A key that opens nobody's secrets, as after a botched change of keys.
Result<void> wrong_seal_key(Harm& harm) {
  const std::string file = harm.cluster().directory() + "/wrong.key";
  if (auto done = host::write_file(file, std::string(64, 'a'), 0600); !done) return done;
  return restart("edges", {"--seal-key", file})(harm);
}

std::vector<FaultKind> hard_processes() {
  const FaultClass hard = FaultClass::hard;
  return {
      {"nodes-killed", hard, "kill -9 of every node", "全ノードを kill -9", kill("nodes")},
      {"majority-killed", hard, "kill -9 of the leader and of as many nodes as it takes",
       "リーダーを含む過半数のノードを kill -9", kill("majority")},
      {"nodes-frozen", hard, "SIGSTOP of every node", "全ノードを SIGSTOP", freeze("nodes")},
      {"majority-frozen", hard, "SIGSTOP of the leader and of as many nodes as it takes",
       "リーダーを含む過半数のノードを SIGSTOP", freeze("majority")},
      {"nodes-starved", hard, "every node runs 0.1 s of every 3 s",
       "全ノードが3秒のうち0.1秒だけ動く", starve("nodes")},
      {"edges-killed", hard, "kill -9 of every edge", "全エッジを kill -9", kill("edges")},
      {"edge-killed", hard, "kill -9 of one edge of several", "エッジ1台を kill -9",
       kill("edge 1")},
      {"edges-frozen", hard, "SIGSTOP of every edge", "全エッジを SIGSTOP", freeze("edges")},
      {"edge-frozen", hard, "SIGSTOP of one edge of several", "エッジ1台を SIGSTOP",
       freeze("edge 1")},
      {"edges-starved", hard, "every edge runs 0.1 s of every 3 s",
       "全エッジが3秒のうち0.1秒だけ動く", starve("edges")},
      {"exchange-killed", hard, "kill -9 of every node and every edge",
       "全ノードと全エッジを kill -9", both(kill("nodes"), kill("edges"))},
      {"leader-and-edge-killed", hard, "kill -9 of the leader and of one edge",
       "リーダーとエッジ1台を kill -9", both(kill("leader"), kill("edge 1"))},
  };
}

std::vector<FaultKind> hard_disks_and_settings() {
  const FaultClass hard = FaultClass::hard;
  return {
      {"disks-full", hard, "every write of every node fails", "全ノードの書き込みが失敗",
       refuse_writes("nodes")},
      {"majority-disks-full", hard, "every write of a majority fails",
       "過半数のノードの書き込みが失敗", refuse_writes("majority")},
      {"disks-stalled", hard, "no disk of any node answers", "全ノードのディスクが応答しない",
       hold_disks("nodes")},
      {"majority-disks-stalled", hard, "the disks of a majority do not answer",
       "過半数のノードのディスクが応答しない", hold_disks("majority")},
      {"exchange-halted", hard, "an operator halts every market", "運用者が全市場を停止",
       [](Harm& harm) { return harm.halt(""); }},
      {"exchange-cancel-only", hard, "an operator lets orders only be cancelled",
       "運用者が全市場を取消のみにする", [](Harm& harm) { return harm.stop_orders(""); }},
      {"wrong-seal-key", hard, "edges restarted with a key that opens no API secret",
       "API シークレットを開けない鍵でエッジを再起動", wrong_seal_key},
      {"wrong-nodes", hard, "edges restarted with the addresses of nodes that are not there",
       "存在しないノードのアドレスでエッジを再起動",
       restart("edges", {"--nodes", "127.0.0.1:1,127.0.0.1:2,127.0.0.1:3"})},
      {"wrong-cluster", hard, "edges restarted with another cluster's number",
       "別のクラスター番号でエッジを再起動", restart("edges", {"--cluster", "7"})},
      {"setting-takes-none", hard, "a setting of running edges lets no command in",
       "稼働中のエッジの設定が命令を1つも受け付けない値になる", set("edges", "in_flight_max", 0)},
      {"edges-crash-loop", hard, "edges restarted with a setting that they refuse",
       "受け付けられない設定でエッジを再起動", restart("edges", {"--edges", "0"})},
      {"clock-jump", hard, "edges restarted with a clock that is an hour ahead",
       "時計が1時間進んだエッジ",
       restart("edges", {},
               {"/usr/bin/env", std::string("LD_PRELOAD=") + clock_library, "FAKETIME=+3600",
                "FAKETIME_DONT_FAKE_MONOTONIC=1"}),
       false, true},
  };
}

std::vector<FaultKind> hard_network() {
  const FaultClass hard = FaultClass::hard;
  const auto reset = PacketLoss::How::reset;
  return {
      {"nodes-cut", hard, "no packet reaches any node", "どのノードにもパケットが届かない",
       lose("nodes", 100), true},
      {"majority-cut", hard, "no packet reaches the leader and as many nodes as it takes",
       "リーダーを含む過半数のノードにパケットが届かない", lose("majority", 100), true},
      {"edges-cut", hard, "no packet reaches any edge", "どのエッジにもパケットが届かない",
       lose("edges", 100), true},
      {"edge-cut", hard, "no packet reaches one edge of several", "エッジ1台にパケットが届かない",
       lose("edge 1", 100), true},
      {"edges-reset", hard, "every connection to an edge is reset",
       "エッジへの接続がすべて切られる", lose("edges", 100, reset), true},
      {"edges-lossy", hard, "edges lose 80 % of what customers send",
       "利用者からエッジへのパケットの80%が失われる", lose("edges", heavy_loss_percent), true},
  };
}

std::vector<FaultKind> blind_and_grey() {
  return {
      {"watches-killed", FaultClass::blind, "kill -9 of every watch", "全監視を kill -9",
       kill("watches"), false, false, false},
      {"watches-frozen", FaultClass::blind, "SIGSTOP of every watch", "全監視を SIGSTOP",
       freeze("watches"), false, false, false},
      {"all-killed", FaultClass::blind, "kill -9 of every node, edge and watch",
       "全ノード・エッジ・監視を kill -9", kill("all")},
      {"all-frozen", FaultClass::blind, "SIGSTOP of every node, edge and watch",
       "全ノード・エッジ・監視を SIGSTOP", freeze("all")},
      {"market-dead", FaultClass::grey, "one market of several halts", "1つの市場が停止",
       [](Harm& harm) { return harm.halt("eth_jpy"); }},
      {"wrong-balance", FaultClass::grey,
       "money that no trade explains, on an account of the house",
       "約定で説明できない残高（ハウス口座）", [](Harm& harm) { return harm.credit_house(); },
       false, false, false},
      {"limit-too-low", FaultClass::grey,
       "a limit of one running edge lets one command in at a time",
       "稼働中のエッジ1台の上限が低すぎる（同時に1件）", set("edge 1", "in_flight_max", 1)},
      {"two-percent", FaultClass::grey, "2 % of the requests to one edge break",
       "エッジ1台への要求の2%が壊れる", lose("edge 1", faint_loss_percent, PacketLoss::How::reset),
       true, false, false},
  };
}

std::vector<FaultKind> harmless_ones() {
  const FaultClass harmless = FaultClass::harmless;
  return {
      {"leader-killed", harmless, "kill -9 of the leader: a failover",
       "リーダーを kill -9（切り替え）", kill("leader"), false, false, false},
      {"follower-killed", harmless, "kill -9 of one node that does not lead",
       "リーダーでないノード1台を kill -9", kill("follower"), false, false, false},
      {"follower-frozen", harmless, "SIGSTOP of one node that does not lead",
       "リーダーでないノード1台を SIGSTOP", freeze("follower"), false, false, false},
      {"follower-disk-stalled", harmless, "the disk of one node that does not lead does not answer",
       "リーダーでないノード1台のディスクが応答しない", hold_disks("follower"), false, false,
       false},
      {"watch-killed", harmless, "kill -9 of one watch of several", "監視1台を kill -9",
       kill("watch 1"), false, false, false},
      {"watch-frozen", harmless, "SIGSTOP of one watch of several", "監視1台を SIGSTOP",
       freeze("watch 1"), false, false, false},
  };
}

std::vector<FaultKind> all_kinds() {
  std::vector<FaultKind> all;
  for (const auto& some : {hard_processes(), hard_disks_and_settings(), hard_network(),
                           blind_and_grey(), harmless_ones()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace

const char* name(FaultClass of) {
  switch (of) {
    case FaultClass::hard:
      return "hard";
    case FaultClass::blind:
      return "blind";
    case FaultClass::grey:
      return "grey";
    case FaultClass::harmless:
      return "harmless";
  }
  return "";
}

const std::vector<FaultKind>& fault_kinds() {
  static const std::vector<FaultKind> kinds = all_kinds();
  return kinds;
}

const FaultKind* find_fault(std::string_view name) {
  const auto& kinds = fault_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const FaultKind& kind) { return name == kind.name; });
  return found == kinds.end() ? nullptr : &*found;
}

std::string missing_for(const FaultKind& kind) {
  if (kind.needs_packets && !private_network()) return "a network of its own was refused";
  if (kind.needs_packets && !PacketLoss::available()) return "nftables is not installed";
  if (kind.needs_clock && access(clock_library, R_OK) != 0) return "faketime is not installed";
  return {};
}

}  // namespace oki::drill
