#include "store/journal.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "base/assert.h"
#include "store/frame.h"
#include "store/recovery.h"

namespace oki::store {
namespace {

// New segments are written in pieces, so that an append waits for one at most; in large ones when
// an append can only wait for all of them.
constexpr std::uint64_t piece_bytes = 256u << 10;
constexpr std::uint64_t urgent_piece_bytes = 4u << 20;

// What every segment's first frame repeats.
struct LogState {
  LogIndex last;
  LogIndex compacted;
  Term compacted_term;
  HardState hard_state;
};

struct Pending {
  Bytes frame;  // Room for the header, then records.
  LogState after;
  LogIndex highest;  // Of its entries.
  bool reset = false;
  Journal::Done done = nullptr;
};

std::size_t records_bytes(const Pending& pending) {
  return pending.frame.size() - frame_header_bytes;
}

Result<void> check_options(const JournalOptions& options) {
  const std::size_t entry_frame =
      options.entry_bytes_max + entry_record_bytes + 2 * hard_state_record_bytes;
  const std::uint64_t largest_frame =
      frame_bytes(options.frame_bytes_max + base_record_bytes + hard_state_record_bytes);
  const bool fits = entry_frame <= options.frame_bytes_max &&
                    largest_frame <= options.segment_bytes && options.segment_bytes <= (1u << 31) &&
                    options.segment_bytes % sector_bytes == 0;
  if (fits) return {};
  return error(Errc::invalid,
               "The journal's limits do not fit into each other: an entry must fit in a frame, a "
               "frame in a segment, and a segment is whole sectors of at most 2 GiB.");
}

}  // namespace

class Journal::State : public std::enable_shared_from_this<Journal::State> {
 public:
  State(Disk& disk, const JournalOptions& options, Recovery& found)
      : disk_(disk),
        options_(options),
        written_{found.last, found.log.compacted, found.log.compacted_term, found.log.hard_state},
        planned_(written_),
        segments_(std::move(found.segments)),
        ready_(std::move(found.ready)),
        offset_(found.offset),
        frame_(found.frame),
        previous_(found.previous),
        compacted_(found.log.compacted) {}

  void start(bool leftover);
  void append(const std::optional<HardState>& hard_state, const std::vector<Entry>& entries,
              Done done);
  void compact(LogIndex index, Term term);
  void reset(LogIndex index, Term term, const HardState& hard_state, Done done);
  std::uint64_t bytes_on_disk() const;

 private:
  using Step = void (State::*)(Result<void>);

  // A callback for the Disk that does nothing when the Journal is gone or broken.
  Disk::Done then(Step step) {
    return [weak = weak_from_this(), step](Result<void> result) {
      const auto self = weak.lock();
      if (self && !self->broken_) (self.get()->*step)(std::move(result));
    };
  }

  Pending plan() const { return {Bytes(frame_header_bytes, '\0'), planned_, {}}; }
  Pending push_part(Pending pending, const std::optional<HardState>& hard_state);
  void push(Pending pending);
  void write_next();
  bool fits(const Pending& pending) const;
  bool begin_segment(Pending& pending);
  void on_written(Result<void> result);

  void prepare_segment();
  void write_piece(Result<void> result);
  void preparation_failed(Error error);

  void on_ready(Result<void> result);
  std::uint64_t next_number() const;

  void give_up_segments();
  void on_recycled(Result<void> result);
  void on_removed(Result<void> result);
  void on_discarded(Result<void> result);

  void break_with(Error error);

  Disk& disk_;
  const JournalOptions options_;
  LogState written_;  // After the last frame given to the disk.
  LogState planned_;  // After the last frame of the queue.
  std::deque<Pending> queue_;
  bool writing_ = false;  // The first of the queue is with the disk.

  std::vector<SegmentFile> segments_;  // Oldest first; the last one is being written.
  std::vector<SegmentFile> ready_;     // The next ones, by number.
  std::uint64_t offset_;
  std::uint64_t frame_;
  std::uint32_t previous_;

  LogIndex compacted_;      // Durably.
  bool giving_up_ = false;  // The oldest segment is being recycled or removed.
  bool recycling_ = false;

  bool preparing_ = false;
  bool urgent_ = false;  // An append waits for the segment being prepared since its beginning.
  bool preparation_failed_ = false;  // Then only an urgent one is tried.
  std::uint64_t prepared_bytes_ = 0;

