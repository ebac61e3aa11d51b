// What a remembered reference says it was of: it is in the snapshot, and in no reply.
#include <gtest/gtest.h>

#include "core/core.h"
#include "core/fast/state.h"
#include "core/fast/step.h"

namespace oki::core::fast {
namespace {

void must(State& state, const Command& command) {
  Bytes reply;
  Bytes events;
  apply(state, WallTimeMs{1}, encode(command), reply, events);
  const auto decoded = decode_reply(reply);
  ASSERT_TRUE(decoded.has_value() && decoded->refusal == Refusal::ok);
}

TEST(FastReferences, EachSaysWhatItWasOf) {
  CoreLimits limits;
  limits.assets_max = limits.markets_max = limits.accounts_max = limits.api_keys_max = 4;
  limits.open_orders_max = limits.deposit_references_max = 8;
  State state(limits);
  must(state, AddAsset{{"jpy", 4}});
  must(state, AddAccount{AccountId{1}, 0, 0});
  must(state, Deposit{AccountId{1}, AssetId{0}, Amount{5}, "a"});
  must(state, AdjustHoldings{AssetId{0}, false, Amount{7}, "b"});
  must(state, ProposeCredit{OperatorId{2}, AccountId{1}, AssetId{0}, Amount{3}, "c"});
  EXPECT_EQ(state.references[1].kind, ReferenceKind::deposit);
  EXPECT_EQ(state.references[2].kind, ReferenceKind::holdings);
  EXPECT_EQ(state.references[3].kind, ReferenceKind::credit);
}

}  // namespace
}  // namespace oki::core::fast
