#include "store/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/planted.h"

namespace oki::store {
namespace {

constexpr ByteView segment_prefix = "journal-";

tl::unexpected<Error> damage(const std::string& file, std::uint64_t offset, ByteView what) {
  return error(Errc::corrupt,
               fmt::format("The journal is damaged: {} in {} at byte {}. Remove this node's "
                           "directory and let it be seeded again from its peers.",
                           what, file, offset));
}

// Applies frames to the log in order.
class LogBuilder {
 public:
  explicit LogBuilder(Recovery& out) : out_(out) {}

  // Gives what is wrong with it, or nothing.
  std::optional<ByteView> apply(const Frame& frame, bool begins_segment) {
    std::optional<std::vector<Record>> records = decode_records(frame.payload);
    if (!records) return "malformed record";
    bool first = begins_segment;
    for (Record& record : *records) {
      const auto* base = std::get_if<BaseRecord>(&record);
      if (first != (base != nullptr)) return "misplaced record";
      first = false;
      const std::optional<ByteView> wrong =
          std::visit([this](auto& part) { return on(part); }, record);
      if (wrong) return wrong;
    }
    if (first) return "segment without its first record";
    return std::nullopt;
  }

 private:
  std::optional<ByteView> on(BaseRecord& base) {
    if (base.segment_bytes != out_.segments.back().bytes) return "wrong file size";
    if (out_.segments.size() > 1) return std::nullopt;  // All of it is known already.
    out_.last = base.last;
    out_.log.compacted = base.compacted;
    out_.log.compacted_term = base.compacted_term;
    out_.log.hard_state = base.hard_state;
    return std::nullopt;
  }

  std::optional<ByteView> on(HardState& state) {
    out_.log.hard_state = state;
    return std::nullopt;
  }

  std::optional<ByteView> on(Entry& entry) {
    if (entry.index.value == 0 || entry.index.value > out_.last.value + 1) return "gap in the log";
    std::vector<Entry>& entries = out_.log.entries;
    if (!PLANTED(overwritten_suffix_kept)) {
      while (!entries.empty() && entries.back().index >= entry.index) entries.pop_back();
    } else if (!entries.empty() && entries.back().index >= entry.index) {
      return std::nullopt;
    }
    out_.last = entry.index;
    SegmentFile& segment = out_.segments.back();
    segment.last = std::max(segment.last, entry.index);
    entries.push_back(std::move(entry));
    return std::nullopt;
  }

  std::optional<ByteView> on(CompactRecord& compact) {
    if (compact.index > out_.last) return "compaction above the log";
    out_.log.compacted = compact.index;
    out_.log.compacted_term = compact.term;
    return std::nullopt;
  }

  std::optional<ByteView> on(ResetRecord& reset) {
    out_.log.entries.clear();
    out_.log.compacted = reset.index;
    out_.log.compacted_term = reset.term;
    out_.last = reset.index;
    for (SegmentFile& segment : out_.segments) segment.last = LogIndex{};
    return std::nullopt;
  }

  Recovery& out_;
};

class SegmentReader {
 public:
  // `oldest` is the number of the first file there is.
  SegmentReader(Disk& disk, Recovery& out, std::uint64_t oldest)
      : disk_(disk), out_(out), builder_(out), oldest_(oldest) {}

  // Files must come in the order of their numbers.
  Result<void> read(const SegmentFile& file) {
    Result<Bytes> bytes = disk_.read(segment_name(file.number), 0, file.bytes);
    if (!bytes) return tl::unexpected<Error>(std::move(bytes.error()));
    std::uint64_t offset = 0;
    while (std::optional<Frame> frame = next_frame(*bytes, file, offset)) {
      if (offset == 0) out_.segments.push_back(file);
      if (auto wrong = builder_.apply(*frame, offset == 0)) {
        return damage(segment_name(file.number), offset, *wrong);
      }
      offset += frame->bytes;
      out_.offset = offset;
      out_.frame = frame->header.frame + 1;
      out_.previous = frame->crc;
    }
    if (offset == 0) {
      // Only the very first frame of a journal may be missing: a later segment is begun before an
      // older one is given up.
      if (first_frame_unknown()) return damage(segment_name(file.number), 0, "no frame");
      out_.ready.push_back(file);
    }
    return nothing_after(*bytes, file, offset);
  }

