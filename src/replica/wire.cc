#include "replica/wire.h"

#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/crc32c.h"

namespace oki::replica {
namespace {

// Both directions run over the same list of fields, so that they cannot differ.
class Output {
 public:
  explicit Output(Writer& writer) : writer_(writer) {}
  void operator()(std::uint16_t value) { writer_.u16(value); }
  void operator()(std::uint32_t value) { writer_.u32(value); }
  void operator()(std::uint64_t value) { writer_.u64(value); }
  void operator()(bool value) { writer_.boolean(value); }
  void operator()(WallTimeMs value) { writer_.i64(value.value); }
  template <typename Tag>
  void operator()(Strong<Tag, std::uint64_t> value) {
    writer_.u64(value.value);
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void choice(Enum value, Enum) {
    writer_.u8(static_cast<std::uint8_t>(value));
  }
  void rest(ByteView value, std::size_t size_max) {
    ASSERT(value.size() <= size_max);
    writer_.raw(value);
  }
  void rule(bool) {}

 private:
  Writer& writer_;
};

class Input {
 public:
  explicit Input(Reader& reader) : reader_(reader) {}
  void operator()(std::uint16_t& value) { value = reader_.u16(); }
  void operator()(std::uint32_t& value) { value = reader_.u32(); }
  void operator()(std::uint64_t& value) { value = reader_.u64(); }
  void operator()(bool& value) { value = reader_.boolean(); }
  void operator()(WallTimeMs& value) { value.value = reader_.i64(); }
  template <typename Tag>
  void operator()(Strong<Tag, std::uint64_t>& value) {
    value.value = reader_.u64();
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void choice(Enum& value, Enum last) {
    const std::uint8_t number = reader_.u8();
    if (number > static_cast<std::uint8_t>(last)) return reader_.fail();
    value = static_cast<Enum>(number);
  }
  void rest(ByteView& value, std::size_t size_max) {
    if (reader_.left() > size_max) return reader_.fail();
    value = reader_.raw(reader_.left());
  }
  void rule(bool holds) {
    if (!holds) reader_.fail();
  }

 private:
  Reader& reader_;
};

constexpr std::size_t no_limit_of_its_own = frame_bytes_max;

// The fields of each frame, in their order on the wire.
template <typename In, typename F>
void fields(In& in, F& f) {
  using Kind = std::remove_const_t<F>;
  if constexpr (std::is_same_v<Kind, Hello>) {
    in(f.magic), in(f.version), in(f.cluster), in.choice(f.role, Role::node);
    in(f.node), in(f.seat), in(f.to);
  } else if constexpr (std::is_same_v<Kind, Goodbye>) {
    in.choice(f.code, Errc::mismatch), in.rest(f.why, goodbye_bytes_max);
  } else if constexpr (std::is_same_v<Kind, PeerBytes>) {
    in.rest(f.bytes, no_limit_of_its_own);
  } else if constexpr (std::is_same_v<Kind, Submit>) {
    in(f.session), in(f.number), in(f.floor), in.rest(f.body, no_limit_of_its_own);
  } else if constexpr (std::is_same_v<Kind, Submitted>) {
    in(f.session), in(f.number), in.choice(f.result, SubmitResult::unknown), in(f.index);
    in(f.leader_seat), in.rest(f.reply, no_limit_of_its_own);
  } else if constexpr (std::is_same_v<Kind, SessionOpened>) {
    in(f.request), in.choice(f.result, SubmitResult::unknown), in(f.session), in(f.leader_seat);
  } else if constexpr (std::is_same_v<Kind, Follow>) {
    in(f.has_copy), in(f.index), in(f.hash);
  } else if constexpr (std::is_same_v<Kind, Block>) {
    in(f.index), in(f.time), in(f.hash_before), in(f.hash);
    in.rest(f.events, no_limit_of_its_own);
  } else if constexpr (std::is_same_v<Kind, SnapshotBegin>) {
    in(f.index), in(f.hash), in(f.bytes), in.rule(f.bytes <= snapshot_bytes_max);
  } else if constexpr (std::is_same_v<Kind, SnapshotChunk>) {
    in.rest(f.bytes, snapshot_chunk_bytes_max), in.rule(!f.bytes.empty());
  } else if constexpr (std::is_same_v<Kind, Status>) {
    in(f.node), in(f.seat), in(f.leader_seat), in(f.term), in(f.serving), in(f.applied);
  } else if constexpr (std::is_same_v<Kind, ReadIndexIs>) {
    in(f.request), in.choice(f.result, SubmitResult::unknown), in(f.index);
  } else if constexpr (std::is_same_v<Kind, Admit>) {
    in(f.request), in(f.seat);
  } else if constexpr (std::is_same_v<Kind, Admitted>) {
    in(f.request), in.choice(f.result, SubmitResult::unknown), in(f.leader_seat);
    in.rest(f.reply, members_bytes_max);
  } else if constexpr (std::is_same_v<Kind, Ping> || std::is_same_v<Kind, Pong>) {
    in(f.token);
  } else if constexpr (std::is_same_v<Kind, UpTo>) {
    in(f.index);
  } else if constexpr (std::is_same_v<Kind, Transfer>) {
    in(f.request), in(f.seat);
  } else if constexpr (std::is_same_v<Kind, Transferred>) {
    in(f.request), in.choice(f.result, TransferResult::not_connected), in(f.leader_seat);
  } else {
    in(f.request);  // OpenSession and ReadIndex.
  }
}

template <std::size_t kind = 0>
Result<Frame> decode_kind(std::uint8_t wanted, Reader& reader) {
  if constexpr (kind < std::variant_size_v<Frame>) {
    if (wanted != kind) return decode_kind<kind + 1>(wanted, reader);
    std::variant_alternative_t<kind, Frame> frame;
    Input input(reader);
    fields(input, frame);
    if (reader.done()) return Frame(frame);
    return error(Errc::invalid, "a frame of kind " + std::to_string(kind) + " is malformed");
  } else {
    return error(Errc::invalid, "a frame has the unknown kind " + std::to_string(wanted));
  }
}

}  // namespace

void append_frame(Bytes& out, const Frame& frame) {
  const std::size_t start = out.size();
  Writer writer(out);
  writer.u32(0);
  writer.u32(0);
  writer.u8(static_cast<std::uint8_t>(frame.index()));
  std::visit(
      [&](const auto& one) {
        Output output(writer);
        fields(output, one);
      },
      frame);
  const std::size_t length = out.size() - start - frame_header_bytes;
  ASSERT(length <= frame_bytes_max);
  writer.patch_u32(start, static_cast<std::uint32_t>(length));
  writer.patch_u32(start + 4, crc32c(ByteView(out).substr(start + frame_header_bytes)));
}

Bytes encode_frame(const Frame& frame) {
  Bytes out;
  append_frame(out, frame);
  return out;
}

Result<Frame> decode_frame(ByteView kind_and_body) {
  Reader reader(kind_and_body);
  const std::uint8_t kind = reader.u8();
  return decode_kind(kind, reader);
}

Result<std::size_t> FrameReader::take(ByteView bytes,
                                      const std::function<Result<void>(const Frame&)>& each) const {
  std::size_t taken = 0;
  while (bytes.size() - taken >= frame_header_bytes) {
    Reader header(bytes.substr(taken, frame_header_bytes));
    const std::size_t length = header.u32();
    const std::uint32_t checksum = header.u32();
    if (length == 0 || length > bytes_max_) {
      return error(Errc::invalid, "a frame announces " + std::to_string(length) + " bytes");
    }
    const ByteView body = bytes.substr(taken + frame_header_bytes, length);
    if (body.size() < length) break;
    if (crc32c(body) != checksum) return error(Errc::corrupt, "a frame fails its checksum");
    const Result<Frame> frame = decode_frame(body);
    if (!frame) return tl::unexpected(frame.error());
    if (auto done = each(*frame); !done) return tl::unexpected(done.error());
    taken += frame_header_bytes + length;
  }
  return taken;
}

Result<void> FrameReader::feed(ByteView bytes,
                               const std::function<Result<void>(const Frame&)>& each) {
  if (rest_.empty()) {
    const auto taken = take(bytes, each);
    if (!taken) return tl::unexpected(taken.error());
    rest_.assign(bytes.substr(*taken));
    return {};
  }
  rest_.append(bytes);
  const auto taken = take(rest_, each);
  if (!taken) return tl::unexpected(taken.error());
  rest_.erase(0, *taken);
  return {};
}

}  // namespace oki::replica
