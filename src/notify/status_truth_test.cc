// When a site may say green, and what it says otherwise.
#include "notify/status_truth.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/prng.h"
#include "notify/testing/notices.h"
#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

class StatusTruthTest : public ::testing::Test {
 protected:
  void step_ms(std::int64_t ms) { clock_.advance_ns(ms * ns_per_ms); }
  WallTimeMs now() const { return clock_.wall_now(); }
  Acceptance green() { return truth_.accept(signed_lease(green_lease(++serial_, now()))); }
  Acceptance red() { return truth_.accept(signed_lease(red_lease(++serial_, now()))); }
  State overall() { return truth_.view().overall; }

  testing::StepClock clock_;
  StatusTruth truth_{clock_, test_key().public_key};
  std::uint64_t serial_ = 0;
};

TEST_F(StatusTruthTest, IsNotGreenBeforeTheFirstLease) {
  const StatusView view = truth_.view();
  EXPECT_EQ(view.overall, State::unknown);
  EXPECT_FALSE(view.since);
  EXPECT_TRUE(view.incidents.empty());
}

TEST_F(StatusTruthTest, IsGreenForAsLongAsTheLeaseAndNotAMillisecondLonger) {
  EXPECT_EQ(green(), Acceptance::accepted);
  EXPECT_EQ(overall(), State::operational);
  step_ms(lease_duration_ms_max - 1);
  EXPECT_EQ(overall(), State::operational);
  step_ms(1);
  EXPECT_EQ(overall(), State::unknown);
}

