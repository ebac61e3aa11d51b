#include "store/testing/memory_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::store {
namespace {

constexpr std::uint64_t sector_bytes = 512;

tl::unexpected<Error> no_such_file(const std::string& name) {
  return error(Errc::not_found, fmt::format("There is no file {}.", name));
}

}  // namespace

MemoryDisk::MemoryDisk(std::uint64_t seed, Files files)
    : prng_(seed), files_(std::move(files)), life_(std::make_shared<std::uint64_t>(0)) {}

void MemoryDisk::finish_at_once() {
  pace_ = nullptr;
  at_once_ = true;
  if (under_way_) finish_all();
}

void MemoryDisk::hold() {
  pace_ = nullptr;
  at_once_ = false;
}

bool MemoryDisk::finish_next() {
  if (!under_way_) return false;
  finish_current();
  return true;
}

std::size_t MemoryDisk::finish_all() {
  std::size_t count = 0;
  while (finish_next()) ++count;
  return count;
}

void MemoryDisk::pace_with(Pace pace) {
  pace_ = std::move(pace);
  at_once_ = false;
}

void MemoryDisk::delay_with(Timers& timers, std::int64_t min_ms, std::int64_t max_ms) {
  pace_with([this, &timers, min_ms, max_ms](const Operation&, std::function<void()> finish) {
    timers.after_ms(prng_.between(min_ms, max_ms), std::move(finish));
  });
}

void MemoryDisk::crash() {
  if (under_way_) tear(queue_.front());
  under_way_ = false;
  queue_.clear();
  *life_ += 1;
}

void MemoryDisk::fail_operation(std::uint64_t count, Errc code) {
  failures_[finished_ + count] = code;
}

void MemoryDisk::set_bytes_max(std::uint64_t bytes) { bytes_max_ = bytes; }

void MemoryDisk::fail_reads(const std::string& name) { unreadable_.insert(name); }

void MemoryDisk::flip(const std::string& name, std::uint64_t offset, std::uint8_t mask) {
  Bytes& bytes = file(name);
  ASSERT(offset < bytes.size());
  bytes[offset] = static_cast<char>(static_cast<std::uint8_t>(bytes[offset]) ^ mask);
}

void MemoryDisk::truncate(const std::string& name, std::uint64_t size) { file(name).resize(size); }

void MemoryDisk::wipe() {
  ASSERT(!under_way_);
  files_.clear();
}

std::uint64_t MemoryDisk::bytes_used() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, data] : files_) bytes += data.size();
  return bytes;
}

Result<std::vector<std::string>> MemoryDisk::list() {
  std::vector<std::string> names;
  for (const auto& [name, data] : files_) names.push_back(name);
  return names;
}

Result<std::uint64_t> MemoryDisk::size(const std::string& name) {
  const auto found = files_.find(name);
  if (found == files_.end()) return no_such_file(name);
  return found->second.size();
}

Result<Bytes> MemoryDisk::read(const std::string& name, std::uint64_t offset, std::uint64_t size) {
  const auto found = files_.find(name);
  if (found == files_.end()) return no_such_file(name);
  if (unreadable_.contains(name)) {
    return error(Errc::io, fmt::format("Reading {} failed: input/output error.", name));
  }
  if (offset >= found->second.size()) return Bytes{};
  return found->second.substr(offset, size);
}

void MemoryDisk::fetch(const std::string& name, std::uint64_t offset, std::uint64_t size,
                       Fetched done) {
  submit({Kind::fetch,
          name,
          {},
          offset,
          size,
          {},
          [this, name, offset, size, done = std::move(done)](const Result<void>& result) {
            if (!result) return done(tl::unexpected<Error>(result.error()));
            done(read(name, offset, size));
          }});
}

void MemoryDisk::create(const std::string& name, std::uint64_t size, Done done) {
  submit({Kind::create, name, {}, 0, size, {}, std::move(done)});
}

void MemoryDisk::write(const std::string& name, std::uint64_t offset, Bytes data, Done done) {
  submit({Kind::write, name, {}, offset, 0, std::move(data), std::move(done)});
}

void MemoryDisk::replace(const std::string& name, Bytes data, Done done) {
  submit({Kind::replace, name, {}, 0, 0, std::move(data), std::move(done)});
}

void MemoryDisk::rename(const std::string& from, const std::string& to, Done done) {
  submit({Kind::rename, from, to, 0, 0, {}, std::move(done)});
}

