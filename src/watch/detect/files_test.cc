#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "watch/detect/open_slo.h"
#include "watch/detect/settings.h"
#include "watch/detect/tuning.h"

namespace oki::watch::detect {
namespace {

using testing::HasSubstr;

std::string file(const std::string& name) {
  std::ifstream in(name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(DetectSettings, TheFileThatShipsHoldsTheDefaults) {
  const std::string shipped = file("deploy/detection.toml");
  ASSERT_FALSE(shipped.empty());
  const auto read = read_settings(shipped);
  ASSERT_TRUE(read) << read.error().message;
  const Settings usual;
  ASSERT_EQ(read->errors.size(), usual.errors.size());
  for (std::size_t i = 0; i < usual.errors.size(); ++i) {
    EXPECT_EQ(read->errors[i].name, usual.errors[i].name);
    EXPECT_EQ(read->errors[i].proof, usual.errors[i].proof);
    EXPECT_EQ(read->errors[i].target.usual_ppm, usual.errors[i].target.usual_ppm);
    EXPECT_EQ(read->errors[i].target.bad_ppm, usual.errors[i].target.bad_ppm);
    EXPECT_EQ(read->errors[i].target.cap_milli, usual.errors[i].target.cap_milli);
    EXPECT_EQ(read->errors[i].target.burst_milli, usual.errors[i].target.burst_milli);
    EXPECT_EQ(read->errors[i].target.alarm_milli, usual.errors[i].target.alarm_milli);
    EXPECT_EQ(read->errors[i].target.quiet_milli, usual.errors[i].target.quiet_milli);
  }
  EXPECT_EQ(read->line.target.usual_ppm, usual.line.target.usual_ppm);
  EXPECT_EQ(read->line.target.bad_ppm, usual.line.target.bad_ppm);
  EXPECT_EQ(read->line.target.cap_milli, usual.line.target.cap_milli);
  EXPECT_EQ(read->line.target.burst_milli, usual.line.target.burst_milli);
  EXPECT_EQ(read->line.target.alarm_milli, usual.line.target.alarm_milli);
  EXPECT_EQ(read->line.target.quiet_milli, usual.line.target.quiet_milli);
  for (std::size_t i = 0; i < gauge_kinds; ++i) {
    EXPECT_EQ(read->gauges[i].threshold.enter, usual.gauges[i].threshold.enter);
    EXPECT_EQ(read->gauges[i].threshold.leave, usual.gauges[i].threshold.leave);
    EXPECT_EQ(read->gauges[i].threshold.hold_ms, usual.gauges[i].threshold.hold_ms);
    EXPECT_EQ(read->gauges[i].evidence, usual.gauges[i].evidence);
    EXPECT_EQ(read->gauges[i].above_usual, usual.gauges[i].above_usual);
  }
  EXPECT_EQ(read->level.clear_after_ms, usual.level.clear_after_ms);
  EXPECT_EQ(read->level.flapping_clear_after_ms, usual.level.flapping_clear_after_ms);
  EXPECT_EQ(read->signal.expires_ms, usual.signal.expires_ms);
  EXPECT_EQ(read->test_trades.failures, usual.test_trades.failures);
  EXPECT_EQ(read->test_trades.fresh_ms, usual.test_trades.fresh_ms);
  EXPECT_EQ(read->rate_drop.alarm_milli, usual.rate_drop.alarm_milli);
  EXPECT_EQ(read->rate_drop.dispersion, usual.rate_drop.dispersion);
  EXPECT_EQ(read->rate_drop.usual_per_second_min, usual.rate_drop.usual_per_second_min);
  EXPECT_EQ(read->latency.allowed_sixteenths, usual.latency.allowed_sixteenths);
  EXPECT_EQ(read->latency.alarm_sixteenths, usual.latency.alarm_sixteenths);
  EXPECT_EQ(read->inquiries.alarm_milli, usual.inquiries.alarm_milli);
  EXPECT_EQ(read->inquiries.times, usual.inquiries.times);
  EXPECT_EQ(read->silence.prober_ms, usual.silence.prober_ms);
  EXPECT_EQ(read->pulse.every_ms, usual.pulse.every_ms);
  EXPECT_EQ(read->pulse.reads, usual.pulse.reads);
}

TEST(DetectSettings, AnEmptyFileChangesNothingAndOneKeyChangesOne) {
  const auto empty = read_settings("");
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->level.clear_after_ms, Settings().level.clear_after_ms);
  const auto one = read_settings("[level]\nclear_after_ms = 1234\n");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->level.clear_after_ms, 1'234);
  EXPECT_EQ(one->level.flaps_max, Settings().level.flaps_max);
}

TEST(DetectSettings, EveryBadValueIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"[levels]\n", "levels: there is no such section"},
      {"level = 3\n", "level: is not a table"},
      {"[level]\nclear = 1\n", "level: unknown key 'clear'"},
      {"[level]\nclear_after_ms = -1\n", "'clear_after_ms' must be a whole number from 0"},
      {"[level]\nclear_after_ms = 1.5\n", "'clear_after_ms' must be a whole number"},
      {"[level]\nclear_after_ms = \"9\"\n", "'clear_after_ms' must be a whole number"},
      {"[level]\nflaps_max = 1001\n", "'flaps_max' must be a whole number from 1 to 1000"},
      {"[errors]\nusual_ppm = 1\n", "errors: must be an array"},
      {"errors = []\n", "errors: must have 1 to 4 tables"},
      {"[[errors]]\nname = \"a\"\nusual_ppm = 1\nbad_ppm = 2\ncap_milli = 1\n"
       "burst_milli = 1\n",
       "errors 1: 'alarm_milli' is missing"},
      {"[[errors]]\nusual_ppm = 1\nbad_ppm = 2\ncap_milli = 1\nburst_milli = 1\n"
       "alarm_milli = 2\n",
       "errors 1: 'name' is missing"},
      {"[[errors]]\nname = \"a\"\nusual_ppm = 1\nbad_ppm = 9\ncap_milli = 1\nburst_milli = 2\n"
       "alarm_milli = 2\n",
       "errors 1: 'burst_milli' must be below 'alarm_milli'"},
      {"[[errors]]\nname = \"a\"\nusual_ppm = 9\nbad_ppm = 9\ncap_milli = 1\nburst_milli = 1\n"
       "alarm_milli = 2\n",
       "errors 1: 'usual_ppm' must be below 'bad_ppm'"},
      {"[gauges.heat]\nenter = 1\n", "gauges: unknown key 'heat'"},
      {"[gauges.cpu_ppm]\nenter = 1\n", "gauges.cpu_ppm: 'leave' must not be above 'enter'"},
      {"[gauges.cpu_ppm]\nevidence = 1\n", "'evidence' must be true or false"},
      {"[signal]\nrefresh_ms = 30000\n", "signal: 'refresh_ms' must be below 'expires_ms'"},
      {"[level\n", "is not TOML"},
  };
  for (const auto& [toml, sentence] : cases) {
    const auto read = read_settings(toml);
    ASSERT_FALSE(read) << toml;
    EXPECT_THAT(read.error().message, HasSubstr(sentence)) << toml;
  }
  EXPECT_FALSE(read_settings(std::string(settings_bytes_max + 1, '#')));
}

const char* const slo_text = R"(apiVersion: openslo/v1
kind: SLO
metadata: {name: orders}
spec:
  service: trading
  budgetingMethod: Occurrences
  indicator:
    metadata: {name: failed-orders}
    spec:
      ratioMetric:
        counter: true
        total: {metricSource: {type: okiagari, spec: {series: "errors/edge 1"}}}
  objectives:
    - target: 0.9995
)";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(OpenSlo, ReadsAnObjectiveWithTheWorkbooksAlerts) {
  const auto slos =
      read_open_slo(std::string("apiVersion: openslo/v1\nkind: Service\n---\n") + slo_text);
  ASSERT_TRUE(slos) << slos.error().message;
  ASSERT_EQ(slos->size(), 1u);
  EXPECT_EQ(slos->front().name, "orders");
  EXPECT_EQ(slos->front().series, "errors/edge 1");
  EXPECT_EQ(slos->front().target_ppm, 999'500);
  EXPECT_EQ(slos->front().alerts.size(), 3u);
}

