// A step that breaks in its middle leaves everything as it was: rules 1.6. What breaks it is a
// pocket that is full, which makes the one movement that fills it impossible, or a fault at its
// end.
#include <gtest/gtest.h>

#include <functional>

#include "core/core.h"
#include "core/fast/handlers.h"
#include "core/fast/margin.h"
#include "core/fast/step.h"
#include "core/fast/testing/money_world.h"
#include "core/fast/timers.h"

namespace oki::core::fast {
namespace {

using Command = core::Command;
constexpr AssetId jpy = MoneyWorld::jpy;
constexpr AssetId btc = MoneyWorld::btc;
constexpr OperatorId ann{1};
constexpr OperatorId ben{2};
constexpr PositionSide long_side = PositionSide::long_side;
constexpr PositionSide short_side = PositionSide::short_side;
constexpr std::uint64_t full = ~std::uint64_t{0};

// All tables, byte for byte; frozen withdrawals apart, which a broken step leaves behind.
class Picture {
 public:
  // `like`: shows no more rows than that one.
  explicit Picture(const State& state, const Picture* like = nullptr) : like_(like) {
    tables(state.accounts, state.keys, state.assets, state.seats, state.orders, state.extras);
    tables(state.positions, state.flows, state.rules, state.references, state.withdrawals);
    tables(state.credits, state.node_releases, state.counters_table, state.house_table);
    for (Pocket pocket = 4; pocket < (state.purses.purses() + 1) * 4; ++pocket) {
      const Funds funds = state.purses.funds(pocket);
      if (funds == Funds{}) continue;
      bytes(pocket);
      bytes(funds);
    }
    for (std::size_t market = 0; market < state.books.size(); ++market) {
      const Book& book = state.books[market];
      for (const Side side : {Side::buy, Side::sell}) {
        bytes(book.best(side).value_or(Price{}));
        bytes(book.lots(side));
      }
    }
    bytes(state.order_ids.size());
    for (const auto* ids :
         {&state.withdrawal_ids, &state.credit_ids, &state.reference_texts, &state.seat_ids}) {
      bytes(ids->size());
    }
    bytes(state.indexes.entries());
  }
  friend bool operator==(const Picture& a, const Picture& b) { return a.bytes_ == b.bytes_; }

