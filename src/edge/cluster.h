// What the edge needs from the replicated log: the door through which commands leave. In a process
// it is replica::Client; tests and the fuzzer put a model behind it.
#pragma once

#include <functional>

#include "replica/client.h"

namespace oki::edge {

class Cluster {
 public:
  virtual ~Cluster() = default;

  // Called back exactly once, never inside this call.
  virtual void submit(Bytes command, std::function<void(const replica::Answer&)> done) = 0;
  virtual const replica::ClusterView& view() const = 0;
};

class ClientCluster : public Cluster {
 public:
  // REQUIRES: `client` outlives this.
  explicit ClientCluster(replica::Client& client) : client_(client) {}

  void submit(Bytes command, std::function<void(const replica::Answer&)> done) override;
  const replica::ClusterView& view() const override;

 private:
  replica::Client& client_;
};

}  // namespace oki::edge
