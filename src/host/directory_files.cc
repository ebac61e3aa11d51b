#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "host/file_disk.h"
#include "host/poller.h"

namespace oki::host {
namespace {

constexpr std::size_t open_files_max = 8;
constexpr std::size_t zeros_bytes = 1u << 20;
constexpr const char* replace_name = ".replace";

// Nothing or the errno of the failure.
int write_all(int fd, ByteView data, std::uint64_t offset) {
  while (!data.empty()) {
    const ssize_t count = pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return ENOSPC;
    data.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return 0;
}

int write_zeros(int fd, std::uint64_t size) {
  const Bytes zeros(std::min<std::uint64_t>(size, zeros_bytes), '\0');
  for (std::uint64_t offset = 0; offset < size; offset += zeros.size()) {
    const ByteView piece = ByteView(zeros).substr(0, size - offset);
    if (const int code = write_all(fd, piece, offset); code != 0) return code;
  }
  return fdatasync(fd) == 0 ? 0 : errno;
}

}  // namespace

int read_all(int fd, std::uint64_t offset, std::uint64_t size, Bytes& out) {
  struct stat about{};
  if (fstat(fd, &about) != 0) return errno;
  const auto whole = static_cast<std::uint64_t>(about.st_size);
  out.resize(offset >= whole ? 0 : std::min(size, whole - offset));
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t count =
        pread(fd, out.data() + got, out.size() - got, static_cast<off_t>(offset + got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  out.resize(got);
  return 0;
}

DirectoryFiles::DirectoryFiles(std::string path, int directory_fd)
    : path_(std::move(path)), directory_fd_(directory_fd) {
  unlinkat(directory_fd_, replace_name, 0);
}

DirectoryFiles::~DirectoryFiles() {
  for (const auto& [name, fd] : open_) ::close(fd);
}

tl::unexpected<Error> DirectoryFiles::fault(int code, const char* what,
                                            const std::string& name) const {
  return errno_error(code, std::string("cannot ") + what + " " + path_ + "/" + name);
}

Result<void> DirectoryFiles::sync_directory() {
  if (fsync(directory_fd_) == 0) return {};
  return errno_error(errno, "cannot sync directory " + path_);
}

Result<int> DirectoryFiles::open_for_write(const std::string& name) {
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const auto& file) { return file.first == name; });
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return open_.front().second;
  }
  const int fd = openat(directory_fd_, name.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return fault(errno, "open", name);
  open_.emplace_front(name, fd);
  if (open_.size() > open_files_max) {
    ::close(open_.back().second);
    open_.pop_back();
  }
  return fd;
}

void DirectoryFiles::forget(const std::string& name) {
  open_.remove_if([&](const auto& file) {
    if (file.first != name) return false;
    ::close(file.second);
    return true;
  });
}

Result<void> DirectoryFiles::create(const std::string& name, std::uint64_t size) {
  const int fd = openat(directory_fd_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fault(errno, "create", name);
  const int code = write_zeros(fd, size);
  ::close(fd);
  if (code != 0) {
    unlinkat(directory_fd_, name.c_str(), 0);  // Gives back the space that was still there.
    return fault(code, "fill", name);
  }
  return sync_directory();
}

Result<void> DirectoryFiles::write(const std::string& name, std::uint64_t offset, ByteView data) {
  const auto fd = open_for_write(name);
  if (!fd) return tl::unexpected(fd.error());
  if (const int code = write_all(*fd, data, offset); code != 0) return fault(code, "write", name);
  if (fdatasync(*fd) != 0) return fault(errno, "sync", name);
  return {};
}

Result<void> DirectoryFiles::replace(const std::string& name, ByteView data) {
  const int fd =
      openat(directory_fd_, replace_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fault(errno, "create the new content of", name);
  int code = write_all(fd, data, 0);
  if (code == 0 && fsync(fd) != 0) code = errno;
  ::close(fd);
  if (code == 0 && renameat(directory_fd_, replace_name, directory_fd_, name.c_str()) != 0) {
    code = errno;
  }
  if (code != 0) {
    unlinkat(directory_fd_, replace_name, 0);
    return fault(code, "replace", name);
  }
  forget(name);
  return sync_directory();
}

Result<void> DirectoryFiles::rename(const std::string& from, const std::string& to) {
  if (renameat(directory_fd_, from.c_str(), directory_fd_, to.c_str()) != 0) {
    return fault(errno, "rename", from);
  }
  forget(from);
  forget(to);
  return sync_directory();
}

Result<void> DirectoryFiles::remove(const std::string& name) {
  if (unlinkat(directory_fd_, name.c_str(), 0) != 0) return fault(errno, "remove", name);
  forget(name);
  return sync_directory();
}

Result<Bytes> DirectoryFiles::read(const std::string& name, std::uint64_t offset,
                                   std::uint64_t size) {
  const int fd = openat(directory_fd_, name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fault(errno, "open", name);
  Bytes data;
  const int code = read_all(fd, offset, size, data);
  ::close(fd);
  if (code != 0) return fault(code, "read", name);
  return data;
}

}  // namespace oki::host