 private:
  template <typename... T>
  void tables(const T&... all) {
    (table(all), ...);
  }
  template <typename T>
  void table(const Table<T>& rows) {
    const std::size_t number = lasts_.size();
    lasts_.push_back(like_ == nullptr ? rows.last() : like_->lasts_[number]);
    bytes(rows.rows());
    for (Row row = 1; row <= lasts_.back(); ++row) {
      T data = rows[row];
      data.mark = 0;
      if constexpr (std::is_same_v<T, Asset>) data.frozen = false;
      bytes(data);
    }
  }
  template <typename T>
  void bytes(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  const Picture* like_;
  std::vector<Row> lasts_;
  std::string bytes_;
};

class MoneyUndo : public testing::Test {
 protected:
  MoneyUndo() : state_(MoneyWorld::limits()) {
    do_it(AddAsset{{"jpy", 4}});
    do_it(AddAsset{{"btc", 4}});
    do_it(AddMarket{MoneyWorld::spec()});
    for (const std::uint64_t id : {1u, 2u, 8u}) {
      do_it(AddAccount{AccountId{id}, 0, 0});
      if (id != 8) do_it(AllowMargin{AccountId{id}, true});
    }
    deposit(1, jpy, 600);
    deposit(8, jpy, 1'000'000);
    deposit(8, btc, 1'000'000);
    deposit(lender_account.value, jpy, 1'000'000);
    deposit(lender_account.value, btc, 1'000);
    do_it(SetCollateral{jpy, 1'000'000});
    do_it(AdjustHoldings{jpy, false, Amount{1'000}, "own"});
  }

  // True when the step was kept; then `refusal_` is its answer.
  bool step(const Command& command, bool plant = false) {
    begin();
    const bool kept = run_step(
        state_, {StepKind::command, 0},
        [&] {
          refusal_ = run(command);
          INVARIANT(!plant, "planted");
        },
        [] {});
    end_step(state_);
    return kept;
  }
  void do_it(const Command& command) {
    ASSERT_TRUE(step(command));
    ASSERT_EQ(refusal_, Refusal::ok) << name(refusal_);
  }
  void deposit(std::uint64_t account, AssetId asset, std::uint64_t amount) {
    do_it(Deposit{AccountId{account}, asset, Amount{amount}, "d" + std::to_string(++deposits_)});
  }
  // The maker offers; then this would take it.
  Command taking(Side side, std::uint64_t price, std::uint64_t lots, PositionSide position) {
    const Side offered = side == Side::buy ? Side::sell : Side::buy;
    do_it(MoneyWorld::order(8, offered, price, lots));
    return MoneyWorld::order(1, side, 0, lots, position);
  }
  Pocket pocket(Row account, AssetId asset) {
    const Pocket found = state_.pocket(account, asset);
    state_.commit();
    return found;
  }
  Row row(std::uint64_t account) { return state_.deposit_account(AccountId{account}); }

  // Fills one sum of one pocket up, and empties it again.
  enum class Sum { free, held, withdrawing };
  std::function<void()> fill(Pocket where, Sum sum) {
    const Funds funds = state_.purses.funds(where);
    const std::uint64_t now = sum == Sum::free   ? funds.free
                              : sum == Sum::held ? funds.held
                                                 : funds.withdrawing;
    const auto move = [this, where, sum, room = full - now](bool in) {
      Purses& purses = state_.purses;
      if (sum == Sum::free) in ? purses.add_free(where, room) : purses.take_free(where, room);
      if (sum == Sum::held) in ? purses.add_held(where, room) : purses.take_held(where, room);
      if (sum == Sum::withdrawing) {
        in ? purses.add_withdrawing(where, room) : purses.take_withdrawing(where, room);
      }
      purses.commit();
    };
    move(true);
    return [move] { move(false); };
  }

  // With the pocket full the command is quarantined and nothing has moved; afterwards it works, and
  // before that a fault at its very end is undone as well.
  void breaks(const Command& command, const std::function<void()>& mend = {}) {
    if (mend) {
      undone(command, false);
      mend();
    }
    undone(command, true);
    do_it(command);
  }

  void unfreeze() {
    for (Row asset = 1; asset <= state_.assets_count(); ++asset) {
      state_.assets.change(asset).frozen = false;
    }
    state_.commit();
  }
  void begin() {
    ++state_.number;
    state_.out.clear();
    state_.answer.clear();
  }

  State state_;
  Refusal refusal_ = Refusal::ok;

 private:
  void undone(const Command& command, bool plant) {
    const Picture before(state_);
    EXPECT_FALSE(step(command, plant));
    ByteView told = state_.out.view();
    const std::optional<Event> first = take_event(told);
    ASSERT_TRUE(first.has_value());
    EXPECT_TRUE(std::holds_alternative<Quarantined>(*first)) << "nothing else was told";
    EXPECT_TRUE(Picture(state_, &before) == before);
    EXPECT_TRUE(state_.assets[1].frozen);
    unfreeze();
  }

  Refusal run(const Command& command) {
    if (const auto* place = std::get_if<PlaceOrder>(&command)) {
      PlaceView view;
      const Bytes encoded = encode(*place);
      ByteView fields = ByteView(encoded).substr(1);
      return take_place(fields, view) ? handle(state_, view) : Refusal::malformed;
    }
    return std::visit(
        [&](const auto& x) {
          if constexpr (requires { handle(state_, x); }) {
            return handle(state_, x);
          } else {
            return Refusal::malformed;
          }
        },
        command);
  }

  int deposits_ = 0;
};

TEST_F(MoneyUndo, APictureShowsOneUnit) {
  const Picture before(state_);
  EXPECT_TRUE(Picture(state_, &before) == before);
  deposit(1, jpy, 1);
  EXPECT_FALSE(Picture(state_, &before) == before);
}

TEST_F(MoneyUndo, OpeningALong) {
  const Command command = taking(Side::buy, 100, 10, long_side);
  breaks(command, fill(pocket(lender_row, btc), Sum::held));
  EXPECT_EQ(state_.positions.rows(), 1u);
}

TEST_F(MoneyUndo, OpeningAShort) {
  const Command command = taking(Side::sell, 100, 10, short_side);
  breaks(command, fill(pocket(lender_row, jpy), Sum::held));
  EXPECT_EQ(state_.positions.rows(), 1u);
}

TEST_F(MoneyUndo, ClosingALongWithProfit) {
  do_it(taking(Side::buy, 100, 10, long_side));
  const Command part = taking(Side::sell, 200, 4, long_side);
  breaks(part, fill(pocket(lender_row, jpy), Sum::free));
  const Command rest = taking(Side::sell, 200, 6, long_side);
  breaks(rest, fill(pocket(row(1), jpy), Sum::free));
  EXPECT_EQ(state_.positions.rows(), 0u);
  EXPECT_EQ(state_.house().margin_watch, 0u);
}

TEST_F(MoneyUndo, ClosingAShort) {
  do_it(taking(Side::sell, 100, 10, short_side));
  const Command command = taking(Side::buy, 90, 10, short_side);
  breaks(command, fill(pocket(lender_row, btc), Sum::free));
  EXPECT_EQ(state_.positions.rows(), 0u);
}

TEST_F(MoneyUndo, ALossThatBecomesDebt) {
  do_it(taking(Side::buy, 1'000, 1, long_side));
  const Command command = taking(Side::sell, 100, 1, long_side);
  const auto set_debt = [this](std::uint64_t debt) {
    state_.accounts.change(row(1)).debt = Amount{debt};
    state_.commit();
  };
  set_debt(full);
  breaks(command, [&] { set_debt(0); });
  EXPECT_EQ(state_.accounts[row(1)].debt, Amount{302});  // 900 and two fees of 1, less 600.
  const Deposit deposit{AccountId{1}, jpy, Amount{300}, "pays"};
  breaks(deposit, fill(pocket(lender_row, jpy), Sum::free));
  EXPECT_EQ(state_.accounts[row(1)].debt, Amount{2});
}

TEST_F(MoneyUndo, DepositsAndCredits) {
  breaks(Deposit{AccountId{1}, jpy, Amount{5}, "x"}, fill(pocket(row(1), jpy), Sum::free));
  breaks(ProposeCredit{ann, AccountId{1}, jpy, Amount{7}, "c"});
  breaks(ApproveCredit{ben, CreditId{1}}, fill(pocket(row(1), jpy), Sum::free));
  EXPECT_EQ(state_.purses.free(pocket(row(1), jpy)), 612u);
}

TEST_F(MoneyUndo, ACreditThatLapses) {
  do_it(ProposeCredit{ann, AccountId{1}, jpy, Amount{7}, "c"});
  const Picture before(state_);
  state_.time.value += state_.limits().approval_ms_max;
  const auto timer = earliest_timer(state_, false);
  ASSERT_TRUE(timer.has_value());
  begin();
  EXPECT_FALSE(run_step(
      state_, {StepKind::timer, timer->subject},
      [&] {
        fire(state_, *timer);
        broken("planted");
      },
      [] {}));
  end_step(state_);
  EXPECT_TRUE(Picture(state_, &before) == before);
}

TEST_F(MoneyUndo, EachStepOfAWithdrawal) {
  const RequestWithdrawal request{AccountId{1}, {}, jpy, Amount{100}, Amount{10}, "bank"};
  breaks(request, fill(pocket(row(1), jpy), Sum::withdrawing));
  breaks(ApproveWithdrawal{ann, WithdrawalId{1}});
  breaks(SettleWithdrawal{WithdrawalId{1}}, fill(pocket(fee_row, jpy), Sum::free));
  do_it(request);
  breaks(RejectWithdrawal{ann, WithdrawalId{2}}, fill(pocket(row(1), jpy), Sum::free));
  EXPECT_EQ(state_.purses.free(pocket(row(1), jpy)), 490u);
}

TEST_F(MoneyUndo, WhatOperatorsSay) {
  breaks(AdjustHoldings{jpy, true, Amount{5}, "less"});
  breaks(FreezeWithdrawals{ann, true, {}, true});
  unfreeze();
  do_it(FreezeWithdrawals{ann, false, btc, true});
  breaks(RestrictAccount{ann, AccountId{1}, true, true});
  breaks(SetCollateral{btc, 5});
  breaks(AllowMargin{AccountId{8}, true});
  breaks(ReportRelease{1, 2});
  breaks(ActivateRelease{2, {1}});
}

TEST_F(MoneyUndo, ASweepThatBreaksGoesOnBehindTheAccount) {
  deposit(2, jpy, 1'000);
  do_it(taking(Side::buy, 100, 1, long_side));
  do_it(MoneyWorld::order(8, Side::sell, 100, 1));
  do_it(MoneyWorld::order(2, Side::buy, 0, 1, long_side));
  state_.accounts.change(row(1)).debt = Amount{5};
  state_.commit();
  const auto mend = fill(pocket(lender_row, jpy), Sum::free);
  state_.time.value += 86'400'000;

  const auto timer = earliest_timer(state_, false);
  ASSERT_TRUE(timer.has_value());
  ASSERT_EQ(timer->kind, TimerKind::margin_sweep);
  begin();
  EXPECT_FALSE(run_step(
      state_, {StepKind::timer, 0}, [&] { fire(state_, *timer); }, [&] { skip(state_, *timer); }));
  end_step(state_);
  EXPECT_EQ(state_.accounts[row(1)].debt, Amount{5});
  EXPECT_EQ(state_.house().sweep_cursor, AccountId{1});
  EXPECT_EQ(state_.house().sweep_due, WallTimeMs{state_.time.value + 10});
  for (const auto& position : {state_.positions[1], state_.positions[2]}) {
    EXPECT_EQ(position.interest, Amount{0});
  }

  state_.time.value += 10;
  const auto next = earliest_timer(state_, false);
  ASSERT_TRUE(next.has_value());
  begin();
  EXPECT_TRUE(run_step(state_, {StepKind::timer, 0}, [&] { fire(state_, *next); }, [] {}));
  end_step(state_);
  EXPECT_EQ(state_.positions[1].interest, Amount{0});
  EXPECT_EQ(state_.positions[2].interest, Amount{1}) << "the account behind was swept";
  EXPECT_EQ(state_.house().sweep_cursor, AccountId{0});
  mend();
}

}  // namespace
}  // namespace oki::core::fast
