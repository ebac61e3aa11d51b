// Follows log files as they grow, also over rotation by renaming (the old file is read to its end
// first, and further if somebody goes on writing to it) and by truncation.
//
// A file is named by its path, or by a pattern with * and ? in its last part, which is looked up
// again and again, so that files may come later. Of a file that is there at the beginning the last
// tail_history_max are given as old lines, for whoever wants to know what is usual; a file that
// comes later is read from its beginning. Only regular files are read.
//
// Bounded: a poll reads at most tail_bytes_max of all files together, shared evenly; the rest comes
// with the next one. When a file is further ahead than tail_behind_max, what lies between is
// skipped and counted. A line longer than tail_line_bytes_max is cut, and counted. Of more files
// than tail_files_max, and of more entries of a directory than tail_entries_max, the rest is left
// out; the first is counted.
//
// A file that is truncated and grows beyond its former length between two polls reads as one that
// grew: some of its beginning is missed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::watch::logs {

constexpr std::size_t tail_bytes_max = 256u << 10;
constexpr std::size_t tail_history_max = 64u << 10;
constexpr std::uint64_t tail_behind_max = 4u << 20;
constexpr std::size_t tail_line_bytes_max = 16u << 10;
constexpr std::size_t tail_files_max = 64;
constexpr std::size_t tail_patterns_max = 64;
constexpr std::size_t tail_entries_max = 10'000;
constexpr std::uint32_t tail_lookup_polls = 8;  // Patterns are looked up with every so manieth one.

// An open file that may grow. Reading it blocks on nothing but its own disk.
class LogFile {
 public:
  virtual ~LogFile() = default;
  virtual std::uint64_t size() = 0;
  virtual Bytes read(std::uint64_t offset, std::size_t bytes_max) = 0;
  virtual std::uint64_t identity() const = 0;  // Another one after the file was replaced.
  virtual bool has_name() = 0;                 // False: removed. Others may get its identity.
};

class LogFiles {
 public:
  virtual ~LogFiles() = default;
  virtual std::unique_ptr<LogFile> open(const std::string& path) = 0;  // Null: none there.
  virtual std::optional<std::uint64_t> identity(const std::string& path) = 0;

  // Paths that fit the pattern, sorted.
  virtual std::vector<std::string> find(const std::string& pattern) = 0;
};

// The real ones.
class HostLogFiles : public LogFiles {
 public:
  std::unique_ptr<LogFile> open(const std::string& path) override;
  std::optional<std::uint64_t> identity(const std::string& path) override;
  std::vector<std::string> find(const std::string& pattern) override;
};

// "a.log,/var/log/node*.log": paths and patterns. Errc::invalid for none, for an empty one, for a
// pattern in a directory's name and for more than tail_patterns_max.
Result<std::vector<std::string>> read_log_patterns(ByteView text);

class LogTail {
 public:
  // A line without its end. `old`: it was there before following began.
  using OnLine = std::function<void(ByteView path, ByteView line, bool old)>;

  // REQUIRES: `files` outlives this; at most tail_patterns_max patterns.
  LogTail(LogFiles& files, std::vector<std::string> patterns);
  ~LogTail();

  // Gives every whole line that was added since the last call, within the bounds above.
  void poll(const OnLine& on_line);

  bool has_more() const { return has_more_; }  // The last poll left something unread.
  std::size_t files() const { return followed_.size(); }
  std::size_t left_out() const { return left_out_; }
  std::uint64_t read_bytes() const { return read_bytes_; }
  std::uint64_t skipped_bytes() const { return skipped_bytes_; }
  std::uint64_t cut_lines() const { return cut_lines_; }

 private:
  struct Followed;
  struct Finished {
    std::uint64_t identity = 0;
    std::uint64_t at = 0;
  };
  void look_up(bool patterns_too);
  void open(const std::string& path, Followed& file);
  void finish(Followed& file);
  bool is_followed(std::uint64_t identity) const;
  void read_on(const std::string& path, Followed& file, const OnLine& on_line);
  void split(const std::string& path, Followed& file, ByteView bytes, std::uint64_t begin,
             const OnLine& on_line);
  void take(const std::string& path, Followed& file, ByteView part, bool old,
            const OnLine& on_line);

  LogFiles& files_;
  std::vector<std::string> patterns_;
  std::map<std::string, Followed> followed_;
  std::deque<Finished> finished_;  // Files that were left under the path they had.
  std::uint32_t polls_ = 0;
  std::size_t share_ = tail_bytes_max;  // Of each file, in this poll.
  bool has_more_ = false;
  std::size_t left_out_ = 0;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t skipped_bytes_ = 0;
  std::uint64_t cut_lines_ = 0;
};

}  // namespace oki::watch::logs
