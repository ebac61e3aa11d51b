// One directory of files, as the journal and the snapshots see it.
//
// Start-up reads are blocking. Everything that changes the disk is asynchronous: the operations of
// one Disk run one after the other in the order they were asked for, and each calls `done` on the
// loop when its effect would survive a power cut (fdatasync of the file, fsync of the directory
// where names changed). Before `done` an effect may be there, not be there, or be torn: a write may
// have reached the disk in any subset of its 512-byte sectors.
//
// What start-up reads give is durable: bytes that a killed process had written but not synced are
// synced when the Disk is opened. Otherwise a power cut could take back what the replica has built
// on by then.
//
// Errors are final for the caller's promise, not for the Disk: after a failed write nobody knows
// what is on the disk, so the journal stops the process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki {

class Disk {
 public:
  using Done = std::function<void(Result<void>)>;

  virtual ~Disk() = default;

  // Blocking, for start-up. Names sorted; no subdirectories.
  virtual Result<std::vector<std::string>> list() = 0;
  virtual Result<std::uint64_t> size(const std::string& name) = 0;

  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  virtual Result<Bytes> read(const std::string& name, std::uint64_t offset, std::uint64_t size) = 0;

  // All of a file without a copy in memory, as long as `owner` lives. REQUIRES: nobody writes to it
  // meanwhile.
  struct View {
    ByteView bytes;
    std::shared_ptr<const void> owner;
  };
  virtual Result<View> view(const std::string& name) {
    Result<Bytes> bytes = read(name, 0, ~std::uint64_t{0});
    if (!bytes) return tl::unexpected<Error>(std::move(bytes.error()));
    const auto copy = std::make_shared<const Bytes>(std::move(*bytes));
    return View{*copy, copy};
  }

  // As read(), in its turn among the operations.
  using Fetched = std::function<void(Result<Bytes>)>;
  virtual void fetch(const std::string& name, std::uint64_t offset, std::uint64_t size,
                     Fetched done) {
    done(read(name, offset, size));
  }

  // A new file of `size` zero bytes, really written so that later writes allocate nothing.
  virtual void create(const std::string& name, std::uint64_t size, Done done) = 0;

  // Overwrites in place, extending the file where needed. REQUIRES: the file exists.
  virtual void write(const std::string& name, std::uint64_t offset, Bytes data, Done done) = 0;

  // Makes `name` hold exactly `data`, or, after a crash, exactly what it held before.
  virtual void replace(const std::string& name, Bytes data, Done done) = 0;

  virtual void rename(const std::string& from, const std::string& to, Done done) = 0;
  virtual void remove(const std::string& name, Done done) = 0;
};

}  // namespace oki
