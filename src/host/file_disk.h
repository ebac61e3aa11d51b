// A directory of files as a Disk, with one thread for everything that changes it.
//
// Names that begin with a dot are this class's own: ".replace" is the new content of a file on its
// way (removed at opening). The directory itself is locked (flock) against a second process.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/disk.h"

namespace oki::host {

// Runs an action on the loop; called from the disk's thread.
using Post = std::function<void(std::function<void()>)>;

// What the I/O thread alone touches: the directory and the files it keeps open.
class DirectoryFiles {
 public:
  DirectoryFiles(std::string path, int directory_fd);
  ~DirectoryFiles();

  Result<void> create(const std::string& name, std::uint64_t size);
  Result<void> write(const std::string& name, std::uint64_t offset, ByteView data);
  Result<void> replace(const std::string& name, ByteView data);
  Result<void> rename(const std::string& from, const std::string& to);
  Result<void> remove(const std::string& name);
  Result<Bytes> read(const std::string& name, std::uint64_t offset, std::uint64_t size);

 private:
  Result<int> open_for_write(const std::string& name);
  void forget(const std::string& name);
  Result<void> sync_directory();
  tl::unexpected<Error> fault(int code, const char* what, const std::string& name) const;

  const std::string path_;
  const int directory_fd_;
  std::list<std::pair<std::string, int>> open_;  // Last used first.
};

// Up to `size` bytes from `offset`, fewer only at the end of the file; or an errno.
int read_all(int fd, std::uint64_t offset, std::uint64_t size, Bytes& out);

class FileDisk : public Disk {
 public:
  static Result<std::unique_ptr<Disk>> open(const std::string& directory, Post post);
  ~FileDisk() override;

  Result<std::vector<std::string>> list() override;
  Result<std::uint64_t> size(const std::string& name) override;
  Result<Bytes> read(const std::string& name, std::uint64_t offset, std::uint64_t size) override;
  Result<View> view(const std::string& name) override;
  void fetch(const std::string& name, std::uint64_t offset, std::uint64_t size,
             Fetched done) override;
  void create(const std::string& name, std::uint64_t size, Done done) override;
  void write(const std::string& name, std::uint64_t offset, Bytes data, Done done) override;
  void replace(const std::string& name, Bytes data, Done done) override;
  void rename(const std::string& from, const std::string& to, Done done) override;
  void remove(const std::string& name, Done done) override;

 private:
  using Operation = std::function<Result<void>(DirectoryFiles&)>;
  struct Waiting {
    Operation operation;
    Done done;
  };

  FileDisk(std::string path, int directory_fd, Post post);
  void add(Operation operation, Done done);
  void work();
  Result<int> open_for_read(const std::string& name) const;
  Result<void> sync_files();

  const std::string path_;
  const int directory_fd_;
  const Post post_;
  const std::shared_ptr<bool> alive_;  // Only touched on the loop; false: completions are dropped.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> waiting_;  // Guarded by mutex_.
  bool stop_ = false;            // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace oki::host
