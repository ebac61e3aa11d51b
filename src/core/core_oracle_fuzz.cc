// Any bytes as commands to both implementations of the core: replies, events, state and snapshots
// are equal after each.
//
// Input: the first byte is a seed for a small exchange; then steps. A step below 64 is the next
// command of MarketCommands, one below 128 the same with one byte replaced (u8 place, u8 value),
// any other is followed by that many bytes less 128 as the command.
#include <cstdio>

#include "base/assert.h"
#include "core/testing/market_commands.h"
#include "core/testing/oracle_cores.h"

namespace {

using oki::Bytes;
using oki::ByteView;
using oki::core::Difference;
using oki::core::MarketCommands;
using oki::core::Oracle;
using oki::core::OracleCommand;

constexpr int steps_max = 200;

void expect_same(const std::optional<Difference>& difference) {
  if (difference) std::fprintf(stderr, "%s", difference->text.c_str());
  ASSERT(!difference.has_value());
}

class Input {
 public:
  explicit Input(ByteView bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() { return bytes_.empty() ? 0 : static_cast<std::uint8_t>(take(1).front()); }
  ByteView take(std::size_t size) {
    const ByteView taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

 private:
  ByteView bytes_;
};

void step(Oracle& oracle, MarketCommands& commands, OracleCommand command) {
  expect_same(oracle.apply(command));
  commands.saw(oracle.reply(), oracle.events());
}

OracleCommand next_command(Input& input, MarketCommands& commands) {
  const std::uint8_t step = input.byte();
  const MarketCommands::Timed& next = commands.next();
  OracleCommand command{next.time, next.command};
  if (step >= 128) {
    command.bytes = input.take(step - 128u);
  } else if (step >= 64 && !command.bytes.empty()) {
    const std::size_t place = input.byte() % command.bytes.size();
    command.bytes[place] = static_cast<char>(input.byte());
  }
  return command;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(ByteView(reinterpret_cast<const char*>(data), size));
  const std::uint64_t seed = input.byte() % 7u;  // No crowd: it would be slow.
  MarketCommands commands(seed);
  Oracle oracle(oki::core::shipped_cores(), MarketCommands::limits(false));
  for (std::size_t i = 0; i < commands.set_up_size(); ++i) {
    const MarketCommands::Timed& next = commands.next();
    step(oracle, commands, {next.time, next.command});
  }
  for (int i = 0; i < steps_max && !input.empty(); ++i) {
    step(oracle, commands, next_command(input, commands));
    if (i % 16 == 15) expect_same(oracle.check());
  }
  expect_same(oracle.check());
  return 0;
}
