#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace oki::sim {
namespace {

constexpr std::uint64_t cluster_id = 0x6F6B69;
constexpr std::int64_t begin_ms_max = 20'000;
constexpr std::int64_t faults_end_ms = 50'000;
constexpr std::int64_t serve_again_ms_max = 8'000;
constexpr std::int64_t settle_ms_max = 20'000;
constexpr std::int64_t virtual_ms_max = 200'000;
constexpr std::size_t tail_lines = 120;

// Small limits, so that a minute sees segments roll, snapshots taken and logs cut.
replica::ReplicaOptions replica_options(Prng& prng) {
  replica::ReplicaOptions options;
  options.cluster = cluster_id;
  options.tick_ms = prng.between(15, 40);
  options.command_bytes_max = 4096;
  options.batch_bytes_max = 16384;
  options.batch_commands_max = 64;
  options.batches_in_flight_max = 1 + prng.below(4);
  options.snapshot_every_entries = 50 + prng.below(prng.chance(1, 2) ? 100 : 1000);
  options.keep_entries = prng.below(60);
  options.hash_every_entries = replica::hash_every_entries_min + prng.below(100);
  options.deep_hashes = true;
  options.snapshot_retry_ms = 500;
  options.journal.segment_bytes = 64u << 10;
  options.journal.entry_bytes_max = 24u << 10;
  options.journal.frame_bytes_max = 32u << 10;
  return options;
}

}  // namespace

World::World(const WorldOptions& options)
    : options_(options),
      prng_(mix64(options.seed)),
      network_(scheduler_, trace_, mix64(options.seed + 1)),
      faults_(*this, mix64(options.seed + 2)) {
  replica::ReplicaOptions shared = replica_options(prng_);
  const NodeParts parts{
      scheduler_, network_, trace_, oracle_, options.make_engine, [this](std::uint32_t seat) {
        return nodes_[seat - 1].get();
      }};
  for (std::uint32_t seat = 1; seat <= options.nodes; ++seat) {
    shared.seat = seat;
    nodes_.push_back(std::make_unique<SimNode>(parts, shared, mix64(options.seed * 7 + seat)));
  }
}

World::~World() = default;

bool World::begin() {
  for (const auto& node : nodes_) {
    node->bootstrap(options_.nodes);
    node->jump_clock_ms(prng_.between(-500, 500));
    node->start();
  }
  auto commands = std::make_shared<std::vector<Bytes>>(setup_commands());
  std::reverse(commands->begin(), commands->end());
  ClientOptions setup;
  setup.window = 1;
  setup.think_min_us = setup.think_max_us = 2000;
  setup.doubled_permille = setup.read_permille = 0;
  add_client(
      [commands]() -> std::optional<Bytes> {
        if (commands->empty()) return std::nullopt;
        Bytes next = std::move(commands->back());
        commands->pop_back();
        return next;
      },
      [](ByteView, ByteView) {}, setup);
  const bool done = run_until(
      begin_ms_max, [this, commands] { return commands->empty() && clients_[0]->idle(); });
  if (!done) {
    oracle_.violate("A cluster without faults does not serve.");
    return false;
  }
  clients_[0]->finish();
  add_traders();
  return true;
}

void World::add_traders() {
  for (std::uint64_t account = 1; account <= options_.clients; ++account) {
    workloads_.push_back(std::make_unique<Workload>(core::AccountId{account}, account << 32,
                                                    mix64(options_.seed * 11 + account)));
    Workload* workload = workloads_.back().get();
    ClientOptions options;
    options.window = 1 + prng_.below(3);
    add_client([this, workload]() -> std::optional<Bytes> { return workload->next(good_clock()); },
               [workload](ByteView command, ByteView reply) { workload->on_reply(command, reply); },
               options);
  }
}

void World::add_client(Client::Source source, Client::OnReply on_reply, ClientOptions options) {
  options.endpoint = first_client + clients();
  options.nodes = options_.nodes;
  const Client::Parts parts{scheduler_, network_, trace_, oracle_,
                            [this](std::uint32_t seat) { return nodes_[seat - 1].get(); }};
  clients_.push_back(std::make_unique<Client>(parts, options, prng_.next(), std::move(source),
                                              std::move(on_reply)));
  clients_.back()->start();
}

bool World::run_ms(std::int64_t ms) {
  scheduler_.run_until(scheduler_.now() + ms * ns_per_ms,
                       [this] { return !oracle_.violations().empty(); });
  return oracle_.violations().empty();
}

bool World::run_until(std::int64_t limit_ms, const std::function<bool()>& reached) {
  constexpr std::int64_t step_ms = 20;
  for (std::int64_t ran = 0; ran < limit_ms && !reached(); ran += step_ms) {
    if (!run_ms(step_ms)) return false;
  }
  return reached();
}

