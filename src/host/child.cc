#include "host/child.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <ctime>

#include "base/assert.h"
#include "base/prng.h"

namespace oki::host {
namespace {

// Runs between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(char* const* arguments, char* const* environment, int log, int null,
                         pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // The parent died before the line above took effect.
  setpgid(0, 0);                        // Ctrl-C in the terminal is the parent's business.
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& arguments, const std::string& log_file,
                           Environment environment) {
  ASSERT(!arguments.empty());
  const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return error(Errc::io, log_file + ": " + std::strerror(errno));
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  static char path[] = "PATH=/usr/bin:/bin";
  static char* const only_path[] = {path, nullptr};
  char* const* given = environment == Environment::all ? environ : only_path;
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(pointers.data(), given, log, null, parent);
  const int fault = errno;
  close(log);
  close(null);
  if (pid < 0) return error(Errc::io, std::string("fork: ") + std::strerror(fault));
  Child child;
  child.pid_ = pid;
  return child;
}

Child::Child(Child&& other) noexcept { take(other); }

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    kill_now();
    take(other);
  }
  return *this;
}

Child::~Child() { kill_now(); }

void Child::take(Child& other) {
  pid_ = other.pid_;
  exit_status_ = other.exit_status_;
  other.pid_ = 0;
}

bool Child::running() {
  if (pid_ == 0) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  pid_ = 0;
  return false;
}

void Child::signal(int number) {
  if (pid_ != 0) ::kill(pid_, number);
}

void Child::kill_now() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  exit_status_ = 128 + SIGKILL;
  pid_ = 0;
}

// The group has the child's number as long as one of it is there, so it is asked for first.
void Child::kill_group_now() {
  if (pid_ != 0) ::kill(-pid_, SIGKILL);
  kill_now();
}

bool Child::wait(int patience_ms) {
  if (pid_ == 0) return true;
  const auto handle = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (handle >= 0) {
    pollfd ended{handle, POLLIN, 0};
    poll(&ended, 1, patience_ms);
    close(handle);
  }
  return !running();
}

void Child::terminate(int patience_ms) {
  signal(SIGTERM);
  if (!wait(patience_ms)) kill_now();
}

Result<std::string> own_binary() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) return error(Errc::io, std::string("/proc/self/exe: ") + std::strerror(errno));
  return std::string(path.data(), static_cast<std::size_t>(length));
}

namespace {

constexpr std::uint16_t first_port = 10'240;
constexpr std::uint16_t ephemeral_ports = 32'768;  // Linux's default: from here on, its own choice.
constexpr int attempts_max = 1000;

bool can_listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return bound;
}

std::uint64_t start_of_this_process() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_nsec) ^ (static_cast<std::uint64_t>(getpid()) << 32);
}

}  // namespace

// Not a port of the kernel's choice: between this call and the listening, the kernel could give
// that one to an outgoing connection. No port is given out twice by one process.
Result<std::uint16_t> free_port() {
  constexpr std::uint64_t count = ephemeral_ports - first_port;
  static std::uint64_t next = Prng(start_of_this_process()).below(count);
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    const auto port = static_cast<std::uint16_t>(first_port + next++ % count);
    if (can_listen_on(port)) return port;
  }
  return error(Errc::full, "no free port between 10240 and 32767");
}

}  // namespace oki::host
