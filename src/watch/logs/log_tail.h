// Follows log files as they grow, from where they end when following begins; also over rotation by
// renaming (the old file is read to its end first) and by truncation.
//
// Bounded: a poll reads at most tail_bytes_max of each file, the rest with the next one; when a
// file is further ahead than tail_behind_max, what lies between is skipped and counted. A line
// longer than tail_line_bytes_max is cut, and counted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace oki::watch::logs {

constexpr std::size_t tail_bytes_max = 256u << 10;
constexpr std::uint64_t tail_behind_max = 16u << 20;
constexpr std::size_t tail_line_bytes_max = 16u << 10;
constexpr std::size_t tail_files_max = 64;

// An open file that may grow. Reading it blocks on nothing but its own disk.
class LogFile {
 public:
  virtual ~LogFile() = default;
  virtual std::uint64_t size() = 0;
  virtual Bytes read(std::uint64_t offset, std::size_t bytes_max) = 0;
  virtual std::uint64_t identity() const = 0;  // Another one after the file was replaced.
};

class LogFiles {
 public:
  virtual ~LogFiles() = default;
  virtual std::unique_ptr<LogFile> open(const std::string& path) = 0;  // Null: none there.
  virtual std::optional<std::uint64_t> identity(const std::string& path) = 0;
};

// The real ones.
class HostLogFiles : public LogFiles {
 public:
  std::unique_ptr<LogFile> open(const std::string& path) override;
  std::optional<std::uint64_t> identity(const std::string& path) override;
};

class LogTail {
 public:
  using OnLine = std::function<void(ByteView path, ByteView line)>;  // Without its end.

  // REQUIRES: `files` outlives this; at most tail_files_max paths.
  LogTail(LogFiles& files, std::vector<std::string> paths);
  ~LogTail();

  // Gives every whole line that was added since the last call. A file that appears later is read
  // from its beginning.
  void poll(const OnLine& on_line);

  std::uint64_t skipped_bytes() const { return skipped_bytes_; }
  std::uint64_t cut_lines() const { return cut_lines_; }

 private:
  struct Followed;
  void read_on(const std::string& path, Followed& file, const OnLine& on_line);
  void split(const std::string& path, Followed& file, ByteView bytes, const OnLine& on_line);

  LogFiles& files_;
  std::map<std::string, Followed> followed_;
  bool begun_ = false;
  std::uint64_t skipped_bytes_ = 0;
  std::uint64_t cut_lines_ = 0;
};

}  // namespace oki::watch::logs
