#include "drill/detect.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "drill/trial.h"
#include "host/child.h"

namespace oki::drill {
namespace {

constexpr std::int64_t well_patience_ms = 60'000;
constexpr std::int64_t seen_patience_ms = 15'000;
constexpr std::int64_t told_patience_ms = 10'000;  // From t0 on, for the first notice.
constexpr std::int64_t harmless_held_ms = 8'000;
constexpr std::int64_t resolved_patience_ms = 120'000;
constexpr std::int64_t reopen_watch_ms = 5'000;
constexpr std::int64_t held_ms = 3'500;  // From t0 on: past the lease.

std::int64_t ms_between(MonoTimeNs from, MonoTimeNs to) { return (to - from) / ns_per_ms; }

std::string shown(const std::optional<std::int64_t>& ms) {
  return ms ? std::to_string(*ms) + " ms" : "-";
}

std::string shown_cause(const DetectRun& run) {
  if (!run.cause_is_right) return "";
  const std::string named = run.cause ? run.cause->kind + " " + run.cause->component : "-";
  return fmt::format(", cause {} {}", named, *run.cause_is_right ? "right" : "WRONG");
}

std::string shown(const DetectRun& run) {
  std::string line = fmt::format("not green {}, notice {}, falsely green {} ms",
                                 shown(run.nongreen), shown(run.notice), run.falsely_green);
  line +=
      fmt::format(", trading again {}, green {}", shown(run.trading_again), shown(run.green_again));
  return line + shown_cause(run) + (run.fault.empty() ? "" : "; " + run.fault);
}

TrialOptions trial_options(const DetectOptions& options, const std::string& directory) {
  TrialOptions trial;
  trial.directory = directory;
  trial.edges = options.edges;
  trial.status_sites = options.status_sites;
  trial.status_poll_ms = options.status_poll_ms;
  return trial;
}

class Campaign {
 public:
  explicit Campaign(const DetectOptions& options) : options_(options) {}

  Result<void> run_all(DetectResult& result) {
    for (const FaultKind& kind : fault_kinds()) {
      const auto& wanted = options_.kinds;
      const bool chosen =
          wanted.empty() || std::find(wanted.begin(), wanted.end(), kind.name) != wanted.end();
      if (!chosen || result.interrupted) continue;
      result.kinds.push_back({kind.name, kind.of, missing_for(kind), {}});
      if (!result.kinds.back().left_out.empty()) {
        say(fmt::format("{}: left out, {}", kind.name, result.kinds.back().left_out));
        continue;
      }
      if (auto done = run_kind(kind, result); !done) return done;
    }
    return {};
  }

 private:
  Result<void> run_kind(const FaultKind& kind, DetectResult& result) {
    drop_exchange();  // What one kind changed must not explain the next.
    for (std::uint32_t i = 1; i <= options_.runs; ++i) {
      if (auto done = make_ready(); !done) return done;
      const DetectRun run = run_once(kind, options_.to_the_end && i == 1);
      result.interrupted = trial_->interrupted();
      if (result.interrupted) return {};
      result.kinds.back().runs.push_back(run);
      say(fmt::format("{} {}/{}: {}", kind.name, i, options_.runs, shown(run)));
      // The next fault needs an incident of its own; and a broken exchange is nobody's beginning.
      if (run.fault.empty() && trial_->incidents().open().empty()) continue;
      drop_exchange(!run.fault.empty());
    }
    return {};
  }

  // A campaign would fill the disk; what went wrong stays for whoever looks into it.
  void drop_exchange(bool keep_files = false) {
    if (!trial_) return;
    trial_.reset();
    std::error_code ignored;
    if (!keep_files) std::filesystem::remove_all(exchange_directory(), ignored);
  }

  std::string exchange_directory() const {
    return options_.directory + "/" + std::to_string(exchanges_);
  }

  // An exchange on which everything is well: the one of before when it is, else a new one.
  Result<void> make_ready() {
    if (trial_ && trial_->wait_until_well()) return {};
    if (trial_ && trial_->interrupted()) return {};
    trial_.reset();
    ++exchanges_;
    const std::string directory = exchange_directory();
    std::error_code fault;
    std::filesystem::create_directory(directory, fault);
    if (fault) return error(Errc::io, directory + ": " + fault.message());
    trial_ = std::make_unique<Trial>(trial_options(options_, directory));
    if (auto done = trial_->start([this](const std::string& step) { say(step); }); !done) {
      return done;
    }
    if (!trial_->wait_until_well() && !trial_->interrupted()) {
      return error(Errc::unavailable, "a new exchange did not come to rest; see " + directory);
    }
    return {};
  }

