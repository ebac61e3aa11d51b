#include "edge/cluster.h"

#include <utility>

namespace oki::edge {

void ClientCluster::submit(Bytes command, std::function<void(const replica::Answer&)> done) {
  client_.submit(std::move(command), std::move(done));
}

const replica::ClusterView& ClientCluster::view() const { return client_.view(); }

}  // namespace oki::edge
