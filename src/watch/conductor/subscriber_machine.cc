#include "watch/conductor/subscriber_machine.h"

namespace oki::watch {

void SubscriberMachine::apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes&) {
  book_.on_time(time);
  const notify::SubscriberResult result = book_.apply(time, command);
  reply.push_back(static_cast<char>(result));
}

}  // namespace oki::watch
