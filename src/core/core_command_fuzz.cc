// Any bytes as commands: the core answers each, and its invariants hold after each.
//
// Input: the first byte is a seed for a small exchange; then steps. A step below 64 is the next
// plausible command, one below 128 the same with one byte replaced (u8 place, u8 value), any other
// is followed by that many bytes less 128 as the command. The final state must restore from its
// snapshot.
#include <algorithm>

#include "base/assert.h"
#include "core/core.h"
#include "core/testing/random_commands.h"

namespace {

using oki::Bytes;
using oki::ByteView;

constexpr int steps_max = 200;

void apply(oki::core::Core& core, oki::core::RandomCommands& random, oki::WallTimeMs now,
           ByteView command) {
  Bytes reply;
  Bytes events;
  core.apply(now, command, reply, events);
  const auto decoded = oki::core::decode_reply(reply);
  ASSERT(decoded.has_value());
  random.saw(*decoded);
  ByteView left = events;
  while (oki::core::take_event(left)) {
  }
  ASSERT(left.empty());
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

Bytes next_command(Input& input, oki::core::RandomCommands& random) {
  const std::uint8_t step = input.byte();
  if (step >= 128) return Bytes(input.take(step - 128u));
  Bytes command = oki::core::encode(random.next());
  if (step >= 64) {
    const std::size_t place = input.byte() % command.size();
    command[place] = static_cast<char>(input.byte());
  }
  return command;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(ByteView(reinterpret_cast<const char*>(data), size));
  oki::core::Core core({});
  oki::core::RandomCommands random(input.byte());
  oki::WallTimeMs now{1'700'000'000'000};
  for (const auto& command : random.set_up()) {
    apply(core, random, now, oki::core::encode(command));
  }
  for (int step = 0; step < steps_max && !input.empty(); ++step) {
    apply(core, random, now, next_command(input, random));
    core.verify();
    now.value += 7;
  }
  const Bytes snapshot = core.snapshot();
  const auto restored = oki::core::Core::restore(snapshot, {});
  ASSERT(restored.has_value());
  ASSERT(restored->snapshot() == snapshot);
  return 0;
}
