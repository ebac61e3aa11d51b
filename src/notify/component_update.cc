#include "notify/component_update.h"

namespace oki::notify {
namespace {

constexpr std::uint8_t kind = 'c';
constexpr std::uint8_t version = 1;

}  // namespace

void append(Bytes& out, const ComponentUpdate& update) {
  Writer writer(out);
  writer.u8(kind);
  writer.u8(version);
  append(out, update.id);
  writer.u8(static_cast<std::uint8_t>(update.before));
  writer.u8(static_cast<std::uint8_t>(update.now));
  writer.i64(update.at.value);
}

Result<ComponentUpdate> read_component_update(ByteView bytes) {
  Reader in(bytes);
  ComponentUpdate update;
  if (in.u8() != kind || in.u8() != version) in.fail();
  update.id = read_component_id(in);
  update.before = read_state(in);
  update.now = read_state(in);
  update.at = read_time(in);
  if (!in.done()) return error(Errc::invalid, "a change of a component that is malformed");
  return update;
}

std::string posting_name(const ComponentUpdate& update) {
  return std::string("c/") + name(update.id.kind) + "." + update.id.name + "/" +
         std::to_string(update.at.value);
}

}  // namespace oki::notify
