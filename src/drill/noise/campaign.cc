#include "drill/noise/campaign.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "base/assert.h"
#include "drill/noise/world.h"

namespace oki::drill::noise {
namespace {

using watch::detect::MonoMs;

constexpr std::int64_t hour_ticks = 3600 * ticks_a_second;
constexpr std::int64_t warm_up_ms = 120'000;
constexpr std::int64_t begin_within_ms = 480'000;
constexpr std::size_t first_alarms_max = 20;
constexpr const char* model_names[] = {"tuning", "self_exciting", "regimes", "crowd"};
constexpr const char* held_out_name = "crowd";

std::string rule_of(const response::Signal& signal) {
  for (const response::Fact& fact : signal.facts) {
    if (fact.name == "rule") return fact.value;
  }
  return signal.key;
}

// What holds now, by key; tells rises from refreshes.
class Holding {
 public:
  // Whether this is a rise of evidence or proof.
  bool rises(const response::Signal& signal) {
    if (!signal.firing) {
      if (held_.erase(signal.key) > 0 && signal.trust > response::Trust::hint) --evidence_;
      return false;
    }
    if (!held_.emplace(signal.key, true).second) return false;
    if (signal.trust == response::Trust::hint) return false;
    ++evidence_;
    return true;
  }
  bool holds(const std::string& key) const { return held_.contains(key); }
  std::size_t evidence() const { return evidence_; }