  DetectRun run_once(const FaultKind& kind, bool to_the_end) {
    Trial& trial = *trial_;
    DetectRun run;
    const auto culprit = culprit_of(kind.name, trial.harm());
    if (!culprit) run.fault = culprit.error().message;
    const MonoTimeNs injected = trial.now();
    trial.oracle().begin_at(injected);
    if (auto done = kind.inject(trial.harm()); !done) run.fault = done.error().message;
    const MonoTimeNs t0 = kind.of == FaultClass::harmless ? observe_harmless(injected, run)
                                                          : observe(kind, injected, run);
    if (culprit && *culprit) judge_cause(**culprit, run);
    const MonoTimeNs healed = trial.now();
    if (auto done = trial.harm().heal(); !done) run.fault = done.error().message;
    recover(healed, run);
    if (to_the_end && run.fault.empty()) await_the_end(healed, run);
    const MonoTimeNs end = trial.now();
    run.falsely_green = trial.falsely_green_ms(injected, end);
    const AttemptCounts counts = trial.oracle().record().counts(t0, healed);
    run.orders = counts.made;
    run.orders_failed = counts.failed;
    return run;
  }

  // Whatever is said of a harmless fault within this time is wrong.
  MonoTimeNs observe_harmless(MonoTimeNs injected, DetectRun& run) {
    trial_->steps().wait_for(harmless_held_ms, [] { return false; });
    if (const auto seen = trial_->nongreen(injected)) run.nongreen = ms_between(injected, *seen);
    if (const auto told = trial_->staff().told().first_notice(injected)) {
      run.notice = ms_between(injected, *told);
    }
    return injected;
  }

  // Until it was seen everywhere, and longer than the lease.
  MonoTimeNs observe(const FaultKind& kind, MonoTimeNs injected, DetectRun& run) {
    Trial& trial = *trial_;
    std::optional<MonoTimeNs> t0;
    if (!kind.stops_trading) t0 = injected;
    trial.steps().wait_for(seen_patience_ms, [&] {
      if (!t0 || kind.stops_trading) t0 = trial.oracle().record().stopped(injected);
      if (!kind.stops_trading) t0 = injected;
      const bool told = trial.staff().told().first_notice(injected).has_value();
      const std::int64_t past_ns = t0 ? trial.now() - *t0 : 0;
      return t0 && trial.nongreen(*t0) && past_ns >= held_ms * ns_per_ms &&
             (told || past_ns >= told_patience_ms * ns_per_ms);
    });
    if (!t0) {
      run.fault = "trading did not stop";
      return injected;
    }
    run.stopped_after = ms_between(injected, *t0);
    if (const auto seen = trial.nongreen(*t0)) run.nongreen = ms_between(*t0, *seen);
    if (const auto told = trial.staff().told().first_notice(injected)) {
      run.notice = std::max<std::int64_t>(ms_between(*t0, *told), 0);
    }
    run.detected =
        run.notice ? std::min(*run.notice, run.nongreen.value_or(*run.notice)) : run.nongreen;
    return *t0;
  }

  // As an operator who looks at the incident now.
  void judge_cause(const Culprit& culprit, DetectRun& run) {
    run.cause_is_right = false;
    const auto& open = trial_->incidents().open();
    if (open.empty()) return;
    const auto incident = trial_->staff().incident(trial_->steps(), open.front().number);
    if (!incident) return;
    run.cause = likeliest_cause(*incident);
    run.cause_is_right = run.cause && culprit.is(*run.cause);
    if (*run.cause_is_right) return;
    const std::string file = fmt::format("{}/{}_incident.json", options_.directory, exchanges_);
    if (auto done = host::write_file(file, *incident, 0600); !done) {
      run.fault = done.error().message;
    }
  }

  void recover(MonoTimeNs healed, DetectRun& run) {
    Trial& trial = *trial_;
    std::optional<MonoTimeNs> working;
    const bool well = trial.steps().wait_for(well_patience_ms, [&] {
      if (auto done = trial.session().cluster().start_ended(); !done) return false;
      working = trial.trading(healed);
      return working && trial.green();
    });
    if (working) run.trading_again = ms_between(healed, *working);
    if (well) run.green_again = ms_between(healed, trial.now());
    if (!well && run.fault.empty()) run.fault = "it did not come back";
  }

  // The gate needs half a minute of test trades; then the incident must stay resolved.
  void await_the_end(MonoTimeNs healed, DetectRun& run) {
    Trial& trial = *trial_;
    if (trial.incidents().open().empty()) return;
    const auto in = [&](const char* phase) { return trial.incidents().in_phase(phase) != nullptr; };
    const bool over = trial.steps().wait_for(resolved_patience_ms, [&] { return in("resolved"); });
    if (!over) {
      run.fault = "its incident was not resolved";
      return;
    }
    run.resolved = ms_between(healed, trial.now());
    run.reopened = trial.steps().wait_for(reopen_watch_ms, [&] { return !in("resolved"); });
  }

  void say(const std::string& line) {
    if (options_.progress) options_.progress(line);
  }

