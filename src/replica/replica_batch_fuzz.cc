// Feeds bytes to everything that reads bytes of peers or of the disk: entries, members, messages,
// snapshots of the state, and a living node that receives them from a peer.
#include <cstdint>
#include <cstdlib>

#include "replica/batch.h"
#include "replica/peer_message.h"
#include "replica/replicated_state.h"
#include "replica/testing/cluster.h"

namespace oki::replica {
namespace {

void must(bool condition) {
  if (!condition) std::abort();
}

// What can be read is written back as the same bytes.
void check_round_trips(ByteView input) {
  if (const auto members = decode_members(input)) must(encode(*members) == input);
  if (const auto change = decode_member_change(input)) must(encode(*change) == input);
  if (const auto message = decode_peer_message(input)) must(encode(*message) == input);
  const auto entry = decode_entry(input);
  if (!entry) return;
  if (const Batch* batch = std::get_if<Batch>(&*entry)) {
    BatchWriter writer(batch->time);
    for (const BatchCommand& command : batch->commands) {
      writer.add({command.session, command.number, command.floor, Bytes(command.body)});
    }
    must(writer.take() == input);
  } else {
    must(encode(std::get<HashReport>(*entry)) == input);
  }
}

void check_state(ByteView input) {
  ListMachine machine;
  ReplicatedState state(machine, {});
  if (const auto restored = state.restore({5}, input); restored) {
    state.verify();
    must(state.encode() == input);
  }
}

void check_node(ByteView input) {
  static Cluster cluster(1, make_fake_engine);
  static const std::uint32_t leader = cluster.wait_for_leader();
  cluster[leader].on_peer_message({2}, input);
  // The same with a header that fits, so that the fuzzer need not guess it.
  if (input.empty()) return;
  Bytes message;
  Writer writer(message);
  writer.u8(1);
  writer.raw(input.substr(0, 1));
  writer.u64(cluster.options().cluster);
  writer.u64(2);
  writer.u32(2);
  writer.u64(1);
  writer.raw(input.substr(1));
  cluster[leader].on_peer_message({2}, message);
  must(cluster.running(leader));
  cluster[leader].verify();
}

}  // namespace
}  // namespace oki::replica

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const oki::ByteView input(reinterpret_cast<const char*>(data), size);
  oki::replica::check_round_trips(input);
  oki::replica::check_state(input);
  oki::replica::check_node(input);
  return 0;
}
