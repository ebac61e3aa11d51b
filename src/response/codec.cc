// The bytes of commands, replies and events.
#include "response/state_fields.h"

namespace oki::response {

Bytes encode(const Command& command) {
  Bytes out;
  FieldWriter(out).variant(command);
  return out;
}

std::optional<Command> decode_command(ByteView bytes) {
  return read_variant<FieldReader, Command>(bytes);
}

void append(Bytes& out, const Reply& reply) { append_fields(out, reply); }

std::optional<Reply> decode_reply(ByteView bytes) { return read_fields<Reply>(bytes); }

void append(Bytes& out, const Event& event) { FieldWriter(out).variant(event); }

std::optional<Event> take_event(ByteView& events) {
  FieldReader io(events);
  std::optional<Event> event(std::in_place);
  io.variant(*event);
  if (!io.ok()) return std::nullopt;
  events.remove_prefix(events.size() - io.left());
  return event;
}

}  // namespace oki::response
