#include "notify/page.h"

#include <algorithm>

#include "base/utf8.h"
#include "notify/incident_text.h"
#include "notify/text.h"

namespace oki::notify {
namespace {

constexpr std::uint8_t kind = 'p';
constexpr std::uint8_t version = 1;
constexpr std::uint8_t severity_max = 4;

bool is_line(ByteView text, std::size_t bytes_max) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; };
  return !text.empty() && text.size() <= bytes_max && is_utf8(text) &&
         std::none_of(text.begin(), text.end(), is_control);
}

const char* cause_text(Language language, PageCause cause) {
  const bool ja = language == Language::ja;
  switch (cause) {
    case PageCause::suspected:
      return ja ? "障害の疑いがあります。確認してください。" : "Trouble is suspected: please look.";
    case PageCause::confirmed:
      return ja ? "障害が確認されました。対応してください。"
                : "Trouble is confirmed: you are on call.";
    case PageCause::everybody:
      return ja ? "誰も応答していないため、全員を呼び出しています。"
                : "Nobody has answered, so everybody is called.";
    case PageCause::promise_missed:
      return ja ? "約束した時刻までに次のお知らせが出ていません。"
                : "The next notice was promised and has not come.";
    case PageCause::handed_over:
      return ja ? "担当があなたに引き継がれました。" : "A role was handed over to you.";
    case PageCause::test:
      return ja ? "呼び出しの試験です。対応は不要です。"
                : "This is a test of the pager; nothing is to be done.";
  }
  return "";
}

std::string affected_line(const Page& page) {
  const Language language = page.language;
  std::string out;
  for (const NoticeComponent& component : page.affected) {
    if (!out.empty()) out += text(language, Text::list_separator);
    out += component_text(language, component.id);
    out += language == Language::ja ? "（" : " (";
    out += text(language, state_word(component.now));
    out += language == Language::ja ? "）" : ")";
  }
  return out;
}

void add_line(std::string& out, const char* label, const std::string& value) {
  if (value.empty()) return;
  out += label;
  out += ": ";
  out += value;
  out += '\n';
}

}  // namespace

const char* name(PageAction action) {
  switch (action) {
    case PageAction::trigger:
      return "trigger";
    case PageAction::acknowledge:
      return "acknowledge";
    case PageAction::resolve:
      return "resolve";
  }
  return "";
}

Result<void> check(const Page& page) {
  const bool named = is_incident_name(page.incident) && is_line(page.person, page_name_bytes_max);
  const bool titled =
      is_line(page.title.ja, page_text_bytes_max) && is_line(page.title.en, page_text_bytes_max);
  const bool small =
      page.severity >= 1 && page.severity <= severity_max && page.affected.size() <= components_max;
  if (named && titled && small) return {};
  return error(Errc::invalid, "a page needs an incident, a person, a title and a severity");
}

void append(Bytes& out, const Page& page) {
  Writer writer(out);
  writer.u8(kind);
  writer.u8(version);
  writer.u32(page.number);
  writer.u8(static_cast<std::uint8_t>(page.action));
  writer.u8(static_cast<std::uint8_t>(page.cause));
  writer.blob(page.incident);
  writer.u8(page.severity);
  writer.boolean(page.drill);
  writer.boolean(page.language == Language::en);
  for (const std::string* text : {&page.person, &page.title.ja, &page.title.en}) writer.blob(*text);
  writer.u8(static_cast<std::uint8_t>(page.affected.size()));
  for (const NoticeComponent& component : page.affected) {
    append(out, component.id);
    writer.u8(static_cast<std::uint8_t>(component.before));
    writer.u8(static_cast<std::uint8_t>(component.now));
  }
  writer.i64(page.at.value);
  writer.i64(page.began.value);
}

Result<Page> read_page(ByteView bytes) {
  Reader in(bytes);
  Page page;
  if (in.u8() != kind || in.u8() != version) in.fail();
  page.number = in.u32();
  const std::uint8_t action = in.u8();
  const std::uint8_t cause = in.u8();
  if (action > static_cast<std::uint8_t>(PageAction::resolve)) in.fail();
  if (cause > static_cast<std::uint8_t>(PageCause::test)) in.fail();
  page.action = static_cast<PageAction>(action);
  page.cause = static_cast<PageCause>(cause);
  page.incident = std::string(in.blob(incident_name_bytes_max));
  page.severity = in.u8();
  page.drill = in.boolean();
  page.language = in.boolean() ? Language::en : Language::ja;
  page.person = std::string(in.blob(page_name_bytes_max));
  page.title.ja = std::string(in.blob(page_text_bytes_max));
  page.title.en = std::string(in.blob(page_text_bytes_max));
  for (std::size_t left = in.u8(); left > 0 && in.ok(); --left) {
    NoticeComponent component;
    component.id = read_component_id(in);
    component.before = read_state(in);
    component.now = read_state(in);
    page.affected.push_back(component);
  }
  page.at = read_time(in);
  page.began = read_time(in);
  if (!in.done()) return error(Errc::invalid, "a page that is malformed");
  if (Result<void> kept = check(page); !kept) return tl::unexpected<Error>(kept.error());
  return page;
}

std::string posting_name(const Page& page) {
  const std::string number = std::to_string(page.number);
  if (page.action == PageAction::trigger) return "page/" + number;
  const std::string end = "page/" + page.incident + "/" + name(page.action);
  return page.number == 0 ? end : end + "/" + number;
}

std::string with_incident(const std::string& pattern, const Page& page) {
  constexpr ByteView place = "{incident}";
  std::string out = pattern;
  for (std::size_t at = out.find(place); at != std::string::npos; at = out.find(place, at)) {
    out.replace(at, place.size(), page.incident);
    at += page.incident.size();
  }
  return out;
}

std::string page_headline(const Page& page) {
  const std::string drill = !page.drill                     ? ""
                            : page.language == Language::ja ? "【訓練】"
                                                            : "[DRILL] ";
  return drill + "[SEV" + std::to_string(page.severity) + "] " + page.incident + ": " +
         in(page.language, page.title);
}

std::string page_text(const Page& page, const PageLinks& links) {
  const bool ja = page.language == Language::ja;
  std::string out = page_headline(page) + "\n" + cause_text(page.language, page.cause) + "\n";
  add_line(out, ja ? "呼び出し" : "Called", page.person);
  add_line(out, ja ? "影響範囲" : "Affected", affected_line(page));
  add_line(out, ja ? "発生" : "Began", japan_time(page.language, page.began));
  if (page.cause != PageCause::test) {
    add_line(out, ja ? "応答（画面）" : "Acknowledge", with_incident(links.operator_url, page));
    add_line(out, ja ? "応答（コマンド）" : "or by command", with_incident(links.command, page));
  }
  if (page.number != 0) {
    add_line(out, ja ? "呼び出し番号" : "Page", std::to_string(page.number));
  }
  return out;
}

}  // namespace oki::notify
