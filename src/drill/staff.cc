#include "drill/staff.h"

#include <fmt/format.h>

#include <iterator>

#include "crypto/crypto.h"
#include "host/child.h"
#include "notify/subscriber_tokens.h"
#include "watch/operators/login_tokens.h"

namespace oki::drill {
namespace {

constexpr std::size_t answer_bytes_max = 4u << 20;

void add_component(std::string& out, const std::string& id, int tier, const std::string& needs) {
  fmt::format_to(std::back_inserter(out), "[[component]]\nid = \"{}\"\ntier = {}\n", id, tier);
  if (!needs.empty()) out += "needs = [" + needs + "]\n";
  out += '\n';
}

std::string quoted(const char* kind, std::uint32_t count) {
  std::string out;
  for (std::uint32_t i = 1; i <= count; ++i) {
    out += fmt::format("{}\"{} {}\"", i == 1 ? "" : ", ", kind, i);
  }
  return out;
}

void add(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

constexpr const char* people = R"([[person]]
id = 1
name = "Aki"
rights = ["all"]
contacts = ["webhook:calls"]

[[person]]
id = 2
name = "Ben"
rights = ["all"]
contacts = ["webhook:calls"]

[[schedule]]
name = "primary"
title = "First line"
  [[schedule.layer]]
  start = "2026-01-01T00:00:00Z"
  rotation_minutes = 10080
  people = [1, 2]

)";

}  // namespace

std::string house_toml(const HousePlan& plan) {
  std::string out;
  const std::string all_nodes = quoted("node", plan.nodes);
  add_component(out, "ledger house", 1, all_nodes);
  for (std::uint32_t i = 1; i <= plan.nodes; ++i) {
    add_component(out, fmt::format("node {}", i), 3, "");
  }
  for (std::uint32_t i = 1; i <= plan.edges; ++i) {
    add_component(out, fmt::format("edge {}", i), 2, all_nodes);
  }
  std::string listed;
  for (const std::string& market : plan.markets) {
    add_component(out, "market " + market, 1, "\"ledger house\", " + all_nodes);
    listed += (listed.empty() ? "\"market " : ", \"market ") + market + "\"";
  }
  fmt::format_to(std::back_inserter(out),
                 "[[service]]\nname = \"trading\"\ntitle_ja = \"取引\"\ntitle_en = \"Trading\"\n"
                 "components = [{}]\n\n"
                 "[[service]]\nname = \"api\"\ntitle_ja = \"API\"\ntitle_en = \"API\"\n"
                 "components = [{}]\n\n",
                 listed, quoted("edge", plan.edges));
  out += people;
  for (const char* severity : {"sev1", "sev2", "sev3"}) {
    fmt::format_to(std::back_inserter(out),
                   "[[escalation]]\nseverity = \"{}\"\nrepeats = 1\n  [[escalation.step]]\n"
                   "  ack_seconds = 120\n  targets = [\"schedule primary\"]\n\n",
                   severity);
  }
  for (std::uint32_t i = 1; i <= plan.watches; ++i) {
    fmt::format_to(std::back_inserter(out),
                   "[[speaker]]\nname = \"watch {}\"\nsilent_ms = 10000\ncomponents = []\n\n", i);
  }
  return out;
}

Staff::Staff(Session& session, Random& random)
    : session_(session),
      random_(random),
      telling_(session.loop().clock(), session.loop().net(), session.loop().timers()) {}

Result<void> Staff::prepare(const HousePlan& plan) {
  if (auto done = telling_.start(plan.directory, random_); !done) return done;
  std::string lines;
  for (const std::uint32_t person : {aki, ben}) {
    const watch::NewLoginToken made = watch::make_login_token(random_, {person});
    tokens_.push_back(made.token);
    lines += made.line + "\n";
  }
  const std::string tokens = plan.directory + "/operator_tokens";
  const std::string house = plan.directory + "/response.toml";
  if (auto done = host::write_file(tokens, lines, 0600); !done) return done;
  if (auto done = host::write_file(house, house_toml(plan), 0600); !done) return done;
  std::vector<std::vector<std::string>> options;
  for (std::uint32_t i = 0; i < plan.watches; ++i) {
    const auto port = host::free_port();
    if (!port) return tl::unexpected(port.error());
    operators_.push_back({"127.0.0.1", *port});
    options.push_back({"--response", house, "--channels", telling_.channels_file(), "--operators",
                       to_string(operators_.back()), "--operator-tokens", tokens});
    if (plan.runbooks.empty()) continue;
    add(options.back(),
        {"--actions", Cluster::actions_file(plan.directory), "--runbooks", plan.runbooks});
  }
  if (plan.desks) {
    if (auto done = open_desks(plan, options); !done) return done;
  }
  session_.set_watch_options(std::move(options));
  return {};
}

// Links of mails lead to the first one: any watch serves the pages.
Result<void> Staff::open_desks(const HousePlan& plan,
                               std::vector<std::vector<std::string>>& options) {
  const std::string secret = plan.directory + "/subscribers.key";
  const std::string digits = crypto::hex(random_.bytes(notify::subscriber_secret_bytes));
  if (auto done = host::write_file(secret, digits, 0600); !done) return done;
  for (std::vector<std::string>& words : options) {
    const auto port = host::free_port();
    if (!port) return tl::unexpected(port.error());
    desks_.push_back({"127.0.0.1", *port});
    add(words, {"--desk", to_string(desks_.back()), "--desk-url",
                "http://" + to_string(desks_.front()), "--subscriber-secret", secret});
  }
  return {};
}

Result<net::HttpResponse> Staff::send(Steps& steps, std::uint32_t person, const std::string& method,
                                      const std::string& target, const std::string& body) const {
  Error refusal{Errc::unavailable, method + " " + target + ": no watch answered"};
  for (const Address& watch : operators_) {
    net::HttpRequest request;
    request.method = method;
    request.target = target;
    if (method == "POST") request.body = body;
    request.headers = {{"Authorization", "Bearer " + tokens_[person - 1]},
                       {"Content-Type", "application/json"}};
    auto answer = steps.ask(watch, std::move(request));
    // A watch that does not lead may say so; another one then knows better.
    if (!answer || answer->status == 503) continue;
    if (answer->status < 300) return std::move(*answer);
    refusal = {Errc::invalid, method + " " + target + ": " + answer->body};
    // A draft lies at the watch that wrote it.
    if (method != "GET" || answer->status != 404) break;
  }
  return tl::unexpected(refusal);
}

Result<net::Json> Staff::ask(Steps& steps, std::uint32_t person, const std::string& method,
                             const std::string& target, const std::string& body) const {
  const auto answer = send(steps, person, method, target, body);
  if (!answer) return tl::unexpected(answer.error());
  return net::parse_json(answer->body, answer_bytes_max);
}

Result<Bytes> Staff::read(Steps& steps, const std::string& target) const {
  auto answer = send(steps, aki, "GET", target, "");
  if (!answer) return tl::unexpected(answer.error());
  return std::move(answer->body);
}

}  // namespace oki::drill
