#include "notify/record_log.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/crc32c.h"

namespace oki::notify {
namespace {

constexpr ByteView snapshot_magic = "OKRS";
constexpr std::uint8_t snapshot_version = 1;
constexpr std::uint32_t frame_magic = 0x4C52'4B4F;  // "OKRL"
constexpr std::size_t frame_header_bytes = 4 + 8 + 8 + 4 + 4;

void append_frame(Bytes& out, std::uint64_t journal, std::uint64_t frame, ByteView payload) {
  const std::size_t begin = out.size();
  Writer writer(out);
  writer.u32(frame_magic);
  writer.u64(journal);
  writer.u64(frame);
  writer.u32(static_cast<std::uint32_t>(payload.size()));
  const std::uint32_t crc = crc32c(payload, crc32c(ByteView(out).substr(begin)));
  writer.u32(crc);
  writer.raw(payload);
}

struct Frame {
  std::uint64_t number = 0;
  ByteView payload;
};

std::optional<Frame> read_frame(ByteView bytes, std::uint64_t journal) {
  Reader in(bytes);
  if (in.u32() != frame_magic || in.u64() != journal) return std::nullopt;
  Frame frame;
  frame.number = in.u64();
  const std::uint32_t size = in.u32();
  const std::uint32_t crc = in.u32();
  if (size > record_bytes_max) return std::nullopt;
  frame.payload = in.raw(size);
  if (!in.ok()) return std::nullopt;
  const ByteView header = bytes.substr(0, frame_header_bytes - 4);
  if (crc32c(frame.payload, crc32c(header)) != crc) return std::nullopt;
  return frame;
}

// Whether a valid frame begins anywhere in what could not be read in order.
bool holds_a_frame(ByteView bytes, std::uint64_t journal) {
  for (std::size_t at = 0; at + frame_header_bytes <= bytes.size(); ++at) {
    if (read_frame(bytes.substr(at), journal)) return true;
  }
  return false;
}

Bytes write_snapshot(std::uint64_t first_journal, ByteView payload) {
  Bytes out(snapshot_magic);
  Writer writer(out);
  writer.u8(snapshot_version);
  writer.u64(first_journal);
  writer.blob(payload);
  writer.u32(crc32c(out));
  return out;
}

struct Snapshot {
  std::uint64_t first_journal = 1;
  Bytes payload;
};

Result<Snapshot> read_snapshot(ByteView bytes) {
  Reader in(bytes);
  Snapshot snapshot;
  const bool known = in.raw(snapshot_magic.size()) == snapshot_magic && in.u8() == snapshot_version;
  snapshot.first_journal = in.u64();
  snapshot.payload = Bytes(in.blob(record_snapshot_bytes_max));
  const std::uint32_t crc = in.u32();
  if (!known || !in.done() || crc32c(bytes.substr(0, bytes.size() - 4)) != crc) {
    return error(Errc::corrupt, "the snapshot of a record log is damaged");
  }
  return snapshot;
}

std::string journal_name(const std::string& name, std::uint64_t number) {
  return name + "." + std::to_string(number);
}

std::vector<std::uint64_t> journal_numbers(const std::vector<std::string>& files,
                                           const std::string& name) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& file : files) {
    if (!file.starts_with(name + ".")) continue;
    const char* begin = file.data() + name.size() + 1;
    const char* end = file.data() + file.size();
    std::uint64_t number = 0;
    const auto [stop, fault] = std::from_chars(begin, end, number);
    if (fault == std::errc{} && stop == end) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// What the disk holds: the recovered content, and the number of the last journal seen.
class Recovery {
 public:
  Recovery(Disk& disk, const std::string& name) : disk_(disk), name_(name) {}

  Result<void> read();

  RecordLog::Recovered recovered;
  std::vector<std::uint64_t> journals;
  std::uint64_t last_journal = 0;

 private:
  Result<Bytes> file(const std::string& name) {
    const auto size = disk_.size(name);
    if (!size) return tl::unexpected(size.error());
    return disk_.read(name, 0, *size);
  }
  Result<void> read_journal(std::uint64_t number);

  Disk& disk_;
  const std::string& name_;
};

Result<void> Recovery::read() {
  const auto files = disk_.list();
  if (!files) return tl::unexpected(files.error());
  const std::string snapshot_name = name_ + ".snapshot";
  std::uint64_t first_journal = 1;
  if (std::find(files->begin(), files->end(), snapshot_name) != files->end()) {
    const Result<Bytes> bytes = file(snapshot_name);
    if (!bytes) return tl::unexpected(bytes.error());
    Result<Snapshot> snapshot = read_snapshot(*bytes);
    if (!snapshot) return tl::unexpected(snapshot.error());
    recovered.snapshot = std::move(snapshot->payload);
    first_journal = snapshot->first_journal;
  }
  journals = journal_numbers(*files, name_);
  last_journal = first_journal - 1;
  for (const std::uint64_t number : journals) {
    if (number < first_journal) continue;
    if (Result<void> done = read_journal(number); !done) return done;
    last_journal = number;
  }
  return {};
}

Result<void> Recovery::read_journal(std::uint64_t number) {
  const Result<Bytes> bytes = file(journal_name(name_, number));
  if (!bytes) return tl::unexpected(bytes.error());
  ByteView rest = *bytes;
  std::uint64_t expected = 1;
  while (!rest.empty()) {
    const std::optional<Frame> frame = read_frame(rest, number);
    if (!frame || frame->number != expected) break;
    if (recovered.tail_dropped) {
      return error(Errc::corrupt, "the record log " + name_ + " is damaged before its end");
    }
    recovered.records.emplace_back(frame->payload);
    rest.remove_prefix(frame_header_bytes + frame->payload.size());
    ++expected;
  }
  if (rest.empty()) return {};
  if (holds_a_frame(rest, number)) {
    return error(Errc::corrupt, "the record log " + name_ + " is damaged before its end");
  }
  recovered.tail_dropped = true;
  return {};
}

}  // namespace

class RecordLog::State : public std::enable_shared_from_this<RecordLog::State> {
 public:
  State(Disk& disk, std::string name) : disk_(disk), name_(std::move(name)) {}