void World::rest_clients(bool rest) {
  for (std::size_t i = 1; i < clients_.size(); ++i) {
    if (rest) {
      clients_[i]->finish();
    } else {
      clients_[i]->go_on();
    }
  }
}

SimNode* World::leader() {
  SimNode* found = nullptr;
  for (const auto& node : nodes_) {
    if (!node->up() || !node->replica()->status().serving) continue;
    const bool newer =
        found == nullptr || node->replica()->status().term > found->replica()->status().term;
    if (newer) found = node.get();
  }
  return found;
}

std::uint64_t World::answered() const {
  std::uint64_t count = 0;
  for (const auto& client : clients_) count += client->answered();
  return count;
}

void World::readmit(std::uint32_t seat) {
  node(seat).lose_disk();
  ask_for_id(seat);
}

// As the process of a node with an empty disk does. An answer that is later than the next question
// counts no more, because then the seat's next id replaces that one.
void World::ask_for_id(std::uint32_t seat) {
  if (!node(seat).away()) return;
  const std::uint64_t question = ++questions_;
  SimNode* asked = leader();
  if (asked != nullptr && !asked->paused()) {
    asked->replica()->admit(seat, [this, seat, question](const replica::SubmitAnswer& answer) {
      if (answer.result != replica::SubmitResult::applied || question != questions_) return;
      const NodeId id{Reader(answer.reply).u64()};
      node(seat).join(id);
    });
  }
  scheduler_.after_us(2'000'000, [this, seat] { ask_for_id(seat); });
}

// --- The end.

bool World::serves_again() {
  const MonoTimeNs healed = scheduler_.now();
  const auto every_client_answered = [this, healed] {
    return std::all_of(clients_.begin() + 1, clients_.end(),
                       [&](const auto& client) { return client->last_answer() > healed; });
  };
  if (run_until(serve_again_ms_max, every_client_answered)) return true;
  if (oracle_.violations().empty()) {
    oracle_.violate("Not every client is served again after everything was mended.");
  }
  return false;
}

bool World::settles() {
  for (const auto& client : clients_) client->finish();
  const auto agreed = [this] {
    std::set<LogIndex> applied;
    for (const auto& node : nodes_) {
      if (!node->up()) return false;
      applied.insert(node->replica()->status().applied);
    }
    const bool idle = std::all_of(clients_.begin(), clients_.end(),
                                  [](const auto& client) { return client->idle(); });
    return idle && applied.size() == 1;
  };
  if (run_until(settle_ms_max, agreed)) return true;
  if (!oracle_.violations().empty()) return false;
  oracle_.violate("The nodes do not come to the same log.");
  for (const auto& node : nodes_) oracle_.violate(node->describe());
  return false;
}

void World::compare_nodes() {
  const replica::ReplicaStatus& first = nodes_[0]->replica()->status();
  for (const auto& node : nodes_) {
    node->replica()->verify();
    if (node->replica()->status().event_hash != first.event_hash) {
      oracle_.violate(fmt::format("Node {} has another event hash.", node->seat()));
    }
    if (node->machine_state() != nodes_[0]->machine_state()) {
      oracle_.violate(fmt::format("Node {} has another state.", node->seat()));
    }
  }
  std::set<NodeId> voters;
  for (const replica::Members::Member& member : first.members.all) {
    if (!member.learner) voters.insert(member.id);
  }
  if (voters.size() != options_.nodes) oracle_.violate("Not every node votes.");
}

WorldReport World::finish() {
  if (oracle_.violations().empty() && serves_again()) {
    const auto enough = [this] { return now_ms() >= virtual_ms_min && answered() >= answered_min; };
    run_until(virtual_ms_max, enough);
    if (settles()) {
      compare_nodes();
      oracle_.check_end(nodes_[0]->machine_state());
    }
  }
  return report();
}

WorldReport World::report() const {
  WorldReport report;
  report.seed = options_.seed;
  report.runs = 1;
  report.violations = oracle_.violations();
  if (!report.violations.empty()) report.tail = trace_.tail(tail_lines, true);
  report.virtual_ms = static_cast<std::uint64_t>(now_ms());
  report.events = trace_.events();
  report.event_hash = trace_.hash();
  report.answered = answered();
  for (const auto& client : clients_) report.given_up += client->given_up();
  report.leader_changes = oracle_.leader_changes();
  report.faults = faults_.counts();
  return report;
}

WorldReport run_seed(const WorldOptions& options) {
  World world(options);
  if (world.begin()) {
    world.faults().begin();
    world.run_ms(faults_end_ms - world.now_ms());
    world.faults().stop();
  }
  return world.finish();
}

}  // namespace oki::sim
