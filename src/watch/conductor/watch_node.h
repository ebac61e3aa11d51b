// This watch's seat in the cluster of the watches: its replica of the WatchMachine, a client of the
// cluster, and what the others may ask of both.
//
// A watch alone is the same with one voter, whose address nobody needs to know. The client's
// commands reach whichever seat leads; the state that is read is this seat's own, which may be a
// moment behind. Every second the seat says that it is there (response::Alive, "watch 2").
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "notify/subscribers.h"
#include "replica/client.h"
#include "replica/node.h"
#include "response/changes.h"
#include "response/response_machine.h"
#include "response/tell.h"

namespace oki::watch {

struct WatchNodeOptions {
  std::uint64_t cluster = 0;
  std::uint32_t seat = 1;
  std::vector<Address> watches;  // By seat; empty: this one alone.
  bool bootstrap = false;        // As in replica::NodeOptions; a watch alone always may.

  // What the house shall be. The seat that leads brings what differs to the log, as the
  // installation may; from two configurers on it only says that the house differs.
  std::vector<response::Change> house;
};

class WatchNode {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Disk& disk;  // Its own directory.
    Random& random;
    Log& log;
    Metrics& metrics;
    Disk* snapshot_disk = nullptr;
    FileMaker* snapshot_maker = nullptr;
  };

  // `on_stop` and the lives of the parts: as of replica::Node.
  WatchNode(const Parts& parts, const WatchNodeOptions& options,
            replica::Replica::MakeEngine make_engine, std::function<void(const Error&)> on_stop);
  ~WatchNode();

  void start(std::function<void(Result<Address>)> ready);
  void turn_end();
  void hand_over(std::int64_t patience_ms, std::function<void()> done);

  // Called when the state has changed; at most once a turn of the loop, and never inside a call.
  void on_change(std::function<void()> changed);

  const response::State& state() const;
  bool leads() const;  // And serves: what it reads is what was answered before it led.
  std::uint32_t seat() const;
  std::uint32_t seats() const;

  // To the machine, by way of whichever watch leads.
  response::Tell tell();

  // Called back once, never inside this call. Errc::unavailable: surely without effect; Errc::io:
  // perhaps with effect.
  using Replied = std::function<void(Result<response::Reply>)>;
  void submit(const response::Command& command, Replied done);

  // Who gets notices by mail. Without a result it was not brought there, or nobody knows.
  const notify::SubscriberBook& subscribers() const;
  void submit(const notify::SubscriberCommand& command,
              std::function<void(std::optional<notify::SubscriberResult>)> done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oki::watch
