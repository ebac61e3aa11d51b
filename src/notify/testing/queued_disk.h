// A disk in memory that finishes one operation when told to, so that a test stops between any two.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "notify/testing/parts.h"

namespace oki::notify {

class QueuedDisk : public MemoryDisk {
 public:
  void create(const std::string& name, std::uint64_t size, Done done) override {
    add([=, this](const Done& d) { MemoryDisk::create(name, size, d); }, std::move(done));
  }
  void write(const std::string& name, std::uint64_t offset, Bytes data, Done done) override {
    add(
        [=, this](const Done& d) {
          if (broken) return d(error(Errc::io, "the disk cannot be written"));
          Bytes& file = files.at(name);
          if (file.size() < offset + data.size()) file.resize(offset + data.size());
          MemoryDisk::write(name, offset, data, d);
        },
        std::move(done));
  }
  void replace(const std::string& name, Bytes data, Done done) override {
    add([=, this](const Done& d) { MemoryDisk::replace(name, data, d); }, std::move(done));
  }
  void remove(const std::string& name, Done done) override {
    add([=, this](const Done& d) { MemoryDisk::remove(name, d); }, std::move(done));
  }

  // False when nothing waits.
  bool step() {
    if (waiting_.empty()) return false;
    const auto [operation, done] = std::move(waiting_.front());
    waiting_.pop_front();
    operation(done);
    return true;
  }
  void run() {
    while (step()) {
    }
  }
  void forget_waiting() { waiting_.clear(); }

 private:
  using Operation = std::function<void(const Done&)>;
  void add(Operation operation, Done done) {
    waiting_.emplace_back(std::move(operation), std::move(done));
  }
  std::deque<std::pair<Operation, Done>> waiting_;
};

}  // namespace oki::notify
