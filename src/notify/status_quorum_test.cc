// Three watches, one page: what one alone can do, and what it cannot.
#include "notify/status_quorum.h"

#include <gtest/gtest.h>

#include <array>

#include "base/prng.h"
#include "notify/testing/notices.h"
#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

constexpr std::size_t seats = 3;

char letter(std::size_t seat) { return static_cast<char>('k' + seat); }

class StatusQuorumTest : public ::testing::Test {
 protected:
  void step_ms(std::int64_t ms) { clock_.advance_ns(ms * ns_per_ms); }
  WallTimeMs now() const { return clock_.wall_now(); }
  void send(std::size_t seat, const Lease& lease) {
    const Bytes envelope =
        sign_envelope(test_key(letter(seat)), EnvelopeKind::lease, encode(lease));
    const StatusQuorum::Taken taken = quorum_.accept(envelope);
    ASSERT_EQ(taken.acceptance, Acceptance::accepted);
    ASSERT_EQ(taken.seat, seat);
  }
  void green(std::size_t seat) { send(seat, green_lease(++serial_, now())); }
  void red(std::size_t seat) { send(seat, red_lease(++serial_, now())); }
  void wrong(std::size_t seat) {
    Lease lease = green_lease(++serial_, now());
    lease.overall = State::major_outage;
    lease.reason = Reason::ledger_mismatch;
    lease.rows.back().state = State::major_outage;
    send(seat, lease);
  }
  void all_green() {
    for (std::size_t seat = 0; seat < seats; ++seat) green(seat);
  }
  void tell(std::size_t seat, const StatusDocument& document) {
    EXPECT_EQ(
        quorum_
            .accept(sign_envelope(test_key(letter(seat)), EnvelopeKind::document, encode(document)))
            .acceptance,
        Acceptance::accepted);
  }
  State overall() { return quorum_.view().overall; }
  State state_of(const ComponentId& id) {
    for (const LeaseRow& row : quorum_.view().rows) {
      if (row.id == id) return row.state;
    }
    return State::unknown;
  }

  testing::StepClock clock_;
  StatusQuorum quorum_{clock_,
                       {test_key(letter(0)).public_key, test_key(letter(1)).public_key,
                        test_key(letter(2)).public_key}};
  std::uint64_t serial_ = 0;
};

TEST_F(StatusQuorumTest, OneGreenWatchOfThreeMakesNothingGreen) {
  EXPECT_EQ(overall(), State::unknown);
  green(1);
  EXPECT_EQ(overall(), State::unknown);
  green(2);
  EXPECT_EQ(overall(), State::operational);
  EXPECT_EQ(quorum_.live(), 2u);
}

TEST_F(StatusQuorumTest, OneDeadWatchChangesNothing) {
  all_green();
  step_ms(1500);
  green(0);
  green(1);
  step_ms(1000);
  EXPECT_EQ(overall(), State::operational);
  EXPECT_TRUE(quorum_.view().incidents.empty());
  EXPECT_EQ(state_of({ComponentKind::market, "btc_jpy"}), State::operational);
}

TEST_F(StatusQuorumTest, OneWatchThatIsCutOffChangesNothing) {
  all_green();
  red(0);
  EXPECT_EQ(overall(), State::operational);
  EXPECT_EQ(quorum_.view().reason, Reason::none);
  EXPECT_EQ(state_of({ComponentKind::market, "btc_jpy"}), State::operational);
}

TEST_F(StatusQuorumTest, TwoDeadWatchesEndGreenWithTheSecondLease) {
  all_green();
  step_ms(1000);
  green(0);
  step_ms(999);
  EXPECT_EQ(overall(), State::operational);
  step_ms(1);
  const StatusView view = quorum_.view();
  EXPECT_EQ(view.overall, State::unknown);
  EXPECT_EQ(view.reason, Reason::monitoring_lost);
  EXPECT_EQ(view.since, now());
  ASSERT_EQ(view.incidents.size(), 1u);
  EXPECT_EQ(view.incidents[0].reason, Reason::monitoring_lost);
}

TEST_F(StatusQuorumTest, TwoThatAgreeOnAnOutageAreBelieved) {
  all_green();
  red(1);
  step_ms(300);
  red(2);
  const StatusView view = quorum_.view();
  EXPECT_EQ(view.overall, State::major_outage);
  EXPECT_EQ(view.reason, Reason::test_trades_failing);
  EXPECT_EQ(view.since, now());
}

