#include "app/incident_commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "app/incident_show.h"
#include "app/operator_client.h"
#include "app/rule_report.h"
#include "base/json.h"
#include "crypto/crypto.h"
#include "watch/conductor/house_file.h"
#include "watch/operators/login_tokens.h"

namespace oki::app {
namespace {

constexpr std::int64_t follow_every_ms = 1'000;

enum class Kind : std::uint8_t { text, number, list, yes, both_languages };

// An option that becomes a field of the request's body.
struct Field {
  OptionSpec option;
  const char* field;
  Kind kind = Kind::text;
};

struct Verb {
  const char* name;     // "incident acknowledge"
  const char* pattern;  // "/v1/incidents/{}/acknowledge"
  Words summary;
  std::vector<Field> fields = {};
};

// "12" and "inc12" mean the same, and so do "3" and "work3".
Result<std::string> number_of(const std::string& text) {
  std::string digits = text;
  for (const ByteView prefix : {ByteView("inc"), ByteView("work")}) {
    if (text.starts_with(prefix)) digits = text.substr(prefix.size());
  }
  const bool is_number = !digits.empty() && digits.size() < 10 &&
                         digits.find_first_not_of("0123456789") == std::string::npos;
  if (is_number) return digits;
  return error(Errc::invalid, "'" + text + "' is no number");
}

void put(JsonWriter& json, const Field& field, const std::string& value) {
  json.key(field.field);
  switch (field.kind) {
    case Kind::text:
      json.string(value);
      return;
    case Kind::number:
      json.raw(value);
      return;
    case Kind::list:
      json.begin_array();
      for (const std::string& each : split(value, ',')) json.string(each);
      json.end_array();
      return;
    case Kind::yes:
      json.boolean(true);
      return;
    case Kind::both_languages: {
      const std::vector<std::string> both = split(value, '|');
      json.begin_object().field("ja", both.empty() ? "" : both[0]);
      json.field("en", both.size() < 2 ? "" : both[1]).end_object();
      return;
    }
  }
}

Result<std::string> body_of(const Verb& verb, const Arguments& arguments) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  for (const Field& field : verb.fields) {
    const std::string option = field.option.name;
    if (field.kind == Kind::yes) {
      // A decision: yes unless --no is given.
      json.field(field.field, !arguments.has(option));
      continue;
    }
    if (!arguments.has(option) || arguments.text(option).empty()) continue;
    std::string value = arguments.text(option);
    if (field.kind == Kind::number) {
      auto number = number_of(value);
      if (!number) return tl::unexpected(number.error());
      value = std::move(*number);
    }
    put(json, field, value);
  }
  json.end_object();
  return body;
}

// Prints what was answered, or says what went wrong; gives the exit code.
int finish(const char* name, const Arguments& arguments, const OperatorAnswer& answer,
           const std::function<std::string(const net::Json&)>& text) {
  if (arguments.has("json") && !answer.body.empty()) fmt::print("{}\n", answer.body);
  if (answer.code != exit_code::ok) {
    fmt::print(stderr, "okiagari {}: {}\n", name, answer.why);
    return answer.code;
  }
  if (arguments.has("json")) return answer.code;
  const auto json = net::parse_json(answer.body, answer.body.size() + 1);
  if (json) fmt::print("{}", text(*json));
  return answer.code;
}

std::string done_text(const Arguments& arguments, const net::Json& json) {
  if (json.find("body_ja") != nullptr) return preview_text(json);
  const std::string id = text_in(json, "id");
  const char* done = arguments.japanese() ? "完了" : "done";
  return id.empty() || id == "0" ? fmt::format("{}\n", done) : fmt::format("{} ({})\n", done, id);
}

int run_verb(const Verb& verb, const Arguments& arguments) {
  std::string target = verb.pattern;
  if (const std::size_t place = target.find("{}"); place != std::string::npos) {
    const auto number = number_of(arguments.text("number"));
    if (!number) return usage(verb.name, number.error().message);
    target.replace(place, 2, *number);
  }
  const auto body = body_of(verb, arguments);
  if (!body) return usage(verb.name, body.error().message);
  const OperatorAnswer answer = ask_operators(verb.name, arguments, "POST", target, *body);
  return finish(verb.name, arguments, answer,
                [&](const net::Json& json) { return done_text(arguments, json); });
}

CommandSpec command_of(const Verb& verb) {
  std::vector<OptionSpec> options;
  for (const Field& field : verb.fields) options.push_back(field.option);
  const bool has_operand = std::string(verb.pattern).find("{}") != std::string::npos;
  return {verb.name, verb.summary, with_operators(std::move(options)),
          [verb](const Arguments& arguments) { return run_verb(verb, arguments); },
          has_operand ? "number" : nullptr};
}

const Field words{{"words", "TEXT", "", {"why, or what to know", "理由・伝達事項"}}, "words"};
const Field needed_words{{"words", "TEXT", "", {"what there is to say", "内容"}, true}, "words"};
const Field role{{"role",
                  "ROLE",
                  "",
                  {"commander, communications, operations, security, support or scribe",
                   "commander、communications、operations、security、support、scribe"},
                  true},
                 "role"};
const Field no{{"no", nullptr, "", {"instead of yes", "承認せず却下する"}}, "yes", Kind::yes};
const Field step{{"step", "N", "", {"the step's place", "手順の番号"}, true}, "step", Kind::number};
const Field item{{"item", "N", "", {"the item's place", "項目の番号"}, true}, "item", Kind::number};
const Field digest{{"digest", "SHA256", "", {"of the text", "文書のダイジェスト"}, true}, "digest"};
const Field due{{"due", "TIME", "", {"2026-12-01T00:00:00Z, or +SECONDS", "期限"}, true}, "due"};

std::vector<Verb> verbs_on_incidents() {
  return {
      {"incident acknowledge",
       "/v1/incidents/{}/acknowledge",
       {"Says that you have it: nobody else is called", "対応を引き受け、呼び出しを止める"}},
      {"incident take-role",
       "/v1/incidents/{}/take-role",
       {"Takes a role that nobody holds", "空いている役割に就く"},
       {role}},
      {"incident hand-over",
       "/v1/incidents/{}/hand-over",
       {"Gives a role to somebody", "役割を引き継ぐ"},
       {role,
        {{"to", "PERSON", "", {"number of the person", "相手の番号"}, true}, "to", Kind::number},
        words}},
      {"incident severity",
       "/v1/incidents/{}/severity",
       {"Worse at once; better when another commander agrees",
        "深刻度を上げる（下げるには他の指揮者の同意が要る）"},
       {{{"to", "SEVERITY", "", {"sev1 to sev4", "sev1〜sev4"}, true}, "to"}, words}},
      {"incident phase",
       "/v1/incidents/{}/phase",
       {"To investigating, identified or monitoring", "段階を変える"},
       {{{"to", "PHASE", "", {"the phase", "段階"}, true}, "to"}, words}},
      {"incident note",
       "/v1/incidents/{}/note",
       {"Writes a row into the timeline", "時系列に記録する"},
       {needed_words}},
      {"incident merge",
       "/v1/incidents/{}/merge",
       {"Makes it part of another incident", "他の障害にまとめる"},
       {{{"into", "N", "", {"the other one", "まとめる先"}, true}, "into", Kind::number}}},
      {"incident resolve",
       "/v1/incidents/{}/resolve",
       {"Asks for the end, behind the same gate", "復旧の宣言を求める（復旧条件は同じ）"}},
      {"incident close",
       "/v1/incidents/{}/close",
       {"Closes a resolved incident", "復旧した障害の対応を終える"}},
      {"incident dismiss",
       "/v1/incidents/{}/dismiss",
       {"Says that a suspicion was nothing", "疑いを取り下げる"},
       {needed_words}},
      {"incident promise",
       "/v1/incidents/{}/promise",
       {"Promises the next update earlier", "次回のお知らせを早める"},
       {{{"at", "TIME", "", {"2026-12-01T00:00:00Z, or +SECONDS", "時刻"}, true}, "at"}}},
  };
}

std::vector<Field> settling() {
  return {{{"notice", "N", "", {"its place", "お知らせの番号"}, true}, "notice", Kind::number},
          {{"channel", "NAME", "", {"where", "送り先"}, true}, "channel"},
          {{"decision",
            "WORD",
            "",
            {"it_arrived, send_again or give_up", "it_arrived、send_again、give_up"},
            true},
           "decision"}};
}

std::vector<Verb> verbs_on_notices() {
  const std::vector<Field> text = {
      {{"phase",
        "PHASE",
        "",
        {"investigating, identified, monitoring, resolved or postmortem", "お知らせの段階"},
        true},
       "phase"},
      {{"next-update", "TIME", "", {"the promise", "次回の予定"}}, "next_update"},
      {{"cause", "JA|EN", "", {"in both languages", "原因（日本語|英語）"}},
       "cause",
       Kind::both_languages},
      {{"title", "JA|EN", "", {"instead of the template's", "件名"}},
       "title",
       Kind::both_languages},
      {{"body", "JA|EN", "", {"instead of the template's", "本文"}}, "body", Kind::both_languages}};
  return {
      {"incident propose-notice",
       "/v1/incidents/{}/notice",
       {"Proposes a notice; another person approves it", "お知らせを提案する"},
       text},
      {"incident preview-notice",
       "/v1/incidents/{}/preview",
       {"Shows what a notice would say", "お知らせの文面を確認する"},
       text},
      {"incident decide-notice",
       "/v1/incidents/{}/decide-notice",
       {"Approves a notice of another person", "他の人のお知らせを承認する"},
       {{{"proposal", "N", "", {"its place", "提案の番号"}, true}, "proposal", Kind::number},
        no,
        words}},
      {"incident settle",
       "/v1/incidents/{}/settle",
       {"Says what became of a notice that a channel left in doubt",
        "届いたか分からないお知らせの扱いを決める"},
       settling()},
  };
}

std::vector<Verb> verbs_on_work() {
  return {
      {"incident step",
       "/v1/incidents/{}/step",
       {"Asks for a step of a runbook", "手順書の手順を依頼する"},
       {{{"runbook", "NAME", "", {"its name", "手順書名"}, true}, "runbook"},
        {{"name", "NAME", "", {"of the step", "手順名"}, true}, "name"}}},
      {"incident decide-step",
       "/v1/incidents/{}/decide-step",
       {"Agrees to a step that another person asked for", "他の人が依頼した手順に同意する"},
       {step, no}},
      {"incident record-step",
       "/v1/incidents/{}/record-step",
       {"Says how a step that you do by hand goes on", "手作業の手順の経過を記録する"},
       {step,
        {{"to", "STATE", "", {"started, done, verified or failed", "経過"}, true}, "to"},
        words}},
      {"incident add-item",
       "/v1/incidents/{}/item",
       {"Adds something that prevents a repetition", "再発防止策を加える"},
       {needed_words,
        {{"owner", "PERSON", "", {"number of the person", "担当者の番号"}}, "owner", Kind::number},
        due}},
      {"incident assign-item",
       "/v1/incidents/{}/assign-item",
       {"Gives it to somebody", "再発防止策の担当を決める"},
       {item,
        {{"owner", "PERSON", "", {"number of the person", "担当者の番号"}, true},
         "owner",
         Kind::number},
        due}},
      {"incident finish-item",
       "/v1/incidents/{}/finish-item",
       {"Says that it is done", "再発防止策を完了にする"},
       {item, words}},
      {"incident submit-postmortem",
       "/v1/incidents/{}/submit-postmortem",
       {"Submits a text by its digest", "事後報告を提出する"},
       {digest}},
      {"incident decide-postmortem",
       "/v1/incidents/{}/decide-postmortem",
       {"Approves the text of another person", "他の人の事後報告を承認する"},
       {digest, no}},
      {"incident decide-wish",
       "/v1/wishes/{}",
       {"Agrees to what another person wishes", "他の人の要望に同意する"},
       {no}},
      {"incident declare",
       "/v1/incidents",
       {"Declares an incident that no machine saw", "人が見つけた障害を登録する"},
       {{{"title", "TEXT", "", {"one line", "件名"}, true}, "title"},
        {{"severity", "SEVERITY", "", {"sev1 to sev4", "sev1〜sev4"}, true}, "severity"},
        {{"state",
          "STATE",
          "partial_outage",
          {"degraded_performance, partial_outage or major_outage", "状態"}},
         "state"},
        {{"components", "LIST", "", {"\"market btc_jpy,edge 1\"", "対象"}},
         "components",
         Kind::list},
        {{"began", "TIME", "", {"default: now", "発生時刻。既定は今"}}, "began"},
        words}},
  };
}

std::vector<Verb> verbs_on_planned_work() {
  const auto fields = [](bool needed) {
    return std::vector<Field>{
        {{"title", "JA|EN", "", {"what customers read", "件名（日本語|英語）"}, needed},
         "title",
         Kind::both_languages},
        {{"body", "JA|EN", "", {"what will not work meanwhile", "本文（日本語|英語）"}, needed},
         "body",
         Kind::both_languages},
        {{"components", "LIST", "", {"\"market btc_jpy,edge 1\"", "対象"}, needed},
         "components",
         Kind::list},
        {{"from", "TIME", "", {"2026-12-01T00:00:00Z, or +SECONDS", "開始"}, needed}, "from"},
        {{"to", "TIME", "", {"at most a day later", "終了（最長 1 日）"}, needed}, "to"},
        {{"words", "TEXT", "", {"for the house only", "内部向けの説明"}}, "words"}};
  };
  return {
      {"incident plan-work",
       "/v1/planned-work",
       {"Wishes planned work; agreed to, it is announced", "メンテナンスを計画する"},
       fields(true)},
      {"incident change-work",
       "/v1/planned-work/{}",
       {"Wishes it otherwise; agreed to, it is announced", "計画したメンテナンスを変更する"},
       fields(false)},
      {"incident end-work",
       "/v1/planned-work/{}/end",
       {"Ends it now, or takes it back before it begins",
        "メンテナンスを終了する（開始前なら中止する）"}},
      {"incident settle-work",
       "/v1/planned-work/{}/settle",
       {"Says what became of its notice that a channel left in doubt",
        "届いたか分からないメンテナンスのお知らせの扱いを決める"},
       settling()},
  };
}

using Text = std::string (*)(const net::Json&, bool japanese);

CommandSpec view(const char* name, Words summary, const char* pattern, Text text,
                 bool has_operand) {
  return {name, summary, with_operators({}),
          [name, pattern, text](const Arguments& arguments) {
            std::string target = pattern;
            if (const std::size_t place = target.find("{}"); place != std::string::npos) {
              const auto number = number_of(arguments.text("number"));
              if (!number) return usage(name, number.error().message);
              target.replace(place, 2, *number);
            }
            target += target.find('?') == std::string::npos ? "?lang=" : "&lang=";
            target += arguments.japanese() ? "ja" : "en";
            const OperatorAnswer answer = ask_operators(name, arguments, "GET", target, "");
            return finish(name, arguments, answer,
                          [&](const net::Json& json) { return text(json, arguments.japanese()); });
          },
          has_operand ? "number" : nullptr};
}

// The alarms as `watch tune` reads them, or what they say of each rule.
int show_alarms(const Arguments& arguments) {
  const char* name = "incident alarms";
  const OperatorAnswer answer = ask_operators(
      name, arguments, "GET", arguments.has("drills") ? "/v1/alarms?drills=1" : "/v1/alarms", "");
  if (answer.code != exit_code::ok) {
    fmt::print(stderr, "okiagari {}: {}\n", name, answer.why);
    return answer.code;
  }
  if (arguments.has("json")) {
    fmt::print("{}", answer.body);
    return exit_code::ok;
  }
  const auto cases = watch::detect::read_past_cases(answer.body);
  if (!cases) {
    fmt::print(stderr, "okiagari {}: {}\n", name, cases.error().message);
    return exit_code::failed;
  }
  const auto rules = watch::detect::review(cases->alarms, cases->missed,
                                           static_cast<std::int64_t>(arguments.number("delay-ms")));
  fmt::print("{}", rules_in_words(rules));
  return exit_code::ok;
}

// Prints the timeline as it grows, until it is interrupted.
int follow(const Arguments& arguments) {
  const char* name = "incident watch";
  const auto number = number_of(arguments.text("number"));
  if (!number) return usage(name, number.error().message);
  std::string from = "1";
  while (true) {
    const std::string target = fmt::format("/v1/incidents/{}/timeline?from={}&limit=200&lang={}",
                                           *number, from, arguments.japanese() ? "ja" : "en");
    const OperatorAnswer answer = ask_operators(name, arguments, "GET", target, "");
    if (answer.code != exit_code::ok && answer.code != exit_code::unavailable) {
      return finish(name, arguments, answer, {});
    }
    const auto json = net::parse_json(answer.body, answer.body.size() + 1);
    if (json) {
      fmt::print("{}", arguments.has("json") ? answer.body + '\n' : timeline_text(*json));
      std::fflush(stdout);
      from = text_in(*json, "next");
    }
    Process pause(name);
    bool interrupted = true;
    pause.loop().timers().after_ms(follow_every_ms, [&] {
      interrupted = false;
      pause.loop().stop();
    });
    pause.run();
    if (interrupted) return exit_code::ok;
  }
}

int print_text(const char* name, const Arguments& arguments, const std::string& target) {
  const OperatorAnswer answer = ask_operators(name, arguments, "GET", target, "");
  if (answer.code == exit_code::ok) {
    fmt::print("{}", answer.body);
  } else {
    fmt::print(stderr, "okiagari {}: {}\n", name, answer.why);
  }
  return answer.code;
}

int change_house(const Arguments& arguments) {
  const char* name = "incident house-change";
  const Result<Bytes> file = host::read_file(arguments.text("file"), watch::house_file_bytes_max);
  if (!file) return usage(name, file.error().message);
  std::string body;
  JsonWriter(body).begin_object().field("toml", *file).end_object();
  const OperatorAnswer answer = ask_operators(name, arguments, "POST", "/v1/house", body);
  return finish(name, arguments, answer,
                [&](const net::Json& json) { return done_text(arguments, json); });
}

int add_login_token(const Arguments& arguments) {
  const char* name = "incident login-token";
  const auto person = static_cast<std::uint32_t>(arguments.number("person"));
  if (person == 0) return usage(name, "--person must be a number from 1");
  crypto::SystemRandom random;
  const watch::NewLoginToken made = watch::make_login_token(random, {person});
  const std::string& path = arguments.text("file");
  Bytes lines;
  if (Result<Bytes> file = host::read_file(path, watch::login_file_bytes_max)) lines = *file;
  if (!lines.empty() && lines.back() != '\n') lines += '\n';
  lines += made.line + '\n';
  if (auto fine = watch::LoginTokens::parse(lines); !fine) {
    return usage(name, path + ": " + fine.error().message);
  }
  if (auto done = host::write_file(arguments.text("out"), made.token + '\n', 0600); !done) {
    return usage(name, done.error().message);
  }
  if (auto done = host::write_file(path, lines, 0600); !done) {
    return usage(name, done.error().message);
  }
  return exit_code::ok;
}

void add_views(std::vector<CommandSpec>& commands) {
  commands.push_back(view("incident list", {"Open incidents", "続いている障害の一覧"},
                          "/v1/incidents", incident_list_text, false));
  commands.push_back(view("incident history", {"All incidents that are kept", "障害の履歴"},
                          "/v1/incidents?state=all", incident_list_text, false));
  commands.push_back(view("incident show", {"All of one but its timeline", "障害の詳細"},
                          "/v1/incidents/{}", incident_text, true));
  commands.push_back(view(
      "incident timeline", {"What happened, with its links into the log", "時系列"},
      "/v1/incidents/{}/timeline?limit=200",
      [](const net::Json& json, bool) { return timeline_text(json); }, true));
  commands.push_back(view("incident planned-work",
                          {"What the public is told of planned work", "メンテナンスの一覧"},
                          "/v1/planned-work", works_text, false));
  commands.push_back(view(
      "incident wishes", {"What waits for a second person", "同意待ちの要望"}, "/v1/wishes",
      [](const net::Json& json, bool) { return wishes_text(json); }, false));
  commands.push_back(view(
      "incident house", {"What there is, who is on call", "構成・当番・手順書"}, "/v1/house",
      [](const net::Json& json, bool) { return house_text(json); }, false));
}

}  // namespace

