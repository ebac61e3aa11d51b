// Host names to IP addresses, as the system knows them (getaddrinfo: /etc/hosts, DNS), without
// stopping the loop: the question waits on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/loop.h"

namespace oki::host {

class Names {
 public:
  using Done = std::function<void(Result<std::vector<std::string>>)>;

  virtual ~Names() = default;

  // Called back exactly once, never inside this call: addresses in the order in which they should
  // be tried, never none. Errc::not_found: there is no such name; Errc::unavailable: nobody could
  // be asked; Errc::full: too many wait already.
  virtual void resolve(const std::string& name, Done done) = 0;
};

class SystemNames : public Names {
 public:
  static constexpr std::size_t waiting_max = 64;

  explicit SystemNames(Loop& loop);

  // Answers still under way are dropped without a call. Does not wait for the resolver, which may
  // take half a minute: its thread ends by itself.
  ~SystemNames() override;

  void resolve(const std::string& name, Done done) override;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace oki::host