TEST_F(StatusQuorumTest, OneProofOfAWrongLedgerIsEnough) {
  all_green();
  wrong(2);
  EXPECT_EQ(overall(), State::major_outage);
  EXPECT_EQ(quorum_.view().reason, Reason::ledger_mismatch);
  EXPECT_EQ(state_of({ComponentKind::ledger, "house"}), State::major_outage);
  EXPECT_EQ(state_of({ComponentKind::market, "btc_jpy"}), State::operational);
  step_ms(1000);
  green(0);
  green(1);
  step_ms(1000);
  EXPECT_EQ(overall(), State::operational) << "the proof has expired with its watch";
}

TEST_F(StatusQuorumTest, AComponentIsAsBadAsTheMiddleOneSays) {
  all_green();
  Lease lease = green_lease(++serial_, now());
  lease.rows[0].state = State::partial_outage;
  send(0, lease);
  EXPECT_EQ(state_of(lease.rows[0].id), State::operational);
  lease.serial = ++serial_;
  lease.rows[0].state = State::degraded_performance;
  send(1, lease);
  EXPECT_EQ(state_of(lease.rows[0].id), State::degraded_performance);
}

TEST_F(StatusQuorumTest, RefusesAStrangersSignatureAndAReplay) {
  const Bytes forged =
      sign_envelope(test_key('x'), EnvelopeKind::lease, encode(green_lease(1, now())));
  EXPECT_EQ(quorum_.accept(forged).acceptance, Acceptance::forged);
  EXPECT_FALSE(quorum_.accept(forged).seat);
  const Bytes own = signed_lease(green_lease(5, now()));
  EXPECT_EQ(quorum_.accept(own).acceptance, Acceptance::accepted);
  EXPECT_EQ(quorum_.accept(own).acceptance, Acceptance::stale);
  EXPECT_EQ(overall(), State::unknown) << "one watch that says it twice is one watch";
}

TEST_F(StatusQuorumTest, AnOutageThatOneWatchAloneSawIsNoIncident) {
  all_green();
  tell(0, document_with_outage(now()));
  EXPECT_TRUE(quorum_.view().incidents.empty());
  tell(2, document_with_outage({now().value + 700}));
  EXPECT_EQ(quorum_.view().incidents.size(), 1u);
}

TEST_F(StatusQuorumTest, AnOutageThatTheShownWatchMissedIsListedWithItsComponents) {
  all_green();
  StatusDocument other;
  component_position(other, {ComponentKind::market, "eth_jpy"}, now());
  add_event(other, {.at = now(), .kind = EventKind::leader_changed});
  tell(0, other);
  tell(1, document_with_outage(now()));
  tell(2, document_with_outage({now().value + 700}));
  step_ms(1000);
  all_green();
  const StatusView view = quorum_.view();
  EXPECT_EQ(view.document->components.size(), 1u);
  ASSERT_EQ(view.incidents.size(), 1u);
  EXPECT_EQ(view.incidents[0].affected, 1u) << "eth_jpy, the only one known there";
}

