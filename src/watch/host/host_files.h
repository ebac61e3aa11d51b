// What the kernel says about the machine, as the sampler sees it: the texts of /proc and /sys, and
// the room on a file system. Tests give recorded texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace oki::watch {

// Of the file system that a path lies on.
struct SpaceReading {
  std::uint64_t bytes = 0;
  std::uint64_t available_bytes = 0;  // To a process without privileges.
  std::uint64_t files = 0;            // 0: the file system has no such limit.
  std::uint64_t files_free = 0;
};

class HostFiles {
 public:
  virtual ~HostFiles() = default;

  // The first bytes of a file, `bytes_max` at most; nothing when it cannot be read: an old kernel,
  // a container, a device that is gone. Nobody is told of it, for the metric is then missing.
  virtual std::optional<Bytes> read(const std::string& path, std::size_t bytes_max) = 0;

  virtual std::optional<SpaceReading> space(const std::string& path) = 0;

  // How many entries a directory has, counted up to `entries_max`.
  virtual std::optional<std::uint64_t> count_entries(const std::string& path,
                                                     std::uint64_t entries_max) = 0;
};

// The real ones. Reading /proc and /sys blocks on no device; a path on a network file system may.
class KernelFiles : public HostFiles {
 public:
  std::optional<Bytes> read(const std::string& path, std::size_t bytes_max) override;
  std::optional<SpaceReading> space(const std::string& path) override;
  std::optional<std::uint64_t> count_entries(const std::string& path,
                                             std::uint64_t entries_max) override;
};

}  // namespace oki::watch
