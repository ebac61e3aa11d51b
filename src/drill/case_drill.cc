#include "drill/case_drill.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <tuple>

#include "base/calendar.h"
#include "base/json.h"
#include "drill/case_faults.h"
#include "drill/case_files.h"
#include "drill/mailed_customer.h"
#include "drill/trial.h"
#include "net/json_reader.h"

namespace oki::drill {
namespace {

constexpr std::size_t customers = 60;
constexpr std::size_t intruders = 50;
constexpr std::uint64_t crowd_seed = 3'141;
constexpr const char* mail_address = "sato@example.jp";  // Of a customer; ends in a sink.
constexpr std::int64_t seen_patience_ms = 300'000;       // Case 1 rises slowly.
constexpr std::int64_t told_patience_ms = 10'000;
constexpr std::int64_t reaction_ms = 5'000;  // Somebody reads the page and opens the runbook.
constexpr std::int64_t over_patience_ms = 400'000;
constexpr std::int64_t well_patience_ms = 120'000;
constexpr std::int64_t resolved_patience_ms = 180'000;
constexpr std::int64_t draft_patience_ms = 60'000;
constexpr std::int64_t usual_before_ms = 45'000;  // Detectors learn what is usual in half a minute.
constexpr std::int64_t step_patience_ms = 180'000;  // With its verification.
constexpr std::int64_t step_look_ms = 200;
constexpr std::int64_t resolve_again_ms = 1'000;

TrialOptions trial_options(const CaseOptions& options) {
  TrialOptions trial;
  trial.directory = options.directory;
  trial.customers = customers;
  trial.intruders = intruders;
  trial.runbooks = options.runbooks;
  trial.desks = true;
  return trial;
}

class CaseRun {
 public:
  CaseRun(const CaseOptions& options, CaseResult& result)
      : options_(options),
        result_(result),
        trial_(trial_options(options)),
        record_(trial_.session().loop().clock(), options.output, options.progress),
        files_(trial_, record_, result.missed) {}

  Result<void> run() {
    if (auto done = trial_.start(options_.progress); !done) return done;
    if (!trial_.wait_until_well())
      return error(Errc::unavailable, "the exchange never came to rest");
    host::Loop& loop = trial_.session().loop();
    crowd_ = std::make_unique<Crowd>(loop.clock(), loop.timers(), loop.net(),
                                     trial_.session().cluster().edge_addresses(),
                                     trial_.session().accounts().customers,
                                     load_markets(trial_.session().exchange()), crowd_seed);
    fault_ = make_case(options_.number, options_.quick, trial_, record_);
    result_.en = fault_->en();
    result_.ja = fault_->ja();
    if (auto done = fault_->prepare(); !done) return done;
    mailed_ = std::make_unique<MailedCustomer>(trial_.steps(), trial_.staff().told(),
                                               trial_.staff().desks(), mail_address);
    if (auto done = mailed_->subscribe(); !done) return done;
    if (auto done = usual(); !done) return done;
    if (auto done = break_and_mend(); !done) return done;
    return conclude();
  }

 private:
  // A page that stays green is right when nobody was hurt; falsely green time is counted anyway.
  void notice_it() {
    const std::int64_t patience_ms =
        fault_->seen_within_ms() > 0 ? fault_->seen_within_ms() : seen_patience_ms;
    std::optional<MonoTimeNs> seen;
    wait(patience_ms, [&] {
      seen = trial_.nongreen(record_.fault());
      return seen || confirmed() || fault_->over();
    });
    if (seen) record_.moment("not green", *seen);
    if (seen && !confirmed()) {
      expect("incident confirmed", told_patience_ms, [this] { return confirmed(); });
    }
    const bool by_itself = confirmed().has_value();
    if (by_itself) await_first_notice();
    wait(reaction_ms, [] { return false; });
    if (incident_number().empty()) declare();
    take_charge();
    if (by_itself) return;
    if (!confirmed()) confirm();
    await_first_notice();
  }

  void await_first_notice() {
    expect("first notice", told_patience_ms,
           [this] { return trial_.staff().told().first_notice(record_.fault()); });
    expect("first notice by mail", told_patience_ms, [this]() -> std::optional<MonoTimeNs> {
      const auto mails = mailed_->mails(record_.fault());
      if (mails.empty()) return std::nullopt;
      return mails.front();
    });
  }