  const DetectOptions& options_;
  std::unique_ptr<Trial> trial_;
  std::uint32_t exchanges_ = 0;
};

std::optional<Quantiles> quantiles_of(std::vector<std::int64_t> times, std::size_t missing) {
  if (times.empty() && missing == 0) return std::nullopt;
  Quantiles out;
  out.count = times.size();
  out.missing = missing;
  if (times.empty()) return out;
  std::sort(times.begin(), times.end());
  const auto rank = [&](std::size_t percent) {
    return times[(times.size() * percent + 99) / 100 - 1];
  };
  out.p50 = rank(50);
  out.p99 = rank(99);
  out.max = times.back();
  return out;
}

void collect(const KindResult& kind, TimeOf time, std::vector<std::int64_t>& times,
             std::size_t& missing) {
  for (const DetectRun& run : kind.runs) {
    if (run.*time) {
      times.push_back(*(run.*time));
    } else {
      ++missing;
    }
  }
}

}  // namespace

std::optional<Quantiles> quantiles(const KindResult& kind, TimeOf time) {
  std::vector<std::int64_t> times;
  std::size_t missing = 0;
  collect(kind, time, times, missing);
  return quantiles_of(std::move(times), missing);
}

std::optional<Quantiles> quantiles(const DetectResult& result, FaultClass of, TimeOf time) {
  std::vector<std::int64_t> times;
  std::size_t missing = 0;
  for (const KindResult& kind : result.kinds) {
    if (kind.of == of) collect(kind, time, times, missing);
  }
  return quantiles_of(std::move(times), missing);
}

Result<DetectResult> run_detect(const DetectOptions& options) {
  for (const std::string& kind : options.kinds) {
    if (find_fault(kind) == nullptr) return error(Errc::invalid, "no kind of fault is " + kind);
  }
  DetectResult result;
  Campaign campaign(options);
  if (auto done = campaign.run_all(result); !done) return tl::unexpected(done.error());
  judge(result);
  return result;
}

CauseCounts count_causes(const KindResult& kind) {
  CauseCounts counts;
  for (const DetectRun& run : kind.runs) {
    counts.judged += run.cause_is_right ? 1 : 0;
    counts.right += run.cause_is_right.value_or(false) ? 1 : 0;
  }
  return counts;
}

CauseCounts count_causes(const DetectResult& result) {
  CauseCounts counts;
  for (const KindResult& kind : result.kinds) {
    const CauseCounts some = count_causes(kind);
    counts.judged += some.judged;
    counts.right += some.right;
  }
  return counts;
}

std::uint64_t DetectResult::wrong_notices() const {
  std::uint64_t wrong = 0;
  for (const KindResult& kind : kinds) {
    if (kind.of != FaultClass::harmless) continue;
    for (const DetectRun& run : kind.runs) wrong += run.notice ? 1 : 0;
  }
  return wrong;
}

void judge(DetectResult& result) {
  const auto demand = [&](bool holds, const std::string& sentence) {
    if (!holds) result.missed.push_back(sentence);
  };
  if (const auto seen = quantiles(result, FaultClass::hard, &DetectRun::nongreen)) {
    demand(seen->missing == 0, fmt::format("{} hard faults never showed", seen->missing));
    demand(seen->p99 <= nongreen_p99_goal_ms,
           fmt::format("hard: p99 {} ms to non-green, goal {}", seen->p99, nongreen_p99_goal_ms));
    demand(seen->max <= nongreen_max_goal_ms,
           fmt::format("hard: max {} ms to non-green, goal {}", seen->max, nongreen_max_goal_ms));
  }
  if (const auto told = quantiles(result, FaultClass::hard, &DetectRun::notice)) {
    demand(told->missing == 0, fmt::format("{} hard faults were never told", told->missing));
    demand(
        told->p99 <= notice_p99_goal_ms,
        fmt::format("hard: p99 {} ms to the first notice, goal {}", told->p99, notice_p99_goal_ms));
  }
  if (const auto seen = quantiles(result, FaultClass::blind, &DetectRun::nongreen)) {
    demand(seen->missing == 0 && seen->max <= blind_max_goal_ms,
           fmt::format("blind: {} never, max {} ms to non-green", seen->missing, seen->max));
  }
  if (const auto seen = quantiles(result, FaultClass::grey, &DetectRun::detected)) {
    demand(seen->missing == 0, fmt::format("{} grey faults were never seen", seen->missing));
    demand(seen->p99 <= grey_p99_goal_ms,
           fmt::format("grey: p99 {} ms, goal {}", seen->p99, grey_p99_goal_ms));
  }
  const CauseCounts causes = count_causes(result);
  demand(causes.right * 100 >= causes.judged * cause_percent_goal,
         fmt::format("the likeliest cause was right in {} of {} runs, goal {} %", causes.right,
                     causes.judged, cause_percent_goal));
  demand(result.wrong_notices() == 0,
         fmt::format("{} notices of harmless faults", result.wrong_notices()));
  for (const KindResult& kind : result.kinds) {
    std::int64_t falsely_green = 0;
    std::size_t broken = 0, reopened = 0;
    for (const DetectRun& run : kind.runs) {
      reopened += run.reopened ? 1 : 0;
      falsely_green += run.falsely_green;
      broken += run.fault.empty() ? 0 : 1;
    }
    demand(falsely_green == 0,
           fmt::format("{}: falsely green for {} ms", kind.kind, falsely_green));
    demand(reopened == 0, fmt::format("{}: {} incidents were reopened", kind.kind, reopened));
    demand(broken == 0, fmt::format("{}: {} runs went wrong", kind.kind, broken));
  }
}

}  // namespace oki::drill
