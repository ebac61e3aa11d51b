#include "drill/harm.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <limits>

#include "base/json.h"

namespace oki::drill {
namespace {

constexpr const char* disk_thread = "disk";
constexpr std::int64_t leader_patience_ms = 5000;

bool network_is_private = false;

using Processes = std::vector<ProcessId>;

void add(Processes& to, const Processes& more) { to.insert(to.end(), more.begin(), more.end()); }

std::optional<Role> role_named(std::string_view word) {
  for (const Role role : {Role::node, Role::edge, Role::watch, Role::status}) {
    if (word == name(role)) return role;
  }
  return std::nullopt;
}

}  // namespace

void set_private_network(bool is) { network_is_private = is; }
bool private_network() { return network_is_private; }

Harm::Harm(Steps& steps) : steps_(steps), packets_(steps.session().cluster().directory()) {}

Harm::~Harm() {
  steps_.session().loop().timers().cancel(pulse_);
  if (auto done = packets_.stop(); !done) return;  // The network ends with this process anyway.
}

Result<void> Harm::kill(const Processes& processes) {
  cluster().kill(processes);
  add(killed_, processes);
  return {};
}

Result<void> Harm::freeze(const Processes& processes) {
  for (const ProcessId& process : processes) cluster().signal(process, SIGSTOP);
  add(frozen_, processes);
  return {};
}

Result<void> Harm::starve(const Processes& processes, std::int64_t run_ms, std::int64_t period_ms) {
  starved_ = processes;
  pulse(run_ms, period_ms);
  return {};
}

void Harm::pulse(std::int64_t run_ms, std::int64_t period_ms) {
  for (const ProcessId& process : starved_) cluster().signal(process, SIGSTOP);
  Timers& timers = steps_.session().loop().timers();
  pulse_ = timers.after_ms(period_ms - run_ms, [this, run_ms, period_ms] {
    for (const ProcessId& process : starved_) cluster().signal(process, SIGCONT);
    pulse_ = steps_.session().loop().timers().after_ms(
        run_ms, [this, run_ms, period_ms] { pulse(run_ms, period_ms); });
  });
}

Result<void> Harm::restart_with(const Processes& processes, const std::vector<std::string>& more,
                                const std::vector<std::string>& with) {
  cluster().kill(processes);
  add(changed_, processes);
  for (const ProcessId& process : processes) {
    if (auto done = cluster().start_again(process, more, with); !done) return done;
  }
  return {};
}

Result<void> Harm::refuse_writes(const Processes& processes) {
  for (const ProcessId& process : processes) {
    if (auto done = limit_file_bytes(cluster().pid(process), 0); !done) return done;
    limited_.push_back(process);
  }
  return {};
}

Result<void> Harm::hold_disks(const Processes& processes) {
  for (const ProcessId& process : processes) {
    if (auto done = held_.hold(cluster().pid(process), disk_thread); !done) return done;
  }
  return {};
}

Result<void> Harm::lose_packets(const Processes& processes, unsigned share_percent,
                                PacketLoss::How how) {
  if (!network_is_private || !PacketLoss::available()) {
    return error(Errc::unavailable, "dropping packets needs nft and a network of its own");
  }
  std::vector<std::uint16_t> ports;
  for (const ProcessId& process : processes) {
    const auto& places = process.role == Role::node ? cluster().nodes() : cluster().edges();
    ports.push_back(places[process.number - 1].listen.port);
  }
  return packets_.lose(ports, share_percent, how);
}

Result<void> Harm::halt(const std::string& market) { return set_markets(market, false); }
Result<void> Harm::stop_orders(const std::string& market) { return set_markets(market, true); }

Result<void> Harm::set_markets(const std::string& market, bool stops) {
  std::uint16_t position = 0;
  for (const core::Command& command : steps_.session().exchange()) {
    const auto* add_market = std::get_if<core::AddMarket>(&command);
    if (add_market == nullptr) continue;
    const core::MarketId id{position++};
    const bool meant = market.empty() ? add_market->spec.listed : market == add_market->spec.name;
    if (!meant) continue;
    (stops ? stopped_ : halted_).push_back(id);
    const core::Command change =
        stops
            ? core::Command(core::SetMarketStops{id, static_cast<std::uint16_t>(core::Stop::order)})
            : core::Command(core::SetMarketHalt{id, true});
    if (auto done = submit(change, "stopping a market"); !done) return done;
  }
  if (halted_.empty() && stopped_.empty()) return error(Errc::invalid, "no market " + market);
  return {};
}

Result<void> Harm::credit_house() {
  credited_ = true;
  const core::AccountId account = steps_.session().accounts().house.front().id;
  const std::string reference = "drill/" + std::to_string(++credits_) + "/" +
                                std::to_string(steps_.session().loop().clock().wall_now().value);
  return submit(core::Deposit{account, {0}, {1}, reference}, "a credit");
}

Result<void> Harm::change_setting(const Processes& edges, const std::string& setting,
                                  std::uint64_t value) {
  std::string body;
  JsonWriter(body)
      .begin_object()
      .key("set")
      .begin_object()
      .field(setting, value)
      .end_object()
      .field("by", "drill")
      .field("words", "a setting that is in its range and wrong")
      .end_object();
  for (const ProcessId& edge : edges) {
    if (auto done = administer(edge, "apply", body); !done) return done;
    set_.push_back(edge);
  }
  return {};
}

Result<void> Harm::roll_back() {
  for (const ProcessId& edge : std::exchange(set_, {})) {
    auto done = administer(edge, "rollback", R"({"to":0,"by":"drill","words":"it was wrong"})");
    if (!done) return done;
  }
  return {};
}

Result<void> Harm::administer_all(const std::string& what, const std::string& body) {
  for (const ProcessId& edge : cluster().all(Role::edge)) {
    if (auto done = administer(edge, what, body); !done) return done;
  }
  return {};
}

Result<void> Harm::administer(ProcessId edge, const std::string& what, std::string body) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/admin/" + what;
  request.body = std::move(body);
  request.headers = {{"Authorization", "Bearer " + cluster().admin_token()},
                     {"Content-Type", "application/json"}};
  const auto answer = steps_.ask(cluster().edges()[edge.number - 1].metrics, std::move(request));
  if (answer && answer->status == 200) return {};
  return error(Errc::unavailable, "the edge did not take the setting" +
                                      (answer ? ": " + answer->body : std::string()));
}

