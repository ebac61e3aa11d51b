// The way of what a watch has seen into the log of the watches: a bounded queue in front of a
// client of it. Behind response::Tell, so it never blocks and never calls back.
//
// What waits is replaced by a newer word of the same speaker under the same key that says the same
// (fires or not, fine or not), so that a backlog cannot grow with time, and no beginning, end or
// break of anything is lost in it. Full: the oldest hint gives way, else the oldest of all that can
// be said again, and it is counted. What was surely not taken is sent again until it is
// `give_up_ms` old; the machine would refuse it as stale then. What may have been taken is sent
// again when repeating it is harmless: all but records of changes.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "base/clock.h"
#include "base/metrics.h"
#include "replica/client.h"
#include "response/tell.h"

namespace oki::watch {

struct MachineLinkOptions {
  std::size_t waiting_max = 2'000;
  std::size_t in_flight_max = 128;
  std::int64_t give_up_ms = response::late_ms_max;
};

class MachineLink {
 public:
  using Submit = std::function<void(Bytes, std::function<void(const replica::Answer&)>)>;

  // All must outlive the link, and nothing may be answered after it is gone.
  MachineLink(const Clock& clock, Timers& timers, Metrics& metrics, Submit submit,
              const MachineLinkOptions& options);
  ~MachineLink();

  void tell(response::Command command);

  std::size_t waiting() const { return waiting_.size(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Told {
    response::Command command;
    MonoTimeNs since;
    std::uint64_t number = 0;  // In the order of telling.
  };

  void add(Told told);
  bool replace(const response::Command& command);
  void make_room();
  void take_back(const Told& told);
  void send_some();
  void on_answer(const Told& told, const replica::Answer& answer);
  void count(const char* outcome);

  const Clock& clock_;
  Timers& timers_;
  Metrics& metrics_;
  const Submit submit_;
  const MachineLinkOptions options_;
  std::deque<Told> waiting_;  // By rising number.
  std::uint64_t last_number_ = 0;
  std::size_t in_flight_ = 0;
  std::uint64_t dropped_ = 0;
  TimerId again_;
  bool pausing_ = false;
};

}  // namespace oki::watch
