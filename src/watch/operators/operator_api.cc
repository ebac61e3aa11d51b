#include "watch/operators/operator_api.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "response/calendar.h"
#include "response/markdown_html.h"
#include "response/operators.h"
#include "watch/conductor/house_keeper.h"
#include "watch/operators/incident_json.h"
#include "watch/operators/json_body.h"
#include "watch/operators/notice_draft.h"
#include "watch/operators/operator_answers.h"
#include "watch/operators/operator_words.h"

namespace oki::watch {
namespace {

using net::HttpResponse;
using response::IncidentId;
using response::PersonId;
using response::Refusal;

constexpr ByteView bearer = "Bearer ";
constexpr std::int64_t ns_per_s = 1'000'000'000;
constexpr std::size_t shown_default = 50;
constexpr std::int64_t calendar_before_ms = 30 * 86'400'000ll;
constexpr std::int64_t calendar_after_ms = 180 * 86'400'000ll;

std::uint16_t status_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::none:
      return 200;
    case Refusal::malformed:
    case Refusal::invalid:
    case Refusal::stale:
      return 400;
    case Refusal::unknown_person:
    case Refusal::not_allowed:
      return 403;
    case Refusal::unknown_incident:
    case Refusal::unknown_subject:
      return 404;
    default:
      return 409;
  }
}

HttpResponse answer_of(const Result<response::Reply>& reply) {
  if (!reply) {
    // Surely without effect, or perhaps with one: look before it is asked for again.
    const bool surely_not = reply.error().code == Errc::unavailable;
    return failure(surely_not ? 503 : 504, reply.error().message);
  }
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("ok", reply->refusal == Refusal::none);
  json.field("id", std::uint64_t{reply->id});
  if (reply->refusal != Refusal::none) json.field("refusal", response::name(reply->refusal));
  if (reply->gate_shut != 0) json.field("gate_shut", std::uint64_t{reply->gate_shut});
  json.end_object();
  return net::json_response(status_of(reply->refusal), std::move(out));
}

HttpResponse typed(const char* type, std::string body) {
  HttpResponse response;
  response.headers.push_back({"Content-Type", type});
  response.body = std::move(body);
  return response;
}

