#include "core/fast/direct.h"

#include "base/planted.h"
#include "core/fast/decode.h"

namespace oki::core::fast {

bool apply_directly(State& state, ByteView command, Bytes& reply) {
  const bool quiet = state.time < state.timers_bound && state.time < state.expiry_bound &&
                     state.fired_markets.empty();
  if (!quiet || !state.direct || command.empty()) return false;
  // These are planted on the general way.
  if (PLANTED(core_hold_forgotten) || PLANTED(core_assertion_fails) ||
      PLANTED(core_book_left_crossed)) {
    return false;
  }
  if (command.front() == place_kind) return place_directly(state, command, reply);
  return command.front() == cancel_kind && cancel_directly(state, command, reply);
}

}  // namespace oki::core::fast
