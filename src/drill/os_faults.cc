#include "drill/os_faults.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/assert.h"
#include "host/child.h"
#include "host/loop.h"

namespace oki::drill {
namespace {

constexpr const char* nft_paths[] = {"/usr/sbin/nft", "/sbin/nft"};
constexpr int nft_patience_ms = 5000;
constexpr std::size_t thread_name_bytes_max = 64;

tl::unexpected<Error> refused(const char* what) {
  return error(Errc::io, std::string(what) + ": " + std::strerror(errno));
}

std::string nft_path() {
  for (const char* path : nft_paths) {
    if (access(path, X_OK) == 0) return path;
  }
  return {};
}

// A new network has its loopback down.
Result<void> raise_loopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused("socket");
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int code = ioctl(fd, SIOCSIFFLAGS, &request);
  const int fault = errno;
  close(fd);
  errno = fault;
  if (code != 0) return refused("loopback");
  return {};
}

// Whoever is not root becomes root of a user namespace, which owns the new network.
Result<void> unshare_network() {
  if (unshare(CLONE_NEWNET) == 0) return {};
  const std::string user = "0 " + std::to_string(getuid()) + " 1\n";
  const std::string group = "0 " + std::to_string(getgid()) + " 1\n";
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return refused("a network of its own");
  const std::pair<const char*, const std::string*> maps[] = {{"/proc/self/uid_map", &user},
                                                             {"/proc/self/gid_map", &group}};
  const std::string deny = "deny";
  FILE* groups = std::fopen("/proc/self/setgroups", "w");
  if (groups != nullptr) {
    std::fputs(deny.c_str(), groups);
    std::fclose(groups);
  }
  for (const auto& [path, text] : maps) {
    FILE* file = std::fopen(path, "w");
    if (file == nullptr) return refused(path);
    std::fputs(text->c_str(), file);
    if (std::fclose(file) != 0) return refused(path);
  }
  return {};
}

std::vector<pid_t> threads_of(pid_t pid, const std::string& name) {
  std::vector<pid_t> threads;
  std::error_code fault;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& entry : std::filesystem::directory_iterator(tasks, fault)) {
    const auto comm = host::read_file(entry.path() / "comm", thread_name_bytes_max);
    if (comm && *comm == name + "\n") threads.push_back(std::stoi(entry.path().filename()));
  }
  return threads;
}

}  // namespace

Result<void> limit_file_bytes(pid_t pid, std::uint64_t bytes) {
  rlimit limit{};
  if (prlimit(pid, RLIMIT_FSIZE, nullptr, &limit) != 0) return refused("prlimit");
  limit.rlim_cur = std::min<rlim_t>(bytes, limit.rlim_max);
  if (prlimit(pid, RLIMIT_FSIZE, &limit, nullptr) != 0) return refused("prlimit");
  return {};
}

Result<void> HeldThreads::hold(pid_t pid, const std::string& name) {
  const std::vector<pid_t> threads = threads_of(pid, name);
  if (threads.empty()) {
    return error(Errc::not_found, "process " + std::to_string(pid) + " has no thread " + name);
  }
  for (const pid_t thread : threads) {
    if (ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) return refused("ptrace");
    threads_.push_back(thread);
    if (ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) != 0) return refused("ptrace");
  }
  // Stopped once the kernel says so: what it was writing is finished first.
  for (const pid_t thread : threads) waitpid(thread, nullptr, __WALL);
  return {};
}

void HeldThreads::release() {
  for (const pid_t thread : threads_) ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
  threads_.clear();
}

Result<void> enter_private_network() {
  if (auto done = unshare_network(); !done) return done;
  return raise_loopback();
}

bool PacketLoss::available() { return !nft_path().empty(); }

Result<void> PacketLoss::lose(const std::vector<std::uint16_t>& ports, unsigned share_percent,
                              How how) {
  ASSERT(!ports.empty() && share_percent > 0 && share_percent <= 100);
  std::string set;
  for (const std::uint16_t port : ports) {
    set += (set.empty() ? "" : ", ") + std::to_string(port);
  }
  std::string match = "tcp dport { " + set + " } ";
  // Acknowledgements without data pass: of what is lost, only requests and openings count.
  if (share_percent < 100) {
    match += "tcp flags & (psh | syn) != 0 numgen random mod 100 < " +
             std::to_string(share_percent) + " ";
  }
  const std::string verdict = how == How::drop ? "drop" : "reject with tcp reset";
  const std::string rules = "table inet okiagari_drill {\n  chain input {\n    type filter hook " +
                            std::string("input priority 0; policy accept;\n    ") + match +
                            verdict + "\n  }\n}\n";
  if (auto done = stop(); !done) return done;
  if (auto done = load(rules); !done) return done;
  losing_ = true;
  return {};
}

Result<void> PacketLoss::stop() {
  if (!losing_) return {};
  losing_ = false;
  return load("delete table inet okiagari_drill\n");
}

Result<void> PacketLoss::load(const std::string& rules) {
  const std::string file = directory_ + "/packet_rules";
  if (auto done = host::write_file(file, rules, 0600); !done) return done;
  auto child = host::Child::start({nft_path(), "-f", file}, directory_ + "/nft.log");
  if (!child) return tl::unexpected(child.error());
  if (!child->wait(nft_patience_ms) || child->exit_status() != 0) {
    return error(Errc::io, "nft refused the rules; see " + directory_ + "/nft.log");
  }
  return {};
}

}  // namespace oki::drill