TEST(OpenSlo, TheFileThatShipsCanBeRead) {
  const auto slos = read_open_slo(file("deploy/objectives.yaml"));
  ASSERT_TRUE(slos) << slos.error().message;
  EXPECT_FALSE(slos->empty());
}

TEST(OpenSlo, ReadsBurnRateConditions) {
  const auto slos = read_open_slo(std::string(slo_text) + R"(  alertPolicies:
    - kind: AlertPolicy
      spec:
        conditions:
          - kind: AlertCondition
            spec:
              severity: page
              condition: {kind: burnrate, op: gte, threshold: 14.4,
                          lookbackWindow: 2h, alertAfter: 10m}
)");
  ASSERT_TRUE(slos) << slos.error().message;
  ASSERT_EQ(slos->front().alerts.size(), 1u);
  EXPECT_EQ(slos->front().alerts[0].times_milli, 14'400);
  EXPECT_EQ(slos->front().alerts[0].long_s, 7'200);
  EXPECT_EQ(slos->front().alerts[0].short_s, 600);
}

TEST(OpenSlo, EveryBadValueIsNamed) {
  const std::string good = slo_text;
  const std::pair<std::string, const char*> cases[] = {
      {"- 1\n", "document 1: is not a map"},
      {"kind: SLO\n", "'apiVersion' must be"},
      {replaced(good, "kind: SLO", "kind: AlertPolicy"), "'kind' must be"},
      {replaced(good, "name: orders", "name: ''"), "'metadata.name'"},
      {replaced(good, "Occurrences", "Timeslices"), "(orders): 'spec.budgetingMethod'"},
      {replaced(good, "0.9995", "1.5"), "'spec.objectives[0].target'"},
      {replaced(good, "0.9995", "0.99999999"), "'spec.objectives[0].target'"},
      {replaced(good, "    - target: 0.9995\n", "    - target: 0.9\n    - target: 0.8\n"),
       "'spec.objectives' must have one"},
      {replaced(good, "counter: true", "counter: false"), "ratioMetric.counter"},
      {replaced(good, "type: okiagari", "type: datadog"), "metricSource.type"},
      {good + "  alertPolicies: []\n", "'spec.alertPolicies' has no condition"},
      {good + "  alertPolicies: [{spec: {conditions: [{spec: {condition: {kind: x}}}]}}]\n",
       "'condition.kind'"},
      {good + "  alertPolicies: [{spec: {conditions: [{spec: {condition: {kind: burnrate, "
              "threshold: 2, lookbackWindow: 4d}}}]}}]\n",
       "'condition.lookbackWindow'"},
      {"a: [", "is not YAML"},
      {std::string(open_slo_bytes_max + 1, ' '), "longer than"},
      {std::string(10'000, '['), "document 1"},
  };
  for (const auto& [yaml, sentence] : cases) {
    const auto slos = read_open_slo(yaml);
    ASSERT_FALSE(slos) << yaml.substr(0, 60);
    if (yaml.size() == 10'000) continue;  // Refused by the reader, in its words.
    EXPECT_THAT(slos.error().message, HasSubstr(sentence));
  }
}

std::vector<PastAlarm> alarms(const char* rule, int true_ones, int false_ones, int delay_ms) {
  std::vector<PastAlarm> all;
  for (int i = 1; i <= true_ones; ++i) all.push_back({rule, true, std::int64_t{delay_ms} * i});
  for (int i = 0; i < false_ones; ++i) all.push_back({rule, false, 0});
  return all;
}

TEST(Tuning, CountsPrecisionAndDelayPerRule) {
  auto all = alarms("latency", 10, 10, 100);
  const auto more = alarms("errors.fast", 4, 0, 1'000);
  all.insert(all.end(), more.begin(), more.end());
  const auto rows = review(all, {{"errors.fast"}}, 5'000);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].rule, "errors.fast");
  EXPECT_EQ(rows[0].missed, 1u);
  EXPECT_EQ(rows[0].precision_ppm, 1'000'000);
  EXPECT_EQ(rows[0].delay_p50_ms, 2'000);
  EXPECT_EQ(rows[0].delay_p99_ms, 4'000);
  EXPECT_THAT(rows[0].suggestion, HasSubstr("blind at times: lower alarm_milli"));
  EXPECT_THAT(rows[0].suggestion, HasSubstr("[[errors]] named fast"));
  EXPECT_EQ(rows[1].precision_ppm, 500'000);
  EXPECT_THAT(rows[1].suggestion, HasSubstr("raise allowed_sixteenths"));
  EXPECT_THAT(rows[1].suggestion, HasSubstr("4000 ms to spare"));
}

TEST(Tuning, ReadsPastAlarmsAndNamesTheLineThatIsWrong) {
  const auto cases = read_past_cases(
      "{\"rule\":\"errors.fast\",\"was_true\":true,\"delay_ms\":1200,\"incident\":7}\n\n"
      "{\"rule\":\"slo\",\"was_true\":false}\n{\"rule\":\"slo\",\"missed\":true}");
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_EQ(cases->alarms.size(), 2u);
  EXPECT_EQ(cases->alarms[0].rule, "errors.fast");
  EXPECT_TRUE(cases->alarms[0].was_true);
  EXPECT_EQ(cases->alarms[0].delay_ms, 1200);
  EXPECT_FALSE(cases->alarms[1].was_true);
  ASSERT_EQ(cases->missed.size(), 1u);
  for (const char* line : {"[]", "x", "{}", "{\"rule\":\"\",\"was_true\":true}",
                           "{\"rule\":\"slo\"}", "{\"rule\":\"slo\",\"was_true\":1}",
                           "{\"rule\":\"slo\",\"was_true\":true,\"delay_ms\":-1}"}) {
    const auto read = read_past_cases("\n" + std::string(line));
    ASSERT_FALSE(read) << line;
    EXPECT_THAT(read.error().message, HasSubstr("line 2")) << line;
  }
  EXPECT_EQ(read_past_cases(std::string(past_cases_max, '\n') + "{}").error().code, Errc::full);
}

TEST(Tuning, SaysWhenNothingShouldBeDone) {
  EXPECT_THAT(review(alarms("rate_drop", 2, 2, 1), {}, 5'000)[0].suggestion, HasSubstr("Too few"));
  EXPECT_THAT(review(alarms("rate_drop", 20, 1, 1), {}, 5'000)[0].suggestion,
              HasSubstr("Leave it"));
  EXPECT_THAT(review(alarms("rate_drop", 10, 10, 1'000), {}, 5'000)[0].suggestion,
              HasSubstr("no threshold helps"));
  EXPECT_THAT(review(alarms("slo", 0, 10, 0), {}, 5'000)[0].suggestion, HasSubstr("Never right"));
  EXPECT_THAT(review(alarms("slo", 10, 0, 1'000), {}, 5'000)[0].suggestion, HasSubstr("late"));
  EXPECT_TRUE(review({}, {}, 5'000).empty());
}

}  // namespace
}  // namespace oki::watch::detect
