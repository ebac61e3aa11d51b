#include "drill/cluster.h"

#include <csignal>

#include "base/json.h"
#include "crypto/crypto.h"
#include "host/loop.h"

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

Bytes house_keys_json(const DrillAccounts& accounts) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().key("accounts").begin_array();
  for (const DrillAccount& account : accounts.house) {
    json.begin_object().field("key", account.key).field("secret", account.secret).end_object();
  }
  json.end_array().end_object();
  return out;
}

}  // namespace

Cluster::Cluster(const ClusterPlan& plan, Random& random) : plan_(plan) {
  Bytes bytes = random.bytes(8);
  id_ = Reader(bytes).u64() >> 1;
  seal_key_ = random.bytes(crypto::seal_key_bytes);
  signing_seed_ = random.bytes(32);
  next_port_ = plan.port_base;
}

Result<Cluster> Cluster::plan(const ClusterPlan& plan, Random& random) {
  Cluster cluster(plan, random);
  if (auto done = cluster.choose_ports(); !done) return tl::unexpected(done.error());
  const auto secret_file = [&](const char* name, ByteView content) {
    return host::write_file(cluster.path(name), content, 0600);
  };
  const auto signing = crypto::signing_key_from_seed(cluster.signing_seed_);
  if (auto done = secret_file("seal.key", crypto::hex(cluster.seal_key_)); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = secret_file("status-signing.key", crypto::hex(cluster.signing_seed_)); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = secret_file("status-verify.key", crypto::hex(signing.public_key)); !done) {
    return tl::unexpected(done.error());
  }
  return cluster;
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

// With a base, in this order: each edge, the status site, each node, then everyone's metrics.
Result<void> Cluster::choose_ports() {
  nodes_.resize(plan_.nodes);
  edges_.resize(plan_.edges);
  node_children_.resize(plan_.nodes);
  edge_children_.resize(plan_.edges);
  node_wanted_.resize(plan_.nodes);
  std::vector<Address*> wanted;
  for (NodePlace& edge : edges_) wanted.push_back(&edge.listen);
  wanted.push_back(&status_.listen);
  for (NodePlace& node : nodes_) wanted.push_back(&node.listen);
  for (NodePlace& node : nodes_) wanted.push_back(&node.metrics);
  for (NodePlace& edge : edges_) wanted.push_back(&edge.metrics);
  wanted.push_back(&status_.metrics);
  wanted.push_back(&watch_.metrics);
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
  addresses.push_back(watch_.metrics);
  addresses.push_back(status_.metrics);
  return addresses;
}

Result<void> Cluster::start(const std::string& name, host::Child& child,
                            std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), plan_.binary);
  Result<host::Child> started = host::Child::start(arguments, path(name + ".log"));
  if (!started) return tl::unexpected(started.error());
  child = std::move(*started);
  return {};
}

std::vector<std::string> Cluster::node_arguments(std::uint32_t seat, bool bootstrap) const {
  std::vector<std::string> arguments{"node",
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
  if (bootstrap) arguments.emplace_back("--bootstrap");
  return arguments;
}

Result<void> Cluster::start_nodes() {
  for (std::uint32_t seat = 1; seat <= plan_.nodes; ++seat) {
    node_wanted_[seat - 1] = true;
    auto done =
        start("node" + std::to_string(seat), node_children_[seat - 1], node_arguments(seat, true));
    if (!done) return done;
  }
  return {};
}

Result<void> Cluster::start_node(std::uint32_t seat) {
  node_wanted_[seat - 1] = true;
  return start("node" + std::to_string(seat), node_children_[seat - 1],
               node_arguments(seat, false));
}

Result<void> Cluster::start_edges() {
  for (std::uint32_t i = 0; i < plan_.edges; ++i) {
    auto done = start(
        "edge" + std::to_string(i + 1), edge_children_[i],
        {"edge", "--cluster", std::to_string(id_), "--nodes", joined(node_addresses()), "--listen",
         to_string(edges_[i].listen), "--metrics", to_string(edges_[i].metrics), "--seal-key",
         path("seal.key"), "--history", path("edge" + std::to_string(i + 1) + ".sqlite"), "--edges",
         std::to_string(plan_.edges)});
    if (!done) return done;
  }
  return {};
}

Result<void> Cluster::start_status() {
  return start(
      "status", status_child_,
      {"status", "--listen", to_string(status_.listen), "--metrics", to_string(status_.metrics),
       "--dir", path("status"), "--verify-key", path("status-verify.key")});
}

Result<void> Cluster::start_watch(const DrillAccounts& accounts, ByteView exchange_toml) {
  if (auto done = host::write_file(path("house.json"), house_keys_json(accounts), 0600); !done) {
    return done;
  }
  if (auto done = host::write_file(path("exchange.toml"), exchange_toml, 0600); !done) return done;
  return start(
      "watch", watch_child_,
      {"watch", "--cluster", std::to_string(id_), "--nodes", joined(node_addresses()), "--edges",
       joined(edge_addresses()), "--status", to_string(status_.listen), "--dir", path("watch"),
       "--exchange", path("exchange.toml"), "--house-keys", path("house.json"), "--signing-key",
       path("status-signing.key"), "--metrics", to_string(watch_.metrics)});
}

void Cluster::kill_node(std::uint32_t seat) {
  node_wanted_[seat - 1] = false;
  node_children_[seat - 1].kill_now();
}

void Cluster::kill_all_nodes() {
  for (host::Child& child : node_children_) child.signal(SIGKILL);
  for (std::uint32_t seat = 1; seat <= nodes_.size(); ++seat) kill_node(seat);
}

bool Cluster::node_running(std::uint32_t seat) { return node_children_[seat - 1].running(); }

std::vector<std::string> Cluster::unexpected_ends() {
  std::vector<std::string> sentences;
  const auto check = [&](const std::string& name, host::Child& child) {
    if (child.pid() == 0 || child.running()) return;
    sentences.push_back(name + " ended with status " + std::to_string(child.exit_status()) +
                        "; see " + path(name + ".log"));
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (node_wanted_[i]) check("node" + std::to_string(i + 1), node_children_[i]);
  }
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    check("edge" + std::to_string(i + 1), edge_children_[i]);
  }
  check("status", status_child_);
  check("watch", watch_child_);
  return sentences;
}

void Cluster::stop_all() {
  watch_child_.terminate(patience_ms);
  for (host::Child& child : edge_children_) child.signal(SIGTERM);
  for (host::Child& child : edge_children_) child.terminate(patience_ms);
  for (host::Child& child : node_children_) child.signal(SIGTERM);
  for (host::Child& child : node_children_) child.terminate(patience_ms);
  status_child_.terminate(patience_ms);
}

}  // namespace oki::drill
