#include "notify/subscriber_pages.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "notify/incident_text.h"
#include "notify/page_parts.h"
#include "notify/status_page.h"
#include "notify/subscriber_words.h"

namespace oki::notify {
namespace {

using Form = std::vector<std::pair<std::string, std::string>>;

constexpr const char* content_security_policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

net::HttpResponse answer(std::uint16_t status, const char* type, Bytes body) {
  net::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", type},
                      {"Cache-Control", "no-store"},
                      {"Content-Security-Policy", content_security_policy},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}};
  response.body = std::move(body);
  return response;
}

SubscriberAnswer only(net::HttpResponse response) { return {std::move(response), {}, {}}; }

// Where a page is: "/en/confirm" is `confirm` in English.
struct Place {
  Language language = Language::ja;
  ByteView name;
};

Place place_of(ByteView path) {
  constexpr ByteView english = "/en/";
  if (path.substr(0, english.size()) == english) {
    return {Language::en, path.substr(english.size())};
  }
  return {Language::ja, path.empty() ? path : path.substr(1)};
}

std::string path_of(Language language, const std::string& name) {
  return home_path(language) + name;
}

std::string with_token(const char* name, ByteView token) {
  return std::string(name) + "?t=" + std::string(token);
}

ByteView value_of(const Form& form, ByteView name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return {};
}

// A page of one card. `inside` writes what is in it.
net::HttpResponse page(std::uint16_t status, Language language, SubscriberText title,
                       const std::string& name, const std::function<void(Html&)>& inside) {
  Bytes body;
  Html html(body);
  const std::string words(say(language, title));
  open_page(html, {language, words + " — " + std::string(text(language, Text::site_title)),
                   path_of(language, name), path_of(other(language), name)});
  html.element("h1", words);
  html.open("section", {{"class", "card"}});
  inside(html);
  html.close();
  html.open("p", {{"class", "actions"}});
  html.element("a", text(language, Text::incident_back), {{"href", home_path(language)}}).close();
  close_page(html, language, {});
  return answer(status, "text/html; charset=utf-8", std::move(body));
}

net::HttpResponse message(std::uint16_t status, Language language, SubscriberText title,
                          SubscriberText words) {
  return page(status, language, title, "subscribe",
              [&](Html& html) { html.element("p", say(language, words)); });
}

std::string form_value(const ComponentId& id) { return std::string(name(id.kind)) + ":" + id.name; }

void check_box(Html& html, Language language, const ComponentId& id, bool checked) {
  const std::string value = form_value(id);
  html.open("label", {{"class", "choice"}});
  if (checked) {
    html.empty("input",
               {{"type", "checkbox"}, {"name", "c"}, {"value", value}, {"checked", "checked"}});
  } else {
    html.empty("input", {{"type", "checkbox"}, {"name", "c"}, {"value", value}});
  }
  html.text(component_text(language, id)).close();
}

void choice(Html& html, Language language, const std::vector<ComponentId>& offered,
            const std::vector<ComponentId>& chosen) {
  html.open("fieldset").element("legend", say(language, SubscriberText::which));
  html.element("p", say(language, SubscriberText::none_is_all), {{"class", "note"}});
  for (const ComponentId& id : offered) {
    const bool checked = std::find(chosen.begin(), chosen.end(), id) != chosen.end();
    check_box(html, language, id, checked);
  }
  html.close();
}

void button(Html& html, Language language, SubscriberText words) {
  html.element("button", say(language, words), {{"type", "submit"}, {"class", "button"}});
}

void token_field(Html& html, ByteView token) {
  html.empty("input", {{"type", "hidden"}, {"name", "t"}, {"value", token}});
}

net::HttpResponse ask_form(std::uint16_t status, Language language, const SubscriberDesk& desk,
                           bool refused) {
  return page(status, language, SubscriberText::ask_title, "subscribe", [&](Html& html) {
    html.element("p", say(language, SubscriberText::ask_words));
    if (refused) {
      html.element("p", say(language, SubscriberText::bad_address),
                   {{"class", "error"}, {"role", "alert"}, {"id", "why"}});
    }
    html.open("form", {{"method", "post"}, {"action", path_of(language, "subscribe")}});
    html.element("label", say(language, SubscriberText::address),
                 {{"for", "address"}, {"class", "field"}});
    html.empty("input", {{"type", "email"},
                         {"id", "address"},
                         {"name", "address"},
                         {"required", "required"},
                         {"maxlength", "254"},
                         {"autocomplete", "email"},
                         {"aria-describedby", refused ? "why" : "once"}});
    html.element("p", say(language, SubscriberText::one_mail), {{"class", "note"}, {"id", "once"}});
    choice(html, language, desk.components, {});
    button(html, language, SubscriberText::ask_button);
    html.close();
  });
}

