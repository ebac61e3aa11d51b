#include "watch/logs/log_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::watch::logs {
namespace {

std::uint64_t identity_of(const struct stat& found) {
  return static_cast<std::uint64_t>(found.st_ino) ^ static_cast<std::uint64_t>(found.st_dev) << 48;
}

class HostLogFile : public LogFile {
 public:
  HostLogFile(int descriptor, std::uint64_t identity) : fd_(descriptor), identity_(identity) {}
  ~HostLogFile() override { ::close(fd_); }
  HostLogFile(const HostLogFile&) = delete;
  HostLogFile& operator=(const HostLogFile&) = delete;

  std::uint64_t size() override {
    struct stat found{};
    return ::fstat(fd_, &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
  }
  Bytes read(std::uint64_t offset, std::size_t bytes_max) override {
    Bytes bytes(bytes_max, '\0');
    const ssize_t got = ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  std::uint64_t identity() const override { return identity_; }

 private:
  int fd_;
  std::uint64_t identity_;
};

}  // namespace

std::unique_ptr<LogFile> HostLogFiles::open(const std::string& path) {
  // A pipe in the place of a log must not stop the watch.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat found{};
  if (fd < 0) return nullptr;
  if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
    ::close(fd);
    return nullptr;
  }
  return std::make_unique<HostLogFile>(fd, identity_of(found));
}

std::optional<std::uint64_t> HostLogFiles::identity(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return identity_of(found);
}

struct LogTail::Followed {
  std::unique_ptr<LogFile> file;
  std::uint64_t at = 0;
  Bytes rest;            // Of a line that has not ended.
  bool cutting = false;  // The rest of this line is left out.
};

LogTail::LogTail(LogFiles& files, std::vector<std::string> paths) : files_(files) {
  ASSERT(paths.size() <= tail_files_max);
  for (std::string& path : paths) followed_.try_emplace(std::move(path));
}

LogTail::~LogTail() = default;

void LogTail::poll(const OnLine& on_line) {
  for (auto& [path, followed] : followed_) {
    if (followed.file == nullptr) {
      followed.file = files_.open(path);
      followed.at = begun_ || followed.file == nullptr ? 0 : followed.file->size();
    }
    if (followed.file == nullptr) continue;
    read_on(path, followed, on_line);
    const auto now = files_.identity(path);
    if (now == followed.file->identity()) continue;
    read_on(path, followed, on_line);  // What was written before the renaming.
    if (followed.at < followed.file->size()) continue;
    followed = {};
    if (now) followed.file = files_.open(path);
    if (followed.file != nullptr) read_on(path, followed, on_line);
  }
  begun_ = true;
}

void LogTail::read_on(const std::string& path, Followed& followed, const OnLine& on_line) {
  const std::uint64_t size = followed.file->size();
  if (size < followed.at) {  // Truncated, and begun anew.
    followed.at = 0;
    followed.rest.clear();
    followed.cutting = false;
  }
  if (size - followed.at > tail_behind_max) {
    skipped_bytes_ += size - followed.at - tail_bytes_max;
    followed.at = size - tail_bytes_max;
    followed.rest.clear();
    followed.cutting = true;  // It begins somewhere within a line.
  }
  const Bytes bytes = followed.file->read(followed.at, tail_bytes_max);
  followed.at += bytes.size();
  split(path, followed, bytes, on_line);
}

void LogTail::split(const std::string& path, Followed& followed, ByteView bytes,
                    const OnLine& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const ByteView part = bytes.substr(0, end);
    const bool whole = end < bytes.size();
    if (!followed.cutting) {
      const std::size_t room = tail_line_bytes_max - followed.rest.size();
      followed.rest += part.substr(0, room);
      if (part.size() > room) {
        ++cut_lines_;
        on_line(path, followed.rest);
        followed.rest.clear();
        followed.cutting = true;
      }
    }
    if (whole) {
      if (!followed.cutting && !followed.rest.empty()) on_line(path, followed.rest);
      followed.rest.clear();
      followed.cutting = false;
    }
    bytes.remove_prefix(whole ? end + 1 : end);
  }
}

}  // namespace oki::watch::logs
