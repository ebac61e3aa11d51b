#include <fmt/format.h>

#include <iterator>

#include "base/json.h"
#include "drill/case_drill.h"

namespace oki::drill {
namespace {

std::string percent(std::uint64_t part, std::uint64_t of) {
  if (of == 0) return "-";
  const std::uint64_t hundredths = part * 10'000 / of;
  return fmt::format("{}.{:02} %", hundredths / 100, hundredths % 100);
}

void write(JsonWriter& json, ByteView name, const Felt& felt) {
  json.key(name).begin_object();
  json.field("offered", felt.offered).field("served_within_1s", felt.served);
  json.field("late", felt.late).field("refused", felt.refused);
  json.field("throttled", felt.throttled).field("not_taken", felt.not_taken);
  json.field("unknown", felt.unknown).field("given_up", felt.given_up);
  json.field("served_percent", percent(felt.served, felt.offered));
  json.field("p50_us", felt.latency.quantile_ns(50, 100) / 1000);
  json.field("p99_us", felt.latency.quantile_ns(99, 100) / 1000);
  json.field("max_us", felt.latency.max_ns() / 1000).end_object();
}

void add_line(std::string& out, const char* when, const Felt& felt) {
  fmt::format_to(std::back_inserter(out),
                 "  {:<8} {:>7} asked, {:>8} served within 1 s; late {}, refused {}, throttled {}, "
                 "not taken {}, unknown {}, given up {}; p50 {:.1f} ms, p99 {:.1f} ms\n",
                 when, felt.offered, percent(felt.served, felt.offered), felt.late, felt.refused,
                 felt.throttled, felt.not_taken, felt.unknown, felt.given_up,
                 static_cast<double>(felt.latency.quantile_ns(50, 100)) / 1e6,
                 static_cast<double>(felt.latency.quantile_ns(99, 100)) / 1e6);
}

}  // namespace

std::string text(const CaseResult& result) {
  std::string out = fmt::format("case {}: {}\n{}\n\n", result.number, result.en, result.ja);
  for (const Moment& moment : result.moments) {
    fmt::format_to(std::back_inserter(out), "{:>9.2f} s  {}\n",
                   static_cast<double>(moment.after_ms) / 1000, moment.what);
  }
  out += "\nWhat customers felt:\n";
  add_line(out, "before", result.before);
  add_line(out, "during", result.during);
  add_line(out, "after", result.after);
  fmt::format_to(std::back_inserter(out),
                 "  the oracle trader, on every edge and market: {} of {} orders failed ({})\n",
                 result.oracle_failed, result.oracle_orders,
                 percent(result.oracle_failed, result.oracle_orders));
  fmt::format_to(std::back_inserter(out), "  falsely green: {} ms\n\n", result.falsely_green_ms);
  for (const Artefact& artefact : result.artefacts) {
    fmt::format_to(std::back_inserter(out), "{:<44} {:>9} bytes  {}\n", artefact.path,
                   artefact.bytes, artefact.what);
  }
  for (const std::string& missed : result.missed) out += "missed: " + missed + "\n";
  return out;
}

std::string to_json(const CaseResult& result) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("case", std::uint64_t{result.number}).field("en", result.en);
  json.field("ja", result.ja).key("moments_ms").begin_object();
  for (const Moment& moment : result.moments) json.field(moment.what, moment.after_ms);
  json.end_object().key("felt").begin_object();
  write(json, "before", result.before);
  write(json, "during", result.during);
  write(json, "after", result.after);
  json.field("oracle_orders", result.oracle_orders).field("oracle_failed", result.oracle_failed);
  json.end_object().field("falsely_green_ms", result.falsely_green_ms);
  json.key("artefacts").begin_array();
  for (const Artefact& artefact : result.artefacts) {
    json.begin_object().field("path", artefact.path).field("what", artefact.what);
    json.field("bytes", artefact.bytes).end_object();
  }
  json.end_array().key("missed").begin_array();
  for (const std::string& missed : result.missed) json.string(missed);
  json.end_array().field("interrupted", result.interrupted);
  json.field("passed", result.missed.empty() && !result.interrupted).end_object();
  return out;
}

}  // namespace oki::drill