Result<void> Harm::submit(const core::Command& command, const char* what) {
  const auto reply = steps_.submit(command);
  if (!reply) return error(Errc::unavailable, std::string(what) + ": no answer");
  if (reply->refusal != core::Refusal::ok) {
    return error(Errc::invalid, std::string(what) + " was refused");
  }
  return {};
}

bool Harm::hurts() const {
  return !frozen_.empty() || !starved_.empty() || !limited_.empty() || !changed_.empty() ||
         !killed_.empty() || !halted_.empty() || !stopped_.empty() || !set_.empty() || credited_;
}

Result<void> Harm::heal() {
  if (auto done = packets_.stop(); !done) return done;
  held_.release();
  thaw();
  if (auto done = roll_back(); !done) return done;
  if (auto done = start_ended(); !done) return done;
  return reopen();
}

void Harm::thaw() {
  steps_.session().loop().timers().cancel(pulse_);
  add(frozen_, std::exchange(starved_, {}));
  for (const ProcessId& process : std::exchange(frozen_, {})) cluster().signal(process, SIGCONT);
  for (const ProcessId& process : limited_) {
    if (cluster().running(process)) {
      // One that ends in between is started again below.
      (void)limit_file_bytes(cluster().pid(process), std::numeric_limits<std::uint64_t>::max());
    }
  }
  add(killed_, std::exchange(limited_, {}));
}

Result<void> Harm::start_ended() {
  cluster().kill(changed_);
  add(killed_, std::exchange(changed_, {}));
  if (credited_) {
    cluster().kill(cluster().all(Role::watch));
    add(killed_, cluster().all(Role::watch));
  }
  credited_ = false;
  for (const ProcessId& process : std::exchange(killed_, {})) {
    if (cluster().running(process)) continue;
    if (auto done = cluster().start_again(process); !done) return done;
  }
  return {};
}

Result<void> Harm::reopen() {
  for (const core::MarketId market : std::exchange(halted_, {})) {
    if (auto done = submit(core::SetMarketHalt{market, false}, "reopening"); !done) return done;
  }
  for (const core::MarketId market : std::exchange(stopped_, {})) {
    if (auto done = submit(core::SetMarketStops{market, 0}, "reopening"); !done) return done;
  }
  return {};
}

std::uint32_t Harm::leader() {
  auto seat = std::make_shared<std::optional<std::uint32_t>>();
  steps_.session().find_leader([seat](std::uint32_t found) { *seat = found; });
  steps_.wait_for(leader_patience_ms, [&] { return seat->has_value(); });
  return seat->value_or(0);
}

Result<Processes> Harm::processes(const std::string& words) {
  Cluster& all = cluster();
  if (words == "nodes") return all.all(Role::node);
  if (words == "edges") return all.all(Role::edge);
  if (words == "watches") return all.all(Role::watch);
  if (words == "sites") return all.all(Role::status);
  if (words == "all") {
    Processes found = all.all(Role::node);
    add(found, all.all(Role::edge));
    add(found, all.all(Role::watch));
    return found;
  }
  if (words == "leader" || words == "majority" || words == "follower") {
    const std::uint32_t seat = leader();
    if (seat == 0) return error(Errc::unavailable, "no leader is known");
    const auto nodes = static_cast<std::uint32_t>(all.nodes().size());
    if (words == "follower") return Processes{{Role::node, seat % nodes + 1}};
    Processes found{{Role::node, seat}};
    const std::uint32_t wanted = words == "leader" ? 1 : nodes / 2 + 1;
    for (std::uint32_t i = 1; i < wanted; ++i) {
      found.push_back({Role::node, (seat - 1 + i) % nodes + 1});
    }
    return found;
  }
  const auto blank = words.find(' ');
  const auto role = role_named(std::string_view(words).substr(0, blank));
  std::uint32_t number = 0;
  if (role && blank != std::string::npos) {
    std::from_chars(words.data() + blank + 1, words.data() + words.size(), number);
  }
  if (!role || number < 1 || number > all.all(*role).size()) {
    return error(Errc::invalid, "'" + words + "' names no process of the cluster");
  }
  return Processes{{*role, number}};
}

}  // namespace oki::drill
