#include "notify/channels/page_channels.h"

#include <utility>

#include "base/calendar.h"
#include "base/json.h"
#include "notify/channels/request.h"
#include "notify/incident_text.h"
#include "notify/mail/mail_address.h"
#include "notify/mail/mail_message.h"

namespace oki::notify {
namespace {

constexpr std::size_t summary_characters_max = 1'024;
constexpr std::size_t pages_in_flight_max = 4;
constexpr std::int64_t retry_last_ms = 60'000;

// PagerDuty's words; there are four of them, as there are severities.
const char* pagerduty_severity(std::uint8_t severity) {
  switch (severity) {
    case 1:
      return "critical";
    case 2:
      return "error";
    case 3:
      return "warning";
    default:
      return "info";
  }
}

std::string cut(std::string text, std::size_t characters_max) {
  return fitting(text, characters_max, Counting::code_points);
}

void append_details(JsonWriter& json, const Page& page) {
  json.key("custom_details").begin_object();
  json.field("incident", page.incident).field("page", std::uint64_t{page.number});
  json.field("person", page.person).field("drill", page.drill);
  json.field("title_ja", page.title.ja).field("title_en", page.title.en);
  json.key("affected").begin_array();
  for (const NoticeComponent& component : page.affected) {
    json.string(component_text(Language::en, component.id) + ": " + name(component.now));
  }
  json.end_array().end_object();
}

}  // namespace

ChannelRules page_rules() {
  ChannelRules rules;
  rules.in_flight_max = pages_in_flight_max;
  rules.retry_last_ms = retry_last_ms;
  rules.after_unknown = AfterUnknown::resend;
  return rules;
}

PostWriter page_posts(PageLinks links) {
  return [links = std::move(links)](const Letter& letter, const LengthRule& rule) -> Result<Post> {
    const Result<Page> page = read_page(letter.content);
    if (!page) return error(Errc::invalid, "the content is no page");
    return Post{fitting(page_text(*page, links), rule.length_max, rule.counting), "",
                page->language, page->at};
  };
}

Bytes pagerduty_event(const Page& page, ByteView routing_key, ByteView source,
                      const PageLinks& links) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("routing_key", routing_key);
  json.field("event_action", name(page.action));
  json.field("dedup_key", "okiagari/" + page.incident);
  json.key("payload").begin_object();
  json.field("summary", cut(page_headline(page), summary_characters_max));
  json.field("source", source).field("severity", pagerduty_severity(page.severity));
  json.field("timestamp", rfc3339_utc(page.began));
  if (!page.affected.empty()) {
    const ComponentId& first = page.affected.front().id;
    json.field("component", first.name).field("class", name(first.kind));
  }
  json.field("group", "exchange");
  append_details(json, page);
  json.end_object();
  json.field("client", "Okiagari");
  const std::string url = with_incident(links.operator_url, page);
  if (!url.empty()) {
    json.field("client_url", url).key("links").begin_array().begin_object();
    json.field("href", url).field("text", page.incident).end_object().end_array();
  }
  json.end_object();
  return body;
}

PagerDutyChannel::PagerDutyChannel(net::HttpClient& client, Timers& timers, const Clock& clock,
                                   std::string routing_key, std::string source, PageLinks links)
    : client_(client),
      clock_(clock),
      routing_key_(std::move(routing_key)),
      source_(std::move(source)),
      links_(std::move(links)),
      soon_(timers) {}

void PagerDutyChannel::send(const Letter& letter, Sent sent) {
  const Result<Page> page = read_page(letter.content);
  if (!page) return soon_.refuse(std::move(sent), "the content is no page");
  client_.request(
      post_of("/v2/enqueue", pagerduty_event(*page, routing_key_, source_, links_)),
      [&clock = clock_, sent = std::move(sent)](const Result<net::HttpResponse>& response) {
        sent(http_result(response, clock.wall_now()));
      });
}

PageMailChannel::PageMailChannel(SmtpPool& pool, MailRecord* record, std::string from,
                                 PageLinks links)
    : pool_(pool), record_(record), from_(std::move(from)), links_(std::move(links)) {}

std::string PageMailChannel::message_id(const Letter& letter) const {
  return idempotency_key(letter) + from_.substr(from_.rfind('@'));
}

void PageMailChannel::send(const Letter& letter, Sent sent) {
  const Result<Page> page = read_page(letter.content);
  if (!page || !is_mail_address(letter.recipient)) {
    return pool_.refuse("cannot be written as a mail", std::move(sent));
  }
  MailHead head;
  head.from = from_;
  head.from_name = "Okiagari";
  head.to = std::string(letter.recipient);
  head.message_id = message_id(letter);
  head.language = page->language == Language::ja ? "ja" : "en";
  head.date = page->at;
  const MailText text{page_headline(*page), page_text(*page, links_), ""};
  pool_.send({from_, head.to, write_mail(head, text)}, std::move(sent));
}

void PageMailChannel::ask(const std::vector<Letter>& letters, Told told) {
  std::vector<std::string> ids;
  for (const Letter& letter : letters) ids.push_back(message_id(letter));
  std::vector<FoundResult> found = found_in_record(record_, ids);
  for (FoundResult& each : found) {
    if (each.found == Found::cannot_tell) each = {Found::did_not_arrive, "nobody can tell"};
  }
  told(std::move(found));
}

}  // namespace oki::notify
