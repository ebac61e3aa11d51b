// The ranking of causes against faults whose cause is known.
//
// The generator models the fault and how it spreads, not the scoring: a fault stops, slows or
// falsifies a part; what needs the part suffers with some probability and delay; every detector
// sees what it is pointed at with its own chance of missing it; and there is noise that has nothing
// to do with it: tired hosts, odd log lines, complaints, and changes elsewhere.
#include "response/causes.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace oki::response {
namespace {

using notify::ComponentId;
using notify::ComponentKind;

constexpr WallTimeMs noon{1'763'737'200'000};

ComponentId id_of(ComponentKind kind, std::uint64_t number) {
  if (kind != ComponentKind::market) return {kind, std::to_string(number + 1)};
  return {kind, "m" + std::to_string(number) + "_jpy"};
}

struct Fault {
  CauseKind kind = CauseKind::broken;
  ComponentId component;
};

struct Scene {
  House house;
  std::vector<Symptom> symptoms;
  std::vector<ChangeRecord> changes;
  Fault truth;
};

class Generator {
 public:
  Generator(std::uint64_t seed, std::uint64_t noise_max) : random_(seed), noise_max_(noise_max) {}

  Scene next() {
    scene_ = {};
    build_house();
    const std::uint64_t kind = random_.below(9);
    if (kind <= 1) broken(pick(kind == 0 ? ComponentKind::edge : ComponentKind::market));
    if (kind == 8) lose_node(pick(ComponentKind::node));
    if (kind == 2) slow_host(pick(ComponentKind::edge));
    if (kind == 3) slow_host(pick(ComponentKind::node));
    if (kind == 4) flood(CauseKind::overload);
    if (kind == 5) flood(CauseKind::abuse);
    if (kind == 6) wrong(pick(ComponentKind::market));
    if (kind == 7) bad_change();
    noise();
    return scene_;
  }

 private:
  void build_house() {
    edges_ = 2 + random_.below(3);
    markets_ = 2 + random_.below(6);
    const ComponentId node = id_of(ComponentKind::node, 0);
    scene_.house.components.push_back({node, 1, {}});
    for (std::uint64_t i = 0; i < edges_; ++i) {
      scene_.house.components.push_back({id_of(ComponentKind::edge, i), 2, {node}});
    }
    for (std::uint64_t i = 0; i < markets_; ++i) {
      scene_.house.components.push_back({id_of(ComponentKind::market, i), 2, {node}});
    }
  }

  ComponentId pick(ComponentKind kind) {
    if (kind == ComponentKind::node) return id_of(kind, 0);
    return id_of(kind, random_.below(kind == ComponentKind::edge ? edges_ : markets_));
  }

  bool sees(std::uint64_t percent) { return random_.chance(percent, 100); }

  // Seen by one to three watches, each a little later than the other.
  void add(SignalKind kind, Trust trust, const ComponentId& component, std::int64_t delay_ms,
           std::uint32_t load = 0, bool itself = false) {
    for (std::uint64_t watches = 1 + random_.below(3); watches > 0; --watches) {
      scene_.symptoms.push_back({kind, trust, {component}, {noon.value + delay_ms}, load, itself});
      delay_ms += random_.between(0, 800);
    }
  }