  // A suspicion that no second source shares, as of answers that are slow and come all the same:
  // people who know of the surge make it an incident, so that customers are told.
  void confirm() {
    act(Staff::aki, incident_number(), "phase",
        R"({"to":"investigating","words":"A surge that goes on: customers are told."})");
    expect("incident confirmed by a person", told_patience_ms, [this] { return confirmed(); });
  }

  // What no detector takes for an outage people may still take in hand: it gets its timeline, its
  // scope and its postmortem like any other.
  void declare() {
    const WallTimeMs now = trial_.session().loop().clock().wall_now();
    const WallTimeMs began{now.value - (trial_.now() - record_.fault()) / ns_per_ms};
    std::string body;
    JsonWriter(body)
        .begin_object()
        .field("title", fault_->en())
        .field("severity", "sev3")
        .field("state", "degraded_performance")
        .key("components")
        .begin_array()
        .string("edge 1")
        .string("edge 2")
        .end_array()
        .field("began", rfc3339_utc(began).substr(0, 19) + "Z")  // The API takes whole seconds.
        .end_object();
    const auto declared =
        trial_.staff().ask(trial_.steps(), Staff::aki, "POST", "/v1/incidents", body);
    if (!declared) {
      result_.missed.push_back(declared.error().message);
      return;
    }
    expect("incident declared by a person", told_patience_ms,
           [this]() -> std::optional<MonoTimeNs> {
             if (incident_number().empty()) return std::nullopt;
             return trial_.now();
           });
    declared_ = true;
  }

  // What the people on call do first: they say that they have it, and take their roles.
  void take_charge() {
    const std::string incident = incident_number();
    if (incident.empty()) return;
    act(Staff::aki, incident, "acknowledge", "{}");
    act(Staff::aki, incident, "take-role", R"({"role":"commander"})");
    act(Staff::ben, incident, "take-role", R"({"role":"communications"})");
    record_.moment("acknowledged, roles taken");
  }

  // The cause is known: a notice that one proposes and the other approves.
  void tell_the_cause() {
    const std::string incident = incident_number();
    if (incident.empty()) return;
    std::string body;
    JsonWriter(body)
        .begin_object()
        .field("phase", "identified")
        .key("cause")
        .begin_object()
        .field("ja", fault_->cause_ja())
        .field("en", fault_->cause_en())
        .end_object()
        .end_object();
    const auto proposed = trial_.staff().ask(trial_.steps(), Staff::ben, "POST",
                                             "/v1/incidents/" + incident + "/notice", body);
    const net::Json* id = proposed ? proposed->find("id") : nullptr;
    const auto proposal = id != nullptr ? id->number_text() : std::nullopt;
    if (!proposal) {
      result_.missed.push_back("a notice of the cause" +
                               (proposed ? std::string() : ": " + proposed.error().message));
      return;
    }
    act(Staff::aki, incident, "decide-notice",
        R"({"proposal":)" + std::string(*proposal) + R"(,"yes":true})");
    expect("notice of the cause", told_patience_ms,
           [this] { return trial_.staff().told().first_notice_of("identified", record_.fault()); });
  }

  // One asks for the step and another approves it, unless the house lets it run by itself; the
  // watch runs and verifies it. False when no incident is open or the step did not come to its end.
  bool run_step(const StepName& step) {
    const std::string incident = incident_number();
    if (incident.empty()) return false;
    std::string body;
    JsonWriter(body)
        .begin_object()
        .field("runbook", step.runbook)
        .field("name", step.step)
        .end_object();
    const std::string base = "/v1/incidents/" + incident + "/";
    const auto asked = trial_.staff().ask(trial_.steps(), Staff::ben, "POST", base + "step", body);
    if (!asked) {
      result_.missed.push_back(asked.error().message);
      return false;
    }
    const net::Json* id = asked->find("id");
    const std::int64_t number = id == nullptr ? 0 : id->integer().value_or(0);
    const std::string what = fmt::format("runbook {}, {}", step.runbook, step.step);
    std::string state;
    const bool ended = wait(step_patience_ms, [&] {
      trial_.steps().wait_ms(step_look_ms);
      const std::string now = step_state(incident, number);
      if (now.empty() || now == state) return false;
      state = now;
      record_.moment(what + ": " + now);
      if (now == "done" || now == "verified") fault_->step_done();
      if (now == "asked") {
        act(Staff::aki, incident, "decide-step",
            fmt::format(R"({{"step":{},"yes":true}})", number));
      }
      return now == "verified" || now == "failed";
    });
    if (!ended || state != "verified") {
      result_.missed.push_back(what + ": " + (state.empty() ? "never began" : state));
      return false;
    }
    return true;
  }

