#include <fmt/format.h>

#include <array>

#include "app/announcing.h"
#include "app/notice_commands.h"
#include "base/json.h"
#include "notify/notice_template.h"

namespace oki::app {
namespace {

constexpr const char* command = "notices preview";

// What an outage of one market would be told as: for people who look at their templates.
notify::Notice example(notify::NoticePhase phase, WallTimeMs now) {
  constexpr std::int64_t minute_ms = 60'000;
  const bool over = phase >= notify::NoticePhase::resolved;
  notify::Notice notice;
  notice.incident = "example";
  notice.number = static_cast<std::uint32_t>(phase) + 1;
  notice.phase = phase;
  notice.impact = notify::Impact::major;
  notice.at = now;
  notice.began = {now.value - 20 * minute_ms};
  const notify::State state = over ? notify::State::operational : notify::State::major_outage;
  notice.affected = {{{notify::ComponentKind::market, "btc_jpy"},
                      over ? notify::State::major_outage : notify::State::operational,
                      state}};
  notice.unaffected = {{notify::ComponentKind::market, "eth_jpy"}};
  notice.assets = {"お客様の資産は影響を受けていません。", "Customers' assets are not affected."};
  if (phase != notify::NoticePhase::investigating) {
    notice.cause = notify::LocalText{"設定変更の誤り", "A wrong setting"};
  }
  if (over) {
    notice.ended = WallTimeMs{now.value - minute_ms};
  } else {
    notice.next_update_at = WallTimeMs{now.value + 15 * minute_ms};
    notice.recovery =
        notify::RecoveryRange{{now.value + 10 * minute_ms}, {now.value + 40 * minute_ms}, 14, 79};
    notice.support = notify::SupportLoad{120, 15};
  }
  return notice;
}

struct Texts {
  notify::NoticeTemplates templates = notify::NoticeTemplates::standard();
  std::optional<notify::ChannelsConfig> config;
  notify::NoticeLinks links;
};

Result<Texts> read_words(const Arguments& arguments) {
  Texts words;
  words.links.site_url = arguments.text("site");
  std::string texts_file = arguments.has("texts") ? arguments.text("texts") : "";
  if (arguments.has("channels")) {
    const auto text = host::read_file(arguments.text("channels"), notify::channels_file_bytes_max);
    if (!text) return tl::unexpected(text.error());
    auto config = notify::parse_channels(*text);
    if (!config) return tl::unexpected(config.error());
    words.links = config->links;
    if (texts_file.empty()) texts_file = config->texts_file;
    words.config = std::move(*config);
  }
  if (texts_file.empty()) return words;
  const auto file = host::read_file(texts_file, notify::template_file_bytes_max);
  if (!file) return tl::unexpected(file.error());
  auto templates = notify::NoticeTemplates::parse(*file);
  if (!templates)
    return error(templates.error().code, texts_file + ": " + templates.error().message);
  words.templates = std::move(*templates);
  return words;
}

// One that people have written, or an example for each phase from the templates.
Result<std::vector<notify::Notice>> read_notices(const Arguments& arguments, const Texts& words) {
  std::vector<notify::Notice> notices;
  if (arguments.has("notice")) {
    const auto bytes = host::read_file(arguments.text("notice"), notify::notice_bytes_max);
    if (!bytes) return tl::unexpected(bytes.error());
    auto notice = notify::read_notice(*bytes);
    if (!notice) return tl::unexpected(notice.error());
    notices.push_back(std::move(*notice));
    return notices;
  }
  const WallTimeMs now = host::RealClock().wall_now();
  for (const auto phase : {notify::NoticePhase::investigating, notify::NoticePhase::identified,
                           notify::NoticePhase::monitoring, notify::NoticePhase::resolved,
                           notify::NoticePhase::postmortem}) {
    notify::Notice notice = example(phase, now);
    if (auto written = words.templates.write(notice, words.links); !written) {
      return tl::unexpected(written.error());
    }
    notices.push_back(std::move(notice));
  }
  return notices;
}

void print_json(const notify::Notice& notice, const notify::NoticePreview& one) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("notice", notice_posting_name(notice));
  json.field("phase", name(notice.phase)).field("channel", one.channel);
  json.field("language", one.language == notify::Language::ja ? "ja" : "en");
  json.field("length", std::uint64_t{one.length});
  json.field("length_max", std::uint64_t{one.length_max}).field("text", one.text).end_object();
  fmt::print("{}\n", out);
}

void print_text(const notify::Notice& notice, const notify::NoticePreview& one) {
  const std::string limit = one.length_max == 0 ? "" : fmt::format(" of {}", one.length_max);
  fmt::print("== {} {} {} ({}{})\n{}\n\n", notice_posting_name(notice), one.channel,
             one.language == notify::Language::ja ? "ja" : "en", one.length, limit, one.text);
}

int run(const Arguments& arguments) {
  const Result<Texts> words = read_words(arguments);
  if (!words) return usage(command, words.error().message);
  const auto notices = read_notices(arguments, *words);
  if (!notices) return usage(command, notices.error().message);
  for (const notify::Notice& notice : *notices) {
    const auto all =
        words->config ? previews(notice, *words->config) : preview(notice, words->links);
    for (const notify::NoticePreview& one : all) {
      if (arguments.has("json")) {
        print_json(notice, one);
      } else {
        print_text(notice, one);
      }
    }
  }
  return exit_code::ok;
}

}  // namespace

CommandSpec preview_command() {
  return {command,
          {"Shows what every channel would say of a notice, in both languages",
           "お知らせが各経路でどう表示されるかを両言語で示す"},
          {{"notice",
            "FILE",
            "",
            {"a notice; else an example of each phase", "お知らせ（省略時は各段階の例）"}},
           {"channels", "FILE", "", {"only these channels", "この設定の経路だけ"}},
           {"texts", "FILE", "", {"templates of your own", "独自の雛形"}},
           {"site", "URL", "https://status.example.jp", {"the status site", "状況サイトの URL"}},
           {"json", nullptr, "", {"a line of JSON for each", "1 行に 1 つの JSON"}}},
          run};
}

}  // namespace oki::app
