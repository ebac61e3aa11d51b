#include "watch/inquiries/inquiry_pages.h"

#include <utility>

#include "notify/page_parts.h"

namespace oki::watch::inquiries {
namespace {

using notify::Html;
using notify::Language;
using Form = std::vector<std::pair<std::string, std::string>>;

constexpr const char* content_security_policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

struct Words {
  const char* ja;
  const char* en;
};
constexpr Words title{"お問い合わせ", "Write to us"};
constexpr Words intro{
    "何が起きたかをお書きください。口座番号があると、注文や出金の記録と照らし合わせられます。"
    "パスワードや秘密鍵は書かないでください。",
    "Tell us what happened. With your account number we can compare it with our record of orders "
    "and withdrawals. Never write a password or a secret key."};
constexpr Words account{"口座番号（任意）", "Account number (if you have one)"};
constexpr Words contact{"返信先のメールアドレス", "Mail address for the answer"};
constexpr Words what{"内容（4,000バイトまで）", "What happened (up to 4,000 bytes)"};
constexpr Words send{"送信する", "Send"};
constexpr Words taken_title{"受け付けました", "We have it"};
constexpr Words taken_number{"受付番号: ", "Its number: "};
constexpr Words folded{"先のお問い合わせに追加しました。",
                       "It was added to what you wrote before."};
constexpr Words invalid{"受け付けられませんでした: ", "This could not be taken: "};
constexpr Words often{"短い間に多くのお問い合わせがありました。しばらくしてからお送りください。",
                      "Too much was written within a short time. Please try again later."};
constexpr Words later{"今は受け付けられません。しばらくしてからもう一度お試しください。",
                      "It cannot be taken now. Please try again a little later."};

const char* say(Language language, const Words& words) {
  return language == Language::ja ? words.ja : words.en;
}

std::string path_of(Language language) { return notify::home_path(language) + "inquiry"; }

net::HttpResponse page(std::uint16_t status, Language language, const Words& heading,
                       const std::function<void(Html&)>& inside) {
  net::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Cache-Control", "no-store"},
                      {"Content-Security-Policy", content_security_policy},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}};
  Html html(response.body);
  notify::open_page(html, {language, say(language, heading), path_of(language),
                           path_of(notify::other(language))});
  html.element("h1", say(language, heading));
  html.open("section", {{"class", "card"}});
  inside(html);
  html.close();
  notify::close_page(html, language, {});
  return response;
}

void field(Html& html, Language language, const Words& label, const char* name, const char* type,
           const char* bytes_max, ByteView value) {
  html.element("label", say(language, label), {{"for", name}, {"class", "field"}});
  html.empty(
      "input",
      {{"type", type}, {"id", name}, {"name", name}, {"maxlength", bytes_max}, {"value", value}});
}

net::HttpResponse form_page(std::uint16_t status, Language language, const Draft& draft,
                            ByteView why) {
  return page(status, language, title, [&](Html& html) {
    html.element("p", say(language, intro));
    if (!why.empty()) {
      html.element("p", say(language, invalid) + std::string(why),
                   {{"class", "error"}, {"role", "alert"}});
    }
    html.open("form", {{"method", "post"}, {"action", path_of(language)}});
    field(html, language, account, "account", "text", "32", draft.account);
    field(html, language, contact, "contact", "email", "254", draft.contact);
    html.element("label", say(language, what), {{"for", "words"}, {"class", "field"}});
    html.element("textarea", draft.words,
                 {{"id", "words"}, {"name", "words"}, {"rows", "8"}, {"required", "required"}});
    html.element("button", say(language, send), {{"type", "submit"}, {"class", "button"}});
    html.close();
  });
}

net::HttpResponse sorry(std::uint16_t status, Language language, const Words& words) {
  net::HttpResponse response = page(status, language, title, [&](Html& html) {
    html.element("p", say(language, words), {{"role", "alert"}});
  });
  response.headers.push_back({"Retry-After", status == 429 ? "600" : "10"});
  return response;
}

net::HttpResponse thanks(Language language, const Taken& taken) {
  return page(200, language, taken_title, [&](Html& html) {
    html.element("p", say(language, taken_number) + std::to_string(taken.id.value));
    if (taken.folded) html.element("p", say(language, folded));
  });
}

net::HttpResponse after(Language language, const Draft& draft, const Taken& taken) {
  switch (taken.refusal) {
    case Refusal::none:
      return thanks(language, taken);
    case Refusal::invalid:
      return form_page(400, language, draft, taken.why);
    case Refusal::network_limit:
    case Refusal::house_limit:
      return sorry(429, language, often);
    case Refusal::full:
    case Refusal::disk:
      break;
  }
  return sorry(503, language, later);
}

std::optional<Form> form_of(const net::HttpRequest& request) {
  constexpr ByteView type = "application/x-www-form-urlencoded";
  const ByteView given = request.header("Content-Type");
  if (!net::equal_ignoring_case(given.substr(0, type.size()), type)) return std::nullopt;
  return net::parse_query(request.body);
}

InquiryAnswer on_post(Language language, const net::HttpRequest& request) {
  const std::optional<Form> form = form_of(request);
  if (!form) return {form_page(400, language, {}, "this is no form."), {}, {}};
  Draft draft;
  for (const auto& [name, value] : *form) {
    if (name == "account") draft.account = value;
    if (name == "contact") draft.contact = value;
    if (name == "words") draft.words = value;
  }
  const auto page_for = [language, draft](const Taken& taken) {
    return after(language, draft, taken);
  };
  return {{}, draft, page_for};
}

}  // namespace

std::optional<InquiryAnswer> inquiry_page(const net::HttpRequest& request) {
  const ByteView path = request.path();
  if (path != path_of(Language::ja) && path != path_of(Language::en)) return std::nullopt;
  const Language language = path == path_of(Language::en) ? Language::en : Language::ja;
  if (request.method == "POST") return on_post(language, request);
  net::HttpResponse response;
  if (request.method != "GET" && request.method != "HEAD") {
    response = net::text_response(405, "Not this method.\n");
    response.headers.push_back({"Allow", "GET, HEAD, POST"});
  } else {
    response = form_page(200, language, {}, {});
    if (request.method == "HEAD") response.body.clear();
  }
  return InquiryAnswer{std::move(response), {}, {}};
}

}  // namespace oki::watch::inquiries
