#include "drill/cluster.h"

#include <csignal>

#include "base/json.h"
#include "crypto/crypto.h"
#include "host/loop.h"
#include "response/runbook/actions_config.h"

namespace oki::drill {
namespace {

constexpr int patience_ms = 3000;

std::string joined(const std::vector<Address>& addresses) {
  std::string out;
  for (const Address& address : addresses) {
    if (!out.empty()) out += ',';
    out += to_string(address);
  }
  return out;
}

std::vector<Address> metrics_of(const std::vector<NodePlace>& places) {
  std::vector<Address> addresses;
  for (const NodePlace& place : places) addresses.push_back(place.metrics);
  return addresses;
}

// The pair of one watch.
Bytes house_keys_json(const DrillAccounts& accounts, std::uint32_t seat) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().key("accounts").begin_array();
  for (std::size_t i = 0; i < 2; ++i) {
    const DrillAccount& account = accounts.house[(seat - 1) * 2 + i];
    json.begin_object().field("key", account.key).field("secret", account.secret).end_object();
  }
  json.end_array().end_object();
  return out;
}

// As make_accounts() numbers them.
std::string house_accounts(std::uint32_t watches) {
  std::string out;
  for (std::uint32_t account = 1; account <= 2 * watches; ++account) {
    out += (out.empty() ? "" : ",") + std::to_string(account);
  }
  return out;
}

}  // namespace

const char* name(Role role) {
  switch (role) {
    case Role::node:
      return "node";
    case Role::edge:
      return "edge";
    case Role::watch:
      return "watch";
    case Role::status:
      return "status";
  }
  return "";
}

Cluster::Cluster(const ClusterPlan& plan, Random& random) : plan_(plan) {
  Bytes bytes = random.bytes(8);
  id_ = Reader(bytes).u64() >> 1;
  seal_key_ = random.bytes(crypto::seal_key_bytes);
  admin_token_ = crypto::hex(random.bytes(32));
  for (std::uint32_t i = 0; i < plan.watches; ++i) signing_seeds_.push_back(random.bytes(32));
  next_port_ = plan.port_base;
}

Result<Cluster> Cluster::plan(const ClusterPlan& plan, Random& random) {
  Cluster cluster(plan, random);
  if (auto done = cluster.choose_ports(); !done) return tl::unexpected(done.error());
  if (auto done = cluster.write_keys(); !done) return tl::unexpected(done.error());
  return cluster;
}

Result<void> Cluster::write_keys() {
  std::vector<std::pair<std::string, Bytes>> files{{path("seal.key"), crypto::hex(seal_key_)}};
  for (std::uint32_t seat = 1; seat <= plan_.watches; ++seat) {
    const Bytes& seed = signing_seeds_[seat - 1];
    const std::string name = watch_directory(seat);
    files.emplace_back(name + "-signing.key", crypto::hex(seed));
    files.emplace_back(name + "-verify.key",
                       crypto::hex(crypto::signing_key_from_seed(seed).public_key));
  }
  for (const auto& [file, content] : files) {
    if (auto done = host::write_file(file, content, 0600); !done) return done;
  }
  return {};
}

Result<Address> Cluster::next_address() {
  if (plan_.port_base != 0) {
    if (next_port_ == 0) return error(Errc::full, "ports beyond 65535 would be needed");
    return Address{"127.0.0.1", next_port_++};
  }
  const Result<std::uint16_t> port = host::free_port();
  if (!port) return tl::unexpected(port.error());
  return Address{"127.0.0.1", *port};
}

// With a base, in this order: each edge, the status sites, each node, everyone's metrics, and
// last what watches have besides.
Result<void> Cluster::choose_ports() {
  nodes_.resize(plan_.nodes);
  edges_.resize(plan_.edges);
  statuses_.resize(plan_.status_sites);
  members_[index(Role::node)].resize(plan_.nodes);
  members_[index(Role::edge)].resize(plan_.edges);
  watches_.resize(plan_.watches);
  members_[index(Role::watch)].resize(plan_.watches);
  members_[index(Role::status)].resize(plan_.status_sites);
  std::vector<Address*> wanted;
  for (NodePlace& edge : edges_) wanted.push_back(&edge.listen);
  for (NodePlace& status : statuses_) wanted.push_back(&status.listen);
  for (NodePlace& node : nodes_) wanted.push_back(&node.listen);
  for (NodePlace& node : nodes_) wanted.push_back(&node.metrics);
  for (NodePlace& edge : edges_) wanted.push_back(&edge.metrics);
  for (NodePlace& status : statuses_) wanted.push_back(&status.metrics);
  for (WatchPlace& watch : watches_) wanted.push_back(&watch.metrics);
  for (WatchPlace& watch : watches_) wanted.push_back(&watch.listen);
  for (Address* address : wanted) {
    Result<Address> next = next_address();
    if (!next) return tl::unexpected(next.error());
    *address = *next;
  }
  return {};
}

