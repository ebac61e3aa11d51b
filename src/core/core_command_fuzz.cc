// Any bytes as commands: the core answers each, and its invariants hold after each.
//
// Input: the first byte is a seed for a small exchange; then commands, each a u8 length and bytes.
// A snapshot taken at the end must restore to the same bytes.
#include "base/assert.h"
#include "core/core.h"
#include "core/testing/random_commands.h"

namespace {

using oki::Bytes;
using oki::ByteView;

void apply(oki::core::Core& core, oki::WallTimeMs now, ByteView command) {
  Bytes reply;
  Bytes events;
  core.apply(now, command, reply, events);
  ASSERT(oki::core::decode_reply(reply).has_value());
  ByteView left = events;
  while (oki::core::take_event(left)) {
  }
  ASSERT(left.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  oki::core::Core core({});
  oki::core::RandomCommands random(static_cast<std::uint8_t>(input.front()));
  oki::WallTimeMs now{1'700'000'000'000};
  for (const auto& command : random.set_up()) apply(core, now, oki::core::encode(command));
  input.remove_prefix(1);
  while (!input.empty()) {
    const std::size_t length = static_cast<std::uint8_t>(input.front());
    apply(core, now, input.substr(1, length));
    core.verify();
    now.value += 7;
    input.remove_prefix(std::min(input.size(), length + 1));
  }
  const Bytes snapshot = core.snapshot();
  const auto restored = oki::core::Core::restore(snapshot, {});
  ASSERT(restored.has_value());
  ASSERT(restored->snapshot() == snapshot);
  return 0;
}