TEST_F(StatusTruthTest, KeepsSayingUnknownSinceTheSameTimeForEver) {
  EXPECT_EQ(green(), Acceptance::accepted);
  const WallTimeMs expiry{now().value + lease_duration_ms_max};
  for (const std::int64_t ms : {2000, 60'000, 86'400'000}) {
    step_ms(ms);
    const StatusView view = truth_.view();
    EXPECT_EQ(view.overall, State::unknown);
    EXPECT_EQ(view.since, expiry);
    for (const LeaseRow& row : view.rows) EXPECT_EQ(row.state, State::unknown);
    ASSERT_EQ(view.incidents.size(), 1u);
    EXPECT_EQ(view.incidents[0].phase, IncidentPhase::investigating);
  }
}

TEST_F(StatusTruthTest, TellsTheTimeOfTheOldestProofNotOfTheLease) {
  Lease lease = green_lease(++serial_, now());
  lease.expires_at = {now().value + 700};
  EXPECT_EQ(truth_.accept(signed_lease(lease)), Acceptance::accepted);
  EXPECT_EQ(truth_.view().proven_at, (WallTimeMs{now().value - 1300}));
}

TEST_F(StatusTruthTest, EndsGreenAtOnceWhenTheWatchSaysSo) {
  EXPECT_EQ(green(), Acceptance::accepted);
  EXPECT_EQ(red(), Acceptance::accepted);
  EXPECT_EQ(overall(), State::major_outage);
}

TEST_F(StatusTruthTest, RefusesAReplayedLease) {
  const Bytes old = signed_lease(green_lease(++serial_, now()));
  EXPECT_EQ(truth_.accept(old), Acceptance::accepted);
  EXPECT_EQ(truth_.accept(old), Acceptance::stale);
  EXPECT_EQ(red(), Acceptance::accepted);
  EXPECT_EQ(truth_.accept(old), Acceptance::stale);
  EXPECT_EQ(overall(), State::major_outage);
}

TEST_F(StatusTruthTest, RefusesAnotherSignatureAndNonsense) {
  const Bytes payload = encode(green_lease(1, now()));
  EXPECT_EQ(truth_.accept(sign_envelope(test_key('x'), EnvelopeKind::lease, payload)),
            Acceptance::forged);
  EXPECT_EQ(truth_.accept(sign_envelope(test_key(), EnvelopeKind::lease, "nonsense")),
            Acceptance::malformed);
  EXPECT_EQ(truth_.accept(sign_envelope(test_key(), EnvelopeKind::document, "nonsense")),
            Acceptance::malformed);
  EXPECT_EQ(truth_.accept(""), Acceptance::malformed);
  EXPECT_EQ(overall(), State::unknown);
}

TEST_F(StatusTruthTest, IsNotGreenUnderALeaseFromTheFuture) {
  const WallTimeMs future{now().value + lease_skew_ms_max + 1};
  EXPECT_EQ(truth_.accept(signed_lease(green_lease(++serial_, future))), Acceptance::accepted);
  EXPECT_EQ(overall(), State::unknown);
}

TEST_F(StatusTruthTest, IsNotGreenWhenItsClockGoesBack) {
  EXPECT_EQ(green(), Acceptance::accepted);
  clock_.jump_wall_ms(-3'600'000);
  EXPECT_EQ(overall(), State::unknown);
}

TEST_F(StatusTruthTest, ASmallStepBackProlongsNothing) {
  EXPECT_EQ(green(), Acceptance::accepted);
  step_ms(1000);
  clock_.jump_wall_ms(-400);
  step_ms(1000);
  EXPECT_EQ(overall(), State::unknown);
}

TEST_F(StatusTruthTest, IsNotGreenUnderALeaseFromDisk) {
  EXPECT_EQ(green(), Acceptance::accepted);
  StatusTruth again(clock_, test_key().public_key);
  ASSERT_TRUE(again.restore(truth_.save()));
  EXPECT_EQ(again.view().overall, State::unknown);
  EXPECT_EQ(again.accept(signed_lease(green_lease(serial_, now()))), Acceptance::stale);
  EXPECT_EQ(again.accept(signed_lease(green_lease(++serial_, now()))), Acceptance::accepted);
  EXPECT_EQ(again.view().overall, State::operational);
}

TEST_F(StatusTruthTest, AShortRestartOfTheSiteLeavesNoIncident) {
  EXPECT_EQ(green(), Acceptance::accepted);
  const Bytes saved = truth_.save();
  step_ms(5000);
  StatusTruth again(clock_, test_key().public_key);
  ASSERT_TRUE(again.restore(saved));
  EXPECT_EQ(again.view().overall, State::unknown);
  step_ms(500);
  EXPECT_EQ(again.accept(signed_lease(green_lease(++serial_, now()))), Acceptance::accepted);
  EXPECT_TRUE(again.view().incidents.empty());
}

TEST_F(StatusTruthTest, ASilenceThatOutlastsTheRestartIsKept) {
  EXPECT_EQ(green(), Acceptance::accepted);
  const Bytes saved = truth_.save();
  step_ms(5000);
  StatusTruth again(clock_, test_key().public_key);
  ASSERT_TRUE(again.restore(saved));
  step_ms(restart_grace_ms);
  EXPECT_EQ(again.accept(signed_lease(green_lease(++serial_, now()))), Acceptance::accepted);
  ASSERT_EQ(again.view().incidents.size(), 1u);
  EXPECT_TRUE(again.view().incidents[0].ended);
}

TEST_F(StatusTruthTest, ALongSilenceBeforeTheRestartIsKept) {
  EXPECT_EQ(green(), Acceptance::accepted);
  const Bytes saved = truth_.save();
  step_ms(3'600'000);
  StatusTruth again(clock_, test_key().public_key);
  ASSERT_TRUE(again.restore(saved));
  step_ms(500);
  EXPECT_EQ(again.accept(signed_lease(green_lease(++serial_, now()))), Acceptance::accepted);
  EXPECT_EQ(again.view().incidents.size(), 1u);
}

TEST_F(StatusTruthTest, RemembersASilenceAsAnIncidentOfItsOwn) {
  EXPECT_EQ(green(), Acceptance::accepted);
  step_ms(12'000);
  EXPECT_EQ(green(), Acceptance::accepted);
  const StatusView view = truth_.view();
  EXPECT_EQ(view.overall, State::operational);
  ASSERT_EQ(view.incidents.size(), 1u);
  EXPECT_EQ(view.incidents[0].reason, Reason::monitoring_lost);
  EXPECT_EQ(view.incidents[0].ended->value - view.incidents[0].began.value, 10'000);
  step_ms(1000);
  EXPECT_EQ(green(), Acceptance::accepted);
  EXPECT_EQ(truth_.view().incidents.size(), 1u);
}

TEST_F(StatusTruthTest, KeepsABoundedNumberOfSilences) {
  for (std::size_t i = 0; i < unknown_periods_max + 50; ++i) {
    EXPECT_EQ(green(), Acceptance::accepted);
    step_ms(3000);
  }
  EXPECT_EQ(truth_.view().unknown->size(), unknown_periods_max);
}

TEST_F(StatusTruthTest, RestoresExactlyWhatItSavedAndRefusesDamage) {
  EXPECT_EQ(green(), Acceptance::accepted);
  EXPECT_EQ(truth_.accept(signed_document(document_with_outage(now()))), Acceptance::accepted);
  step_ms(60'000);
  EXPECT_EQ(green(), Acceptance::accepted);
  const Bytes saved = truth_.save();
  StatusTruth again(clock_, test_key().public_key);
  ASSERT_TRUE(again.restore(saved));
  EXPECT_EQ(again.save(), saved);
  EXPECT_EQ(again.document_sequence(), truth_.document_sequence());
  for (std::size_t i = 0; i < saved.size(); ++i) {
    Bytes changed = saved;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    StatusTruth damaged(clock_, test_key().public_key);
    EXPECT_FALSE(damaged.restore(changed)) << i;
    EXPECT_EQ(damaged.view().overall, State::unknown);
  }
  StatusTruth stranger(clock_, test_key('x').public_key);
  EXPECT_FALSE(stranger.restore(saved));
}

TEST_F(StatusTruthTest, KeepsTheBoardOverARestartAndReadsWhatWasSavedWithoutOne) {
  EXPECT_EQ(green(), Acceptance::accepted);
  Bytes saved = truth_.save();
  const Bytes board = sign_envelope(test_key(), EnvelopeKind::notices, encode(small_board(now())));
  EXPECT_EQ(truth_.accept(board), Acceptance::accepted);
  EXPECT_EQ(truth_.accept(board), Acceptance::stale);
  EXPECT_EQ(truth_.view().overall, State::operational);
  StatusTruth again(clock_, test_key().public_key);
  ASSERT_TRUE(again.restore(truth_.save()));
  EXPECT_EQ(*again.view().board, small_board(now()));

  // Version 1 had no third envelope; here it is empty, and the second is.
  const std::size_t lease_ends = 5 + 4 + signed_lease(green_lease(1, now())).size();
  saved = saved.substr(0, lease_ends + 4) + saved.substr(lease_ends + 8, 10);
  saved[4] = 1;
  Writer(saved).u32(crc32c(saved));
  StatusTruth older(clock_, test_key().public_key);
  ASSERT_TRUE(older.restore(saved));
  EXPECT_TRUE(older.view().board->notices.empty());
  EXPECT_EQ(older.lease_serial(), serial_);
}

TEST_F(StatusTruthTest, RefusesAnOlderDocument) {
  StatusDocument document = document_with_outage(now());
  const Bytes old = signed_document(document);
  add_event(document, {.at = now(), .kind = EventKind::leader_changed});
  EXPECT_EQ(truth_.accept(signed_document(document)), Acceptance::accepted);
  EXPECT_EQ(truth_.accept(old), Acceptance::stale);
}

// Whatever is done to it, green needs a green lease of the last two seconds.
TEST_F(StatusTruthTest, IsNeverFalselyGreenInARandomWalk) {
  Prng prng(20'261'121);
  MonoTimeNs last_green = clock_.mono_now() + -1'000'000 * ns_per_ms;
  std::vector<Bytes> seen;
  int greens = 0;
  for (int i = 0; i < 20'000; ++i) {
    switch (prng.below(8)) {
      case 0:
        seen.push_back(signed_lease(green_lease(++serial_, now())));
        if (truth_.accept(seen.back()) == Acceptance::accepted) last_green = clock_.mono_now();
        break;
      case 1:
        if (red() == Acceptance::accepted) last_green = clock_.mono_now() + -10'000 * ns_per_ms;
        break;
      case 2:
        clock_.jump_wall_ms(prng.between(-5000, 5000));
        break;
      case 3:
        if (seen.empty()) break;
        EXPECT_EQ(truth_.accept(seen[prng.below(seen.size())]), Acceptance::stale);
        break;
      default:
        step_ms(prng.between(0, 900));
        break;
    }
    if (overall() != State::operational) continue;
    ++greens;
    ASSERT_LT(clock_.mono_now() - last_green, lease_duration_ms_max * ns_per_ms) << i;
  }
  EXPECT_GT(greens, 500);
}

}  // namespace
}  // namespace oki::notify
