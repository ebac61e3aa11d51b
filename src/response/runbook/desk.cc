#include "response/runbook/desk.h"

#include <utility>

#include "host/loop.h"
#include "net/http_client.h"
#include "response/runbook/library.h"

namespace oki::response {
namespace {

constexpr std::int64_t look_deadline_ms = 2'000;
constexpr std::size_t page_bytes_max = 4u << 20;
constexpr std::size_t token_bytes_max = 4'096;

net::HttpClientOptions client_options() {
  net::HttpClientOptions options;
  options.limits.body_bytes_max = page_bytes_max;
  options.deadline_ms = look_deadline_ms;
  options.connections_max = 2;
  options.waiting_max = runs_max;
  return options;
}

}  // namespace

// One for each server that is looked at: as many as the configuration names.
class RunbookDesk::Clients {
 public:
  Clients(Net& net, Timers& timers) : net_(net), timers_(timers) {}

  void send(const Address& server, net::HttpRequest request, net::HttpClient::Done done) {
    auto& client = all_[to_string(server)];
    if (!client)
      client = std::make_unique<net::HttpClient>(net_, timers_, server, client_options());
    client->request(std::move(request), std::move(done));
  }

 private:
  Net& net_;
  Timers& timers_;
  std::map<std::string, std::unique_ptr<net::HttpClient>> all_;
};

Result<DeskOptions> read_desk_options(const std::string& actions_file,
                                      const std::string& books_directory, std::string directory,
                                      std::vector<std::string> markets) {
  const auto text = host::read_file(actions_file, actions_bytes_max);
  if (!text) return tl::unexpected<Error>(text.error());
  auto actions = read_actions_config(*text);
  if (!actions) return tl::unexpected<Error>(actions.error());
  auto books = read_books(books_directory);
  if (!books) return tl::unexpected<Error>(books.error());
  return DeskOptions{std::move(*actions), std::move(*books), std::move(directory),
                     std::move(markets)};
}

Result<std::unique_ptr<RunbookDesk>> RunbookDesk::open(const Parts& parts, DeskOptions options) {
  auto token = host::read_file(options.actions.admin_token, token_bytes_max);
  if (!token) return tl::unexpected<Error>(token.error());
  while (!token->empty() && (token->back() == '\n' || token->back() == '\r')) token->pop_back();
  auto desk =
      std::unique_ptr<RunbookDesk>(new RunbookDesk(parts, std::move(options), std::move(*token)));
  auto runner = Runner::open({parts.clock, parts.timers, parts.disk, parts.log, desk->executor_,
                              desk->looker_, parts.record},
                             desk->options_.actions, desk->options_.books);
  if (!runner) return tl::unexpected<Error>(runner.error());
  desk->runner_ = std::move(*runner);
  return desk;
}

RunbookDesk::RunbookDesk(const Parts& parts, DeskOptions options, Bytes token)
    : parts_(parts),
      options_(std::move(options)),
      clients_(std::make_unique<Clients>(parts.net, parts.timers)),
      executor_(parts.timers, parts.clock, options_.directory),
      looker_({[this](const Address& server, const std::string& target,
                      std::function<void(Result<net::HttpResponse>)> done) {
                 net::HttpRequest request;
                 request.method = "GET";
                 request.target = target;
                 clients_->send(server, std::move(request), std::move(done));
               },
               parts.green, [this] { return counter_.counts(); }, parts.view},
              options_.actions),
      follower_({parts.clock, parts.timers,
                 [this](std::size_t edge, net::HttpRequest request,
                        std::function<void(Result<net::HttpResponse>)> done) {
                   clients_->send(options_.actions.edge_metrics[edge], std::move(request),
                                  std::move(done));
                 },
                 parts.tell},
                options_.actions.edge_metrics.size(), std::move(token)) {}

RunbookDesk::~RunbookDesk() = default;

void RunbookDesk::start() { follower_.start(); }

void RunbookDesk::run(const StepDue& due, const State& state, Runner::Done done) {
  const auto agreed = state.house.runbooks.find(due.runbook);
  runner_->run(due, agreed == state.house.runbooks.end() ? Runbook{} : agreed->second,
               scene(state, due.incident), std::move(done));
}

void RunbookDesk::settle(const State& state) {
  runner_->settle(state, [&](IncidentId incident) { return scene(state, incident); });
}

Scene RunbookDesk::scene(const State& state, IncidentId incident) const {
  Scene scene = scene_of(state, incident);
  const replica::ClusterView view = parts_.view();
  scene.leader = view.leader_known ? view.leader_seat : 0;
  for (std::size_t i = 0; i < view.connected.size() && scene.follower == 0; ++i) {
    const auto seat = static_cast<std::uint32_t>(i + 1);
    if (view.connected[i] && seat != scene.leader) scene.follower = seat;
  }
  scene.markets = options_.markets;
  scene.edges = static_cast<std::uint32_t>(options_.actions.edges.size());
  scene.nodes = static_cast<std::uint32_t>(options_.actions.nodes.size());
  return scene;
}

}  // namespace oki::response
