#include "notify/notice_template.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/assert.h"
#include "base/utf8.h"
#include "notify/notice_short.h"

namespace oki::notify {
namespace {

constexpr std::array<NoticePhase, 5> phases = {NoticePhase::investigating, NoticePhase::identified,
                                               NoticePhase::monitoring, NoticePhase::resolved,
                                               NoticePhase::postmortem};

constexpr ByteView standard_file = R"([investigating.ja.title]
{affected}で障害が発生しています
[investigating.ja.body]
{began}から障害が発生しています。原因を調査しています。
{affected}に影響があります。{unaffected}には影響を確認していません。
次のお知らせは{next_update}までに掲載します。
[investigating.en.title]
Trouble with {affected}
[investigating.en.body]
There has been trouble since {began}. We are investigating the cause.
Affected: {affected}. Not affected as far as we know: {unaffected}.
We will tell you more by {next_update}.
[identified.ja.title]
{affected}の障害の原因を特定しました
[identified.ja.body]
{began}から続く障害の原因を特定し、対応しています。
原因: {cause}
復旧の見込み: {recovery}
次のお知らせは{next_update}までに掲載します。
[identified.en.title]
Cause found: trouble with {affected}
[identified.en.body]
We have found the cause of the trouble that began at {began} and are working on it.
Cause: {cause}
Recovery: {recovery}
We will tell you more by {next_update}.
[monitoring.ja.title]
{affected}の障害に対応し、経過を確認しています
[monitoring.ja.body]
{began}から続いた障害に対応しました。取引が安定して成立することを確認しています。
原因: {cause}
次のお知らせは{next_update}までに掲載します。
[monitoring.en.title]
Remedied, and being watched: {affected}
[monitoring.en.body]
The trouble that began at {began} has been remedied. We are watching that trading stays stable.
Cause: {cause}
We will tell you more by {next_update}.
[resolved.ja.title]
{affected}の障害は復旧しました
[resolved.ja.body]
{began}から{ended}まで続いた障害は復旧しました。テスト取引の成功を確認しています。
原因: {cause}
ご不便をおかけしたことをお詫びします。
[resolved.en.title]
Resolved: {affected}
[resolved.en.body]
The trouble that lasted from {began} to {ended} is over. Test trades have confirmed it.
Cause: {cause}
We apologise for the inconvenience.
[postmortem.ja.title]
{affected}の障害についての事後報告
[postmortem.ja.body]
{began}から{ended}まで続いた障害についての報告です。
原因: {cause}
全文: {url}
[postmortem.en.title]
Report on the trouble with {affected}
[postmortem.en.body]
This is our report on the trouble that lasted from {began} to {ended}.
Cause: {cause}
In full: {url}
)";

std::string section_name(NoticePhase phase, Language language, const char* part) {
  return std::string(name(phase)) + (language == Language::ja ? ".ja." : ".en.") + part;
}

// Replaces every placeholder; nothing when one has no value here, or is not closed.
template <typename Value>
std::optional<std::string> filled(ByteView line, const Value& value) {
  std::string out;
  while (true) {
    const std::size_t open = line.find('{');
    out += line.substr(0, open);
    if (open == ByteView::npos) return out;
    const std::size_t close = line.find('}', open);
    if (close == ByteView::npos) return std::nullopt;
    const std::optional<std::string> known = value(line.substr(open + 1, close - open - 1));
    if (!known) return std::nullopt;
    out += *known;
    line.remove_prefix(close + 1);
  }
}

template <typename Action>
void for_each_line(ByteView text, const Action& action) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    action(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Result<void> check_placeholders(ByteView section, ByteView text) {
  const auto known = [](ByteView placeholder) -> std::optional<std::string> {
    if (!is_notice_value(placeholder)) return std::nullopt;
    return "";
  };
  const std::optional<std::string> result = filled(text, known);
  if (result && result->find('}') == std::string::npos) return {};
  return error(Errc::invalid, "a placeholder of [" + std::string(section) + "] is not known");
}

}  // namespace

Result<NoticeTemplates> NoticeTemplates::parse(ByteView file) {
  if (file.size() > template_file_bytes_max || !is_utf8(file)) {
    return error(Errc::invalid, "the file of templates is too large or not UTF-8");
  }
  NoticeTemplates templates;
  std::string* current = nullptr;
  bool stray = false;
  for_each_line(file, [&](ByteView line) {
    if (line.size() > 2 && line.front() == '[' && line.back() == ']') {
      current = &templates.sections_[std::string(line.substr(1, line.size() - 2))];
      stray = stray || !current->empty();
    } else if (current == nullptr) {
      stray = stray || !line.empty();
    } else {
      if (!current->empty()) *current += '\n';
      *current += line;
    }
  });
  if (stray) return error(Errc::invalid, "text outside of a section, or a section twice");
  std::size_t expected = 0;
  for (const NoticePhase phase : phases) {
    for (const Language language : {Language::ja, Language::en}) {
      for (const char* part : {"title", "body"}) {
        ++expected;
        const std::string section = section_name(phase, language, part);
        const auto found = templates.sections_.find(section);
        if (found == templates.sections_.end() || found->second.empty()) {
          return error(Errc::invalid, "the section [" + section + "] is missing or empty");
        }
        if (auto kept = check_placeholders(section, found->second); !kept) {
          return tl::unexpected(kept.error());
        }
      }
    }
  }
  if (templates.sections_.size() == expected) return templates;
  return error(Errc::invalid, "a section that no notice has");
}

const NoticeTemplates& NoticeTemplates::standard() {
  static const NoticeTemplates templates = [] {
    Result<NoticeTemplates> parsed = parse(standard_file);
    ASSERT(parsed.has_value());
    return std::move(*parsed);
  }();
  return templates;
}

Result<void> NoticeTemplates::write(Notice& notice, const NoticeLinks& links) const {
  if (is_planned(notice.phase)) {
    return error(Errc::invalid, "planned work has the words of whoever planned it");
  }
  Notice written = notice;
  for (const Language language : {Language::ja, Language::en}) {
    const auto value = [&](ByteView placeholder) {
      return notice_value(language, notice, links, placeholder);
    };
    const auto in_title = [&](ByteView placeholder) {
      return placeholder == "affected" ? std::optional(affected_in_title(language, notice))
                                       : value(placeholder);
    };
    const auto section = [&](const char* part) -> const std::string& {
      return sections_.find(section_name(notice.phase, language, part))->second;
    };
    const std::optional<std::string> title = filled(section("title"), in_title);
    if (!title) return error(Errc::invalid, "the title asks for what this notice does not know");
    std::string body;
    for_each_line(section("body"), [&](ByteView line) {
      const std::optional<std::string> text = filled(line, value);
      if (text) body += (body.empty() ? "" : "\n") + *text;
    });
    (language == Language::ja ? written.title.ja : written.title.en) = *title;
    (language == Language::ja ? written.body.ja : written.body.en) = body;
  }
  if (Result<void> kept = check(written); !kept) return kept;
  notice = std::move(written);
  return {};
}

std::vector<NoticePreview> preview(const Notice& notice, const NoticeLinks& links) {
  struct Sized {
    const char* channel;
    LengthRule rule;
  };
  constexpr std::array<Sized, 8> places = {{{"x", x_length},
                                            {"mastodon", mastodon_length},
                                            {"bluesky", bluesky_length},
                                            {"line", line_length},
                                            {"telegram", telegram_length},
                                            {"slack", discord_length},
                                            {"discord", discord_length},
                                            {"facebook", discord_length}}};
  std::vector<NoticePreview> all;
  for (const Language language : {Language::ja, Language::en}) {
    const std::string mail = notice_plain(language, notice, links);
    all.push_back({"mail", language, mail, text_length(mail, Counting::code_points), 0});
    for (const Sized& place : places) {
      std::string text = notice_short(language, notice, links, place.rule);
      const std::size_t length = short_length(text, place.rule);
      all.push_back({place.channel, language, std::move(text), length, place.rule.length_max});
    }
  }
  return all;
}

}  // namespace oki::notify
