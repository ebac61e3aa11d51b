#include "drill/scripts.h"

#include "base/json.h"

namespace oki::drill {
namespace {

constexpr std::int64_t failover_kill_ms = 15'000;
constexpr std::int64_t failover_restart_ms = 25'000;
constexpr std::int64_t blackout_kill_ms = 12'000;
constexpr std::int64_t blackout_restart_ms = 22'000;
constexpr std::int64_t lease_ms = 2'000;

// What both scripts measure around their kill.
struct Measure {
  std::optional<MonoTimeNs> killed;
  std::optional<MonoTimeNs> revived;  // Every killed node was started again.
  std::optional<std::int64_t> failover_ns;
};

void watch_recovery(Session& session, Measure& measure) {
  measure.killed = session.loop().clock().mono_now();
  session.load().on_next_acknowledgement([&measure](std::int64_t ns) { measure.failover_ns = ns; });
}

void at(Session& session, std::int64_t ms, std::function<void()> action) {
  session.loop().timers().after_ms(ms, std::move(action));
}

ScriptResult conclude(const char* script, Session& session, const Measure& measure) {
  ScriptResult result;
  result.script = script;
  result.green_at_end = session.status().green();
  Load& load = session.load();
  result.p50_us = load.latency().quantile_ns(50, 100) / 1000;
  result.p99_us = load.latency().quantile_ns(99, 100) / 1000;
  if (measure.failover_ns) result.failover_ms = *measure.failover_ns / ns_per_ms;
  if (measure.killed) {
    const MonoTimeNs end = measure.revived.value_or(session.loop().clock().mono_now());
    const auto nongreen = session.status().first_nongreen(*measure.killed);
    // A non-green moment after the nodes were back belongs to the recovery, not to the kill.
    if (nongreen && *nongreen < end) {
      result.status_nongreen_ms = (*nongreen - *measure.killed) / ns_per_ms;
    }
  }
  result.audit = session.finish();
  result.orders = load.orders_answered();
  result.not_taken = load.not_taken();
  result.unknown = load.unknown();
  return result;
}

bool nothing_broken(const FinalAudit& audit, std::uint32_t nodes) {
  return audit.customers.complete && audit.customers.lost == 0 && audit.customers.doubled == 0 &&
         audit.hashes_equal && audit.nodes_compared == nodes;
}

}  // namespace

ScriptResult run_failover(Session& session, std::int64_t length_ms) {
  Measure measure;
  std::uint32_t victim = 0;
  at(session, failover_kill_ms, [&] {
    session.find_leader([&](std::uint32_t leader) {
      if (leader == 0) return;
      victim = leader;
      session.cluster().kill_node(leader);
      watch_recovery(session, measure);
    });
  });
  std::string fault;
  at(session, failover_restart_ms, [&] {
    if (victim == 0) return;
    if (auto done = session.cluster().start_node(victim); !done) fault = done.error().message;
    measure.revived = session.loop().clock().mono_now();
  });
  at(session, length_ms, [&] { session.stop_running(); });
  session.run();
  const auto nodes = static_cast<std::uint32_t>(session.cluster().nodes().size());
  ScriptResult result = conclude("failover", session, measure);
  if (result.audit.why.empty()) result.audit.why = fault;
  result.passed = nothing_broken(result.audit, nodes) && result.failover_ms.has_value();
  return result;
}

ScriptResult run_blackout(Session& session, std::int64_t length_ms) {
  Measure measure;
  std::string fault;
  const auto nodes = static_cast<std::uint32_t>(session.cluster().nodes().size());
  at(session, blackout_kill_ms, [&] {
    session.cluster().kill_all_nodes();
    watch_recovery(session, measure);
  });
  at(session, blackout_restart_ms, [&] {
    measure.revived = session.loop().clock().mono_now();
    for (std::uint32_t seat = 1; seat <= nodes; ++seat) {
      if (auto done = session.cluster().start_node(seat); !done) fault = done.error().message;
    }
  });
  at(session, length_ms, [&] { session.stop_running(); });
  session.run();
  std::int64_t falsely_green_ms = 0;
  if (measure.killed && measure.revived) {
    const MonoTimeNs lease_over = *measure.killed + lease_ms * ns_per_ms;
    falsely_green_ms = session.status().green_ns(lease_over, *measure.revived) / ns_per_ms;
  }
  ScriptResult result = conclude("blackout", session, measure);
  result.falsely_green_ms = falsely_green_ms;
  if (result.audit.why.empty()) result.audit.why = fault;
  result.passed = nothing_broken(result.audit, nodes) && falsely_green_ms == 0 &&
                  result.status_nongreen_ms && *result.status_nongreen_ms < lease_ms &&
                  result.failover_ms.has_value();
  return result;
}

std::string to_json(const ScriptResult& result) {
  std::string out;
  JsonWriter json(out);
  const auto optional = [&](const char* name, const std::optional<std::int64_t>& value) {
    json.key(name);
    value ? json.number(*value) : json.null();
  };
  json.begin_object().field("script", result.script);
  optional("failover_ms", result.failover_ms);
  json.field("acked", result.audit.customers.acknowledged);
  json.field("lost", result.audit.customers.lost);
  json.field("duplicated", result.audit.customers.doubled);
  json.field("hashes_equal", result.audit.hashes_equal);
  json.field("nodes_compared", std::uint64_t{result.audit.nodes_compared});
  optional("status_nongreen_ms", result.status_nongreen_ms);
  json.field("falsely_green_ms", result.falsely_green_ms);
  json.field("not_taken", result.not_taken).field("unknown", result.unknown);
  json.field("p50_us", result.p50_us).field("p99_us", result.p99_us);
  json.field("green_at_end", result.green_at_end);
  json.field("audit_complete", result.audit.customers.complete);
  if (!result.audit.why.empty()) json.field("why", result.audit.why);
  json.field("passed", result.passed).end_object();
  return out;
}

}  // namespace oki::drill
