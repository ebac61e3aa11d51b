#include <fmt/format.h>

#include <iterator>

#include "base/json.h"
#include "drill/detect.h"

namespace oki::drill {
namespace {

constexpr FaultClass classes[] = {FaultClass::hard, FaultClass::blind, FaultClass::grey};

std::string cell(const std::optional<Quantiles>& seen) {
  if (!seen || seen->count == 0) return "-";
  return fmt::format("{} / {}", seen->p50, seen->max);
}

std::int64_t falsely_green_ms(const KindResult& kind) {
  std::int64_t total = 0;
  for (const DetectRun& run : kind.runs) total += run.falsely_green;
  return total;
}

void write(JsonWriter& json, ByteView name, const std::optional<Quantiles>& seen) {
  json.key(name);
  if (!seen || seen->count == 0) {
    json.null();
    return;
  }
  json.begin_object().field("runs", std::uint64_t{seen->count});
  json.field("never", std::uint64_t{seen->missing}).field("p50_ms", seen->p50);
  json.field("p99_ms", seen->p99).field("max_ms", seen->max).end_object();
}

void write_number(JsonWriter& json, ByteView name, const std::optional<Quantiles>& seen,
                  std::int64_t Quantiles::* which) {
  json.key(name);
  if (!seen || seen->count == 0) {
    json.null();
  } else {
    json.number((*seen).*which);
  }
}

void write_causes(JsonWriter& json, const CauseCounts& counts) {
  json.field("causes_judged", counts.judged).field("causes_right", counts.right);
}

void write_kind(JsonWriter& json, const KindResult& kind) {
  std::uint64_t orders = 0, failed = 0, reopened = 0;
  for (const DetectRun& run : kind.runs) {
    reopened += run.reopened ? 1 : 0;
    orders += run.orders;
    failed += run.orders_failed;
  }
  json.begin_object().field("kind", kind.kind).field("class", name(kind.of));
  json.field("runs", std::uint64_t{kind.runs.size()});
  if (!kind.left_out.empty()) json.field("left_out", kind.left_out);
  write(json, "nongreen", quantiles(kind, &DetectRun::nongreen));
  write(json, "notice", quantiles(kind, &DetectRun::notice));
  write(json, "trading_again", quantiles(kind, &DetectRun::trading_again));
  write(json, "green_again", quantiles(kind, &DetectRun::green_again));
  write_number(json, "resolved_max_ms", quantiles(kind, &DetectRun::resolved), &Quantiles::max);
  json.field("reopened", reopened);
  json.field("falsely_green_ms", falsely_green_ms(kind));
  write_causes(json, count_causes(kind));
  json.field("orders", orders).field("orders_failed", failed);
  json.key("faults").begin_array();
  for (const DetectRun& run : kind.runs) {
    if (!run.fault.empty()) json.string(run.fault);
  }
  json.end_array().end_object();
}

struct Totals {
  std::uint64_t hard_kinds = 0;
  std::uint64_t runs = 0;
  std::int64_t falsely_green_ms = 0;
};

Totals totals(const DetectResult& result) {
  Totals totals;
  for (const KindResult& kind : result.kinds) {
    totals.hard_kinds += kind.of == FaultClass::hard && !kind.runs.empty() ? 1 : 0;
    totals.runs += kind.runs.size();
    totals.falsely_green_ms += falsely_green_ms(kind);
  }
  return totals;
}

}  // namespace

std::string text(const DetectResult& result) {
  std::string out = fmt::format("{:<24} {:<6} {:>4} {:>14} {:>14} {:>14} {:>14} {:>8}\n",
                                "kind (ms, p50 / max)", "class", "runs", "not green",
                                "first notice", "trading again", "green again", "falsely");
  for (const KindResult& kind : result.kinds) {
    if (!kind.left_out.empty()) {
      fmt::format_to(std::back_inserter(out), "{:<24} {:<6} left out: {}\n", kind.kind,
                     name(kind.of), kind.left_out);
      continue;
    }
    fmt::format_to(
        std::back_inserter(out), "{:<24} {:<6} {:>4} {:>14} {:>14} {:>14} {:>14} {:>8}\n",
        kind.kind, name(kind.of), kind.runs.size(), cell(quantiles(kind, &DetectRun::nongreen)),
        cell(quantiles(kind, &DetectRun::notice)), cell(quantiles(kind, &DetectRun::trading_again)),
        cell(quantiles(kind, &DetectRun::green_again)), falsely_green_ms(kind));
  }
  for (const FaultClass of : classes) {
    const auto seen = quantiles(result, of, &DetectRun::nongreen);
    if (!seen) continue;
    fmt::format_to(std::back_inserter(out), "{}: not green p50 {}, p99 {}, max {} ms in {} runs\n",
                   name(of), seen->p50, seen->p99, seen->max, seen->count);
  }
  const CauseCounts causes = count_causes(result);
  fmt::format_to(std::back_inserter(out), "likeliest cause: right in {} of {} runs\n", causes.right,
                 causes.judged);
  for (const std::string& missed : result.missed) out += "missed: " + missed + "\n";
  return out;
}

std::string json(const DetectResult& result, const std::optional<NoiseFigures>& noise) {
  const auto hard = quantiles(result, FaultClass::hard, &DetectRun::nongreen);
  const auto blind = quantiles(result, FaultClass::blind, &DetectRun::nongreen);
  const Totals sums = totals(result);
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("hard_kinds", sums.hard_kinds).field("runs", sums.runs);
  write_number(json, "nongreen_p99_ms", hard, &Quantiles::p99);
  write_number(json, "nongreen_max_ms", hard, &Quantiles::max);
  write_number(json, "notice_p99_ms", quantiles(result, FaultClass::hard, &DetectRun::notice),
               &Quantiles::p99);
  write_number(json, "grey_p99_ms", quantiles(result, FaultClass::grey, &DetectRun::detected),
               &Quantiles::p99);
  write_number(json, "blind_nongreen_max_ms", blind, &Quantiles::max);
  json.field("false_notices", result.wrong_notices() + (noise ? noise->false_notices : 0));
  json.field("noise_hours", noise ? noise->hours : 0);
  json.field("falsely_green_ms", sums.falsely_green_ms);
  write_causes(json, count_causes(result));
  json.key("kinds").begin_array();
  for (const KindResult& kind : result.kinds) write_kind(json, kind);
  json.end_array().key("missed").begin_array();
  for (const std::string& missed : result.missed) json.string(missed);
  json.end_array().field("interrupted", result.interrupted).end_object();
  return out;
}

}  // namespace oki::drill