 private:
  // The frames before the oldest file have been given up, so that its first one counts on.
  bool first_frame_unknown() const { return out_.segments.empty() && oldest_ > 1; }

  std::optional<Frame> next_frame(ByteView bytes, const SegmentFile& file, std::uint64_t offset) {
    const std::optional<Frame> frame = frame_at(bytes, file.number, offset);
    if (!frame || first_frame_unknown()) return frame;
    const bool next = frame->header.frame == out_.frame && frame->header.previous == out_.previous;
    return next ? frame : std::nullopt;
  }

  // The frame expected at `bad` is not there. A later one, or a whole one elsewhere, proves that it
  // was: each append waits for the one before.
  Result<void> nothing_after(ByteView bytes, const SegmentFile& file, std::uint64_t bad) {
    if (PLANTED(damage_taken_for_a_tail)) return {};
    for (std::uint64_t offset = bad; offset < bytes.size(); offset += sector_bytes) {
      const std::optional<FrameHeader> header = frame_header_at(bytes, file.number, offset);
      if (!header || header->frame < out_.frame) continue;
      if (header->frame > out_.frame || frame_at(bytes, file.number, offset)) {
        return damage(segment_name(file.number), bad, "a broken frame before a later one");
      }
      out_.log.tail_dropped = true;
    }
    return {};
  }

  Disk& disk_;
  Recovery& out_;
  LogBuilder builder_;
  std::uint64_t oldest_;
};

Result<std::vector<SegmentFile>> segment_files(Disk& disk, bool& leftover) {
  Result<std::vector<std::string>> names = disk.list();
  if (!names) return tl::unexpected<Error>(std::move(names.error()));
  std::vector<SegmentFile> files;
  for (const std::string& file : *names) {
    if (file == new_segment_name) leftover = true;
    const std::optional<std::uint64_t> number = segment_number(file);
    if (!number) continue;
    Result<std::uint64_t> bytes = disk.size(file);
    if (!bytes) return tl::unexpected<Error>(std::move(bytes.error()));
    files.push_back({*number, *bytes, LogIndex{}});
  }
  std::sort(files.begin(), files.end(),
            [](const SegmentFile& a, const SegmentFile& b) { return a.number < b.number; });
  return files;
}

// Drops what is compacted; the rest must begin right after it.
Result<void> finish(Recovery& out) {
  std::vector<Entry>& entries = out.log.entries;
  const LogIndex compacted = out.log.compacted;
  const auto kept = std::find_if(entries.begin(), entries.end(),
                                 [&](const Entry& entry) { return entry.index > compacted; });
  entries.erase(entries.begin(), kept);
  const std::uint64_t first = entries.empty() ? out.last.value + 1 : entries.front().index.value;
  if (first == compacted.value + 1) return {};
  return error(Errc::corrupt,
               fmt::format("The journal is damaged: the entries {} to {} are missing. Remove this "
                           "node's directory and let it be seeded again from its peers.",
                           compacted.value + 1, first - 1));
}

}  // namespace

std::string segment_name(std::uint64_t number) {
  return fmt::format("{}{:016x}", segment_prefix, number);
}

std::optional<std::uint64_t> segment_number(ByteView name) {
  if (!name.starts_with(segment_prefix)) return std::nullopt;
  name.remove_prefix(segment_prefix.size());
  if (name.size() != 16) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return std::nullopt;
    number = number * 16 + static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return number == 0 ? std::nullopt : std::optional(number);
}

Result<Recovery> recover_journal(Disk& disk) {
  Recovery out;
  Result<std::vector<SegmentFile>> files = segment_files(disk, out.leftover);
  if (!files) return tl::unexpected<Error>(std::move(files.error()));
  SegmentReader reader(disk, out, files->empty() ? 1 : files->front().number);
  for (const SegmentFile& file : *files) {
    if (auto read = reader.read(file); !read) return tl::unexpected<Error>(std::move(read.error()));
  }
  if (auto finished = finish(out); !finished) {
    return tl::unexpected<Error>(std::move(finished.error()));
  }
  return out;
}

}  // namespace oki::store