std::vector<CommandSpec> incident_commands() {
  std::vector<CommandSpec> commands;
  add_views(commands);
  for (const auto& verbs :
       {verbs_on_incidents(), verbs_on_notices(), verbs_on_work(), verbs_on_planned_work()}) {
    for (const Verb& verb : verbs) commands.push_back(command_of(verb));
  }
  commands.push_back(
      {"incident alarms",
       {"How right and how late each rule's alarms were; with --json for watch tune",
        "規則ごとの警報の適合率と遅れ（--json は watch tune 用）"},
       with_operators(
           {{"drills", nullptr, "", {"those of drills too", "訓練も数える"}},
            {"delay-ms", "N", "5000", {"what p99 should stay below", "遅れの p99 の目標"}}}),
       show_alarms});
  commands.push_back({"incident watch",
                      {"Follows the timeline", "時系列を表示し続ける"},
                      with_operators({}),
                      follow,
                      "number"});
  commands.push_back(
      {"incident postmortem",
       {"Prints the draft, from whichever watch keeps it", "事後報告の下書きを表示する"},
       with_operators({{"html", nullptr, "", {"as a page", "HTML で表示"}}}),
       [](const Arguments& arguments) {
         const auto number = number_of(arguments.text("number"));
         if (!number) return usage("incident postmortem", number.error().message);
         return print_text("incident postmortem", arguments,
                           fmt::format("/v1/incidents/{}/postmortem?lang={}{}", *number,
                                       arguments.japanese() ? "ja" : "en",
                                       arguments.has("html") ? "&format=html" : ""));
       },
       "number"});
  commands.push_back(
      {"incident house-change",
       {"Wishes the first difference between the house and a file",
        "構成ファイルとの差を一つずつ変更する"},
       with_operators({{"file", "FILE", "", {"as deploy/response.toml", "構成ファイル"}, true}}),
       change_house});
  commands.push_back(
      {"incident login-token",
       {"Makes a token for a person", "本人用のトークンを作る"},
       {{"person", "N", "", {"number of the person", "番号"}, true},
        {"file", "FILE", "", {"keeps the hashes", "ハッシュを保存するファイル"}, true},
        {"out", "FILE", "", {"gets the token", "トークンの出力先"}, true}},
       add_login_token});
  return commands;
}

}  // namespace oki::app
