#include "watch/logs/log_tail.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::watch::logs {
namespace {

constexpr std::size_t share_min = 4u << 10;
constexpr std::size_t finished_max = 2 * tail_files_max;

}  // namespace

Result<std::vector<std::string>> read_log_patterns(ByteView text) {
  std::vector<std::string> patterns;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const ByteView part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) return error(Errc::invalid, "a log file without a name");
    const std::size_t slash = part.rfind('/');
    const ByteView directory = slash == ByteView::npos ? ByteView() : part.substr(0, slash);
    if (directory.find_first_of("*?") != ByteView::npos) {
      return error(Errc::invalid, "only the last part of a log file's path may be a pattern");
    }
    patterns.emplace_back(part);
  }
  if (patterns.empty()) return error(Errc::invalid, "no log file is given");
  if (patterns.size() > tail_patterns_max) {
    return error(Errc::invalid, "more than " + std::to_string(tail_patterns_max) + " log files");
  }
  return patterns;
}

struct LogTail::Followed {
  std::unique_ptr<LogFile> file;
  std::uint64_t at = 0;
  std::uint64_t old_until = 0;
  Bytes rest;            // Of a line that has not ended.
  bool cutting = false;  // The rest of this line is left out.
};

LogTail::LogTail(LogFiles& files, std::vector<std::string> patterns)
    : files_(files), patterns_(std::move(patterns)) {
  ASSERT(patterns_.size() <= tail_patterns_max);
}

LogTail::~LogTail() = default;

// What is no pattern costs nothing to look up, so it is found at once.
void LogTail::look_up(bool patterns_too) {
  if (patterns_too) left_out_ = 0;
  for (const std::string& pattern : patterns_) {
    const bool is_path = pattern.find_first_of("*?") == std::string::npos;
    if (!patterns_too && (!is_path || left_out_ > 0)) continue;
    for (std::string& path : files_.find(pattern)) {
      if (followed_.contains(path)) continue;
      if (followed_.size() >= tail_files_max) {
        ++left_out_;
      } else {
        followed_.try_emplace(std::move(path));
      }
    }
  }
}

bool LogTail::is_followed(std::uint64_t identity) const {
  return std::ranges::any_of(followed_, [identity](const auto& row) {
    return row.second.file != nullptr && row.second.file->identity() == identity;
  });
}

// A file that was renamed is found again under its new name when a pattern fits that too: it is
// read on from where it was left. One that is shorter than that has only the identity in common.
void LogTail::open(const std::string& path, Followed& followed) {
  const auto identity = files_.identity(path);
  if (!identity || is_followed(*identity)) return;
  followed = {};
  followed.file = files_.open(path);
  if (followed.file == nullptr) return;
  const std::uint64_t size = followed.file->size();
  const auto known = std::ranges::find(finished_, followed.file->identity(), &Finished::identity);
  if (known != finished_.end() && size >= known->at) {
    followed.at = known->at;
  } else if (polls_ == 0) {
    followed.at = size - std::min<std::uint64_t>(size, tail_history_max);
    followed.cutting = followed.at > 0;  // It begins somewhere within a line.
    followed.old_until = size;
  }
}

void LogTail::finish(Followed& followed) {
  std::erase_if(finished_, [&followed](const Finished& one) {
    return one.identity == followed.file->identity();
  });
  if (followed.file->has_name()) finished_.push_back({followed.file->identity(), followed.at});
  if (finished_.size() > finished_max) finished_.pop_front();
  followed = {};
}

void LogTail::poll(const OnLine& on_line) {
  has_more_ = false;
  look_up(polls_ % tail_lookup_polls == 0);
  share_ = std::max(share_min, tail_bytes_max / std::max<std::size_t>(1, followed_.size()));
  for (auto at = followed_.begin(); at != followed_.end();) {
    const std::string& path = at->first;
    Followed& followed = at->second;
    if (followed.file == nullptr) open(path, followed);
    if (followed.file != nullptr) read_on(path, followed, on_line);
    const auto now = files_.identity(path);
    if (followed.file != nullptr && now != followed.file->identity()) {
      read_on(path, followed, on_line);  // What was written before the renaming.
      if (followed.at >= followed.file->size()) {
        finish(followed);
        open(path, followed);
        if (followed.file != nullptr) read_on(path, followed, on_line);
      }
    }
    // What is not there is found again by its pattern when it comes.
    at = followed.file == nullptr && !now ? followed_.erase(at) : std::next(at);
  }
  ++polls_;
  if (polls_ == 0) polls_ = tail_lookup_polls;  // The beginning was once.
}

void LogTail::read_on(const std::string& path, Followed& followed, const OnLine& on_line) {
  const std::uint64_t size = followed.file->size();
  if (size < followed.at) {  // Truncated, and begun anew.
    followed.at = followed.old_until = 0;
    followed.rest.clear();
    followed.cutting = false;
  }
  if (size - followed.at > tail_behind_max) {
    skipped_bytes_ += size - followed.at - share_;
    followed.at = size - share_;
    followed.rest.clear();
    followed.cutting = true;
  }
  const Bytes bytes = followed.file->read(followed.at, share_);
  const std::uint64_t begin = followed.at;
  followed.at += bytes.size();
  read_bytes_ += bytes.size();
  has_more_ = has_more_ || followed.at < size;
  split(path, followed, bytes, begin, on_line);
}

// One part of a line, with or without its beginning.
void LogTail::take(const std::string& path, Followed& followed, ByteView part, bool old,
                   const OnLine& on_line) {
  if (followed.cutting) return;
  const std::size_t room = tail_line_bytes_max - followed.rest.size();
  followed.rest += part.substr(0, room);
  if (part.size() <= room) return;
  ++cut_lines_;
  on_line(path, followed.rest, old);
  followed.rest.clear();
  followed.cutting = true;
}

void LogTail::split(const std::string& path, Followed& followed, ByteView bytes,
                    std::uint64_t begin, const OnLine& on_line) {
  std::uint64_t place = begin;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const bool whole = end < bytes.size();
    const bool old = place < followed.old_until;
    take(path, followed, bytes.substr(0, end), old, on_line);
    if (whole) {
      if (!followed.cutting && !followed.rest.empty()) on_line(path, followed.rest, old);
      followed.rest.clear();
      followed.cutting = false;
    }
    place += whole ? end + 1 : end;
    bytes.remove_prefix(whole ? end + 1 : end);
  }
}

}  // namespace oki::watch::logs