net::HttpResponse confirm_form(Language language, ByteView token, const Subscriber& subscriber) {
  return page(200, language, SubscriberText::confirm_title, with_token("confirm", token),
              [&](Html& html) {
                html.element("p", say(language, SubscriberText::confirm_words));
                html.element("p", subscriber.address, {{"class", "address"}});
                html.open("form", {{"method", "post"}, {"action", path_of(language, "confirm")}});
                token_field(html, token);
                button(html, language, SubscriberText::confirm_button);
                html.close();
              });
}

net::HttpResponse manage_form(Language language, ByteView token, const Subscriber& subscriber,
                              const SubscriberDesk& desk) {
  return page(200, language, SubscriberText::manage_title, with_token("unsubscribe", token),
              [&](Html& html) {
                html.element("p", subscriber.address, {{"class", "address"}});
                html.open("form",
                          {{"method", "post"}, {"action", path_of(language, "unsubscribe")}});
                token_field(html, token);
                button(html, language, SubscriberText::leave_button);
                html.close();
                html.element("h2", say(language, SubscriberText::choose_title));
                html.open("form", {{"method", "post"}, {"action", path_of(language, "choose")}});
                token_field(html, token);
                choice(html, language, desk.components, subscriber.components);
                button(html, language, SubscriberText::choose_button);
                html.close();
              });
}

net::HttpResponse dead_link(Language language) {
  return message(404, language, SubscriberText::dead_title, SubscriberText::dead_words);
}

net::HttpResponse no_answer(Language language) {
  net::HttpResponse response =
      message(503, language, SubscriberText::later_title, SubscriberText::later_words);
  response.headers.push_back({"Retry-After", "10"});
  return response;
}

// Only what is offered can be chosen; what is not known is left out.
std::vector<ComponentId> chosen(const Form& form, const SubscriberDesk& desk) {
  std::vector<ComponentId> ids;
  for (const ComponentId& id : desk.components) {
    const bool is_chosen = std::any_of(form.begin(), form.end(), [&id](const auto& field) {
      return field.first == "c" && field.second == form_value(id);
    });
    if (is_chosen && ids.size() < subscriber_components_max) ids.push_back(id);
  }
  return ids;
}

std::optional<Form> form_of(const net::HttpRequest& request) {
  constexpr ByteView type = "application/x-www-form-urlencoded";
  const ByteView given = request.header("Content-Type");
  if (!net::equal_ignoring_case(given.substr(0, type.size()), type)) return std::nullopt;
  return net::parse_query(request.body);
}

SubscriberAnswer on_ask(Language language, const Form& form, const SubscriberDesk& desk) {
  Subscribe command{std::string(value_of(form, "address")), desk.network, language,
                    chosen(form, desk)};
  const auto page_for = [language, desk](std::optional<SubscriberResult> result) {
    if (!result) return no_answer(language);
    switch (*result) {
      case SubscriberResult::invalid:
      case SubscriberResult::malformed:
        return ask_form(400, language, desk, true);
      case SubscriberResult::network_limit:
      case SubscriberResult::house_limit:
        return message(429, language, SubscriberText::later_title, SubscriberText::often_words);
      case SubscriberResult::full:
        return no_answer(language);
      default:
        // A limit of the address is not told: it would say that somebody asked for it.
        return message(200, language, SubscriberText::asked_title, SubscriberText::asked_words);
    }
  };
  return {{}, std::move(command), page_for};
}

SubscriberAnswer on_result(Language language, SubscriberCommand command, SubscriberText title,
                           SubscriberText words) {
  const auto page_for = [=](std::optional<SubscriberResult> result) {
    if (!result) return no_answer(language);
    const bool done = *result == SubscriberResult::done || *result == SubscriberResult::no_change;
    return done ? message(200, language, title, words) : dead_link(language);
  };
  return {{}, std::move(command), page_for};
}

