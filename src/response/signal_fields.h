// The fields of a signal, for whatever carries one.
#pragma once

#include "response/fields.h"
#include "response/signal.h"

namespace oki {

template <>
inline constexpr std::uint8_t numbers_of<response::Source> = response::sources;
template <>
inline constexpr std::uint8_t numbers_of<response::Trust> = 3;
template <>
inline constexpr std::uint8_t numbers_of<response::SignalKind> = response::signal_kinds;

}  // namespace oki

namespace oki::response {

void fields(auto& io, Like<Fact> auto& x) {
  io.text(x.name, fact_name_bytes_max);
  io.text(x.value, fact_value_bytes_max);
}

void fields(auto& io, Like<Signal> auto& x) {
  io.text(x.key, signal_key_bytes_max);
  io(x.source, x.kind, x.trust, x.firing, x.state);
  io.list(x.components, signal_components_max);
  io(x.since, x.seen, x.expires_ms);
  io.text(x.words, signal_words_bytes_max);
  io.list(x.facts, signal_facts_max);
}

}  // namespace oki::response
