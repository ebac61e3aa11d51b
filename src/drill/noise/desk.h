// What customers would have been told: the signals of the detectors go through the real incident
// machine (response/response_machine.h), and an incident that it confirms, or opens again, is a
// notice. The house is empty, so every part counts as a neighbour of every other: nowhere do
// signals come together more easily.
//
// Test trades and checks are told only while an incident is open: without one they change nothing
// but when somebody was last heard.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "drill/noise/model.h"
#include "response/events.h"
#include "response/response_machine.h"

namespace oki::drill::noise {

struct Trades {
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;
};

// What is known once a second beside signals.
struct Second {
  std::array<Trades, probers> trades;
  bool ledger_fine = true;
  bool errors_fine = true;
  bool inquiries_fine = true;
};

class Desk {
 public:
  void observe(const response::Signal& signal, WallTimeMs now);
  void second(const Second& second, WallTimeMs now);

  std::uint64_t opened() const { return machine_.state().incident_last.value; }
  std::uint64_t notices() const { return notices_; }
  std::uint64_t refused() const { return refused_; }  // Signals that the machine did not take.

  // The signals of an incident, for whoever asks why it was confirmed.
  const std::string& last_reason() const { return last_reason_; }

 private:
  void give(const response::Command& command, WallTimeMs now);
  void take(const response::IncidentChanged& change);
  bool any_open() const;

  response::ResponseMachine machine_;
  std::map<response::IncidentId, bool> told_;  // Of open incidents: customers know.
  WallTimeMs second_began_;
  std::uint64_t notices_ = 0;
  std::uint64_t refused_ = 0;
  std::string last_reason_;
};

}  // namespace oki::drill::noise