std::vector<Address> Cluster::node_addresses() const {
  std::vector<Address> addresses;
  for (const NodePlace& node : nodes_) addresses.push_back(node.listen);
  return addresses;
}

std::vector<Address> Cluster::edge_addresses() const {
  std::vector<Address> addresses;
  for (const NodePlace& edge : edges_) addresses.push_back(edge.listen);
  return addresses;
}

std::vector<Address> Cluster::metrics_addresses() const {
  std::vector<Address> addresses;
  for (const NodePlace& node : nodes_) addresses.push_back(node.metrics);
  for (const NodePlace& edge : edges_) addresses.push_back(edge.metrics);
  for (const WatchPlace& watch : watches_) addresses.push_back(watch.metrics);
  for (const NodePlace& status : statuses_) addresses.push_back(status.metrics);
  return addresses;
}

std::string Cluster::log_file(ProcessId process) const {
  const bool numbered =
      process.role == Role::node || process.role == Role::edge || process.number > 1;
  return path(name(process.role) + (numbered ? std::to_string(process.number) : "") + ".log");
}

Result<void> Cluster::start(ProcessId process, std::vector<std::string> arguments) {
  Member& started = member(process);
  started.arguments = std::move(arguments);
  return start_again(process);
}

Result<void> Cluster::start_again(ProcessId process, const std::vector<std::string>& more,
                                  const std::vector<std::string>& with) {
  Member& started = member(process);
  std::vector<std::string> words = with;
  words.push_back(plan_.binary);
  words.insert(words.end(), started.arguments.begin(), started.arguments.end());
  if (process.role == Role::watch && process.number <= plan_.watch_options.size()) {
    const std::vector<std::string>& own = plan_.watch_options[process.number - 1];
    words.insert(words.end(), own.begin(), own.end());
  }
  words.insert(words.end(), more.begin(), more.end());
  Result<host::Child> child = host::Child::start(words, log_file(process));
  if (!child) return tl::unexpected(child.error());
  started.child = std::move(*child);
  started.wanted = true;
  return {};
}

std::vector<std::string> Cluster::node_arguments(std::uint32_t seat) const {
  return {"node",
          "--cluster",
          std::to_string(id_),
          "--seat",
          std::to_string(seat),
          "--nodes",
          joined(node_addresses()),
          "--dir",
          path("node" + std::to_string(seat)),
          "--metrics",
          to_string(nodes_[seat - 1].metrics)};
}

Result<void> Cluster::start_nodes() {
  for (std::uint32_t seat = 1; seat <= plan_.nodes; ++seat) {
    member({Role::node, seat}).arguments = node_arguments(seat);
    if (auto done = start_again({Role::node, seat}, {"--bootstrap"}); !done) return done;
  }
  return {};
}

Result<void> Cluster::start_node(std::uint32_t seat) { return start_again({Role::node, seat}); }

Result<void> Cluster::start_edges() {
  if (auto done = host::write_file(path("admin.token"), admin_token_, 0600); !done) return done;
  for (std::uint32_t i = 1; i <= plan_.edges; ++i) {
    const NodePlace& place = edges_[i - 1];
    auto done = start({Role::edge, i}, {"edge",
                                        "--cluster",
                                        std::to_string(id_),
                                        "--nodes",
                                        joined(node_addresses()),
                                        "--listen",
                                        to_string(place.listen),
                                        "--metrics",
                                        to_string(place.metrics),
                                        "--seal-key",
                                        path("seal.key"),
                                        "--history",
                                        path("edge" + std::to_string(i) + ".sqlite"),
                                        "--edges",
                                        std::to_string(plan_.edges),
                                        "--admin-token",
                                        path("admin.token"),
                                        "--settings",
                                        path("edge" + std::to_string(i) + "_settings"),
                                        "--records",
                                        path("edge" + std::to_string(i) + "_records"),
                                        "--house",
                                        house_accounts(plan_.watches)});
    if (!done) return done;
  }
  return {};
}

std::string Cluster::verify_keys() const {
  std::string files;
  for (std::uint32_t seat = 1; seat <= plan_.watches; ++seat) {
    files += (files.empty() ? "" : ",") + watch_directory(seat) + "-verify.key";
  }
  return files;
}

Result<void> Cluster::start_status() {
  for (std::uint32_t i = 1; i <= plan_.status_sites; ++i) {
    const NodePlace& place = statuses_[i - 1];
    const std::string directory = i == 1 ? path("status") : path("status" + std::to_string(i));
    auto done = start({Role::status, i},
                      {"status", "--listen", to_string(place.listen), "--metrics",
                       to_string(place.metrics), "--dir", directory, "--watch-key", verify_keys()});
    if (!done) return done;
  }
  return {};
}

