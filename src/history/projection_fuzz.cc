// Events and snapshots that no core writes: the projection refuses them or stays sound.
//
// Input: the first byte is a seed for a small exchange with events of every kind; then steps of u8
// what, u16 place, u8 value. An even `what` replaces a byte of the events of the next block, an odd
// one a byte of the snapshot, whose hash is made to match.
#include <algorithm>

#include "base/assert.h"
#include "base/hash64.h"
#include "history/projection.h"
#include "history/testing/event_mix.h"

namespace {

using oki::Bytes;
using oki::history::Projection;

constexpr int steps_max = 30;

void replace(Bytes& bytes, std::size_t size, std::uint32_t place, std::uint8_t value) {
  if (size > 0) bytes[place % size] = static_cast<char>(value);
}

void try_snapshot(const Projection& projection, const oki::replica::EventBlock& next,
                  std::uint32_t place, std::uint8_t value) {
  Bytes forged = projection.snapshot();
  forged.resize(forged.size() - 8);
  replace(forged, forged.size(), place, value);
  oki::Writer(forged).u64(oki::hash64(forged));
  auto restored = Projection::restore(forged, {});
  if (!restored) return;
  restored->verify();
  ASSERT(restored->snapshot() == forged);
  if (restored->apply(next)) restored->verify();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  oki::Reader input(oki::ByteView(reinterpret_cast<const char*>(data), size));
  oki::history::EventMix mix(input.u8());
  Projection projection{oki::history::ProjectionLimits{}};
  ASSERT(projection.apply(mix.next_block(1'000)).has_value());
  for (int step = 0; step < steps_max && input.left() >= 4; ++step) {
    const std::uint8_t what = input.u8();
    const std::uint16_t place = input.u16();
    const std::uint8_t value = input.u8();
    oki::replica::EventBlock block = mix.next_block(7'000 * what);
    if (what % 2 == 1) {
      try_snapshot(projection, block, place, value);
    } else {
      replace(block.events, block.events.size(), place, value);
    }
    if (!projection.apply(block)) return 0;
    projection.verify();
  }
  return 0;
}
