#include "response/signal.h"

#include <gtest/gtest.h>

#include <functional>

namespace oki::response {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

Signal some_signal() {
  Signal signal;
  signal.key = "btc_jpy/cross/edge 1";
  signal.source = Source::test_trade;
  signal.kind = SignalKind::down;
  signal.trust = Trust::proof;
  signal.state = notify::State::major_outage;
  signal.components = {{notify::ComponentKind::market, "btc_jpy"},
                       {notify::ComponentKind::edge, "1"}};
  signal.since = {noon.value - 500};
  signal.seen = noon;
  signal.expires_ms = 5'000;
  signal.words = "Two test trades in a row got no answer.";
  signal.facts = {{"failed", "2"}};
  return signal;
}

Bytes bytes_of(const Signal& signal) {
  Bytes bytes;
  append(bytes, signal);
  return bytes;
}

TEST(SignalTest, ReadsWhatItWrote) {
  EXPECT_EQ(read_signal(bytes_of(some_signal())).value(), some_signal());
}

TEST(SignalTest, RefusesEveryTruncationAndEveryExtraByte) {
  const Bytes bytes = bytes_of(some_signal());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_signal(ByteView(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_signal(bytes + '\0'));
}

TEST(SignalTest, RefusesWhatBreaksALimit) {
  const std::vector<std::pair<const char*, std::function<void(Signal&)>>> faults = {
      {"no key", [](Signal& x) { x.key.clear(); }},
      {"key of two lines", [](Signal& x) { x.key = "a\nb"; }},
      {"long key", [](Signal& x) { x.key.assign(signal_key_bytes_max + 1, 'a'); }},
      {"long words", [](Signal& x) { x.words.assign(signal_words_bytes_max + 1, 'a'); }},
      {"words not UTF-8", [](Signal& x) { x.words = "\xff"; }},
      {"component twice", [](Signal& x) { x.components[1] = x.components[0]; }},
      {"strange component", [](Signal& x) { x.components[0].name = "BTC"; }},
      {"began after it was seen", [](Signal& x) { x.since = {noon.value + 1}; }},
      {"before 1970", [](Signal& x) { x.since = {-1}; }},
      {"holds too long", [](Signal& x) { x.expires_ms = signal_expires_ms_max + 1; }},
      {"unknown state", [](Signal& x) { x.state = notify::State::unknown; }},
      {"firing and operational", [](Signal& x) { x.state = notify::State::operational; }},
      {"fact without a name", [](Signal& x) { x.facts[0].name.clear(); }},
      {"too many facts", [](Signal& x) { x.facts.assign(signal_facts_max + 1, {"a", "b"}); }},
  };
  EXPECT_TRUE(check(some_signal()));
  for (const auto& [what, spoil] : faults) {
    Signal signal = some_signal();
    spoil(signal);
    EXPECT_FALSE(check(signal)) << what;
    EXPECT_FALSE(read_signal(bytes_of(signal))) << what;
  }
}

TEST(SignalTest, TakesEverythingUpToItsLimits) {
  Signal signal = some_signal();
  signal.key.assign(signal_key_bytes_max, 'k');
  signal.words.assign(signal_words_bytes_max, 'w');
  signal.expires_ms = signal_expires_ms_max;
  signal.components.clear();
  for (std::size_t i = 0; i < signal_components_max; ++i) {
    signal.components.push_back({notify::ComponentKind::edge, std::to_string(i)});
  }
  signal.facts.assign(signal_facts_max, {std::string(fact_name_bytes_max, 'n'),
                                         std::string(fact_value_bytes_max, 'v')});
  EXPECT_EQ(read_signal(bytes_of(signal)).value(), signal);
}

TEST(SignalTest, BelievesNoStrangerToBeAProof) {
  for (std::uint8_t i = 0; i < sources; ++i) {
    const auto source = static_cast<Source>(i);
    const bool ours =
        source == Source::test_trade || source == Source::ledger || source == Source::metric;
    EXPECT_EQ(trust_max(source) == Trust::proof, ours) << name(source);
  }
}

}  // namespace
}  // namespace oki::response