 private:
  std::map<std::string, bool> held_;
  std::size_t evidence_ = 0;
};

std::int64_t start_second(std::uint64_t seed) {
  return static_cast<std::int64_t>(mix64(seed ^ 0x77) % static_cast<std::uint64_t>(week_s));
}

std::uint64_t seed_of(const NoiseOptions& options, const std::string& model, std::uint64_t what,
                      std::uint64_t number) {
  std::uint64_t seed = mix64(options.seed);
  for (const char letter : model) seed = mix64(seed ^ static_cast<unsigned char>(letter));
  return mix64(mix64(seed ^ what) ^ number);
}

std::unique_ptr<World> make_world(const NoiseOptions& options, const std::string& model,
                                  std::uint64_t seed) {
  auto made = make_model(model, seed, start_second(seed));
  ASSERT(made.has_value());
  return std::make_unique<World>(std::move(*made), options.settings, seed);
}

// 100 ms of the world, with everything said about them; gives the signals.
std::vector<response::Signal> step(World& world, Desk& desk) {
  world.tick();
  std::vector<response::Signal> signals = world.take_signals();
  for (const response::Signal& signal : signals) desk.observe(signal, world.wall());
  if (world.now_ms() % 1000 == 0) desk.second(world.take_second(), world.wall());
  return signals;
}

NoiseResult run_piece(const NoiseOptions& options, const std::string& model, std::uint64_t piece,
                      std::int64_t hours) {
  const auto world = make_world(options, model, seed_of(options, model, 1, piece));
  NoiseResult result;
  result.hours = static_cast<std::uint64_t>(hours);
  Holding holding;
  Desk desk;
  for (std::int64_t tick = 0; tick < hours * hour_ticks; ++tick) {
    const auto signals = step(*world, desk);
    if (desk.notices() > result.notices && result.first_notices.size() < first_alarms_max) {
      result.first_notices.push_back("piece " + std::to_string(piece) + " at " +
                                     std::to_string(tick / ticks_a_second) +
                                     " s: " + desk.last_reason());
    }
    result.notices = desk.notices();
    for (const response::Signal& signal : signals) {
      const bool known = holding.holds(signal.key);
      const std::size_t before = holding.evidence();
      const bool rises = holding.rises(signal);
      if (!signal.firing || known) continue;
      RuleCount& count = result.rules[rule_of(signal)];
      ++(rises ? count.evidence : count.hints);
      if (!rises) continue;
      if (before == 0) ++result.combined;
      if (result.first_alarms.size() < first_alarms_max) {
        result.first_alarms.push_back("piece " + std::to_string(piece) + " at " +
                                      std::to_string(tick / ticks_a_second) +
                                      " s: " + rule_of(signal) + " " + signal.key);
      }
    }
  }
  result.single_prober = world->single_prober_alarms();
  result.suspected = desk.opened();
  result.refused = desk.refused();
  return result;
}

struct FaultRun {
  bool disturbed = false;
  std::int64_t delay_ms = -1;  // -1: missed.
  std::int64_t told_ms = -1;   // -1: customers were not told.
  std::string rule;
};

FaultRun run_fault(const NoiseOptions& options, const std::string& model, FaultKind kind,
                   std::uint64_t number) {
  const std::uint64_t what = 2 + static_cast<std::uint64_t>(kind);
  const std::uint64_t seed = seed_of(options, model, what, number);
  const auto world = make_world(options, model, seed);
  Prng prng(mix64(seed ^ 0xFA));
  const MonoMs at = warm_up_ms + prng.between(0, begin_within_ms);
  world->inject(kind, at);
  Holding holding;
  Desk desk;
  FaultRun run;
  std::uint64_t told_before = 0;
  while (world->now_ms() < at + goal(kind).patience_ms && run.told_ms < 0) {
    const bool began = world->now_ms() >= at;
    if (!began && world->now_ms() + tick_ms >= at) {
      run.disturbed = holding.evidence() > 0;
      told_before = desk.notices();
    }
    const auto signals = step(*world, desk);
    for (const response::Signal& signal : signals) {
      const bool rises = holding.rises(signal);
      const std::int64_t seen = world->seen_ms(signal);
      if (!rises || seen < at || run.delay_ms >= 0) continue;
      run.delay_ms = seen - at;
      run.rule = rule_of(signal);
    }
    if (began && desk.notices() > told_before) run.told_ms = world->now_ms() - at;
    // Whom nobody must tell is not waited for.
    if (run.delay_ms >= 0 && !goal(kind).told) break;
  }
  return run;
}

struct Ranks {
  std::int64_t p50 = 0;
  std::int64_t p99 = 0;
  std::int64_t max = 0;
};

Ranks ranks_of(std::vector<std::int64_t> delays) {
  if (delays.empty()) return {};
  std::sort(delays.begin(), delays.end());
  const auto rank = [&](std::size_t percent) {
    return delays[std::max<std::size_t>((delays.size() * percent + 99) / 100, 1) - 1];
  };
  return {rank(50), rank(99), delays.back()};
}

FaultResult summarise(const std::vector<FaultRun>& runs) {
  FaultResult result;
  std::vector<std::int64_t> delays, told;
  for (const FaultRun& run : runs) {
    if (run.disturbed) {
      ++result.disturbed;
      continue;
    }
    ++result.runs;
    if (run.delay_ms < 0) {
      ++result.missed;
      continue;
    }
    delays.push_back(run.delay_ms);
    ++result.found_by[run.rule];
    if (run.told_ms >= 0) told.push_back(run.told_ms);
  }
  result.told = told.size();
  const Ranks found = ranks_of(std::move(delays));
  result.p50_ms = found.p50;
  result.p99_ms = found.p99;
  result.max_ms = found.max;
  const Ranks notice = ranks_of(std::move(told));
  result.told_p50_ms = notice.p50;
  result.told_p99_ms = notice.p99;
  result.told_max_ms = notice.max;
  return result;
}

// Runs `count` jobs on the workers; each writes only to its own place.
void run_jobs(const NoiseOptions& options, std::size_t count, const std::string& what,
              const std::function<void(std::size_t)>& job) {
  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::mutex mutex;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      job(i);
      const std::lock_guard<std::mutex> lock(mutex);
      ++done;
      const std::size_t step = std::max<std::size_t>(count / 10, 1);
      if (options.progress && (done % step == 0 || done == count)) {
        options.progress(what + ": " + std::to_string(done) + " of " + std::to_string(count));
      }
    }
  };
  std::vector<std::thread> workers;
  for (std::uint64_t i = 1; i < options.workers; ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
}

void add(NoiseResult& sum, const NoiseResult& piece) {
  sum.hours += piece.hours;
  sum.combined += piece.combined;
  sum.single_prober += piece.single_prober;
  sum.suspected += piece.suspected;
  sum.notices += piece.notices;
  sum.refused += piece.refused;
  for (const auto& [rule, count] : piece.rules) {
    sum.rules[rule].evidence += count.evidence;
    sum.rules[rule].hints += count.hints;
  }
  for (const std::string& alarm : piece.first_alarms) {
    if (sum.first_alarms.size() < first_alarms_max) sum.first_alarms.push_back(alarm);
  }
  for (const std::string& notice : piece.first_notices) {
    if (sum.first_notices.size() < first_alarms_max) sum.first_notices.push_back(notice);
  }
}

ModelResult run_model(const NoiseOptions& options, const std::string& model) {
  ModelResult result;
  result.model = model;
  result.held_out = model == held_out_name;
  const auto pieces = static_cast<std::size_t>((options.hours + piece_hours - 1) / piece_hours);
  std::vector<NoiseResult> noise(pieces);
  run_jobs(options, pieces, model + ", pieces of noise", [&](std::size_t i) {
    const std::uint64_t left = options.hours - i * piece_hours;
    noise[i] = run_piece(options, model, i,
                         static_cast<std::int64_t>(std::min<std::uint64_t>(left, piece_hours)));
  });
  for (const NoiseResult& piece : noise) add(result.noise, piece);
  std::vector<FaultRun> runs(fault_kinds * options.faults);
  run_jobs(options, runs.size(), model + ", faults", [&](std::size_t i) {
    runs[i] =
        run_fault(options, model, static_cast<FaultKind>(i / options.faults), i % options.faults);
  });
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const auto first = runs.begin() + static_cast<std::ptrdiff_t>(kind * options.faults);
    result.faults[kind] = summarise({first, first + static_cast<std::ptrdiff_t>(options.faults)});
  }
  return result;
}

}  // namespace