std::vector<std::string> Cluster::watch_arguments(std::uint32_t seat) const {
  const std::string name = watch_directory(seat);
  std::vector<Address> sites;
  for (const NodePlace& place : statuses_) sites.push_back(place.listen);
  std::vector<std::string> arguments{"watch",
                                     "--cluster",
                                     std::to_string(id_),
                                     "--nodes",
                                     joined(node_addresses()),
                                     "--edges",
                                     joined(edge_addresses()),
                                     "--status",
                                     joined(sites),
                                     "--dir",
                                     name,
                                     "--exchange",
                                     path("exchange.toml"),
                                     "--house-keys",
                                     name + "-house.json",
                                     "--signing-key",
                                     name + "-signing.key",
                                     "--metrics",
                                     to_string(watches_[seat - 1].metrics),
                                     "--house",
                                     house_accounts(plan_.watches),
                                     "--edge-metrics",
                                     joined(metrics_of(edges_)),
                                     "--node-metrics",
                                     joined(metrics_of(nodes_)),
                                     "--logs",
                                     path("node*.log") + "," + path("edge*.log")};
  if (plan_.watches == 1) return arguments;
  std::vector<Address> all;
  for (const WatchPlace& watch : watches_) all.push_back(watch.listen);
  for (const std::string& word :
       {std::string("--response-cluster"), std::to_string(id_ + 1), std::string("--seat"),
        std::to_string(seat), std::string("--watches"), joined(all)}) {
    arguments.push_back(word);
  }
  return arguments;
}

// Without command lines for processes: the drill itself starts and stops those.
Result<void> Cluster::write_actions() const {
  response::ActionsConfig config;
  config.program = plan_.binary;
  config.cluster = id_;
  config.nodes = node_addresses();
  config.node_metrics = metrics_of(nodes_);
  config.edges = edge_addresses();
  config.edge_metrics = metrics_of(edges_);
  config.admin_token = path("admin.token");
  return host::write_file(actions_file(plan_.directory), response::write_actions_config(config),
                          0600);
}

Result<void> Cluster::start_watches(const DrillAccounts& accounts, ByteView exchange_toml) {
  if (auto done = host::write_file(path("exchange.toml"), exchange_toml, 0600); !done) return done;
  if (auto done = write_actions(); !done) return done;
  for (std::uint32_t seat = 1; seat <= plan_.watches; ++seat) {
    auto written = host::write_file(watch_directory(seat) + "-house.json",
                                    house_keys_json(accounts, seat), 0600);
    if (!written) return written;
    member({Role::watch, seat}).arguments = watch_arguments(seat);
    std::vector<std::string> more;
    if (plan_.watches > 1) more.emplace_back("--bootstrap");
    if (auto done = start_again({Role::watch, seat}, more); !done) return done;
  }
  return {};
}

Result<void> Cluster::start_ended() {
  for (const Role role : {Role::node, Role::edge, Role::status, Role::watch}) {
    for (const ProcessId& process : all(role)) {
      if (!member(process).wanted || member(process).child.running()) continue;
      if (auto done = start_again(process); !done) return done;
    }
  }
  return {};
}

std::vector<ProcessId> Cluster::all(Role role) const {
  std::vector<ProcessId> processes;
  for (std::uint32_t i = 1; i <= members_[index(role)].size(); ++i) processes.push_back({role, i});
  return processes;
}

void Cluster::kill(ProcessId process) {
  member(process).wanted = false;
  member(process).child.kill_now();
}

void Cluster::kill(const std::vector<ProcessId>& processes) {
  for (const ProcessId& process : processes) signal(process, SIGKILL);
  for (const ProcessId& process : processes) kill(process);
}

void Cluster::signal(ProcessId process, int number) { member(process).child.signal(number); }

bool Cluster::running(ProcessId process) { return member(process).child.running(); }

pid_t Cluster::pid(ProcessId process) const { return member(process).child.pid(); }

void Cluster::kill_node(std::uint32_t seat) { kill(ProcessId{Role::node, seat}); }

void Cluster::kill_all_nodes() { kill(all(Role::node)); }

std::vector<std::string> Cluster::unexpected_ends() {
  std::vector<std::string> sentences;
  for (const Role role : {Role::node, Role::edge, Role::status, Role::watch}) {
    for (const ProcessId& process : all(role)) {
      Member& each = member(process);
      if (!each.wanted || each.child.running()) continue;
      sentences.push_back(std::string(name(role)) + std::to_string(process.number) +
                          " ended with status " + std::to_string(each.child.exit_status()) +
                          "; see " + log_file(process));
    }
  }
  return sentences;
}

// Frozen processes too: SIGCONT first.
void Cluster::terminate(Role role) {
  for (Member& each : members_[index(role)]) {
    each.wanted = false;
    each.child.signal(SIGCONT);
    each.child.signal(SIGTERM);
  }
  for (Member& each : members_[index(role)]) each.child.terminate(patience_ms);
}

void Cluster::stop_all() {
  for (const Role role : {Role::watch, Role::edge, Role::node, Role::status}) terminate(role);
}

}  // namespace oki::drill
