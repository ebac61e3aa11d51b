// An edge's records as they run: on a disk in memory, behind the page of its --metrics listener.
#pragma once

#include <memory>
#include <string>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "edge/records_page.h"
#include "net/metrics_server.h"
#include "notify/testing/parts.h"

namespace oki::watch::inquiries {

struct RunningEdge {
  RunningEdge(oki::testing::StepClock& step_clock, Timers& timers, oki::testing::MemoryNet& host)
      : clock(step_clock), server(host, timers, step_clock, metrics) {
    open();
    server.add_handler(
        std::string(edge::records_path),
        [this](const net::HttpRequest& request, const net::MetricsServer::Respond& respond) {
          ++asked;
          edge::answer_records(*records, request, respond);
        });
    address = server.listen({host.ip(), 0}).value_or(Address{});
  }

  void open() {
    records.reset();
    records = std::move(*edge::Records::open({clock, log, metrics}, disk, {}));
  }

  // As with a new disk.
  void lose_everything() {
    records.reset();
    disk.files.clear();
    open();
  }

  void fail(std::uint64_t account, edge::Ending ending = edge::Ending::unknown,
            edge::RecordKind kind = edge::RecordKind::order) {
    edge::FailedRequest record;
    record.at = clock.wall_now();
    record.account = {account};
    record.kind = kind;
    record.ending = ending;
    record.subject = 0;
    records->add(record);
  }

  oki::testing::StepClock& clock;
  Log log{clock, "edge", {}};
  Metrics metrics;
  notify::MemoryDisk disk;
  std::unique_ptr<edge::Records> records;
  net::MetricsServer server;
  Address address;
  std::uint64_t asked = 0;
};

}  // namespace oki::watch::inquiries
