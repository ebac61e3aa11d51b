// The real files behind LogTail.
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "watch/logs/log_tail.h"

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
  bool has_name() override {
    struct stat found{};
    return ::fstat(fd_, &found) == 0 && found.st_nlink > 0;
  }

 private:
  int fd_;
  std::uint64_t identity_;
};

}  // namespace

std::unique_ptr<LogFile> HostLogFiles::open(const std::string& path) {
  // A pipe in the place of a log must not stop the watch.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
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
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  return identity_of(found);
}

std::vector<std::string> HostLogFiles::find(const std::string& pattern) {
  const std::size_t slash = pattern.rfind('/');
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  const std::string directory = pattern.substr(0, begin);
  const std::string last = pattern.substr(begin);
  if (last.find_first_of("*?") == std::string::npos) {
    return identity(pattern) ? std::vector<std::string>{pattern} : std::vector<std::string>();
  }
  std::vector<std::string> paths;
  DIR* const opened = ::opendir(directory.empty() ? "." : directory.c_str());
  if (opened == nullptr) return paths;
  for (std::size_t entries = 0; entries < tail_entries_max; ++entries) {
    const dirent* entry = ::readdir(opened);
    if (entry == nullptr) break;
    if (::fnmatch(last.c_str(), entry->d_name, FNM_PERIOD | FNM_NOESCAPE) == 0) {
      paths.push_back(directory + entry->d_name);
    }
  }
  ::closedir(opened);
  std::erase_if(paths, [this](const std::string& path) { return !identity(path); });
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace oki::watch::logs
