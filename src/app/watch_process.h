// One watch as a process: test trades and lease, its seat in the watches' log, the conductor that
// acts for it, and its listeners.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/announcing.h"
#include "app/own_gauges.h"
#include "app/process.h"
#include "app/watch_desk.h"
#include "app/watch_scope.h"
#include "host/fork_file_maker.h"
#include "net/http_server.h"
#include "notify/component_changes.h"
#include "response/runbook/desk.h"
#include "watch/conductor/conductor.h"
#include "watch/conductor/drafts.h"
#include "watch/conductor/watch_node.h"
#include "watch/inquiries/inquiries.h"
#include "watch/operators/operator_api.h"
#include "watch/pager_echo.h"
#include "watch/watch.h"

namespace oki::app {

struct WatchProcessOptions {
  std::string directory;
  std::uint64_t cluster = 0;  // Of the exchange.
  std::vector<Address> nodes;
  watch::WatchOptions watch;
  watch::WatchNodeOptions seat;
  std::string channels_file;  // Empty: nobody but the status sites is told.
  std::optional<Address> operators;
  std::string operator_tokens_file;
  std::string actions_file;  // Empty: steps of runbooks are for people.
  std::string runbooks_directory;
  std::vector<core::AccountId> house_accounts;  // Count as nobody who was hit.
  std::optional<Address> desk;                  // Pages for subscribers, and to write to us.
  std::string desk_url;                         // Without a slash at the end.
  Bytes subscriber_secret;                      // The same for all watches.
  std::optional<Address> inquiry_mail;          // LMTP, for a mail server on this machine.
  std::vector<std::string> inquiry_recipients;  // Empty: whoever the mail server sends.
};

class WatchProcess {
 public:
  // Blocking: opens directories, reads files, listens.
  static Result<std::unique_ptr<WatchProcess>> open(Process& process, WatchProcessOptions options);
  ~WatchProcess();

  void start();

  // What comes from outside, to the incident machine.
  response::Tell tell() { return machine_->tell(); }

 private:
  struct Disks {
    std::unique_ptr<Disk> own, log, snapshots, drafts, steps, inquiries;
  };

  WatchProcess(Process& process, WatchProcessOptions options)
      : process_(process), options_(std::move(options)) {}
  Result<void> open_disks();
  Result<void> open_channels();
  Result<void> open_runbooks();
  Result<void> open_operators();
  Result<void> open_inquiries();
  Result<void> open_desk();
  void add_runbooks(const response::DeskOptions& desk);
  void make_machine();
  void make_watch();
  void tell_components(const std::vector<notify::LeaseRow>& rows);
  void make_drafts();
  watch::WorldHooks hooks();
  std::string about() const;

  Process& process_;
  WatchProcessOptions options_;
  Disks disks_;
  std::unique_ptr<host::ForkFileMaker> maker_;
  std::unique_ptr<watch::WatchNode> machine_;
  std::unique_ptr<replica::Client> exchange_;
  std::unique_ptr<watch::Watch> watch_;
  std::unique_ptr<Announcing> announcing_;
  std::unique_ptr<WatchScope> scope_;  // Null without the metrics of all edges.
  std::unique_ptr<watch::Drafts> drafts_;
  std::unique_ptr<response::RunbookDesk> runbooks_;
  std::unique_ptr<watch::Conductor> conductor_;
  std::unique_ptr<watch::InquiryRoutes> inquiry_routes_;
  std::unique_ptr<watch::OperatorApi> operators_;
  std::unique_ptr<net::HttpServer> operators_server_;
  std::unique_ptr<watch::inquiries::Inquiries> inquiries_;
  std::unique_ptr<WatchDesk> desk_;  // Null without a public address.
  std::unique_ptr<watch::PagerEcho> pager_echo_;
  std::unique_ptr<OwnGauges> own_gauges_;
  notify::ComponentChanges component_changes_;
};

}  // namespace oki::app
