#include "watch/operators/inquiry_routes.h"

#include <algorithm>
#include <optional>

#include "base/calendar.h"
#include "response/house.h"
#include "watch/operators/json_body.h"
#include "watch/operators/operator_answers.h"
#include "watch/operators/operator_words.h"

namespace oki::watch {
namespace {

using inquiries::Changed;
using inquiries::Inquiry;
using inquiries::InquiryId;
using net::HttpResponse;

constexpr std::size_t shown_default = 50;
constexpr std::size_t page_max = 200;
constexpr std::int64_t ago_s_max = 366 * 86'400;

// The value whose name() is `text`, among `count` from 0.
template <typename E>
std::optional<E> named(ByteView text, std::uint8_t count) {
  for (std::uint8_t i = 0; i < count; ++i) {
    if (text == name(static_cast<E>(i))) return static_cast<E>(i);
  }
  return std::nullopt;
}

std::optional<inquiries::State> state_of(ByteView text) {
  return named<inquiries::State>(text, inquiries::states);
}

// As time_of(), and "-3600" is an hour ago.
std::optional<WallTimeMs> past_time_of(ByteView text, WallTimeMs now) {
  if (!text.starts_with('-')) return time_of(text, now);
  const auto seconds = number_of<std::uint32_t>(text.substr(1));
  if (!seconds || *seconds > ago_s_max) return std::nullopt;
  return WallTimeMs{now.value - std::int64_t{*seconds} * 1'000};
}

struct Asked {
  inquiries::InquiryFilter filter;
  InquiryId before;
  std::size_t limit = shown_default;
};

// One option of the query; false when its value is none.
bool take_option(Asked& asked, const std::string& option, const std::string& value,
                 WallTimeMs now) {
  if (option == "state") {
    asked.filter.state = state_of(value);
    return asked.filter.state || value == "all";
  }
  if (option == "topic") {
    asked.filter.topic = named<inquiries::Topic>(value, inquiries::topics);
    return asked.filter.topic.has_value();
  }
  if (option == "from" || option == "to") {
    const auto time = past_time_of(value, now);
    (option == "from" ? asked.filter.from : asked.filter.to) = time.value_or(WallTimeMs{});
    return time.has_value();
  }
  if (option == "automatic") {
    asked.filter.automatic = value == "yes";
    return value == "yes" || value == "no";
  }
  if (option == "before") {
    const auto number = number_of<std::uint64_t>(value);
    asked.before = {number.value_or(0)};
    return number.has_value();
  }
  if (option == "limit") {
    const auto number = number_of(value);
    asked.limit = std::clamp<std::size_t>(number.value_or(0), 1, page_max);
    return number.has_value();
  }
  return option == "lang";
}

std::uint16_t status_of(Changed changed) {
  switch (changed) {
    case Changed::done:
      return 200;
    case Changed::unknown:
      return 404;
    case Changed::disk:
      return 503;
    default:
      return 409;
  }
}

std::uint16_t status_of(inquiries::Refusal refusal) {
  if (refusal == inquiries::Refusal::none) return 200;
  return refusal == inquiries::Refusal::invalid ? 400 : 503;
}

HttpResponse done_answer(std::uint16_t status, std::uint64_t id, const char* refusal,
                         const std::string& why = {}) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("ok", status == 200).field("id", id);
  if (status != 200) json.field("refusal", refusal);
  if (!why.empty()) json.field("why", why);
  json.end_object();
  return net::json_response(status, std::move(out));
}

}  // namespace

bool InquiryRoutes::may(response::PersonId by, std::uint8_t any_of) const {
  return response::may(response::rights_of(parts_.state().house, by), any_of);
}

HttpResponse InquiryRoutes::get(response::PersonId by, const Path& path, const Query& query) const {
  if (!may(by, response::rights_of_roles)) return failure(403, "not_allowed");
  const bool is_counts = path.size() == 1 && path[0] == "counts";
  if (is_counts) return counts();
  if (!may(by, rights_to_help)) return failure(403, "not_allowed");
  if (path.empty()) return list(query);
  if (path.size() == 1) return show(path[0]);
  return failure(404, "there is no such page");
}

void InquiryRoutes::write(JsonWriter& json, const Inquiry& inquiry, bool with_words) const {
  json.begin_object().field("inquiry", inquiry.id.value).field("at", rfc3339_utc(inquiry.at));
  json.field("way", name(inquiry.way)).field("topic", name(inquiry.topic));
  json.field("state", name(inquiry.state)).field("failure", inquiry.failure);
  json.field("automatic", inquiry.automatic).field("again", std::uint64_t{inquiry.again});
  json.field("account", inquiry.account).field("contact", inquiry.contact);
  if (inquiry.changed.value != 0) json.field("changed", rfc3339_utc(inquiry.changed));
  if (inquiry.by.value != 0) {
    const auto& people = parts_.state().house.people;
    const auto found = people.find(inquiry.by);
    json.key("by").begin_object().field("id", std::uint64_t{inquiry.by.value});
    if (found != people.end()) json.field("name", found->second.name);
    json.end_object();
  }
  if (with_words) json.field("words", inquiry.words);
  json.end_object();
}

HttpResponse InquiryRoutes::list(const Query& query) const {
  Asked asked;
  asked.filter.state = inquiries::State::open;
  for (const auto& [option, value] : query) {
    if (!take_option(asked, option, value, parts_.clock.wall_now())) {
      return failure(400, "'" + option + "' is none that is known");
    }
  }
  const auto listed = parts_.desk.list(asked.filter, asked.before, asked.limit);
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("seat", std::uint64_t{parts_.seat}).key("inquiries").begin_array();
  for (const Inquiry* inquiry : listed.found) write(json, *inquiry, false);
  json.end_array();
  if (listed.next.value != 0) json.field("before", listed.next.value);
  json.end_object();
  return net::json_response(200, std::move(out));
}

HttpResponse InquiryRoutes::show(ByteView number) const {
  const auto id = number_of<std::uint64_t>(number);
  const Inquiry* inquiry = id ? parts_.desk.find({*id}) : nullptr;
  if (inquiry == nullptr) return failure(404, "unknown_inquiry");
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("seat", std::uint64_t{parts_.seat}).key("inquiry");
  write(json, *inquiry, true);
  json.end_object();
  return net::json_response(200, std::move(out));
}

HttpResponse InquiryRoutes::counts() const {
  const inquiries::ClassCounts& classes = parts_.desk.classes();
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("seat", std::uint64_t{parts_.seat}).key("topics").begin_array();
  for (std::uint8_t topic = 0; topic < inquiries::topics; ++topic) {
    json.begin_object().field("topic", name(static_cast<inquiries::Topic>(topic)));
    for (std::uint8_t state = 0; state < inquiries::states; ++state) {
      json.field(name(static_cast<inquiries::State>(state)),
                 std::uint64_t{classes.by_topic[topic][state]});
    }
    json.end_object();
  }
  json.end_array().key("ways").begin_object();
  for (std::uint8_t way = 0; way < inquiries::ways; ++way) {
    json.field(name(static_cast<inquiries::Way>(way)), std::uint64_t{classes.by_way[way]});
  }
  const notify::SupportLoad load = parts_.desk.load();
  json.end_object().field("with_failure", std::uint64_t{classes.with_failure});
  json.field("automatic", std::uint64_t{classes.automatic});
  json.field("open", std::uint64_t{load.open_inquiries});
  json.field("wait_minutes", std::uint64_t{load.wait_minutes}).end_object();
  return net::json_response(200, std::move(out));
}

void InquiryRoutes::post(response::PersonId by, const Path& path, const net::Json& body,
                         Answer answer) {
  if (!may(by, rights_to_help)) return answer(failure(403, "not_allowed"));
  if (path.empty()) return write_down(by, body, answer);
  const auto id = number_of<std::uint64_t>(path[0]);
  if (!id) return answer(failure(404, "unknown_inquiry"));
  if (path.size() == 2 && path[1] == "state") return set_state(by, {*id}, body, answer);
  answer(failure(404, "there is no such page"));
}

void InquiryRoutes::write_down(response::PersonId by, const net::Json& json, const Answer& answer) {
  JsonBody body(json);
  inquiries::Draft draft;
  draft.way = inquiries::Way::staff;
  draft.account = body.text("account", false);
  draft.contact = body.text("contact", false);
  draft.words = body.text("words");
  if (auto done = body.done(); !done) return answer(failure(400, done.error().message));
  parts_.desk.take(
      std::move(draft), "staff",
      [answer](const inquiries::Taken& taken) {
        answer(
            done_answer(status_of(taken.refusal), taken.id.value, name(taken.refusal), taken.why));
      },
      by);
}

void InquiryRoutes::set_state(response::PersonId by, InquiryId id, const net::Json& json,
                              const Answer& answer) {
  JsonBody body(json);
  const inquiries::State to = body.word("to", state_of);
  if (auto done = body.done(); !done) return answer(failure(400, done.error().message));
  parts_.desk.set_state(id, to, by, [answer, id](Changed changed) {
    answer(done_answer(status_of(changed), id.value, name(changed)));
  });
}

}  // namespace oki::watch
