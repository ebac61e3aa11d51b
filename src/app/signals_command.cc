// `okiagari signals`: the doors for outside alerts with an incident machine of its own that forgets
// everything, so that settings can be tried with the senders that will use them. Each line of the
// output is a JSON object: what was told, what the machine answered, what became of incidents.
#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "app/process.h"
#include "app/server_commands.h"
#include "app/signal_inputs.h"
#include "base/calendar.h"
#include "base/json.h"
#include "replica/state_machine.h"
#include "response/events.h"
#include "response/response_machine.h"

namespace oki::app {
namespace {

constexpr std::int64_t tick_every_ms = 1'000;

void print(const Bytes& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

void print_signal(const response::Signal& signal, const response::Reply& reply) {
  Bytes line;
  JsonWriter json(line);
  json.begin_object().field("key", ByteView(signal.key));
  json.field("source", response::name(signal.source)).field("firing", signal.firing);
  json.field("kind", response::name(signal.kind)).field("trust", response::name(signal.trust));
  json.field("state", notify::name(signal.state)).key("components").begin_array();
  for (const notify::ComponentId& id : signal.components) {
    json.string(fmt::format("{}:{}", notify::name(id.kind), id.name));
  }
  json.end_array().field("since", ByteView(rfc3339_utc(signal.since)));
  json.field("seen", ByteView(rfc3339_utc(signal.seen)));
  json.field("expires_ms", std::uint64_t{signal.expires_ms});
  json.field("words", ByteView(signal.words));
  json.field("answer", response::name(reply.refusal)).end_object();
  print(line);
}

// A machine for one process and one run.
class TrialMachine {
 public:
  explicit TrialMachine(host::Loop& loop) : loop_(loop) { wait(); }
  ~TrialMachine() { loop_.timers().cancel(timer_); }
  TrialMachine(const TrialMachine&) = delete;
  TrialMachine& operator=(const TrialMachine&) = delete;

  void tell(const response::Command& command) {
    const response::Reply reply = apply(command);
    if (const auto* said = std::get_if<response::Observe>(&command)) {
      print_signal(said->signal, reply);
    }
    for (const response::IncidentChanged& change : std::exchange(changes_, {}))
      print_change(change);
  }

 private:
  response::Reply apply(const response::Command& command) {
    // The machine's time never goes back, as in a log.
    now_ = std::max(now_, loop_.clock().wall_now());
    Bytes reply, events;
    machine_.apply(now_, response::encode(command), reply, events);
    ++index_.value;
    const std::uint64_t before = hash_;
    hash_ = replica::event_hash(before, index_, now_, events);
    machine_.end_block({index_, now_, before, hash_, events});
    ByteView left = events;
    while (const auto event = response::take_event(left)) {
      const auto* change = std::get_if<response::IncidentChanged>(&*event);
      if (change != nullptr) changes_.push_back(*change);
    }
    return response::decode_reply(reply).value_or(response::Reply{});
  }

  void print_change(const response::IncidentChanged& change) {
    Bytes line;
    JsonWriter json(line);
    json.begin_object().field("incident", ByteView(response::name(change.incident)));
    json.field("phase", response::name(change.phase));
    json.field("severity", response::name(change.severity));
    json.field("state", notify::name(change.state)).end_object();
    print(line);
  }

  void wait() {
    timer_ = loop_.timers().after_ms(tick_every_ms, [this] {
      wait();
      tell(response::Tick{});
    });
  }

  host::Loop& loop_;
  response::ResponseMachine machine_;
  std::vector<response::IncidentChanged> changes_;
  WallTimeMs now_;
  LogIndex index_;
  std::uint64_t hash_ = 0;
  TimerId timer_;
};

int run_signals(const Arguments& arguments) {
  Process process("signals");
  TrialMachine machine(process.loop());
  auto inputs = open_signal_inputs(
      process, arguments, [&machine](const response::Command& command) { machine.tell(command); });
  if (!inputs) return usage("signals", inputs.error().message);
  if (auto done = process.serve_metrics(arguments); !done) process.fail(done.error().message);
  return process.run();
}

}  // namespace

CommandSpec signals_command() {
  std::vector<OptionSpec> options = signal_options();
  options[0].required = true;
  options.push_back({"metrics", "ADDRESS", "", {"for /metrics", "/metrics 用アドレス"}});
  return {"signals",
          {"Takes outside alerts and shows what they would mean",
           "外部の警報を受け、その意味を示す（試行用）"},
          std::move(options),
          run_signals};
}

}  // namespace oki::app
