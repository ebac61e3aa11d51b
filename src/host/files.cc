#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "host/loop.h"
#include "host/poller.h"

namespace oki::host {
namespace {

Result<Bytes> read_descriptor(int fd, const std::string& path, std::size_t bytes_max) {
  Bytes data;
  char piece[16384];
  while (true) {
    const ssize_t count = ::read(fd, piece, sizeof piece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(errno, "cannot read " + path);
    if (count == 0) return data;
    data.append(piece, static_cast<std::size_t>(count));
    if (data.size() > bytes_max) {
      return error(Errc::full, path + " is longer than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

int write_descriptor(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return fsync(fd) == 0 ? 0 : errno;
}

}  // namespace

Result<Bytes> read_file(const std::string& path, std::size_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "cannot open " + path);
  Result<Bytes> data = read_descriptor(fd, path, bytes_max);
  ::close(fd);
  return data;
}

Result<void> write_file(const std::string& path, ByteView bytes, int mode) {
  const std::string fresh = path + ".new";
  const int fd =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode));
  if (fd < 0) return errno_error(errno, "cannot create " + fresh);
  int code = fchmod(fd, static_cast<mode_t>(mode)) == 0 ? 0 : errno;
  if (code == 0) code = write_descriptor(fd, bytes);
  ::close(fd);
  if (code == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) code = errno;
  if (code == 0) return {};
  ::unlink(fresh.c_str());
  return errno_error(code, "cannot write " + path);
}

}  // namespace oki::host
