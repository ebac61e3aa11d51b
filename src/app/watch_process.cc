#include "app/watch_process.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "net/asker.h"
#include "response/runbook/suggest.h"
#include "watch/conductor/announcing_hooks.h"
#include "watch/conductor/house_file.h"

namespace oki::app {
namespace {

constexpr std::int64_t hand_over_ms = 1000;
constexpr std::size_t operator_connections_max = 256;

}  // namespace

Result<std::unique_ptr<WatchProcess>> WatchProcess::open(Process& process,
                                                         WatchProcessOptions options) {
  std::unique_ptr<WatchProcess> all(new WatchProcess(process, std::move(options)));
  if (auto done = all->open_disks(); !done) return tl::unexpected(done.error());
  if (auto done = all->open_runbooks(); !done) return tl::unexpected(done.error());
  all->make_machine();
  all->make_watch();
  if (auto done = all->open_channels(); !done) return tl::unexpected(done.error());
  all->make_drafts();
  if (auto done = all->open_inquiries(); !done) return tl::unexpected(done.error());
  if (auto done = all->open_operators(); !done) return tl::unexpected(done.error());
  if (auto done = all->open_desk(); !done) return tl::unexpected(done.error());
  process.metrics_server().add_page(
      "/state.json", [watch = all.get()](const net::HttpRequest&) { return watch->about(); });
  return all;
}

// Waits for what is being written, while those who wait for it are still there; the client of the
// exchange goes before what follows the log with it, the announcer before the words of its links.
WatchProcess::~WatchProcess() {
  disks_ = {};
  pager_echo_.reset();
  conductor_.reset();
  announcing_.reset();
  desk_.reset();
  exchange_.reset();
}

Result<void> WatchProcess::open_disks() {
  const std::string& path = options_.directory;
  const std::pair<std::unique_ptr<Disk>*, std::string> wanted[] = {
      {&disks_.own, path},
      {&disks_.log, path + "/response"},
      {&disks_.snapshots, path + "/response/snapshots"},
      {&disks_.drafts, path + "/postmortems"},
      {&disks_.steps, path + "/steps"},
      {&disks_.inquiries, path + "/inquiries"}};
  for (const auto& [disk, place] : wanted) {
    Result<std::unique_ptr<Disk>> opened = process_.loop().open_disk(place);
    if (!opened) return tl::unexpected(opened.error());
    *disk = std::move(*opened);
  }
  return {};
}

void WatchProcess::make_machine() {
  host::Loop& loop = process_.loop();
  maker_ = std::make_unique<host::ForkFileMaker>(loop, options_.directory + "/response/snapshots");
  machine_ = std::make_unique<watch::WatchNode>(
      watch::WatchNode::Parts{loop.clock(), loop.timers(), loop.net(), *disks_.log,
                              process_.random(), process_.log(), process_.metrics(),
                              disks_.snapshots.get(), maker_.get()},
      options_.seat, replica::make_raft_engine,
      [this](const Error& reason) { process_.fail(reason.message); });
}

void WatchProcess::make_watch() {
  host::Loop& loop = process_.loop();
  replica::ClientOptions client;
  client.cluster = options_.cluster;
  client.nodes = options_.nodes;
  exchange_ = std::make_unique<replica::Client>(
      replica::Client::Parts{loop.clock(), loop.timers(), loop.net(), process_.random(),
                             process_.log(), process_.metrics()},
      client);
  watch_ = std::make_unique<watch::Watch>(
      watch::Watch::Parts{
          loop.clock(), loop.timers(), loop.net(), *disks_.own, process_.log(), process_.metrics(),
          [this] { return exchange_->view(); },
          [this, tell = machine_->tell()](response::Command command) {
            const auto* proof = std::get_if<response::Prove>(&command);
            if (proof != nullptr && runbooks_) runbooks_->on(*proof);
            tell(std::move(command));
          },
          [this](const std::vector<notify::LeaseRow>& rows) { tell_components(rows); }},
      options_.watch);
}

// Changes that this watch saw before it led were told by the one before it.
void WatchProcess::tell_components(const std::vector<notify::LeaseRow>& rows) {
  const std::vector<notify::ComponentUpdate> changes = component_changes_.take(rows);
  if (!announcing_ || !machine_->leads()) return;
  for (const notify::ComponentUpdate& change : changes) {
    announcing_->announcer().publish(change, [](const Result<notify::Published>&) {});
  }
}

void WatchProcess::make_drafts() {
  watch::Drafts::ReadScope read;
  if (!options_.watch.edge_metrics.empty()) {
    scope_ = std::make_unique<WatchScope>(
        process_, *exchange_, *disks_.drafts,
        WatchScope::Options{options_.watch.edge_metrics, options_.house_accounts});
    read = [this](const response::State& state, response::IncidentId id,
                  watch::Drafts::Scoped done) { scope_->read(state, id, std::move(done)); };
  }
  drafts_ = std::make_unique<watch::Drafts>(
      *disks_.drafts, [this]() -> const response::State& { return machine_->state(); },
      std::move(read));
}

Result<void> WatchProcess::open_channels() {
  if (options_.channels_file.empty()) return {};
  auto announcing =
      Announcing::open(process_, options_.channels_file, options_.directory + "/outbox");
  if (!announcing) return tl::unexpected(announcing.error());
  announcing_ = std::move(*announcing);
  return {};
}

// Before the machine, whose house agrees on these texts.
Result<void> WatchProcess::open_runbooks() {
  if (options_.actions_file.empty()) return {};
  std::vector<std::string> markets;
  for (const watch::ProbeMarket& market : options_.watch.markets) markets.push_back(market.name);
  auto desk = response::read_desk_options(options_.actions_file, options_.runbooks_directory,
                                          options_.directory + "/steps", std::move(markets));
  if (!desk) return tl::unexpected(desk.error());
  add_runbooks(*desk);
  host::Loop& loop = process_.loop();
  auto opened = response::RunbookDesk::open(
      {loop.clock(), loop.timers(), loop.net(), *disks_.steps, process_.log(),
       [this](response::Command command) { machine_->tell()(std::move(command)); },
       [this](response::RecordStep step, std::function<void(bool)> then) {
         step.seat = machine_->seat();
         machine_->submit(step, [then = std::move(then)](const Result<response::Reply>& reply) {
           then(reply && reply->refusal == response::Refusal::none);
         });
       },
       [this] { return watch_->green(); }, [this] { return exchange_->view(); }},
      std::move(*desk));
  if (!opened) return tl::unexpected(opened.error());
  runbooks_ = std::move(*opened);
  return {};
}

// What the house's file says of a runbook goes before what the text itself says.
void WatchProcess::add_runbooks(const response::DeskOptions& desk) {
  for (const auto& [name, book] : desk.books) {
    const std::string& wanted = name;
    const bool is_named = std::ranges::any_of(options_.seat.house, [&wanted](const auto& change) {
      const auto* put = std::get_if<response::PutRunbook>(&change);
      return put != nullptr && put->name == wanted;
    });
    if (is_named) continue;
    // In front: from the second person who may configure on, no file alone changes the house.
    options_.seat.house.insert(options_.seat.house.begin(),
                               response::PutRunbook{name, response::house_entry(book)});
  }
}

Result<void> WatchProcess::open_operators() {
  if (!options_.operators) return {};
  const Result<Bytes> file =
      host::read_file(options_.operator_tokens_file, watch::login_file_bytes_max);
  if (!file) return tl::unexpected(file.error());
  Result<watch::LoginTokens> tokens = watch::LoginTokens::parse(*file);
  if (!tokens) {
    return error(Errc::invalid, options_.operator_tokens_file + ": " + tokens.error().message);
  }
  watch::OperatorApi::Parts parts{
      process_.loop().clock(),
      [this]() -> const response::State& { return machine_->state(); },
      [this](const response::Command& command, watch::OperatorApi::Replied done) {
        machine_->submit(command, std::move(done));
      },
      hooks().write,
      {},
      {},
      [this](response::IncidentId id, notify::Language language) {
        return drafts_->read(id, language);
      },
      watch::read_house_file,
      [this] { return about(); },
      options_.seat.seat,
      inquiry_routes_.get()};
  if (announcing_) {
    parts.preview = [this](const notify::Notice& notice) {
      return notify::previews(notice, announcing_->announcer().config());
    };
    parts.settle = [this](const notify::Notice& notice, const std::string& channel,
                          notify::Decision decision, const std::string& who) {
      return announcing_->announcer().outbox().settle_all(notify::notice_posting_name(notice),
                                                          channel, decision, who);
    };
  }
  operators_ = std::make_unique<watch::OperatorApi>(std::move(parts), std::move(*tokens),
                                                    watch::OperatorApiOptions{});
  net::HttpServerOptions server;
  server.stream.connections_max = operator_connections_max;
  operators_server_ =
      std::make_unique<net::HttpServer>(process_.loop().net(), process_.loop().timers(),
                                        process_.loop().clock(), *operators_, server);
  if (auto bound = operators_server_->listen(*options_.operators); !bound) {
    return tl::unexpected(bound.error());
  }
  return {};
}

// What customers write is kept also without a public address, as staff may write it down.
Result<void> WatchProcess::open_inquiries() {
  using watch::inquiries::Inquiries;
  watch::inquiries::InquiriesOptions options;
  options.failures.edges = options_.watch.edge_metrics;
  options.failures.house_accounts = options_.house_accounts;
  options.mail.session.recipients = options_.inquiry_recipients;
  host::Loop& loop = process_.loop();
  auto opened = Inquiries::open(
      {loop.clock(), loop.timers(), loop.net(), *disks_.inquiries, process_.metrics(),
       [this](const watch::inquiries::Counts& counts) {
         watch::Feed* feed = watch_->feed();
         if (feed != nullptr) feed->on_inquiries(counts.inquiries, counts.with_failure);
       },
       [](const Address& peer, const net::HttpRequest& request) {
         return notify::network_of(net::asker_of(peer, request));
       }},
      options);
  if (!opened) return tl::unexpected(opened.error());
  inquiries_ = std::move(*opened);
  inquiry_routes_ = std::make_unique<watch::InquiryRoutes>(watch::InquiryRoutes::Parts{
      loop.clock(), inquiries_->desk(),
      [this]() -> const response::State& { return machine_->state(); }, options_.seat.seat});
  if (!options_.inquiry_mail) return {};
  if (auto bound = inquiries_->listen_for_mail(*options_.inquiry_mail); !bound) {
    return tl::unexpected(bound.error());
  }
  return {};
}

// The pages on which people ask for notices by mail, and write to us.
Result<void> WatchProcess::open_desk() {
  if (!options_.desk) return {};
  WatchDeskOptions options{*options_.desk, options_.subscriber_secret, options_.desk_url, {}};
  WatchDesk::Parts parts{
      machine_->subscribers(),
      [this](const notify::SubscriberCommand& command,
             std::function<void(std::optional<notify::SubscriberResult>)> done) {
        machine_->submit(command, std::move(done));
      },
      [this] { return machine_->leads(); },
      [this] {
        std::vector<notify::ComponentId> ids;
        for (const response::Component& component : machine_->state().house.components) {
          if (component.id.kind != notify::ComponentKind::node) ids.push_back(component.id);
        }
        return ids;
      },
      {},
      &inquiries_->pages()};
  if (announcing_ && announcing_->announcer().config().mail) {
    const std::string& from = announcing_->announcer().config().mail->from;
    options.domain = from.substr(from.find('@') + 1);
    parts.mail = [this](notify::MailHead head, const notify::MailText& text,
                        notify::SmtpPool::Done done) {
      announcing_->announcer().mail(std::move(head), text, std::move(done));
    };
  }
  desk_ = std::make_unique<WatchDesk>(process_, options, parts);
  if (auto bound = desk_->start(); !bound) return tl::unexpected(bound.error());
  return {};
}

watch::WorldHooks WatchProcess::hooks() {
  watch::WorldHooks hooks;
  // Without channels the first notice is written by the templates that ship.
  hooks.write = [](notify::Notice& notice) {
    return notify::NoticeTemplates::standard().write(notice, {});
  };
  if (announcing_) watch::connect(hooks, announcing_->announcer(), *machine_);
  if (runbooks_) {
    hooks.run_step = [this](const response::StepDue& due) {
      runbooks_->run(due, machine_->state());
    };
    hooks.settle_steps = [this] { runbooks_->settle(machine_->state()); };
    hooks.automatic_steps = [this](const response::State& state, response::IncidentId id) {
      std::vector<response::RequestStep> steps;
      if (auto next = response::automatic_step(state, id, runbooks_->books())) {
        steps.push_back({{}, id, std::move(next->runbook), std::move(next->step)});
      }
      return steps;
    };
  }
  hooks.write_draft = [this](response::IncidentId id, watch::Drafts::Done done) {
    drafts_->write(id, std::move(done));
  };
  hooks.show_board = [this](const notify::NoticeBoard& board) { watch_->set_notices(board); };
  return hooks;
}

// GET /state.json, and to operators: what this watch knows of itself.
std::string WatchProcess::about() const {
  const response::State& state = machine_->state();
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("seat", std::uint64_t{machine_->seat()});
  json.field("seats", std::uint64_t{machine_->seats()}).field("leads", machine_->leads());
  json.field("applied", state.applied);
  json.field("house_revision", std::uint64_t{state.house.revision});
  json.key("open_incidents").begin_array();
  for (const auto& [id, incident] : state.incidents) {
    if (!response::is_open(incident)) continue;
    json.begin_object().field("incident", response::name(id));
    json.field("phase", response::name(incident.phase));
    json.field("severity", response::name(incident.severity));
    json.field("state", notify::name(incident.state)).end_object();
  }
  json.end_array().end_object();
  return out;
}

void WatchProcess::start() {
  machine_->start([this](const Result<Address>& bound) {
    if (!bound) process_.fail(bound.error().message);
  });
  if (announcing_) {
    announcing_->announcer().start(desk_ ? desk_->subscribers() : notify::Announcer::Subscribers{});
    pager_echo_ = std::make_unique<watch::PagerEcho>(
        watch::PagerEcho::Parts{process_.loop().timers(), announcing_->announcer().pager(),
                                [this]() -> const response::State& { return machine_->state(); },
                                [this] { return machine_->leads(); }});
  }
  if (runbooks_) runbooks_->start();
  watch_->start();
  if (watch_->feed() != nullptr) {
    own_gauges_ = std::make_unique<OwnGauges>(process_, *watch_->feed(),
                                              "watch " + std::to_string(options_.seat.seat));
  }
  inquiries_->start();
  conductor_ = std::make_unique<watch::Conductor>(
      watch::Conductor::Parts{process_.loop().clock(), process_.loop().timers(), process_.log(),
                              *machine_},
      hooks());
  process_.loop().at_turn_end([this] { machine_->turn_end(); });
  process_.on_end(
      [this](std::function<void()> end) { machine_->hand_over(hand_over_ms, std::move(end)); });
}

}  // namespace oki::app