std::vector<ByteView> segments(ByteView path) {
  std::vector<ByteView> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

std::optional<notify::Decision> decision_of(ByteView text) {
  if (text == "it_arrived") return notify::Decision::it_arrived;
  if (text == "send_again") return notify::Decision::send_again;
  if (text == "give_up") return notify::Decision::give_up;
  return std::nullopt;
}

void strip_cache(HttpResponse& response) {
  response.headers.push_back({"Cache-Control", "no-store"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
}

}  // namespace

struct OperatorApi::Request {
  const net::HttpRequest& http;
  PersonId by;
  std::vector<ByteView> path;  // Behind "/v1".
  std::vector<std::pair<std::string, std::string>> query;

  std::string option(ByteView name) const {
    for (const auto& [key, value] : query) {
      if (key == name) return value;
    }
    return {};
  }
  std::size_t number(ByteView name, std::size_t fallback) const {
    return number_of(option(name)).value_or(static_cast<std::uint32_t>(fallback));
  }
  notify::Language language() const {
    return option("lang") == "ja" ? notify::Language::ja : notify::Language::en;
  }
};

bool OperatorApi::spend(Bucket& bucket, std::int64_t per_request_ns, std::int64_t burst_ns) const {
  const MonoTimeNs now = parts_.clock.mono_now();
  if (std::exchange(bucket.is_new, false)) {
    bucket.left_ns = burst_ns;
  } else {
    bucket.left_ns = std::min(burst_ns, bucket.left_ns + (now - bucket.at));
  }
  bucket.at = now;
  if (bucket.left_ns < per_request_ns) return false;
  bucket.left_ns -= per_request_ns;
  return true;
}

// Nothing when the request may go on. Wrong tokens are counted together: guessing is hopeless and
// loud, and nobody who guesses keeps those out who know.
std::optional<HttpResponse> OperatorApi::admit(const net::HttpRequest& request, PersonId& by) {
  const ByteView header = request.header("Authorization");
  const auto person =
      header.starts_with(bearer) ? tokens_.person_of(header.substr(bearer.size())) : std::nullopt;
  if (!person) {
    const std::int64_t each_ns = 60 * ns_per_s / std::max(1u, options_.wrong_per_minute);
    if (!spend(wrong_, each_ns, 60 * ns_per_s)) return failure(429, "too many wrong tokens");
    HttpResponse response = failure(401, "a token is needed");
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return response;
  }
  const std::int64_t each_ns = ns_per_s / std::max(1u, options_.per_second);
  if (!spend(spent_[*person], each_ns, each_ns * options_.burst)) {
    HttpResponse response = failure(429, "too many requests");
    response.headers.push_back({"Retry-After", "1"});
    return response;
  }
  if (request.body.size() > options_.body_bytes_max) return failure(413, "the body is too long");
  by = *person;
  return std::nullopt;
}

void OperatorApi::respond(const net::HttpRequest& http, Answer answer) {
  const Answer safe = [answer = std::move(answer)](HttpResponse response) {
    strip_cache(response);
    answer(std::move(response));
  };
  PersonId by;
  if (auto refused = admit(http, by)) return safe(std::move(*refused));
  std::vector<ByteView> path = segments(http.path());
  auto query = net::parse_query(http.query());
  if (!query) return safe(failure(400, "the query cannot be read"));
  const bool is_calendar = path.size() == 1 && path[0] == "oncall.ics";
  if (!is_calendar) {
    if (path.empty() || path[0] != "v1") return safe(failure(404, "there is no such page"));
    path.erase(path.begin());
  }
  const Request request{http, by, std::move(path), std::move(*query)};
  if (http.method == "GET" || http.method == "HEAD") return safe(show(request));
  if (http.method == "POST") return post(request, safe);
  HttpResponse refused = failure(405, "GET or POST");
  refused.headers.push_back({"Allow", "GET, POST"});
  safe(std::move(refused));
}

void OperatorApi::on_request(const Address&, net::HttpRequest request, net::Responder responder) {
  const auto kept = std::make_shared<net::Responder>(std::move(responder));
  respond(request, [kept](HttpResponse response) { kept->send(std::move(response)); });
}

HttpResponse OperatorApi::show(const Request& request) {
  const response::State& state = parts_.state();
  const auto& path = request.path;
  if (path.size() == 1 && path[0] == "oncall.ics") return calendar(request);
  // Whoever has left or was never there sees nothing.
  if (response::rights_of(state.house, request.by) == 0) return failure(403, "unknown_person");
  if (path.size() == 1 && path[0] == "incidents") return list(request);
  if (!path.empty() && path[0] == "inquiries" && parts_.inquiries != nullptr) {
    return parts_.inquiries->get(request.by, {path.begin() + 1, path.end()}, request.query);
  }
  if (path.size() == 1 && path[0] == "house") {
    return net::json_response(200, house_json(state));
  }
  if (path.size() == 1 && path[0] == "planned-work") {
    return net::json_response(200, works_json(state));
  }
  if (path.size() == 1 && path[0] == "wishes") {
    return net::json_response(200, wishes_json(request.language(), state));
  }
  if (path.size() == 1 && path[0] == "alarms") {
    return typed("application/x-ndjson", alarm_lines(state, request.option("drills") == "1"));
  }
  if (path.size() == 1 && path[0] == "watch" && parts_.about) {
    return net::json_response(200, parts_.about());
  }
  if (path.size() >= 2 && path[0] == "incidents") {
    const auto number = number_of(path[1]);
    if (number && state.incidents.contains({*number})) return show_incident(request, {*number});
    return failure(404, "unknown_incident");
  }
  return failure(404, "there is no such page");
}

HttpResponse OperatorApi::show_incident(const Request& request, IncidentId id) {
  const response::State& state = parts_.state();
  const auto& path = request.path;
  if (path.size() == 2) {
    return net::json_response(200, incident_json(request.language(), state, id));
  }
  if (path.size() == 3 && path[2] == "timeline") {
    const std::size_t count = std::min(request.number("limit", shown_default), options_.page_max);
    return net::json_response(
        200, timeline_json(request.language(), state, id, request.number("from", 1), count));
  }
  if (path.size() == 3 && path[2] == "postmortem") return show_draft(request, id);
  return failure(404, "there is no such page");
}

// The watch that wrote a draft keeps it; every other one says which that is, and under which
// digest.
HttpResponse OperatorApi::show_draft(const Request& request, IncidentId id) {
  const response::Postmortem& kept = parts_.state().incidents.at(id).postmortem;
  const Result<Bytes> text =
      parts_.draft ? parts_.draft(id, request.language())
                   : Result<Bytes>(error(Errc::not_found, "this watch keeps no drafts"));
  if (text) {
    HttpResponse response;
    const bool as_page = request.option("format") == "html";
    response.headers.push_back(
        {"Content-Type", as_page ? "text/html; charset=utf-8" : "text/markdown; charset=utf-8"});
    response.body = as_page ? response::markdown_page(request.language(), *text) : *text;
    return response;
  }
  if (text.error().code != Errc::not_found) return failure(500, text.error().message);
  if (kept.draft.empty()) return failure(404, "no draft has been written yet");
  if (kept.draft_seat == parts_.seat) return failure(410, "the draft that this watch kept is gone");
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("ok", false);
  json.field("why", "watch " + std::to_string(kept.draft_seat) + " keeps the draft: ask there");
  json.field("draft_seat", std::uint64_t{kept.draft_seat}).field("draft_digest", kept.draft);
  json.end_object();
  return net::json_response(404, std::move(out));
}

// Newest first. `before` is the number to go on from.
HttpResponse OperatorApi::list(const Request& request) {
  const response::State& state = parts_.state();
  const bool all = request.option("state") == "all";
  const std::size_t before = request.number("before", 0);
  std::size_t left = std::min(request.number("limit", shown_default), options_.page_max);
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("incidents").begin_array();
  std::uint64_t next = 0;
  for (auto at = state.incidents.rbegin(); at != state.incidents.rend(); ++at) {
    const auto& [id, incident] = *at;
    if ((!all && !response::is_open(incident)) || (before != 0 && id.value >= before)) continue;
    if (left == 0) break;
    incident_line(json, state, id);
    next = id.value;
    --left;
  }
  json.end_array();
  if (left == 0) json.field("before", next);
  json.end_object();
  return net::json_response(200, std::move(out));
}

HttpResponse OperatorApi::calendar(const Request& request) {
  const response::State& state = parts_.state();
  if (response::rights_of(state.house, request.by) == 0) return failure(403, "unknown_person");
  const std::string schedule = request.option("schedule");
  if (!state.house.schedules.contains(schedule)) return failure(404, "there is no such schedule");
  const WallTimeMs now = parts_.clock.wall_now();
  return typed("text/calendar; charset=utf-8",
               response::on_call_calendar(state.house, schedule, options_.host,
                                          {now.value - calendar_before_ms},
                                          {now.value + calendar_after_ms}));
}

void OperatorApi::post(const Request& request, const Answer& answer) {
  const ByteView text = request.http.body.empty() ? ByteView("{}") : ByteView(request.http.body);
  const Result<net::Json> body = net::parse_json(text, options_.body_bytes_max);
  if (!body) return answer(failure(400, body.error().message));
  const auto& path = request.path;
  if (path.size() == 1 && path[0] == "incidents") {
    return submit(declaration(request.by, *body, parts_.clock.wall_now()), answer);
  }
  if (path.size() == 1 && path[0] == "house") return post_house(request, *body, answer);
  if (path.size() == 2 && path[0] == "wishes") {
    const auto wish = number_of(path[1]);
    if (!wish) return answer(failure(404, "unknown_subject"));
    return submit(wish_decision(request.by, *wish, *body), answer);
  }
  if (!path.empty() && path[0] == "inquiries" && parts_.inquiries != nullptr) {
    return parts_.inquiries->post(request.by, {path.begin() + 1, path.end()}, *body, answer);
  }
  if (path.size() == 3 && path[0] == "incidents") return post_incident(request, *body, answer);
  if (!path.empty() && path[0] == "planned-work") return post_work(request, *body, answer);
  answer(failure(404, "there is no such page"));
}

void OperatorApi::post_incident(const Request& request, const net::Json& body,
                                const Answer& answer) {
  const auto number = number_of(request.path[1]);
  const ByteView verb = request.path[2];
  const response::State& state = parts_.state();
  if (!number || !state.incidents.contains({*number})) {
    return answer(failure(404, "unknown_incident"));
  }
  if (verb == "notice" || verb == "preview") {
    return post_notice(request, {*number}, body, verb == "preview", answer);
  }
  if (verb == "settle") return post_settle(request, {*number}, body, answer);
  submit(incident_command(request.by, {*number}, verb, body,
                          std::max(parts_.clock.wall_now(), state.now)),
         answer);
}

void OperatorApi::post_notice(const Request& request, IncidentId id, const net::Json& body,
                              bool only_preview, const Answer& answer) {
  const response::State& state = parts_.state();
  if (!response::may(response::rights_of(state.house, request.by), response::rights_to_tell)) {
    return answer(failure(403, "not_allowed"));
  }
  const WallTimeMs now = std::max(parts_.clock.wall_now(), state.now);
  const auto notice = notice_draft(state, id, body, parts_.write, now);
  if (!notice) return answer(failure(400, notice.error().message));
  if (!only_preview) {
    Bytes bytes;
    notify::append(bytes, *notice);
    return submit(response::Command(response::ProposeNotice{request.by, id, std::move(bytes)}),
                  answer);
  }
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("title_ja", notice->title.ja).field("title_en", notice->title.en);
  json.field("body_ja", notice->body.ja).field("body_en", notice->body.en);
  json.key("channels").begin_array();
  if (parts_.preview) {
    for (const notify::NoticePreview& each : parts_.preview(*notice)) {
      json.begin_object().field("channel", each.channel);
      json.field("language", each.language == notify::Language::ja ? "ja" : "en");
      json.field("text", each.text).field("length", std::uint64_t{each.length});
      json.field("length_max", std::uint64_t{each.length_max}).end_object();
    }
  }
  json.end_array().end_object();
  answer(net::json_response(200, std::move(out)));
}

// Said here, and kept in the timeline under the name of who said it.
void OperatorApi::post_settle(const Request& request, IncidentId id, const net::Json& json,
                              const Answer& answer) {
  const response::State& state = parts_.state();
  const auto settled = settle(request, state.incidents.at(id).notices, json);
  if (settled.status != 200) return answer(failure(settled.status, settled.words));
  submit(response::Command(response::AddNote{request.by, id, settled.words}), answer);
}

// A person's word on a notice in doubt, whatever it tells of.
OperatorApi::Settled OperatorApi::settle(const Request& request,
                                         const std::vector<response::NoticeRecord>& notices,
                                         const net::Json& json) {
  const response::State& state = parts_.state();
  if (!response::may(response::rights_of(state.house, request.by), response::rights_to_tell)) {
    return {403, 0, "not_allowed"};
  }
  JsonBody body(json);
  const std::uint32_t place = body.number("notice");
  const std::string channel = body.text("channel");
  const notify::Decision decision = body.word("decision", decision_of);
  if (auto done = body.done(); !done) return {400, 0, done.error().message};
  const bool is_there = place >= 1 && place <= notices.size() &&
                        notices[place - 1].state == response::NoticeState::approved;
  const auto notice = is_there ? notify::read_notice(notices[place - 1].notice)
                               : Result<notify::Notice>(error(Errc::not_found, "unknown"));
  if (!notice || !parts_.settle) return {404, 0, "unknown_subject"};
  const std::string& who = state.house.people.at(request.by).name;
  const std::size_t count = parts_.settle(*notice, channel, decision, who);
  if (count == 0) return {404, 0, "nothing of it is in doubt at this watch"};
  return {200, count,
          "notice " + std::to_string(place) + " by " + channel + ": " + body.text("decision") +
              " (" + std::to_string(count) + ")"};
}

void OperatorApi::post_work(const Request& request, const net::Json& body, const Answer& answer) {
  const response::State& state = parts_.state();
  const WallTimeMs now = std::max(parts_.clock.wall_now(), state.now);
  const auto& path = request.path;
  if (path.size() == 1) return submit(planned_work(request.by, body, now), answer);
  const auto work = number_of(path[1]);
  if (!work || !state.works.contains(*work)) return answer(failure(404, "unknown_subject"));
  if (path.size() == 2) return submit(changed_work(request.by, state, *work, body, now), answer);
  const ByteView verb = path[2];
  if (path.size() == 3 && verb == "end") {
    return submit(ended_work(request.by, state, *work, body), answer);
  }
  if (path.size() == 3 && verb == "settle") return settle_work(request, *work, body, answer);
  answer(failure(404, "there is no such page"));
}

void OperatorApi::settle_work(const Request& request, std::uint32_t work, const net::Json& json,
                              const Answer& answer) {
  const response::State& state = parts_.state();
  const auto settled = settle(request, state.works.at(work).notices, json);
  if (settled.status != 200) return answer(failure(settled.status, settled.words));
  std::string out;
  JsonWriter body(out);
  body.begin_object().field("ok", true).field("id", std::uint64_t{settled.count}).end_object();
  answer(net::json_response(200, std::move(out)));
}

// One change at a time: the first by which the house differs from the file. Whoever sends the file
// again gets the next one, so that each is agreed to by itself.
void OperatorApi::post_house(const Request& request, const net::Json& json, const Answer& answer) {
  JsonBody body(json);
  const std::string toml = body.text("toml");
  if (auto done = body.done(); !done) return answer(failure(400, done.error().message));
  if (!parts_.read_house) return answer(failure(404, "this watch reads no house"));
  const auto wanted = parts_.read_house(toml);
  if (!wanted) return answer(failure(400, wanted.error().message));
  const response::State& state = parts_.state();
  for (const std::size_t place : missing(state.house, *wanted, state.now)) {
    const response::Change& change = (*wanted)[place];
    const bool is_wished = std::ranges::any_of(state.wishes, [&change](const auto& row) {
      const auto* what = std::get_if<response::Change>(&row.second.what);
      return what != nullptr && *what == change;
    });
    if (!is_wished)
      return submit(response::Command(response::Configure{request.by, change}), answer);
  }
  answer(answer_of(response::Reply{Refusal::no_change}));
}

void OperatorApi::submit(Result<response::Command> command, const Answer& answer) {
  if (!command) {
    const bool unknown = command.error().code == Errc::not_found;
    return answer(failure(unknown ? 404 : 400, command.error().message));
  }
  parts_.submit(*command,
                [answer](const Result<response::Reply>& reply) { answer(answer_of(reply)); });
}

}  // namespace oki::watch