  // Empty when it is not known.
  std::string step_state(const std::string& incident, std::int64_t number) {
    const auto shown = trial_.staff().incident(trial_.steps(), incident);
    if (!shown) return {};
    const auto json = net::parse_json(*shown, incident_bytes_max);
    const net::Json* steps = json ? json->find("steps") : nullptr;
    if (steps == nullptr || steps->array() == nullptr) return {};
    for (const net::Json& step : *steps->array()) {
      const net::Json* at = step.find("step");
      const net::Json* state = step.find("state");
      if (at == nullptr || state == nullptr || at->integer() != number) continue;
      return std::string(state->string().value_or(ByteView{}));
    }
    return {};
  }

  void act(std::uint32_t person, const std::string& incident, const std::string& what,
           const std::string& body) {
    const auto done = trial_.staff().ask(trial_.steps(), person, "POST",
                                         "/v1/incidents/" + incident + "/" + what, body);
    if (!done) result_.missed.push_back(done.error().message);
  }

  // Without "inc"; empty when none is open.
  std::string incident_number() const {
    const auto& open = trial_.incidents().open();
    return open.empty() ? std::string() : open.front().number;
  }

  // Before anything happens.
  Result<void> usual() {
    if (auto done = files_.keep_pages("1_before"); !done) return done;
    crowd_->start(fault_->load());
    wait(usual_before_ms, [] { return false; });
    trial_.oracle().begin_at(trial_.now());
    return {};
  }

  Result<void> break_and_mend() {
    record_.fault_begins();
    if (auto done = fault_->begin(); !done) return done;
    notice_it();
    if (auto done = files_.keep_pages("2_during"); !done) return done;
    const bool ran = run_step(fault_->step());
    if (!ran || fault_->hand_is_needed()) {
      if (auto done = fault_->by_hand(); !done) return done;
    }
    record_.moment("remedy applied");
    tell_the_cause();
    expect("fault over", over_patience_ms, [this]() -> std::optional<MonoTimeNs> {
      if (!fault_->over()) return std::nullopt;
      return trial_.now();
    });
    over_ = trial_.now();
    counts_ = trial_.oracle().record().counts(record_.fault(), over_);
    return {};
  }

  Result<void> conclude() {
    expect("trading again", well_patience_ms, [this] { return trial_.trading(over_); });
    expect("green again", well_patience_ms, [this]() -> std::optional<MonoTimeNs> {
      if (!trial_.green()) return std::nullopt;
      return trial_.now();
    });
    if (record_.after_ms("incident investigating")) {
      expect("incident resolved", resolved_patience_ms, [this]() -> std::optional<MonoTimeNs> {
        if (declared_) ask_to_resolve();
        if (trial_.incidents().in_phase("resolved") == nullptr) return std::nullopt;
        return trial_.now();
      });
      expect("notice of the end", told_patience_ms,
             [this] { return trial_.staff().told().first_notice_of("resolved", record_.fault()); });
      expect("every notice by mail too", told_patience_ms, [this]() -> std::optional<MonoTimeNs> {
        const auto mails = mailed_->mails(record_.fault());
        if (mails.size() != trial_.staff().told().notices(record_.fault())) return std::nullopt;
        return mails.empty() ? trial_.now() : mails.back();
      });
      expect("postmortem drafted", draft_patience_ms, [this] { return drafted(); });
      if (auto done = files_.keep_incident(incident_number()); !done) return done;
    }
    result_.falsely_green_ms = trial_.falsely_green_ms(record_.fault(), trial_.now());
    result_.oracle_orders = counts_.made;
    result_.oracle_failed = counts_.failed;
    if (result_.falsely_green_ms > 0)
      result_.missed.emplace_back("a status page was falsely green");
    if (auto done = files_.keep_pages("3_after"); !done) return done;
    if (auto done = fault_->finish(); !done) return done;
    if (auto done = keep_felt(); !done) return done;
    return files_.keep_watch_files();
  }

