#include "host/names.h"

#include <netdb.h>
#include <sys/socket.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace oki::host {
namespace {

constexpr std::size_t addresses_max = 16;

Result<std::vector<std::string>> ask_system(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int fault = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (fault != 0) {
    const bool no_such = fault == EAI_NONAME;
    return error(no_such ? Errc::not_found : Errc::unavailable, name + ": " + gai_strerror(fault));
  }
  std::vector<std::string> addresses;
  for (const addrinfo* at = found; at != nullptr && addresses.size() < addresses_max;
       at = at->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) ==
        0) {
      addresses.emplace_back(text);
    }
  }
  freeaddrinfo(found);
  if (addresses.empty()) return error(Errc::not_found, name + ": no address");
  return addresses;
}

}  // namespace

// What the loop and the thread share. `loop` is null when nobody wants answers any more.
struct SystemNames::Shared {
  struct Question {
    std::string name;
    Done done;
  };

  std::mutex mutex;
  std::condition_variable asked;
  std::deque<Question> waiting;
  Loop* loop = nullptr;

  // The thread: one question after the other.
  void answer_all(const std::shared_ptr<Shared>& self) {
    std::unique_lock lock(mutex);
    while (true) {
      asked.wait(lock, [this] { return loop == nullptr || !waiting.empty(); });
      if (loop == nullptr) return;
      Question question = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      Result<std::vector<std::string>> addresses = ask_system(question.name);
      lock.lock();
      if (loop != nullptr) post(self, std::move(question.done), std::move(addresses));
    }
  }

  // REQUIRES: the mutex is held, so that the loop is still there.
  void post(const std::shared_ptr<Shared>& self, Done done, Result<std::vector<std::string>> told) {
    loop->post([self, done = std::move(done), told = std::move(told)]() mutable {
      if (self->loop != nullptr) done(std::move(told));
    });
  }
};

SystemNames::SystemNames(Loop& loop) : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  std::thread([shared = shared_] { shared->answer_all(shared); }).detach();
}

SystemNames::~SystemNames() {
  const std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->waiting.clear();
  shared_->asked.notify_all();
}

void SystemNames::resolve(const std::string& name, Done done) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->waiting.size() >= waiting_max) {
    return shared_->post(shared_, std::move(done),
                         error(Errc::full, "too many names wait (waiting_max)"));
  }
  shared_->waiting.push_back({name, std::move(done)});
  shared_->asked.notify_all();
}

}  // namespace oki::host
