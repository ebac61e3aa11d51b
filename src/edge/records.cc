#include "edge/records.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "edge/records_segment.h"

namespace oki::edge {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr std::int64_t late_ms_max = 5'000;  // A record is told at most so long after its time.
constexpr std::int64_t second_ms = 1'000;

}  // namespace

class Records::State : public std::enable_shared_from_this<Records::State> {
 public:
  State(const Parts& parts, Disk& disk, const RecordsOptions& options)
      : parts_(parts),
        disk_(disk),
        options_(options),
        kept_counter_(parts.metrics.counter("okiagari_edge_records_total",
                                            "Requests that failed and were remembered")),
        dropped_counter_(parts.metrics.counter("okiagari_edge_records_dropped_total",
                                               "Records of failed requests that were lost")),
        failed_gauge_(parts.metrics.gauge("okiagari_edge_records_failed",
                                          "1: the disk of the records has failed")) {
    ASSERT(options.frame_records_max * record_bytes + records_frame_header_bytes <= chunk_bytes);
    ASSERT(options.segment_bytes >= chunk_bytes && options.segments_max >= 2);
  }

  Result<void> recover();
  void add(const FailedRequest& record);
  void add_unnamed();
  void page(WallTimeMs from, WallTimeMs to, RecordPlace place, PageDone done);

 private:
  struct Waiting {
    std::uint64_t needs = 0;  // Runs when so many records are durable.
    std::function<void()> run;
  };

  Result<void> recover_segment(std::uint64_t number, bool last);
  void tell_unnamed();
  void keep(const FailedRequest& record);
  void flush();
  bool has_room() const;
  void begin_segment();
  void write_frame();
  void written(const Bytes& payload);
  void remove_oldest();
  void fail(const char* what, const Error& error);
  void run_waiting();
  void read_page(WallTimeMs from, WallTimeMs to, RecordPlace place, PageDone done);
  Result<RecordPage> page_of(const RecordsSegment& segment, RecordPlace place, ByteView bytes,
                             WallTimeMs from, WallTimeMs to) const;
  RecordPage empty_page() const;
  WallTimeMs whole_since() const;

  Parts parts_;
  Disk& disk_;
  RecordsOptions options_;
  std::vector<RecordsSegment> segments_;  // Oldest first; the last one is being written.
  Bytes waiting_;                         // Records that are not on their way yet.
  bool busy_ = false;                     // A creation or a write is under way.
  bool failed_ = false;
  std::uint64_t added_ = 0;
  std::uint64_t durable_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint32_t dropped_untold_ = 0;
  std::uint32_t unnamed_ = 0;
  WallTimeMs unnamed_since_;
  std::deque<Waiting> pages_waiting_;
  std::size_t pages_ = 0;  // Asked for and not answered.
  Counter& kept_counter_;
  Counter& dropped_counter_;
  Gauge& failed_gauge_;
};