  std::optional<Error> broken_;
};

void Journal::State::start(bool leftover) {
  const std::uint64_t current = segments_.empty() ? 0 : segments_.back().number;
  const bool usable = std::all_of(ready_.begin(), ready_.end(), [&](const SegmentFile& segment) {
    return segment.number > current && segment.bytes == options_.segment_bytes;
  });
  // Otherwise the limits were changed. The last one goes first: numbers stay without gaps.
  for (; !usable && !ready_.empty(); ready_.pop_back()) {
    disk_.remove(segment_name(ready_.back().number), then(&State::on_discarded));
  }
  if (leftover) disk_.remove(new_segment_name, then(&State::on_discarded));
  give_up_segments();
  if (ready_.empty() && !recycling_) prepare_segment();
}

void Journal::State::append(const std::optional<HardState>& hard_state,
                            const std::vector<Entry>& entries, Done done) {
  if (broken_) return done(error(Errc::unavailable, broken_->message));
  Pending pending = plan();
  if (!entries.empty()) {
    ASSERT(entries.front().index > planned_.compacted);
    ASSERT(entries.front().index.value <= planned_.last.value + 1);
  }
  LogIndex next = entries.empty() ? LogIndex{} : entries.front().index;
  for (const Entry& entry : entries) {
    ASSERT(entry.index == next);
    ASSERT(entry.data.size() <= options_.entry_bytes_max);
    if (records_bytes(pending) + entry_record_bytes + entry.data.size() >
        options_.frame_bytes_max) {
      pending = push_part(std::move(pending), hard_state);
    }
    store::append(pending.frame, entry);
    pending.after.last = pending.highest = entry.index;
    next.value += 1;
  }
  if (hard_state) {
    store::append(pending.frame, *hard_state);
    pending.after.hard_state = *hard_state;
  }
  pending.done = std::move(done);
  push(std::move(pending));
  write_next();
}

void Journal::State::compact(LogIndex index, Term term) {
  if (broken_ || index <= planned_.compacted) return;
  ASSERT(index <= planned_.last);
  Pending pending = plan();
  store::append(pending.frame, CompactRecord{index, term});
  pending.after.compacted = index;
  pending.after.compacted_term = term;
  push(std::move(pending));
  write_next();
}

void Journal::State::reset(LogIndex index, Term term, const HardState& hard_state, Done done) {
  if (broken_) return done(error(Errc::unavailable, broken_->message));
  Pending pending = plan();
  pending.after = {index, index, term, hard_state};
  pending.reset = true;
  pending.done = std::move(done);
  store::append(pending.frame, ResetRecord{index, term});
  store::append(pending.frame, hard_state);
  push(std::move(pending));
  write_next();
}

std::uint64_t Journal::State::bytes_on_disk() const {
  std::uint64_t bytes = preparing_ ? prepared_bytes_ : 0;
  for (const SegmentFile& segment : segments_) bytes += segment.bytes;
  for (const SegmentFile& segment : ready_) bytes += segment.bytes;
  return bytes;
}

// The term of the entries goes with them; the commit comes with the last part, when all that it
// speaks of is there.
Pending Journal::State::push_part(Pending pending, const std::optional<HardState>& hard_state) {
  if (hard_state) {
    const LogIndex commit = pending.after.hard_state.commit;
    pending.after.hard_state = {hard_state->term, hard_state->vote, commit};
    store::append(pending.frame, pending.after.hard_state);
  }
  push(std::move(pending));
  return plan();
}

void Journal::State::push(Pending pending) {
  planned_ = pending.after;
  queue_.push_back(std::move(pending));
}

void Journal::State::write_next() {
  if (writing_ || queue_.empty() || broken_) return;
  Pending& next = queue_.front();
  if (!fits(next) && !begin_segment(next)) {
    if (!preparing_ && !recycling_) {
      urgent_ = true;
      prepare_segment();
    }
    return;
  }
  SegmentFile& segment = segments_.back();
  previous_ = seal_frame(next.frame, {segment.number, frame_, offset_, previous_});
  frame_ += 1;
  const std::uint64_t offset = offset_;
  offset_ += next.frame.size();
  written_ = next.after;
  writing_ = true;
  const auto self = shared_from_this();  // The callback may end the Journal.
  disk_.write(segment_name(segment.number), offset, std::move(next.frame),
              then(&State::on_written));
  if (ready_.empty() && !recycling_ && !preparation_failed_) prepare_segment();
}

bool Journal::State::fits(const Pending& pending) const {
  const std::uint64_t bytes = frame_bytes(records_bytes(pending));
  return !segments_.empty() && offset_ + bytes <= segments_.back().bytes;
}

// False when no segment is ready.
bool Journal::State::begin_segment(Pending& pending) {
  if (ready_.empty()) return false;
  SegmentFile segment = ready_.front();
  ready_.erase(ready_.begin());
  Bytes base;
  store::append(base, BaseRecord{segment.bytes, written_.last, written_.compacted,
                                 written_.compacted_term, written_.hard_state});
  pending.frame.insert(frame_header_bytes, base);
  segments_.push_back(segment);
  offset_ = 0;
  return true;
}

void Journal::State::on_written(Result<void> result) {
  if (!result) return break_with(std::move(result.error()));
  writing_ = false;
  const Pending written = std::move(queue_.front());
  queue_.pop_front();
  if (written.reset) {
    for (SegmentFile& segment : segments_) segment.last = LogIndex{};
  }
  segments_.back().last = std::max(segments_.back().last, written.highest);
  compacted_ = written.after.compacted;
  give_up_segments();
  write_next();
  if (written.done) written.done({});
}

void Journal::State::prepare_segment() {
  if (preparing_ || broken_) return;
  preparing_ = true;
  prepared_bytes_ = 0;
  disk_.create(new_segment_name, 0, then(&State::write_piece));
}

void Journal::State::write_piece(Result<void> result) {
  if (!result) return preparation_failed(std::move(result.error()));
  if (prepared_bytes_ == options_.segment_bytes) {
    disk_.rename(new_segment_name, segment_name(next_number()), then(&State::on_ready));
    return;
  }
  const std::uint64_t offset = prepared_bytes_;
  const std::uint64_t piece = urgent_ || segments_.empty() ? urgent_piece_bytes : piece_bytes;
  const std::uint64_t bytes = std::min(piece, options_.segment_bytes - offset);
  prepared_bytes_ += bytes;
  disk_.write(new_segment_name, offset, Bytes(bytes, '\0'), then(&State::write_piece));
}

void Journal::State::preparation_failed(Error error) {
  preparing_ = false;
  preparation_failed_ = true;
  if (urgent_) return break_with(std::move(error));
  disk_.remove(new_segment_name, then(&State::on_discarded));
  give_up_segments();
  write_next();  // An append that waits for a segment tries again.
}

void Journal::State::on_ready(Result<void> result) {
  if (!result) return break_with(std::move(result.error()));
  preparing_ = urgent_ = preparation_failed_ = false;
  ready_.push_back({next_number(), options_.segment_bytes, LogIndex{}});
  give_up_segments();
  write_next();
}

// One segment after the other, oldest first: a gap between them would be damage.
void Journal::State::give_up_segments() {
  if (giving_up_ || segments_.size() < 2 || segments_.front().last > compacted_) return;
  const bool wanted = ready_.size() < options_.spare_segments_max &&
                      segments_.front().bytes == options_.segment_bytes;
  if (wanted && preparing_) return;  // Its number is spoken for.
  giving_up_ = true;
  const std::string file = segment_name(segments_.front().number);
  segments_.erase(segments_.begin());
  if (wanted) {
    recycling_ = true;
    disk_.rename(file, segment_name(next_number()), then(&State::on_recycled));
  } else {
    disk_.remove(file, then(&State::on_removed));
  }
}
void Journal::State::on_recycled(Result<void> result) {
  if (!result) return break_with(std::move(result.error()));
  recycling_ = giving_up_ = false;
  ready_.push_back({next_number(), options_.segment_bytes, LogIndex{}});
  give_up_segments();
  write_next();
}

void Journal::State::on_removed(Result<void> result) {
  if (!result) return break_with(std::move(result.error()));
  giving_up_ = false;
  give_up_segments();
}

// A file that is no part of the log; a creation that failed may have left none.
void Journal::State::on_discarded(Result<void> result) {
  if (!result && result.error().code != Errc::not_found) break_with(std::move(result.error()));
}

// Recycled and new segments become ready one at a time, so that it is free until then.
std::uint64_t Journal::State::next_number() const {
  if (!ready_.empty()) return ready_.back().number + 1;
  return segments_.empty() ? 1 : segments_.back().number + 1;
}

void Journal::State::break_with(Error error) {
  broken_ = error;
  std::deque<Pending> queue = std::move(queue_);
  queue_.clear();
  for (const Pending& pending : queue) {
    if (pending.done) pending.done(tl::unexpected<Error>(error));
  }
}

Journal::Journal(std::shared_ptr<State> state) : state_(std::move(state)) {}

Journal::~Journal() = default;

Result<Journal::Opened> Journal::open(Disk& disk, const JournalOptions& options) {
  if (auto valid = check_options(options); !valid) {
    return tl::unexpected<Error>(std::move(valid.error()));
  }
  Result<Recovery> found = recover_journal(disk);
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  RecoveredLog log = std::move(found->log);
  found->log = {log.hard_state, log.compacted, log.compacted_term, {}, log.tail_dropped};
  auto state = std::make_shared<State>(disk, options, *found);
  state->start(found->leftover);
  return Opened{std::unique_ptr<Journal>(new Journal(std::move(state))), std::move(log)};
}

void Journal::append(const std::optional<HardState>& hard_state, const std::vector<Entry>& entries,
                     Done done) {
  state_->append(hard_state, entries, std::move(done));
}

void Journal::compact(LogIndex index, Term term) { state_->compact(index, term); }

void Journal::reset(LogIndex index, Term term, const HardState& hard_state, Done done) {
  state_->reset(index, term, hard_state, std::move(done));
}

std::uint64_t Journal::bytes_on_disk() const { return state_->bytes_on_disk(); }

}  // namespace oki::store
