// A Disk in memory for tests and the simulator: what is durable, what a crash leaves of an
// operation that was under way, and every way a disk lets its user down.
//
// Operations run one after the other, as Disk promises. An operation takes effect when it finishes;
// until then a crash leaves all, nothing, or (writes, creations) any part of it in sectors of 512
// bytes, as the seed decides. Deterministic: the same seed and calls give the same bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/prng.h"
#include "base/result.h"

namespace oki::store {

class MemoryDisk final : public Disk {
 public:
  enum class Kind : std::uint8_t { create, write, replace, rename, remove, fetch };

  struct Operation {
    Kind kind = Kind::write;
    std::string name;
    std::string to;  // Of a rename.
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  // Of a creation.
    Bytes data;
    Done done = nullptr;
  };

  // Calls `finish` when the operation is to finish. Later calls of `finish` have no effect, also
  // after a crash or the end of the disk.
  using Pace = std::function<void(const Operation& operation, std::function<void()> finish)>;
  using Files = std::map<std::string, Bytes>;

  // Operations finish at once, inside the call that asks for them, until told otherwise.
  explicit MemoryDisk(std::uint64_t seed, Files files = {});

  // --- When operations finish.
  void finish_at_once();
  void hold();               // Each one waits for a finish_next().
  bool finish_next();        // False when nothing is under way.
  std::size_t finish_all();  // Also what the finished ones ask for. Gives how many.
  void pace_with(Pace pace);
  void delay_with(Timers& timers, std::int64_t min_ms, std::int64_t max_ms);

  // --- Faults.
  // The machine stops: what is under way is torn, what waits is lost, no `done` is called.
  void crash();
  // The operation `count` operations from now (0: the next to finish) fails with `code`. How much
  // of it reaches the disk is up to the seed.
  void fail_operation(std::uint64_t count, Errc code);
  // From now on creations, replacements and writes past the end of a file that need more than this
  // in total fail with Errc::full.
  void set_bytes_max(std::uint64_t bytes);
  void fail_reads(const std::string& name);
  void flip(const std::string& name, std::uint64_t offset, std::uint8_t mask);
  void truncate(const std::string& name, std::uint64_t size);
  void wipe();  // All files are gone. REQUIRES: nothing under way.

  // --- What is there.
  const Files& files() const { return files_; }  // Durable.
  std::uint64_t bytes_used() const;
  std::uint64_t finished() const { return finished_; }  // Operations so far, failed ones too.
  std::size_t waiting() const { return queue_.size(); }

  // --- Disk.
  Result<std::vector<std::string>> list() override;
  Result<std::uint64_t> size(const std::string& name) override;
  Result<Bytes> read(const std::string& name, std::uint64_t offset, std::uint64_t size) override;
  void fetch(const std::string& name, std::uint64_t offset, std::uint64_t size,
             Fetched done) override;
  void create(const std::string& name, std::uint64_t size, Done done) override;
  void write(const std::string& name, std::uint64_t offset, Bytes data, Done done) override;
  void replace(const std::string& name, Bytes data, Done done) override;
  void rename(const std::string& from, const std::string& to, Done done) override;
  void remove(const std::string& name, Done done) override;

 private:
  void submit(Operation operation);
  void begin_next();
  void finish_current();
  Result<void> perform(Operation& operation);
  Result<void> check_room(std::uint64_t more_bytes);
  Bytes& file(const std::string& name);
  void tear(const Operation& operation);
  void tear_write(const Operation& operation);

  Prng prng_;
  Files files_;
  Pace pace_;
  bool at_once_ = true;
  bool finishing_ = false;
  bool under_way_ = false;  // The first of `queue_` has begun.
  std::deque<Operation> queue_;
  std::shared_ptr<std::uint64_t> life_;  // Counts crashes and begun operations.
  std::uint64_t finished_ = 0;
  std::uint64_t bytes_max_ = ~std::uint64_t{0};
  std::map<std::uint64_t, Errc> failures_;
  std::set<std::string> unreadable_;
};

}  // namespace oki::store
