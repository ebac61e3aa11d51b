// Operations files: what is refused, that mixes are what they say, and that every engine does what
// the reference does with each of them.
#include <gtest/gtest.h>

#include <cstring>

#include "bench/book_bench.h"
#include "bench/ops_file.h"
#include "bench/ops_generate.h"
#include "bench/ops_reference.h"

namespace oki::bench {
namespace {

Op new_order(std::uint64_t id, OpSide side, std::int32_t price, std::uint32_t lots) {
  Op op{};
  op.id = id;
  op.side = side;
  op.price = price;
  op.lots = lots;
  return op;
}

Op later(std::uint64_t id, OpType type, std::int32_t price = 0, std::uint32_t lots = 0) {
  Op op = new_order(id, OpSide::buy, price, lots);
  op.type = type;
  return op;
}

Ops small_ops() {
  Ops ops;
  ops.variant = "small";
  ops.prefill = 1;
  ops.max_id = 3;
  ops.symbols = 2;
  ops.accounts = 1;
  ops.min_price = 10;
  ops.max_price = 20;
  ops.records = {new_order(1, OpSide::sell, 15, 4), new_order(2, OpSide::sell, 15, 4),
                 new_order(3, OpSide::buy, 16, 5), later(2, OpType::move, 20),
                 later(1, OpType::cancel)};
  ops.expected = reference_outcome(ops);
  return ops;
}

TEST(OpsFile, ReadsBackWhatWasWritten) {
  const Ops ops = small_ops();
  const Bytes bytes = encode_ops(ops);
  EXPECT_EQ(bytes.size(), 128 + 5 * 32u);
  const Result<Ops> read = decode_ops(bytes);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->variant, "small");
  EXPECT_EQ(read->prefill, 1u);
  EXPECT_EQ(read->max_id, 3u);
  EXPECT_EQ(read->max_price, 20);
  EXPECT_EQ(read->expected, ops.expected);
  EXPECT_EQ(read->records, ops.records);
  EXPECT_EQ(encode_ops(*read), bytes);
}

TEST(OpsFile, RefusesEveryTruncationAndAnythingAfterTheEnd) {
  const Bytes bytes = encode_ops(small_ops());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_ops(ByteView(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_ops(bytes + '\0'));
}

template <typename Change>
std::string fault_after(Change&& change) {
  Ops ops = small_ops();
  change(ops);
  const Result<Ops> read = decode_ops(encode_ops(ops));
  return read ? "" : read.error().message;
}

TEST(OpsFile, SaysWhatIsWrong) {
  const struct {
    std::string got;
    const char* expected;
  } rows[] = {
      {fault_after([](Ops& ops) { ops.symbols = 0; }), "0 symbols"},
      {fault_after([](Ops& ops) { ops.symbols = symbols_max + 1; }), "4097 symbols"},
      {fault_after([](Ops& ops) { ops.min_price = 0; }), "price range is empty"},
      {fault_after([](Ops& ops) { ops.max_price = 9; }), "price range is empty"},
      {fault_after([](Ops& ops) { ops.max_id = 6; }), "more ids than records"},
      {fault_after([](Ops& ops) { ops.records[1].id = 0; }), "record 1 has an id outside"},
      {fault_after([](Ops& ops) { ops.records[4].id = 4; }), "record 4 has an id outside"},
      {fault_after([](Ops& ops) { ops.records[1].id = 1; }), "record 1 has an id that was used"},
      {fault_after([](Ops& ops) { ops.records[3].type = OpType{4}; }), "an unknown type"},
      {fault_after([](Ops& ops) { ops.records[3].side = OpSide{2}; }), "an unknown side"},
      {fault_after([](Ops& ops) { ops.records[2].symbol = 2; }), "a symbol outside"},
      {fault_after([](Ops& ops) { ops.records[2].account = 1; }), "an account outside"},
      {fault_after([](Ops& ops) { ops.records[2].lots = 0; }), "a new order of no lots"},
      {fault_after([](Ops& ops) { ops.records[2].price = 9; }), "a price outside"},
      {fault_after([](Ops& ops) { ops.records[3].price = 21; }), "a price outside"},
      {fault_after([](Ops& ops) { ops.records[4].symbol = 1; }), "another symbol than its order's"},
  };
  for (const auto& row : rows) EXPECT_NE(row.got.find(row.expected), std::string::npos) << row.got;
}

TEST(OpsFile, RefusesAnotherMagicAndOtherSizes) {
  for (const std::size_t offset : {0u, 7u, 8u, 12u}) {
    Bytes bytes = encode_ops(small_ops());
    ++bytes[offset];
    EXPECT_FALSE(decode_ops(bytes)) << offset;
  }
  Bytes bytes = encode_ops(small_ops());
  std::memset(bytes.data() + 16, 0xff, 16);
  EXPECT_FALSE(decode_ops(bytes)) << "counts whose sum wraps around";
}

TEST(Reference, TradesByHand) {
  Ops ops = small_ops();
  EXPECT_EQ(ops.expected.trades, 2u);
  EXPECT_EQ(ops.expected.lots, 5u);
  EXPECT_EQ(ops.expected.hash, mix(1, 3, 15, 4) + mix(2, 3, 15, 1));
  EXPECT_EQ(ops.expected.bbo, mix(0, 0, 20, 0) + mix(1, 0, 0, 0));
  EXPECT_EQ(ops.expected.live, 1u);
}

Result<Ops> generated(const std::string& name, std::uint64_t seed = 1) {
  GenerateOptions options;
  options.mix = name;
  options.ops = 10'000;
  options.live = 600;
  options.seed = seed;
  return generate_ops(options);
}

TEST(Generate, EveryEngineDoesWhatTheReferenceDoesWithEveryMix) {
  for (const MixName& mix : mix_names()) {
    const Result<Ops> ops = generated(mix.name);
    ASSERT_TRUE(ops) << ops.error().message;
    EXPECT_EQ(ops->timed(), 10'000u);
    EXPECT_GT(ops->expected.trades, 100u) << mix.name;
    EXPECT_LT(ops->expected.live, 900u) << mix.name;
    // In so few operations a price that travels sweeps the book away.
    const std::string name = mix.name;
    const bool travels = name.find("crash") != name.npos || name.find("swing") != name.npos;
    EXPECT_GT(ops->expected.live, travels ? 0u : 400u) << name;
    ASSERT_TRUE(decode_ops(encode_ops(*ops))) << mix.name;
    BookBenchOptions options;
    options.engines = {BookEngine::fast, BookEngine::core, BookEngine::plain};
    options.repeat = 1;
    const auto rows = run_book_bench(*ops, options);
    ASSERT_TRUE(rows) << mix.name << ": " << rows.error().message;
    for (const BookBenchRow& row : *rows) {
      EXPECT_TRUE(row.verified);
      EXPECT_GT(row.ps_per_op_chunk_min, 0u);
      EXPECT_LE(row.ps_per_op_chunk_min, row.ps_per_op);
      EXPECT_LE(row.p50_ps, row.p99_ps);
      EXPECT_LE(row.p99_99_ps, row.max_ps);
    }
  }
}

TEST(Generate, TheSameSeedMakesTheSameFileAndAnotherAnother) {
  EXPECT_EQ(encode_ops(*generated("flash-crash", 7)), encode_ops(*generated("flash-crash", 7)));
  EXPECT_NE(encode_ops(*generated("flash-crash", 7)), encode_ops(*generated("flash-crash", 8)));
}

TEST(Generate, KeepsTheSharesThatTheMixesName) {
  const auto share = [](const Ops& ops, OpType type) {
    std::uint64_t count = 0;
    for (std::size_t i = ops.prefill; i < ops.records.size(); ++i) {
      count += ops.records[i].type == type ? 1 : 0;
    }
    return count * 100 / ops.timed();
  };
  const Result<Ops> move82 = generated("move82");
  EXPECT_NEAR(static_cast<double>(share(*move82, OpType::move)), 82, 2);
  const Result<Ops> flash = generated("flash-normal");
  EXPECT_NEAR(static_cast<double>(share(*flash, OpType::add_ioc)), 7.5, 2);
  EXPECT_NEAR(static_cast<double>(share(*flash, OpType::cancel)), 41, 6);
  EXPECT_NEAR(static_cast<double>(share(*flash, OpType::move)), 9, 2);
  const Result<Ops> sweep = generated("sweep1");
  std::uint64_t takers = 0;
  for (const Op& op : sweep->records) takers += op.lots > 100 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(sweep->expected.trades) / static_cast<double>(takers), 8, 2);
}

TEST(Generate, RefusesAnUnknownMixAndNamesTheKnownOnes) {
  const Result<Ops> ops = generated("mix2");
  ASSERT_FALSE(ops);
  EXPECT_NE(ops.error().message.find("no mix 'mix2'; there are mix1, real90"), std::string::npos);
  GenerateOptions options;
  options.mix = "mix1";
  options.ops = 0;
  EXPECT_FALSE(generate_ops(options));
}

TEST(BookBench, GivesNoFigureWhenTheOutcomeDiffers) {
  Ops ops = *generated("mix1");
  const OpsOutcome right = ops.expected;
  BookBenchOptions options;
  options.engines = {BookEngine::fast};
  options.repeat = 1;
  for (std::uint64_t OpsOutcome::* field :
       {&OpsOutcome::trades, &OpsOutcome::lots, &OpsOutcome::hash, &OpsOutcome::bbo,
        &OpsOutcome::live}) {
    ops.expected = right;
    ++(ops.expected.*field);
    const auto rows = run_book_bench(ops, options);
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, Errc::mismatch);
    EXPECT_EQ(rows.error().message, "fast: " + differences(right, ops.expected));
  }
  ops.expected = {};
  const auto rows = run_book_bench(ops, options);
  ASSERT_TRUE(rows);
  EXPECT_FALSE(rows->front().verified);
}

}  // namespace
}  // namespace oki::bench
