// Any text as an Engine.IO packet of a client.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/utf8.h"
#include "net/engine_io.h"
#include "net/json_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace oki::net;
  const auto packet = parse_client_packet({reinterpret_cast<const char*>(data), size});
  if (!packet) return 0;
  if (const auto* join = std::get_if<JoinRoom>(&*packet)) {
    ASSERT(oki::is_utf8(join->room));
    // Whatever the room is called, what is sent there stays a well-formed message.
    const std::string message = socket_io_message(join->room, "{}");
    ASSERT(parse_json(oki::ByteView(message).substr(2), SIZE_MAX).has_value());
  }
  return 0;
}