SubscriberAnswer on_post(const Place& place, const net::HttpRequest& request,
                         const SubscriberDesk& desk) {
  const std::optional<Form> form = form_of(request);
  const auto query = net::parse_query(request.query());
  if (!form || !query) {
    return only(
        message(400, place.language, SubscriberText::dead_title, SubscriberText::dead_words));
  }
  if (place.name == "subscribe") return on_ask(place.language, *form, desk);
  // One click of a mail program has the token in the address and no other field of ours.
  const ByteView in_form = value_of(*form, "t");
  const ByteView token = in_form.empty() ? value_of(*query, "t") : in_form;
  const bool confirms = place.name == "confirm";
  const auto id = desk.tokens.read(confirms ? TokenPurpose::confirm : TokenPurpose::manage, token);
  if (!id) return only(dead_link(place.language));
  if (confirms) {
    return on_result(place.language, ConfirmSubscriber{*id}, SubscriberText::confirmed_title,
                     SubscriberText::confirmed_words);
  }
  if (place.name == "unsubscribe") {
    return on_result(place.language, Unsubscribe{*id}, SubscriberText::left_title,
                     SubscriberText::left_words);
  }
  return on_result(place.language, SetComponents{*id, place.language, chosen(*form, desk)},
                   SubscriberText::chosen_title, SubscriberText::chosen_words);
}

net::HttpResponse on_get(const Place& place, const net::HttpRequest& request,
                         const SubscriberDesk& desk) {
  if (place.name == "subscribe") return ask_form(200, place.language, desk, false);
  const auto query = net::parse_query(request.query());
  const ByteView token = query ? value_of(*query, "t") : ByteView();
  const bool confirms = place.name == "confirm";
  const auto id = desk.tokens.read(confirms ? TokenPurpose::confirm : TokenPurpose::manage, token);
  const Subscriber* subscriber = id ? desk.book.find(*id) : nullptr;
  if (subscriber == nullptr) return dead_link(place.language);
  // Links in mails name no language.
  const Language language = place.language == Language::en ? Language::en : subscriber->language;
  if (confirms) return confirm_form(language, token, *subscriber);
  return manage_form(language, token, *subscriber, desk);
}

net::HttpResponse not_allowed(const char* allowed) {
  net::HttpResponse refusal = answer(405, "text/plain; charset=utf-8", "Not this method.\n");
  refusal.headers.push_back({"Allow", allowed});
  return refusal;
}

}  // namespace

std::optional<SubscriberAnswer> subscriber_page(const net::HttpRequest& request,
                                                const SubscriberDesk& desk) {
  const Place place = place_of(request.path());
  const bool has_page =
      place.name == "subscribe" || place.name == "confirm" || place.name == "unsubscribe";
  if (!has_page && place.name != "choose") return std::nullopt;
  if (request.method == "POST") return on_post(place, request, desk);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads || !has_page) return only(not_allowed(has_page ? "GET, HEAD, POST" : "POST"));
  net::HttpResponse response = on_get(place, request, desk);
  if (request.method == "HEAD") response.body.clear();
  return only(std::move(response));
}

MailText subscriber_mail(const Subscriber& subscriber, SubscriberId id,
                         const SubscriberTokens& tokens, const std::string& desk_url) {
  ASSERT(subscriber.owed != SubscriberMail::none);
  const bool confirms = subscriber.owed == SubscriberMail::confirm;
  const Language language = subscriber.language;
  const TokenPurpose purpose = confirms ? TokenPurpose::confirm : TokenPurpose::manage;
  const std::string page =
      with_token(confirms ? "confirm" : "unsubscribe", tokens.token(purpose, id));
  const std::string link = desk_url + path_of(language, page);
  const std::string words(say(
      language, confirms ? SubscriberText::mail_confirm_words : SubscriberText::mail_manage_words));
  const SubscriberText subject =
      confirms ? SubscriberText::mail_confirm_subject : SubscriberText::mail_manage_subject;
  return {std::string(say(language, subject)),
          words + "\n\n" + link + "\n\n" + std::string(say(language, SubscriberText::mail_ignore)) +
              "\n",
          {}};
}

std::string subscriber_message_id(const Subscriber& subscriber, SubscriberId id, ByteView domain) {
  return "subscriber." + std::to_string(id.value) + "." +
         std::to_string(subscriber.asked_at.value) + "@" + std::string(domain);
}

}  // namespace oki::notify
