// Commands, replies and events as a person reads them: name and fields, those that are zero left
// out. Reads the bytes by tables of the formats (docs/formats), not by the core's own decoder, so
// bytes that the decoder refuses are shown too, as far as they go.
#pragma once

#include <string>

#include "base/bytes.h"

namespace oki::core {

std::string describe_command(ByteView bytes);
std::string describe_reply(ByteView bytes);

// Takes the next event off `events`; nothing is left after damage.
std::string take_described_event(ByteView& events);

// Of the kind that is counted from 1.
const char* command_name(std::size_t kind);
const char* event_name(std::size_t kind);

// The enumerator of a field, "side" 1: "sell"; its number when there is no such field.
std::string enum_name(const char* field, std::size_t number);

}  // namespace oki::core