  // What a person declared a commander ends, behind the same gate: it is refused until that opens.
  void ask_to_resolve() {
    trial_.steps().wait_ms(resolve_again_ms);
    const std::string target = "/v1/incidents/" + incident_number() + "/resolve";
    (void)trial_.staff().ask(trial_.steps(), Staff::aki, "POST", target);
  }

  // Looks at everything that has a name while it waits.
  bool wait(std::int64_t patience_ms, const std::function<bool()>& holds) {
    return trial_.steps().wait_for(patience_ms, [&] {
      observe();
      return holds();
    });
  }

  void observe() {
    if (crowd_ && !record_.moments().empty()) {
      if (const auto stopped = trial_.oracle().record().stopped(record_.fault())) {
        record_.moment("first order failed", *stopped);
      }
      for (const char* phase :
           {"suspected", "investigating", "identified", "monitoring", "resolved"}) {
        if (trial_.incidents().in_phase(phase) != nullptr)
          record_.moment(std::string("incident ") + phase);
      }
    }
  }

  void expect(const std::string& what, std::int64_t patience_ms,
              const std::function<std::optional<MonoTimeNs>()>& look) {
    std::optional<MonoTimeNs> seen;
    wait(patience_ms, [&] {
      seen = look();
      return seen.has_value();
    });
    if (seen) {
      record_.moment(what, *seen);
    } else {
      result_.missed.push_back(what);
    }
  }

  std::optional<MonoTimeNs> confirmed() {
    for (const char* phase : {"investigating", "identified", "monitoring"}) {
      if (trial_.incidents().in_phase(phase) != nullptr) return trial_.now();
    }
    return std::nullopt;
  }

  std::optional<MonoTimeNs> drafted() {
    if (!files_.has_draft()) return std::nullopt;
    return trial_.now();
  }

  Result<void> keep_felt() {
    crowd_->stop();
    wait(crowd_patience_ms + 1'000, [this] { return crowd_->idle(); });
    const auto second = [this](MonoTimeNs at) {
      return (at - crowd_->started()) / (1'000 * ns_per_ms);
    };
    const std::int64_t last = std::numeric_limits<std::int64_t>::max();
    result_.before = crowd_->felt(0, second(record_.fault()));
    result_.during = crowd_->felt(second(record_.fault()), second(over_) + 1);
    result_.after = crowd_->felt(second(over_) + 1, last);
    return record_.keep("felt.csv", "what customers got, second by second",
                        felt_csv(crowd_->seconds()));
  }

 public:
  void take(CaseResult& result) const {
    result.moments = record_.moments();
    result.artefacts = record_.artefacts();
    result.interrupted = trial_.interrupted();
  }

 private:
  const CaseOptions& options_;
  CaseResult& result_;
  Trial trial_;
  CaseRecord record_;
  CaseFiles files_;
  std::unique_ptr<MailedCustomer> mailed_;
  std::unique_ptr<Crowd> crowd_;
  std::unique_ptr<Case> fault_;
  MonoTimeNs over_;
  bool declared_ = false;  // By a person.
  AttemptCounts counts_;
};

}  // namespace

Result<CaseResult> run_case(const CaseOptions& options) {
  CaseResult result;
  result.number = options.number;
  {
    CaseRun run(options, result);
    auto done = run.run();
    run.take(result);
    if (!done) return tl::unexpected(done.error());
  }
  const std::string report = to_json(result);
  if (auto done = host::write_file(options.output + "/case.json", report + "\n", 0600); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = host::write_file(options.output + "/case.txt", text(result), 0600); !done) {
    return tl::unexpected(done.error());
  }
  return result;
}

}  // namespace oki::drill