Result<void> Records::State::recover() {
  const Result<std::vector<std::string>> names = disk_.list();
  if (!names) return tl::unexpected(names.error());
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : *names) {
    if (const auto number = records_segment_number(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  for (const std::uint64_t number : numbers) {
    const Result<void> done = recover_segment(number, number == numbers.back());
    if (!done) return done;
  }
  FailedRequest started;
  started.at = parts_.clock.wall_now();
  started.kind = RecordKind::started;
  keep(started);
  flush();
  return {};
}

Result<void> Records::State::recover_segment(std::uint64_t number, bool last) {
  const std::string name = records_segment_name(number);
  const Result<Disk::View> view = disk_.view(name);
  if (!view) return tl::unexpected(view.error());
  const Result<RecordsSegment> segment = scan_segment(number, view->bytes);
  if (!segment) return tl::unexpected(segment.error());
  const bool torn = view->bytes.substr(segment->end).find_first_not_of('\0') != ByteView::npos;
  // The next segment is begun only when this one was written to its end.
  if (torn && !last) return error(Errc::corrupt, name + " ends in bytes that are no records");
  if (torn) parts_.log.warning("edge", "dropped a torn write of records", {{"segment", number}});
  segments_.push_back(*segment);
  return {};
}

void Records::State::add(const FailedRequest& record) {
  tell_unnamed();
  keep(record);
  flush();
}

void Records::State::add_unnamed() {
  const WallTimeMs now = parts_.clock.wall_now();
  if (unnamed_ > 0 && now.value - unnamed_since_.value >= second_ms) tell_unnamed();
  if (unnamed_ == 0) unnamed_since_ = now;
  ++unnamed_;
  flush();
}

void Records::State::tell_unnamed() {
  if (unnamed_ == 0) return;
  FailedRequest record;
  record.at = unnamed_since_;
  record.kind = RecordKind::unnamed;
  record.count = std::exchange(unnamed_, 0);
  keep(record);
}

void Records::State::keep(const FailedRequest& record) {
  const bool full = waiting_.size() / record_bytes >= options_.waiting_max;
  if (failed_ || full) {
    dropped_ += record.count;
    dropped_untold_ += record.count;
    dropped_counter_.add(record.count);
    return;
  }
  append(waiting_, record);
  ++added_;
  kept_counter_.add();
}

bool Records::State::has_room() const {
  return !segments_.empty() &&
         segments_.back().end + records_frame_header_bytes + record_bytes <= options_.segment_bytes;
}

void Records::State::flush() {
  if (busy_ || failed_) return;
  if (waiting_.empty()) return run_waiting();
  busy_ = true;
  has_room() ? write_frame() : begin_segment();
}

void Records::State::begin_segment() {
  const std::uint64_t number = segments_.empty() ? 1 : segments_.back().number + 1;
  disk_.create(records_segment_name(number), options_.segment_bytes,
               [weak = weak_from_this(), number](Result<void> done) {
                 const auto self = weak.lock();
                 if (!self) return;
                 self->busy_ = false;
                 if (!done) return self->fail("cannot begin a segment of records", done.error());
                 RecordsSegment segment;
                 segment.number = number;
                 self->segments_.push_back(segment);
                 self->remove_oldest();
                 self->flush();
               });
}

void Records::State::remove_oldest() {
  while (segments_.size() > options_.segments_max) {
    disk_.remove(records_segment_name(segments_.front().number),
                 [weak = weak_from_this()](Result<void> done) {
                   const auto self = weak.lock();
                   if (self && !done) self->fail("cannot remove old records", done.error());
                 });
    segments_.erase(segments_.begin());
  }
}

void Records::State::write_frame() {
  const RecordsSegment& segment = segments_.back();
  const std::size_t room =
      (options_.segment_bytes - segment.end - records_frame_header_bytes) / record_bytes;
  const std::size_t count =
      std::min({waiting_.size() / record_bytes, options_.frame_records_max, room});
  Bytes payload = waiting_.substr(0, count * record_bytes);
  waiting_.erase(0, payload.size());
  Bytes frame = records_frame(segment.number, segment.end, payload);
  disk_.write(records_segment_name(segment.number), segment.end, std::move(frame),
              [weak = weak_from_this(), payload = std::move(payload)](Result<void> done) {
                const auto self = weak.lock();
                if (!self) return;
                self->busy_ = false;
                if (!done) return self->fail("cannot write records", done.error());
                self->written(payload);
              });
}

void Records::State::written(const Bytes& payload) {
  RecordsSegment& segment = segments_.back();
  segment.end += static_cast<std::uint32_t>(records_frame_header_bytes + payload.size());
  for (std::size_t at = 0; at < payload.size(); at += record_bytes) {
    const auto record = read_record(ByteView(payload).substr(at, record_bytes));
    ASSERT(record.has_value());
    segment.take(*record);
    ++durable_;
  }
  if (dropped_untold_ > 0 && waiting_.size() / record_bytes < options_.waiting_max) {
    FailedRequest lost;
    lost.at = parts_.clock.wall_now();
    lost.kind = RecordKind::dropped;
    lost.count = std::exchange(dropped_untold_, 0);
    keep(lost);
  }
  run_waiting();
  flush();
}

void Records::State::fail(const char* what, const Error& error) {
  if (std::exchange(failed_, true)) return;
  failed_gauge_.set(1);
  parts_.log.error("edge", what, {{"reason", error.message}});
  const std::uint64_t lost = added_ - durable_;
  dropped_ += lost;
  dropped_counter_.add(lost);
  waiting_.clear();
  run_waiting();
}

void Records::State::run_waiting() {
  // They were asked for in this order and wait for rising numbers.
  while (!pages_waiting_.empty() && (failed_ || durable_ >= pages_waiting_.front().needs)) {
    const std::function<void()> run = std::move(pages_waiting_.front().run);
    pages_waiting_.pop_front();
    run();
  }
}

WallTimeMs Records::State::whole_since() const {
  auto first = segments_.rbegin();
  if (first == segments_.rend()) return parts_.clock.wall_now();
  // A segment that is missing between two others ends what is whole.
  while (std::next(first) != segments_.rend() && std::next(first)->number + 1 == first->number) {
    ++first;
  }
  return first->number == 1 ? first->first : WallTimeMs{first->first.value + late_ms_max};
}

RecordPage Records::State::empty_page() const {
  RecordPage page;
  page.whole_since = whole_since();
  page.dropped = dropped_;
  return page;
}

// Everything told before this call is on the disk when the page is read.
void Records::State::page(WallTimeMs from, WallTimeMs to, RecordPlace place, PageDone done) {
  if (pages_ >= options_.pages_max) return done(error(Errc::full, "too many ask for records"));
  ++pages_;
  tell_unnamed();
  PageDone finish = [weak = weak_from_this(), done = std::move(done)](Result<RecordPage> page) {
    if (const auto self = weak.lock()) --self->pages_;
    done(std::move(page));
  };
  pages_waiting_.push_back(
      {added_, [weak = weak_from_this(), from, to, place, finish = std::move(finish)] {
         if (const auto self = weak.lock()) {
           self->read_page(from, to, place, finish);
         }
       }});
  failed_ ? run_waiting() : flush();
}

void Records::State::read_page(WallTimeMs from, WallTimeMs to, RecordPlace place, PageDone done) {
  const auto holds = [&](const RecordsSegment& segment) {
    const bool in_time = segment.records > 0 && segment.earliest <= to && segment.latest >= from;
    if (!in_time || segment.number < place.segment) return false;
    return segment.number > place.segment || segment.end > place.offset;
  };
  const auto found = std::find_if(segments_.begin(), segments_.end(), holds);
  if (found == segments_.end()) return done(empty_page());
  if (found->number != place.segment) place = {found->number, 0};
  const std::size_t size = std::min<std::size_t>(found->end - place.offset, chunk_bytes);
  disk_.fetch(records_segment_name(place.segment), place.offset, size,
              [weak = weak_from_this(), segment = *found, place, from, to,
               done = std::move(done)](Result<Bytes> bytes) {
                if (!bytes) return done(tl::unexpected(bytes.error()));
                if (const auto self = weak.lock()) {
                  done(self->page_of(segment, place, *bytes, from, to));
                }
              });
}

Result<RecordPage> Records::State::page_of(const RecordsSegment& segment, RecordPlace place,
                                           ByteView bytes, WallTimeMs from, WallTimeMs to) const {
  RecordPage page = empty_page();
  const std::uint32_t begin = place.offset;
  while (!bytes.empty()) {
    const auto payload = records_frame_at(bytes, place.segment, place.offset);
    if (!payload) break;
    for (std::size_t at = 0; at < payload->size(); at += record_bytes) {
      const auto record = read_record(payload->substr(at, record_bytes));
      if (!record) return error(Errc::corrupt, "a record does not decode");
      if (record->at >= from && record->at <= to) page.records.push_back(*record);
    }
    const std::size_t size = records_frame_header_bytes + payload->size();
    place.offset += static_cast<std::uint32_t>(size);
    bytes.remove_prefix(size);
  }
  if (place.offset == begin) return error(Errc::corrupt, "no record begins there");
  const bool last = segments_.empty() || segment.number == segments_.back().number;
  if (!last || place.offset < segment.end) page.next = place;
  return page;
}

Result<std::unique_ptr<Records>> Records::open(const Parts& parts, Disk& disk,
                                               const RecordsOptions& options) {
  const auto state = std::make_shared<State>(parts, disk, options);
  if (const Result<void> done = state->recover(); !done) return tl::unexpected(done.error());
  return std::unique_ptr<Records>(new Records(state));
}

Records::Records(std::shared_ptr<State> state) : state_(std::move(state)) {}
Records::~Records() = default;

void Records::add(const FailedRequest& record) { state_->add(record); }
void Records::add_unnamed() { state_->add_unnamed(); }
void Records::page(WallTimeMs from, WallTimeMs to, RecordPlace place, PageDone done) {
  state_->page(from, to, place, std::move(done));
}

}  // namespace oki::edge
