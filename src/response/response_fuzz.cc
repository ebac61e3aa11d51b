// Any bytes as commands, and any bytes as a snapshot: answered or refused, and the invariants hold.
//
// Input: the first byte is a seed. Below 128: then steps; a step below 64 is the next plausible
// command, one below 128 the same with one byte replaced (u8 place, u8 value), any other is
// followed by that many bytes less 128 as the command. From 128 on: the rest is a snapshot, after
// the magic; what restores must be written the same, and go on.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "response/testing/random_commands.h"

namespace {

using oki::Bytes;
using oki::ByteView;
namespace response = oki::response;

constexpr int steps_max = 200;

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

Bytes next_command(Input& input, response::RandomCommands& random, const response::World& world) {
  const std::uint8_t step = input.byte();
  if (step >= 128) return Bytes(input.take(step - 128u));
  Bytes command = response::encode(random.next(world.state(), world.now()));
  if (step >= 64) {
    const std::size_t place = input.byte() % command.size();
    command[place] = static_cast<char>(input.byte());
  }
  return command;
}

void run_commands(Input& input, std::uint8_t seed) {
  response::World world;
  world.furnish();
  response::RandomCommands random(seed);
  for (int step = 0; step < steps_max && !input.empty(); ++step) {
    world.advance(random.pause());
    world.send_bytes(next_command(input, random, world));
  }
  const Bytes snapshot = world.machine.snapshot();
  response::ResponseMachine restored;
  ASSERT(restored.restore(snapshot).has_value());
  ASSERT(restored.snapshot() == snapshot);
}

void restore(ByteView bytes) {
  response::World world;
  const Bytes snapshot = "OKIRESP1" + Bytes(bytes);
  if (!world.machine.restore(snapshot)) return;
  ASSERT(world.machine.snapshot() == snapshot);
  world.send(response::Tick{});
  world.observe(response::proof("x", "btc_jpy"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(ByteView(reinterpret_cast<const char*>(data), size));
  const std::uint8_t seed = input.byte();
  if (seed < 128) {
    run_commands(input, seed);
  } else {
    restore(input.take(size));
  }
  return 0;
}