  // Test trades through an edge that is away fail in every market, and those over a node that is
  // away fail at every door; public reads need the edge alone.
  void spread(const ComponentId& part) {
    const bool is_edge = part.kind == ComponentKind::edge;
    if (is_edge && sees(90)) {
      add(SignalKind::errors, Trust::evidence, part, random_.between(50, 500), 0, true);
    }
    for (const Component& component : scene_.house.components) {
      const ComponentId& id = component.id;
      const bool hit =
          id.kind == ComponentKind::market || (!is_edge && id.kind == ComponentKind::edge);
      if (!hit || !sees(is_edge ? 70 : 90)) continue;
      add(SignalKind::down, Trust::proof, id, random_.between(50, 1'500));
      if (!is_edge && id.kind == ComponentKind::edge && sees(30)) {
        add(SignalKind::errors, Trust::proof, id, random_.between(50, 1'500));
      }
    }
  }

  // A node says of itself at most that it is away; that it is seen comes late.
  void lose_node(const ComponentId& node) {
    scene_.truth = {CauseKind::broken, node};
    if (sees(60)) add(SignalKind::source_silent, Trust::hint, node, random_.between(1'000, 3'000));
    if (sees(60)) add(SignalKind::down, Trust::evidence, node, random_.between(2'500, 4'000));
    spread(node);
  }

  // A part that stops: it fails its test trades, says nothing, and is missed by customers.
  void stop(const ComponentId& part) {
    scene_.truth.component = part;
    bool seen = false;
    if (sees(95)) seen = true, add(SignalKind::down, Trust::proof, part, random_.between(0, 700));
    if (sees(70))
      seen = true, add(SignalKind::errors, Trust::proof, part, random_.between(0, 2'000));
    if (sees(60)) add(SignalKind::rate_drop, Trust::evidence, part, random_.between(0, 3'000));
    if (part.kind == ComponentKind::edge && sees(80)) {
      seen = true;
      add(SignalKind::source_silent, Trust::evidence, part, random_.between(0, 3'000));
    }
    if (sees(30))
      add(SignalKind::inquiry_surge, Trust::evidence, part, random_.between(5'000, 30'000));
    if (!seen) add(SignalKind::down, Trust::proof, part, 500);  // Somebody noticed, or no incident.
    if (part.kind == ComponentKind::edge) spread(part);
  }

  void broken(const ComponentId& part) {
    scene_.truth.kind = CauseKind::broken;
    stop(part);
  }

  // A host short of disk or CPU: its process lags, and who needs it waits, some more than others.
  void slow_host(const ComponentId& part) {
    scene_.truth = {CauseKind::shortage, part};
    add(SignalKind::resource, Trust::evidence, part, random_.between(0, 4'000));
    if (sees(60)) add(SignalKind::lag, Trust::evidence, part, random_.between(0, 2'000));
    if (sees(70)) add(SignalKind::slow, Trust::evidence, part, random_.between(0, 2'000));
    if (part.kind != ComponentKind::node) return;
    for (const Component& component : scene_.house.components) {
      if (component.id == part) continue;
      if (sees(60)) add(SignalKind::slow, Trust::proof, component.id, random_.between(200, 5'000));
      if (sees(20))
        add(SignalKind::errors, Trust::proof, component.id, random_.between(200, 5'000));
    }
  }

  // Too much comes in: all edges work hard; customers or attackers, as the access log tells.
  void flood(CauseKind kind) {
    scene_.truth = {kind, {}};
    for (std::uint64_t i = 0; i < edges_; ++i) {
      const ComponentId edge = id_of(ComponentKind::edge, i);
      const auto load = static_cast<std::uint32_t>(random_.between(250, 900));
      if (sees(85)) add(SignalKind::slow, Trust::proof, edge, random_.between(0, 4'000), load);
      if (sees(60)) add(SignalKind::errors, Trust::evidence, edge, random_.between(0, 4'000));
      if (sees(60)) add(SignalKind::resource, Trust::evidence, edge, random_.between(0, 6'000));
      if (kind == CauseKind::abuse && sees(90)) {
        add(SignalKind::abnormal_access, Trust::evidence, edge, random_.between(0, 3'000));
      }
    }
    if (sees(40)) add(SignalKind::lag, Trust::evidence, id_of(ComponentKind::node, 0), 3'000);
    if (scene_.symptoms.empty() || (kind == CauseKind::abuse && !has_abuse())) {
      const ComponentId edge = id_of(ComponentKind::edge, 0);
      add(kind == CauseKind::abuse ? SignalKind::abnormal_access : SignalKind::slow,
          Trust::evidence, edge, 100, 400);
    }
  }

  bool has_abuse() const {
    for (const Symptom& symptom : scene_.symptoms) {
      if (symptom.kind == SignalKind::abnormal_access) return true;
    }
    return false;
  }

  void wrong(const ComponentId& part) {
    scene_.truth = {CauseKind::defect, part};
    add(SignalKind::wrong, Trust::proof, part, random_.between(0, 1'500));
    if (sees(40))
      add(SignalKind::new_log_pattern, Trust::evidence, part, random_.between(0, 1'000));
    if (sees(20)) add(SignalKind::inquiry_surge, Trust::hint, part, 20'000);
  }

  // Any of the above at the place that was changed, within a minute and a half of it.
  void bad_change() {
    const ComponentId part =
        pick(random_.chance(1, 2) ? ComponentKind::edge : ComponentKind::market);
    const std::uint64_t effect = random_.below(3);
    if (effect == 0) stop(part);
    if (effect == 1) slow_host(part);
    if (effect == 2) wrong(part);
    scene_.truth = {CauseKind::change, part};
    scene_.changes.push_back({{noon.value - random_.between(500, 90'000)},
                              ChangeKind::configuration,
                              {part},
                              "Aki",
                              "New limits."});
  }

  void noise() {
    for (std::uint64_t i = random_.below(noise_max_ + 1); i > 0; --i) {
      const auto& all = scene_.house.components;
      const ComponentId anywhere = all[random_.below(all.size())].id;
      const SignalKind kinds[] = {SignalKind::resource, SignalKind::new_log_pattern,
                                  SignalKind::other, SignalKind::inquiry_surge};
      const SignalKind kind = kinds[random_.below(4)];
      add(kind, kind == SignalKind::resource ? Trust::hint : Trust::evidence, anywhere,
          random_.between(-20'000, 20'000));
    }
    if (!sees(40)) return;
    const auto& all = scene_.house.components;
    scene_.changes.push_back({{noon.value - random_.between(120'000, 3'000'000)},
                              ChangeKind::deployment,
                              {all[random_.below(all.size())].id},
                              "Ben",
                              "Something else."});
  }

  Prng random_;
  std::uint64_t noise_max_;
  Scene scene_;
  std::uint64_t edges_ = 0;
  std::uint64_t markets_ = 0;
};

bool is_right(const Fault& truth, const Cause& cause) {
  return truth.kind == cause.kind && truth.component == cause.component;
}

struct Score {
  int right = 0;
  int scenes = 0;
};

std::map<CauseKind, Score> judge(std::uint64_t seed, std::uint64_t noise_max, int scenes) {
  std::map<CauseKind, Score> of_kind;
  Generator generator(seed, noise_max);
  for (int i = 0; i < scenes; ++i) {
    const Scene scene = generator.next();
    const auto causes = rank_causes(scene.house, scene.symptoms, scene.changes, noon);
    Score& score = of_kind[scene.truth.kind];
    ++score.scenes;
    if (!causes.empty() && is_right(scene.truth, causes.front())) ++score.right;
  }
  return of_kind;
}

// The points were chosen on seed 1; these are other faults of the same model.
TEST(CausesTest, TheFirstIsRightInNinetyFiveOfAHundred) {
  Score all;
  for (const auto& [kind, score] : judge(730'411, 2, 4'000)) {
    RecordProperty(name(kind), score.right * 1'000 / score.scenes);
    EXPECT_GE(score.right * 100, score.scenes * 95)
        << name(kind) << ": " << score.right << " of " << score.scenes;
    all.right += score.right;
    all.scenes += score.scenes;
  }
  EXPECT_GE(all.right * 100, all.scenes * 95) << all.right << " of " << all.scenes;
}

TEST(CausesTest, TheFirstIsRightInNinetyOfAHundredWithFiveTimesTheNoise) {
  Score all;
  for (const auto& [kind, score] : judge(730'412, 10, 4'000)) {
    all.right += score.right;
    all.scenes += score.scenes;
  }
  RecordProperty("right", all.right);
  EXPECT_GE(all.right * 100, all.scenes * 90) << all.right << " of " << all.scenes;
}

TEST(CausesTest, KnowsNothingFromNothing) { EXPECT_TRUE(rank_causes({}, {}, {}, noon).empty()); }

TEST(CausesTest, AChangeAfterTheTroubleBeganIsNotItsCause) {
  const ComponentId edge = id_of(ComponentKind::edge, 0);
  const std::vector<Symptom> symptoms = {{SignalKind::down, Trust::proof, {edge}, noon, 0}};
  const auto first = [&](std::int64_t ms) {
    return rank_causes({}, symptoms, {{{noon.value + ms}, ChangeKind::release, {edge}, "", "x"}},
                       noon)
        .front()
        .kind;
  };
  EXPECT_EQ(first(-1'000), CauseKind::change);
  EXPECT_EQ(first(5'000), CauseKind::broken);
  EXPECT_EQ(first(-3'600'000), CauseKind::broken);
}

}  // namespace
}  // namespace oki::response
