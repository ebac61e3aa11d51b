// A component of the status page has changed its state: what machines that watch us are told at
// once, without an incident and without a person. The state is the engine's, never a notice's.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "notify/state.h"

namespace oki::notify {

struct ComponentUpdate {
  ComponentId id;
  State before = State::operational;
  State now = State::operational;
  WallTimeMs at;
  friend bool operator==(const ComponentUpdate&, const ComponentUpdate&) = default;
};

// As the content of a posting: 'c', version u8 (1), component, before u8, now u8, at i64.
void append(Bytes& out, const ComponentUpdate& update);
Result<ComponentUpdate> read_component_update(ByteView bytes);

// "c/market.btc_jpy/1763737200000"
std::string posting_name(const ComponentUpdate& update);

}  // namespace oki::notify
