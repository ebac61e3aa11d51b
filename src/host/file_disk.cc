#include "host/file_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "host/poller.h"

namespace oki::host {
namespace {

constexpr mode_t directory_mode = 0700;

// Every missing part of the path, each made durable in its parent.
Result<void> make_directories(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), directory_mode) != 0 && errno != EEXIST) {
      return errno_error(errno, "cannot create directory " + part);
    }
    if (end == std::string::npos) return {};
  }
}

bool is_own_name(const std::string& name) {
  return name.empty() || name.front() == '.' || name.find('/') != std::string::npos;
}

}  // namespace

Result<std::unique_ptr<Disk>> FileDisk::open(const std::string& directory, Post post) {
  if (auto made = make_directories(directory); !made) return tl::unexpected(made.error());
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "cannot open directory " + directory);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    ::close(fd);
    if (code == EWOULDBLOCK) {
      return error(Errc::exists, "directory " + directory + " is in use by another process");
    }
    return errno_error(code, "cannot lock directory " + directory);
  }
  if (fsync(fd) != 0) {
    const int code = errno;
    ::close(fd);
    return errno_error(code, "cannot sync directory " + directory);
  }
  std::unique_ptr<FileDisk> disk(new FileDisk(directory, fd, std::move(post)));
  if (auto synced = disk->sync_files(); !synced) return tl::unexpected(synced.error());
  return disk;
}

// A process that was killed may have left bytes that a reader sees and a power cut takes back.
Result<void> FileDisk::sync_files() {
  const auto names = list();
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names) {
    const auto fd = open_for_read(name);
    if (!fd) return tl::unexpected(fd.error());
    const int code = fsync(*fd) == 0 ? 0 : errno;
    ::close(*fd);
    if (code != 0) return errno_error(code, "cannot sync " + path_ + "/" + name);
  }
  return {};
}

FileDisk::FileDisk(std::string path, int directory_fd, Post post)
    : path_(std::move(path)),
      directory_fd_(directory_fd),
      post_(std::move(post)),
      alive_(std::make_shared<bool>(true)),
      thread_([this] { work(); }) {}

FileDisk::~FileDisk() {
  *alive_ = false;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  ::close(directory_fd_);
}

// Named, so that operators and drills find it among the threads of a process.
void FileDisk::work() {
  pthread_setname_np(pthread_self(), "disk");
  DirectoryFiles files(path_, directory_fd_);
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (stop_) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Result<void> result = next.operation(files);
    post_([alive = alive_, done = std::move(next.done), result = std::move(result)] {
      if (*alive) done(result);
    });
  }
}

void FileDisk::add(Operation operation, Done done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(operation), std::move(done)});
  }
  wake_.notify_one();
}

Result<std::vector<std::string>> FileDisk::list() {
  const int fd = ::openat(directory_fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* directory = fd < 0 ? nullptr : fdopendir(fd);
  if (directory == nullptr) return errno_error(errno, "cannot list " + path_);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(directory)) {
    struct stat about{};
    const std::string name = entry->d_name;
    if (is_own_name(name) || fstatat(directory_fd_, name.c_str(), &about, 0) != 0) continue;
    if (S_ISREG(about.st_mode)) names.push_back(name);
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

Result<int> FileDisk::open_for_read(const std::string& name) const {
  ASSERT(!is_own_name(name));
  const int fd = openat(directory_fd_, name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "cannot open " + path_ + "/" + name);
  return fd;
}

Result<std::uint64_t> FileDisk::size(const std::string& name) {
  ASSERT(!is_own_name(name));
  struct stat about{};
  if (fstatat(directory_fd_, name.c_str(), &about, 0) != 0) {
    return errno_error(errno, "cannot read the size of " + path_ + "/" + name);
  }
  return static_cast<std::uint64_t>(about.st_size);
}

Result<Bytes> FileDisk::read(const std::string& name, std::uint64_t offset, std::uint64_t size) {
  const auto fd = open_for_read(name);
  if (!fd) return tl::unexpected(fd.error());
  Bytes data;
  const int code = read_all(*fd, offset, size, data);
  ::close(*fd);
  if (code != 0) return errno_error(code, "cannot read " + path_ + "/" + name);
  return data;
}

// Mapped: the pages come as they are read and go when memory is short.
Result<Disk::View> FileDisk::view(const std::string& name) {
  const auto size = this->size(name);
  if (!size) return tl::unexpected(size.error());
  if (*size == 0) return View{};
  const auto fd = open_for_read(name);
  if (!fd) return tl::unexpected(fd.error());
  void* pages = mmap(nullptr, *size, PROT_READ, MAP_PRIVATE, *fd, 0);
  const int code = pages == MAP_FAILED ? errno : 0;
  ::close(*fd);
  if (code != 0) return errno_error(code, "cannot map " + path_ + "/" + name);
  madvise(pages, *size, MADV_SEQUENTIAL);
  const ByteView bytes(static_cast<const char*>(pages), *size);
  return View{bytes, {bytes.data(), [size = *size](const char* at) {
                        munmap(const_cast<char*>(at), size);
                      }}};
}

void FileDisk::fetch(const std::string& name, std::uint64_t offset, std::uint64_t size,
                     Fetched done) {
  ASSERT(!is_own_name(name));
  const auto data = std::make_shared<Bytes>();
  add(
      [name, offset, size, data](DirectoryFiles& files) -> Result<void> {
        auto bytes = files.read(name, offset, size);
        if (!bytes) return tl::unexpected(bytes.error());
        *data = std::move(*bytes);
        return {};
      },
      [data, done = std::move(done)](const Result<void>& result) {
        if (!result) return done(tl::unexpected(result.error()));
        done(std::move(*data));
      });
}

void FileDisk::create(const std::string& name, std::uint64_t size, Done done) {
  ASSERT(!is_own_name(name));
  add([name, size](DirectoryFiles& files) { return files.create(name, size); }, std::move(done));
}

void FileDisk::write(const std::string& name, std::uint64_t offset, Bytes data, Done done) {
  ASSERT(!is_own_name(name));
  add([name, offset,
       data = std::move(data)](DirectoryFiles& files) { return files.write(name, offset, data); },
      std::move(done));
}

void FileDisk::replace(const std::string& name, Bytes data, Done done) {
  ASSERT(!is_own_name(name));
  add([name, data = std::move(data)](DirectoryFiles& files) { return files.replace(name, data); },
      std::move(done));
}

void FileDisk::rename(const std::string& from, const std::string& to, Done done) {
  ASSERT(!is_own_name(from) && !is_own_name(to));
  add([from, to](DirectoryFiles& files) { return files.rename(from, to); }, std::move(done));
}

void FileDisk::remove(const std::string& name, Done done) {
  ASSERT(!is_own_name(name));
  add([name](DirectoryFiles& files) { return files.remove(name); }, std::move(done));
}

}  // namespace oki::host