Result<std::unique_ptr<Model>> make_model(const std::string& name, std::uint64_t seed,
                                          std::int64_t start_s) {
  if (name == "tuning") return tuning_model(seed, start_s);
  if (name == "self_exciting") return self_exciting_model(seed, start_s);
  if (name == "regimes") return regimes_model(seed, start_s);
  if (name == "crowd") return crowd_model(seed, start_s);
  return error(Errc::not_found,
               "there is no model '" + name + "': tuning, self_exciting, regimes or crowd");
}

bool meets(const FaultResult& result, const FaultGoal& goal) {
  if (goal.told && (result.told < result.runs || result.told_p99_ms > notice_p99_goal_ms)) {
    return false;
  }
  return result.missed == 0 && result.p99_ms <= goal.p99_ms &&
         (goal.max_ms == 0 || result.max_ms <= goal.max_ms);
}

bool meets(const ModelResult& result) {
  if (result.held_out && result.noise.notices > false_notices_goal) return false;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    if (!meets(result.faults[kind], goal(static_cast<FaultKind>(kind)))) return false;
  }
  return true;
}

FalseNotices false_notices(const std::vector<ModelResult>& results) {
  FalseNotices sum;
  for (const ModelResult& result : results) {
    if (!result.held_out) continue;
    sum.hours += result.noise.hours;
    sum.notices += result.noise.notices;
  }
  return sum;
}

const char* held_out_model() { return held_out_name; }

Result<std::vector<ModelResult>> run_noise(const NoiseOptions& options) {
  if (options.hours > hours_max || options.faults > faults_max || options.workers < 1 ||
      options.workers > workers_max) {
    return error(Errc::invalid, "at most 1000000 hours, 10000 faults of a kind, 64 workers");
  }
  std::vector<std::string> names(std::begin(model_names), std::end(model_names));
  if (!options.model.empty()) {
    if (const auto known = make_model(options.model, 1, 0); !known) {
      return tl::unexpected(known.error());
    }
    names = {options.model};
  }
  std::vector<ModelResult> results;
  for (const std::string& name : names) results.push_back(run_model(options, name));
  return results;
}

}  // namespace oki::drill::noise
