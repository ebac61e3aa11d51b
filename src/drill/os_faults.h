// What the kernel lets this process do to its children, beyond signals: limits, single threads,
// packets.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace oki::drill {

// The soft limit on the size of files that `pid` writes: 0 makes every write fail, as a full disk
// does; unlimited again with the greatest number.
Result<void> limit_file_bytes(pid_t pid, std::uint64_t bytes);

// Stops the threads named `name` of a child while the others run on: a disk that does not answer.
class HeldThreads {
 public:
  HeldThreads() = default;
  HeldThreads(const HeldThreads&) = delete;
  HeldThreads& operator=(const HeldThreads&) = delete;
  ~HeldThreads() { release(); }

  // Errc::not_found when the process has no such thread; Errc::io when the kernel refuses.
  Result<void> hold(pid_t pid, const std::string& name);
  void release();  // All of them; those that ended meanwhile are passed over.

 private:
  std::vector<pid_t> threads_;
};

// From here on this process and its children have a network of their own, with nothing but a
// loopback, so that packets can be dropped without hurting anybody else. REQUIRES: the process has
// one thread. Errc::io when the kernel refuses; nothing has changed then.
Result<void> enter_private_network();

// Packet loss by nftables, on ports of the loopback. Only in a private network.
class PacketLoss {
 public:
  // `directory` keeps the rules that are loaded.
  explicit PacketLoss(std::string directory) : directory_(std::move(directory)) {}

  static bool available();  // nft is installed.

  enum class How : std::uint8_t {
    drop,   // Nobody hears of it.
    reset,  // The sender is told that the connection is gone.
  };

  // What comes in on these ports, `share_percent` of the packets that carry data or open
  // connections.
  Result<void> lose(const std::vector<std::uint16_t>& ports, unsigned share_percent, How how);
  Result<void> stop();

 private:
  Result<void> load(const std::string& rules);

  std::string directory_;
  bool losing_ = false;
};

}  // namespace oki::drill
