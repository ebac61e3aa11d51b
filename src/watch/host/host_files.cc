#include "watch/host/host_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace oki::watch {

std::optional<Bytes> KernelFiles::read(const std::string& path, std::size_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  Bytes text(bytes_max, '\0');
  std::size_t size = 0;
  while (size < bytes_max) {
    const ssize_t count = ::read(fd, text.data() + size, bytes_max - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      ::close(fd);
      return std::nullopt;
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  ::close(fd);
  text.resize(size);
  return text;
}

std::optional<SpaceReading> KernelFiles::space(const std::string& path) {
  struct statvfs room = {};
  if (::statvfs(path.c_str(), &room) != 0) return std::nullopt;
  const std::uint64_t unit = room.f_frsize;
  return SpaceReading{room.f_blocks * unit, room.f_bavail * unit, room.f_files, room.f_favail};
}

std::optional<std::uint64_t> KernelFiles::count_entries(const std::string& path,
                                                        std::uint64_t entries_max) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return std::nullopt;
  std::uint64_t count = 0;
  // The loop is one thread's own stream, for which readdir is safe.
  while (count < entries_max + 2 && ::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count < 2 ? 0 : count - 2;  // "." and ".."
}

}  // namespace oki::watch
