// Everything about runbooks that one watch has, put together: the texts, what runs their steps and
// looks what came of it, and what finds changes of settings.
//
// run() and settle() are for the watch that leads; counting test trades and finding changes is for
// all of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/net.h"
#include "response/runbook/change_follower.h"
#include "response/runbook/runner.h"

namespace oki::response {

struct DeskOptions {
  ActionsConfig actions;
  std::map<std::string, Book> books;
  std::string directory;             // For what commands put out; exists.
  std::vector<std::string> markets;  // All of the exchange.
};

// The options from the two files and the directory they name; blocking.
Result<DeskOptions> read_desk_options(const std::string& actions_file,
                                      const std::string& books_directory, std::string directory,
                                      std::vector<std::string> markets);

class RunbookDesk {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Disk& disk;
    Log& log;
    Tell tell;              // Changes that were found.
    Runner::Record record;  // How steps go on.
    std::function<bool()> green;
    std::function<replica::ClusterView()> view;  // Of the exchange's log.
  };

  // Reads the notes on the disk and the admin token's file (blocking). All parts must outlive it.
  static Result<std::unique_ptr<RunbookDesk>> open(const Parts& parts, DeskOptions options);
  ~RunbookDesk();

  // Begins to look for changes of settings.
  void start();

  // Every word of a prober, also one that was told by another watch.
  void on(const Prove& proof) { counter_.on(proof); }

  // A StepDue that the machine told, with the machine's state as it is now.
  void run(const StepDue& due, const State& state, Runner::Done done = {});

  // When this watch begins to lead.
  void settle(const State& state);

  const std::map<std::string, Book>& books() const { return runner_->books(); }
  const ActionsConfig& actions() const { return options_.actions; }

 private:
  class Clients;
  RunbookDesk(const Parts& parts, DeskOptions options, Bytes token);
  Scene scene(const State& state, IncidentId incident) const;

  Parts parts_;
  DeskOptions options_;
  TradeCounter counter_;
  std::unique_ptr<Clients> clients_;
  ChildExecutor executor_;
  ExchangeLooker looker_;
  ChangeFollower follower_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace oki::response
