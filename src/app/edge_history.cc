#include "app/edge_history.h"

#include <utility>

namespace oki::app {

Result<std::unique_ptr<EdgeHistory>> EdgeHistory::open(const std::string& file, Process& process,
                                                       const replica::ClientOptions& client,
                                                       edge::Edge& edge) {
  auto store = history::SqlStore::open(file, {});
  if (!store) return tl::unexpected(store.error());
  return std::unique_ptr<EdgeHistory>(new EdgeHistory(std::move(*store), process, client, edge));
}

EdgeHistory::EdgeHistory(std::unique_ptr<history::SqlStore> store, Process& process,
                         const replica::ClientOptions& client, edge::Edge& edge)
    : reader_(process.log(), process.metrics(), store->index(), store->event_hash()),
      queue_(
          std::move(store), {},
          [&loop = process.loop()](std::function<void()> action) { loop.post(std::move(action)); },
          reader_.news()),
      desk_({process.loop().clock(), process.loop().timers(), edge.projection(), queue_}, {}),
      thread_(queue_),
      client_({process.loop().clock(), process.loop().timers(), process.loop().net(),
               process.random(), process.log(), client_metrics_},
              client) {
  reader_.write_to(queue_);
  reader_.on_written([this](LogIndex index) { desk_.written(index); });
  edge.gateway().ask_of_old(desk_);
  client_.follow(reader_);
}

}  // namespace oki::app
