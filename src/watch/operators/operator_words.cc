#include "watch/operators/operator_words.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "base/calendar.h"
#include "watch/operators/json_body.h"

namespace oki::watch {
namespace {

using response::Command;
using response::IncidentId;
using response::PersonId;

constexpr std::int64_t ahead_s_max = 366 * 86'400;

// The value whose name() is `text`, among `count` from 0.
template <typename E>
std::optional<E> named(ByteView text, std::uint8_t count) {
  for (std::uint8_t i = 0; i < count; ++i) {
    if (text == name(static_cast<E>(i))) return static_cast<E>(i);
  }
  return std::nullopt;
}

std::optional<notify::State> state_of(ByteView text) {
  return named<notify::State>(text, static_cast<std::uint8_t>(notify::state_sent_max) + 1);
}

std::optional<response::StepState> step_state_of(ByteView text) {
  using response::StepState;
  if (text == "started") return StepState::started;
  if (text == "done") return StepState::done;
  if (text == "verified") return StepState::verified;
  if (text == "failed") return StepState::failed;
  return std::nullopt;
}

std::optional<std::uint64_t> digits(ByteView text) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<notify::ComponentId> components_of(JsonBody& body) {
  std::vector<notify::ComponentId> ids;
  const net::Json* list = body.find("components", false);
  if (list == nullptr) return ids;
  if (list->array() == nullptr) body.fault("'components' must be a list");
  for (std::size_t i = 0; list->array() != nullptr && i < list->array()->size(); ++i) {
    const auto text = (*list->array())[i].string();
    const auto id = text ? component_of(*text) : std::nullopt;
    if (!id) body.fault("'components' names none that can be, as \"market btc_jpy\"");
    if (id) ids.push_back(*id);
  }
  return ids;
}

WallTimeMs time_in(JsonBody& body, const char* field, WallTimeMs now) {
  return body.word(field, [now](ByteView text) { return time_of(text, now); });
}

// One verb: reads the body and makes the command.
struct Asked {
  PersonId by;
  IncidentId incident;
  JsonBody& body;
  WallTimeMs now;
};
using Make = Command (*)(const Asked&);

using Verb = std::pair<ByteView, Make>;

constexpr Verb verbs_of_course[] = {
    {"acknowledge",
     [](const Asked& x) -> Command { return response::Acknowledge{x.by, x.incident}; }},
    {"take-role",
     [](const Asked& x) -> Command {
       return response::TakeRole{x.by, x.incident, x.body.word("role", role_of)};
     }},
    {"hand-over",
     [](const Asked& x) -> Command {
       return response::HandOver{x.by,
                                 x.incident,
                                 x.body.word("role", role_of),
                                 {x.body.number("to")},
                                 x.body.text("words", false)};
     }},
    {"severity",
     [](const Asked& x) -> Command {
       return response::SetSeverity{x.by, x.incident, x.body.word("to", severity_of),
                                    x.body.text("words", false)};
     }},
    {"phase",
     [](const Asked& x) -> Command {
       return response::SetPhase{x.by, x.incident, x.body.word("to", phase_of),
                                 x.body.text("words", false)};
     }},
    {"note",
     [](const Asked& x) -> Command {
       return response::AddNote{x.by, x.incident, x.body.text("words")};
     }},
    {"merge",
     [](const Asked& x) -> Command {
       return response::Merge{x.by, x.incident, {x.body.number("into")}};
     }},
    {"resolve",
     [](const Asked& x) -> Command { return response::RequestResolve{x.by, x.incident}; }},
    {"close", [](const Asked& x) -> Command { return response::Close{x.by, x.incident}; }},
    {"dismiss",
     [](const Asked& x) -> Command {
       return response::Dismiss{x.by, x.incident, x.body.text("words")};
     }},
};

constexpr Verb verbs_of_work[] = {
    {"decide-notice",
     [](const Asked& x) -> Command {
       return response::DecideNotice{x.by, x.incident, x.body.number("proposal"),
                                     x.body.boolean("yes"), x.body.text("words", false)};
     }},
    {"promise",
     [](const Asked& x) -> Command {
       return response::Promise{x.by, x.incident, time_in(x.body, "at", x.now)};
     }},
    {"step",
     [](const Asked& x) -> Command {
       return response::RequestStep{x.by, x.incident, x.body.text("runbook"), x.body.text("name")};
     }},
    {"decide-step",
     [](const Asked& x) -> Command {
       return response::DecideStep{x.by, x.incident, x.body.number("step"), x.body.boolean("yes")};
     }},
    {"record-step",
     [](const Asked& x) -> Command {
       return response::RecordStep{x.by,
                                   x.incident,
                                   x.body.number("step"),
                                   x.body.word("to", step_state_of),
                                   x.body.text("digest", false),
                                   x.body.text("words", false)};
     }},
    {"item",
     [](const Asked& x) -> Command {
       return response::AddItem{x.by,
                                x.incident,
                                x.body.text("words"),
                                {x.body.number("owner", false)},
                                time_in(x.body, "due", x.now)};
     }},
    {"assign-item",
     [](const Asked& x) -> Command {
       return response::AssignItem{x.by,
                                   x.incident,
                                   x.body.number("item"),
                                   {x.body.number("owner")},
                                   time_in(x.body, "due", x.now)};
     }},
    {"finish-item",
     [](const Asked& x) -> Command {
       return response::FinishItem{x.by, x.incident, x.body.number("item"),
                                   x.body.text("words", false)};
     }},
    {"submit-postmortem",
     [](const Asked& x) -> Command {
       return response::SubmitPostmortem{x.by, x.incident, x.body.text("digest")};
     }},
    {"decide-postmortem",
     [](const Asked& x) -> Command {
       return response::DecidePostmortem{x.by, x.incident, x.body.text("digest"),
                                         x.body.boolean("yes")};
     }},
};

}  // namespace

std::optional<WallTimeMs> time_of(ByteView text, WallTimeMs now) {
  if (text.starts_with('+')) {
    const auto seconds = digits(text.substr(1));
    if (!seconds || *seconds > std::uint64_t{ahead_s_max}) return std::nullopt;
    return WallTimeMs{now.value + static_cast<std::int64_t>(*seconds) * 1'000};
  }
  // "2026-11-22T05:00:00Z" and nothing else, so that no zone is guessed.
  if (text.size() != 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != 'Z' || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const std::string day = std::string(text.substr(0, 4)) + std::string(text.substr(5, 2)) +
                          std::string(text.substr(8, 2));
  const std::optional<Date> date = parse_yyyymmdd(day);
  const auto hours = digits(text.substr(11, 2));
  const auto minutes = digits(text.substr(14, 2));
  const auto seconds = digits(text.substr(17, 2));
  if (!date || !hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 59) {
    return std::nullopt;
  }
  const std::uint64_t in_day = (*hours * 60 + *minutes) * 60 + *seconds;
  return WallTimeMs{start_of_day(*date).value + static_cast<std::int64_t>(in_day) * 1'000};
}

std::optional<notify::ComponentId> component_of(ByteView text) {
  using notify::ComponentKind;
  const std::size_t blank = text.find(' ');
  if (blank == ByteView::npos) return std::nullopt;
  for (const ComponentKind kind :
       {ComponentKind::market, ComponentKind::edge, ComponentKind::node, ComponentKind::ledger}) {
    if (text.substr(0, blank) != notify::name(kind)) continue;
    const notify::ComponentId id{kind, std::string(text.substr(blank + 1))};
    Bytes bytes;
    notify::append(bytes, id);
    Reader in(bytes);
    notify::read_component_id(in);
    return in.done() ? std::optional(id) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<response::Role> role_of(ByteView text) {
  return named<response::Role>(text, response::roles);
}

std::optional<response::Severity> severity_of(ByteView text) {
  return named<response::Severity>(text, response::severities);
}

std::optional<response::Phase> phase_of(ByteView text) {
  return named<response::Phase>(text, response::phases);
}

Result<Command> declaration(PersonId by, const net::Json& json, WallTimeMs now) {
  JsonBody body(json);
  response::Declare declare;
  declare.by = by;
  declare.title = body.text("title");
  declare.words = body.text("words", false);
  declare.severity = body.word("severity", severity_of);
  declare.state = body.word("state", state_of);
  declare.components = components_of(body);
  declare.drill = body.boolean("drill", false);
  declare.began = now;
  if (json.find("began") != nullptr) declare.began = time_in(body, "began", now);
  if (auto done = body.done(); !done) return tl::unexpected(done.error());
  return Command(std::move(declare));
}

Result<Command> incident_command(PersonId by, IncidentId incident, ByteView verb,
                                 const net::Json& json, WallTimeMs now) {
  const auto is_meant = [verb](const Verb& each) { return each.first == verb; };
  const Verb* found = std::ranges::find_if(verbs_of_course, is_meant);
  if (found == std::end(verbs_of_course)) {
    found = std::ranges::find_if(verbs_of_work, is_meant);
    if (found == std::end(verbs_of_work)) {
      return error(Errc::not_found, "there is nothing of that name to do with an incident");
    }
  }
  JsonBody body(json);
  Command command = found->second({by, incident, body, now});
  if (auto done = body.done(); !done) return tl::unexpected(done.error());
  return command;
}

Result<Command> planned_work(PersonId by, const net::Json& json, WallTimeMs now) {
  JsonBody body(json);
  response::Suppression plan;
  plan.title = body.both_languages("title", true).value_or(notify::LocalText{});
  plan.body = body.both_languages("body", true).value_or(notify::LocalText{});
  plan.components = components_of(body);
  plan.from = time_in(body, "from", now);
  plan.to = time_in(body, "to", now);
  plan.words = body.text("words", false);
  if (plan.components.empty()) body.fault("'components' must name what the work is on");
  if (auto done = body.done(); !done) return tl::unexpected(done.error());
  return Command(response::Configure{by, response::PutSuppression{0, std::move(plan)}});
}

Result<Command> changed_work(PersonId by, const response::State& state, std::uint32_t work,
                             const net::Json& json, WallTimeMs now) {
  const auto known = state.works.find(work);
  if (known == state.works.end() || response::is_over(known->second)) {
    return error(Errc::not_found, "unknown_subject");
  }
  JsonBody body(json);
  response::Suppression plan = known->second.plan;
  if (const auto title = body.both_languages("title")) plan.title = *title;
  if (const auto text = body.both_languages("body")) plan.body = *text;
  if (json.find("components") != nullptr) plan.components = components_of(body);
  if (json.find("from") != nullptr) plan.from = time_in(body, "from", now);
  if (json.find("to") != nullptr) plan.to = time_in(body, "to", now);
  if (json.find("words") != nullptr) plan.words = body.text("words");
  if (plan.components.empty()) body.fault("'components' must name what the work is on");
  if (plan.title == notify::LocalText{} && plan.body == notify::LocalText{}) {
    body.fault("what was announced keeps a title and a text");
  }
  if (plan == known->second.plan) body.fault("nothing changes");
  if (auto done = body.done(); !done) return tl::unexpected(done.error());
  return Command(response::Configure{
      by, response::PutSuppression{known->second.suppression, std::move(plan)}});
}

Result<Command> ended_work(PersonId by, const response::State& state, std::uint32_t work,
                           const net::Json& json) {
  const auto known = state.works.find(work);
  if (known == state.works.end() || response::is_over(known->second)) {
    return error(Errc::not_found, "unknown_subject");
  }
  JsonBody body(json);
  if (auto done = body.done(); !done) return tl::unexpected(done.error());
  return Command(response::Configure{by, response::PutSuppression{known->second.suppression, {}}});
}

Result<Command> wish_decision(PersonId by, std::uint32_t wish, const net::Json& json) {
  JsonBody body(json);
  const bool yes = body.boolean("yes");
  if (auto done = body.done(); !done) return tl::unexpected(done.error());
  return Command(response::DecideWish{by, wish, yes});
}

}  // namespace oki::watch