TEST_F(StatusQuorumTest, ShowsTheTimelineOfAWatchThatAgrees) {
  all_green();
  StatusDocument mine;
  add_event(mine, {.at = now(), .kind = EventKind::leader_changed});
  StatusDocument others;
  add_event(others, {.at = now(), .kind = EventKind::leader_changed, .new_seat = 2});
  tell(0, mine);
  tell(1, others);
  EXPECT_EQ(*quorum_.view().document, mine);
  red(0);
  EXPECT_EQ(*quorum_.view().document, others);
  step_ms(10'000);
  EXPECT_EQ(*quorum_.view().document, mine) << "nobody is live: the newest";
}

TEST_F(StatusQuorumTest, TheNewestBoardCountsWhoeverBroughtIt) {
  NoticeBoard board;
  board.sequence = 4;
  board.notices = {first_notice(now())};
  const auto bring = [&](std::size_t seat) {
    return quorum_
        .accept(sign_envelope(test_key(letter(seat)), EnvelopeKind::notices, encode(board)))
        .acceptance;
  };
  EXPECT_EQ(bring(2), Acceptance::accepted);
  EXPECT_EQ(quorum_.view().board->notices.size(), 1u);
  board.sequence = 3;
  board.notices.clear();
  EXPECT_EQ(bring(0), Acceptance::accepted);
  EXPECT_EQ(quorum_.view().board->notices.size(), 1u);
  EXPECT_EQ(overall(), State::unknown);
}

// The rules again, in the plainest way: for each seat what it said last, and until when it counts.
struct PlainSeat {
  State state = State::unknown;
  bool wrong_ledger = false;
  std::int64_t ends_ms = 0;
};

State plain_overall(const std::array<PlainSeat, seats>& all, std::int64_t now_ms) {
  int better_than[] = {0, 0, 0, 0, 0};
  bool wrong_ledger = false;
  for (const PlainSeat& seat : all) {
    const bool live = now_ms < seat.ends_ms;
    const State state = live ? seat.state : State::unknown;
    for (int s = static_cast<int>(state); s <= 4; ++s) ++better_than[s];
    wrong_ledger = wrong_ledger || (live && seat.wrong_ledger);
  }
  for (int s = 0; s <= 4; ++s) {
    if (better_than[s] < 2) continue;
    return wrong_ledger ? worse(static_cast<State>(s), State::major_outage) : static_cast<State>(s);
  }
  return State::unknown;
}

TEST_F(StatusQuorumTest, IsGreenExactlyUnderAMajorityOfGreenLeasesInARandomWalk) {
  Prng prng(20'261'122);
  std::array<PlainSeat, seats> plain;
  std::array<int, 5> reached{};
  for (int i = 0; i < 6'000; ++i) {
    const std::size_t seat = prng.below(seats);
    const std::int64_t lasts_ms = prng.between(0, lease_duration_ms_max);
    Lease lease = green_lease(++serial_, now());
    lease.expires_at = {now().value + lasts_ms};
    const auto say = [&](State state, Reason reason) {
      lease.overall = state;
      lease.reason = reason;
      send(seat, lease);
      plain[seat] = {state, reason == Reason::ledger_mismatch, now().value + lasts_ms};
    };
    switch (prng.below(10)) {
      case 0:
        say(State::major_outage, Reason::test_trades_failing);
        break;
      case 1:
        say(State::partial_outage, Reason::no_proof);
        break;
      case 2:
        if (prng.chance(1, 4)) say(State::major_outage, Reason::ledger_mismatch);
        break;
      case 3:
      case 4:
      case 5:
      case 6:
        say(State::operational, Reason::none);
        break;
      default:
        step_ms(prng.between(0, 700));
        break;
    }
    const StatusView view = quorum_.view();
    ASSERT_EQ(view.overall, plain_overall(plain, now().value)) << i;
    ++reached[static_cast<std::size_t>(view.overall)];
    const auto greens = std::count_if(plain.begin(), plain.end(), [&](const PlainSeat& each) {
      return each.state == State::operational && now().value < each.ends_ms;
    });
    ASSERT_TRUE(view.overall != State::operational || greens >= 2) << i;
    EXPECT_EQ(view.overall == State::operational, view.reason == Reason::none);
    EXPECT_LE(view.since.value_or(now()), now());
  }
  for (const State state :
       {State::operational, State::partial_outage, State::major_outage, State::unknown}) {
    EXPECT_GT(reached[static_cast<std::size_t>(state)], 100) << name(state);
  }
}

TEST(StatusQuorumOfOneTest, IsWhatItsOnlyWatchSays) {
  testing::StepClock clock;
  StatusQuorum quorum(clock, {test_key().public_key});
  StatusTruth truth(clock, test_key().public_key);
  for (const Bytes& envelope : {signed_lease(green_lease(1, clock.wall_now())),
                                signed_document(document_with_outage(clock.wall_now()))}) {
    EXPECT_EQ(quorum.accept(envelope).acceptance, truth.accept(envelope));
  }
  for (int i = 0; i < 5; ++i) {
    const StatusView a = quorum.view();
    const StatusView b = truth.view();
    EXPECT_EQ(a.overall, b.overall);
    EXPECT_EQ(a.since, b.since);
    EXPECT_EQ(a.proven_at, b.proven_at);
    EXPECT_EQ(a.rows, b.rows);
    EXPECT_EQ(a.incidents.size(), b.incidents.size());
    clock.advance_ns(900 * ns_per_ms);
  }
}

}  // namespace
}  // namespace oki::notify