  void append(Bytes record, Done done);
  void compact(Bytes snapshot);

  Disk& disk_;
  const std::string name_;
  std::uint64_t journal_ = 0;              // The one being written.
  std::vector<std::uint64_t> superseded_;  // Removed once a snapshot covers them.
  std::uint64_t journal_bytes_ = 0;

 private:
  void flush();
  void write();
  void on_written(const std::vector<Done>& told, Result<void> written);
  void on_step(const Result<void>& done);

  bool created_ = false;  // `journal_` is a file of this process.
  std::uint64_t next_frame_ = 1;
  Bytes waiting_;
  std::vector<Done> waiting_done_;
  std::size_t writes_ = 0;  // Under way.
  std::optional<Error> broken_;
};

void RecordLog::State::append(Bytes record, Done done) {
  ASSERT(record.size() <= record_bytes_max);
  ASSERT(journal_ > 0);
  if (broken_) return done(tl::unexpected<Error>(*broken_));
  const std::size_t before = waiting_.size();
  append_frame(waiting_, journal_, next_frame_++, record);
  journal_bytes_ += waiting_.size() - before;
  waiting_done_.push_back(std::move(done));
  if (writes_ == 0) write();
}

void RecordLog::State::write() {
  if (waiting_.empty()) return;
  Bytes bytes = std::exchange(waiting_, {});
  std::vector<Done> told = std::exchange(waiting_done_, {});
  const std::uint64_t offset = journal_bytes_ - bytes.size();
  ++writes_;
  disk_.write(journal_name(name_, journal_), offset, std::move(bytes),
              [weak = weak_from_this(), told = std::move(told)](Result<void> written) {
                if (const auto self = weak.lock()) self->on_written(told, std::move(written));
              });
}

void RecordLog::State::on_written(const std::vector<Done>& told, Result<void> written) {
  --writes_;
  if (!written) broken_ = written.error();
  // A later write that succeeds proves nothing about one before it that failed.
  const Result<void> result =
      broken_ ? Result<void>(tl::unexpected<Error>(*broken_)) : Result<void>();
  const auto self = shared_from_this();  // A callback may end the log.
  for (const Done& done : told) done(result);
  if (broken_) {
    for (const Done& done : std::exchange(waiting_done_, {})) done(result);
  } else if (writes_ == 0) {
    write();
  }
}

void RecordLog::State::on_step(const Result<void>& done) {
  if (!done && !broken_) broken_ = done.error();
}

// The Disk works in order: the snapshot is there before anything is written to the new journal, and
// the old ones go only after it.
void RecordLog::State::compact(Bytes snapshot) {
  ASSERT(snapshot.size() <= record_snapshot_bytes_max);
  if (broken_) return;
  write();
  const auto step = [weak = weak_from_this()](Result<void> done) {
    if (const auto self = weak.lock()) self->on_step(done);
  };
  if (created_) superseded_.push_back(journal_);
  created_ = true;
  ++journal_;
  next_frame_ = 1;
  journal_bytes_ = 0;
  disk_.create(journal_name(name_, journal_), 0, step);
  disk_.replace(name_ + ".snapshot", write_snapshot(journal_, snapshot), step);
  for (const std::uint64_t number : std::exchange(superseded_, {})) {
    disk_.remove(journal_name(name_, number), step);
  }
}

RecordLog::~RecordLog() = default;

Result<RecordLog::Opened> RecordLog::open(Disk& disk, const std::string& name) {
  Recovery recovery(disk, name);
  if (Result<void> done = recovery.read(); !done) return tl::unexpected(done.error());
  const auto state = std::make_shared<State>(disk, name);
  state->journal_ = recovery.last_journal;
  state->superseded_ = recovery.journals;
  return Opened{std::unique_ptr<RecordLog>(new RecordLog(state)), std::move(recovery.recovered)};
}

void RecordLog::append(Bytes record, Done done) {
  state_->append(std::move(record), std::move(done));
}

void RecordLog::compact(Bytes snapshot) { state_->compact(std::move(snapshot)); }

std::uint64_t RecordLog::journal_bytes() const { return state_->journal_bytes_; }

}  // namespace oki::notify