void MemoryDisk::remove(const std::string& name, Done done) {
  submit({Kind::remove, name, {}, 0, 0, {}, std::move(done)});
}

void MemoryDisk::submit(Operation operation) {
  queue_.push_back(std::move(operation));
  begin_next();
}

void MemoryDisk::begin_next() {
  if (under_way_ || queue_.empty()) return;
  under_way_ = true;
  *life_ += 1;
  if (pace_) {
    const std::weak_ptr<std::uint64_t> life = life_;
    pace_(queue_.front(), [this, life, begun = *life_] {
      const auto now = life.lock();
      if (now && *now == begun) finish_current();
    });
  } else if (at_once_ && !finishing_) {
    finish_all();
  }
}

void MemoryDisk::finish_current() {
  ASSERT(under_way_);
  Operation operation = std::move(queue_.front());
  queue_.pop_front();
  under_way_ = false;
  *life_ += 1;
  Result<void> result;
  if (const auto failure = failures_.find(finished_); failure != failures_.end()) {
    result = error(failure->second, fmt::format("Writing {} failed: {} error.", operation.name,
                                                name(failure->second)));
    tear(operation);
  } else {
    result = perform(operation);
  }
  finished_ += 1;
  const bool nested = std::exchange(finishing_, true);
  if (operation.done) operation.done(std::move(result));
  finishing_ = nested;
  begin_next();
}

Result<void> MemoryDisk::perform(Operation& operation) {
  const auto found = files_.find(operation.name);
  const bool exists = found != files_.end();
  if (operation.kind == Kind::create) {
    if (exists) return error(Errc::exists, fmt::format("{} exists.", operation.name));
    if (auto room = check_room(operation.size); !room) return room;
    files_[operation.name].resize(operation.size);
    return {};
  }
  if (operation.kind == Kind::replace) {
    if (auto room = check_room(operation.data.size()); !room) return room;
    files_[operation.name] = std::move(operation.data);
    return {};
  }
  if (!exists) return no_such_file(operation.name);
  if (operation.kind == Kind::rename) {
    files_[operation.to] = std::move(found->second);
    files_.erase(operation.name);
  } else if (operation.kind == Kind::remove) {
    files_.erase(found);
  } else if (operation.kind == Kind::write) {
    Bytes& bytes = found->second;
    const std::uint64_t end = operation.offset + operation.data.size();
    if (end > bytes.size()) {
      if (auto room = check_room(end - bytes.size()); !room) return room;
      bytes.resize(end);
    }
    bytes.replace(operation.offset, operation.data.size(), operation.data);
  }
  return {};
}

Result<void> MemoryDisk::check_room(std::uint64_t more_bytes) {
  if (bytes_max_ == ~std::uint64_t{0} || bytes_used() + more_bytes <= bytes_max_) return {};
  return error(Errc::full, "No space is left on the disk.");
}

Bytes& MemoryDisk::file(const std::string& name) {
  const auto found = files_.find(name);
  ASSERT(found != files_.end());
  return found->second;
}

// What an operation that never finished has left.
void MemoryDisk::tear(const Operation& operation) {
  if (operation.kind == Kind::write) return tear_write(operation);
  if (!prng_.chance(1, 2)) return;
  Operation part = operation;
  if (part.kind == Kind::create) part.size = prng_.below(part.size + 1);
  // One that would have failed has done nothing.
  static_cast<void>(perform(part));
}

void MemoryDisk::tear_write(const Operation& operation) {
  const auto found = files_.find(operation.name);
  if (found == files_.end()) return;
  Bytes& bytes = found->second;
  // All sectors, none, a prefix of them, or any subset.
  const std::uint64_t way = prng_.below(4);
  const std::uint64_t size = operation.data.size();
  const std::uint64_t prefix = prng_.below(size + 1);
  for (std::uint64_t at = 0; at < size;) {
    const std::uint64_t offset = operation.offset + at;
    const std::uint64_t count = std::min(sector_bytes - offset % sector_bytes, size - at);
    const bool reached = way == 0 || (way == 2 && at < prefix) || (way == 3 && prng_.chance(1, 2));
    if (reached) {
      if (bytes.size() < offset + count) bytes.resize(offset + count);
      bytes.replace(offset, count, operation.data, at, count);
    }
    at += count;
  }
}

}  // namespace oki::store
