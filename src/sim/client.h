// A client of a simulated world: one session, a few commands at a time, over links that lose and
// delay; it repeats an unanswered command with the same number at another node until its deadline.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "base/prng.h"
#include "sim/node.h"
#include "sim/oracle.h"
#include "sim/workload.h"

namespace oki::sim {

struct ClientOptions {
  std::uint32_t endpoint = first_client;  // Its number in the network.
  std::uint32_t nodes = 3;
  std::size_t window = 2;  // Commands at a time.
  std::int64_t think_min_us = 20'000;
  std::int64_t think_max_us = 400'000;
  std::int64_t attempt_us = 400'000;     // Then it asks another node.
  std::int64_t deadline_us = 5'000'000;  // Then it gives up.
  std::uint32_t doubled_permille = 50;   // Commands sent to two nodes at once.
  std::uint32_t read_permille = 100;
};

class Client {
 public:
  struct Parts {
    Scheduler& scheduler;
    Network& network;
    Trace& trace;
    Oracle& oracle;
    std::function<SimNode*(std::uint32_t)> node;
  };
  // Gives the next command, or nothing when there is none (yet).
  using Source = std::function<std::optional<Bytes>()>;
  using OnReply = std::function<void(ByteView command, ByteView reply)>;

  Client(const Parts& parts, const ClientOptions& options, std::uint64_t seed, Source source,
         OnReply on_reply);

  void start();
  void finish() { finishing_ = true; }  // No new commands.
  void go_on() { finishing_ = false; }
  bool idle() const { return commands_.empty(); }
  std::uint64_t answered() const { return answered_; }
  std::uint64_t given_up() const { return given_up_; }
  MonoTimeNs last_answer() const { return last_answer_; }

 private:
  struct Command {
    Bytes body;
    Oracle::Ticket begun = 0;
    MonoTimeNs deadline;
    std::uint64_t attempts = 0;
    std::uint64_t refused = 0;  // Attempts that surely had no effect.
  };

  void step();
  void begin_command();
  void read();
  void attempt(std::uint64_t number, std::uint32_t seat);
  void ask(std::uint32_t seat, replica::ClientCommand command,
           std::function<void(const replica::SubmitAnswer&)> answered);
  void on_answer(std::uint64_t number, std::uint64_t attempt, const replica::SubmitAnswer& answer);
  void on_applied(std::uint64_t number, const replica::SubmitAnswer& answer);
  void repeat(std::uint64_t number, std::uint64_t attempt, std::int64_t delay_us);
  void give_up(std::uint64_t number);
  std::uint32_t any_seat();

  Parts parts_;
  ClientOptions options_;
  Prng prng_;
  Source source_;
  OnReply on_reply_;

  replica::SessionId session_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, Command> commands_;  // Unanswered, by number.
  std::map<std::uint64_t, Command> done_;      // Answered lately: late answers must be the same.
  std::uint32_t leader_seat_ = 1;
  bool finishing_ = false;
  std::uint64_t answered_ = 0;
  std::uint64_t given_up_ = 0;
  MonoTimeNs last_answer_;
};

}  // namespace oki::sim
