#include "app/inquiry_commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <utility>

#include "app/incident_show.h"
#include "app/operator_client.h"
#include "base/json.h"

namespace oki::app {
namespace {

using Text = std::function<std::string(const net::Json&)>;

int finish(const char* name, const Arguments& arguments, const OperatorAnswer& answer,
           const Text& text) {
  if (arguments.has("json") && !answer.body.empty()) fmt::print("{}\n", answer.body);
  if (answer.code != exit_code::ok) {
    fmt::print(stderr, "okiagari {}: {}\n", name, answer.why);
    return answer.code;
  }
  const auto json = net::parse_json(answer.body, answer.body.size() + 1);
  if (json && !arguments.has("json")) fmt::print("{}", text(*json));
  return answer.code;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 19 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

bool truth_in(const net::Json& json, const char* field) {
  const net::Json* value = json.find(field);
  return value != nullptr && value->boolean().value_or(false);
}

const std::vector<net::Json>& list_in(const net::Json& json, const char* field) {
  static const std::vector<net::Json> none;
  const net::Json* list = json.find(field);
  return list != nullptr && list->array() != nullptr ? *list->array() : none;
}

std::string line_of(const net::Json& row, bool japanese) {
  std::string out = fmt::format("{:>6} {} {:<8} {:<10} {:<5} {}", text_in(row, "inquiry"),
                                text_in(row, "at"), text_in(row, "state"), text_in(row, "topic"),
                                text_in(row, "way"), text_in(row, "account"));
  if (truth_in(row, "failure")) out += japanese ? " [失敗あり]" : " [failed]";
  if (truth_in(row, "automatic")) out += japanese ? " [自動送信]" : " [automatic]";
  if (text_in(row, "again") != "0") out += " +" + text_in(row, "again");
  return out + '\n';
}

std::string list_text(const net::Json& json, bool japanese) {
  std::string out;
  for (const net::Json& row : list_in(json, "inquiries")) out += line_of(row, japanese);
  if (out.empty()) out = japanese ? "該当する問い合わせはありません。\n" : "No inquiries.\n";
  const std::string before = text_in(json, "before");
  if (!before.empty()) {
    out += fmt::format(fmt::runtime(japanese ? "続きは --before {}\n" : "more: --before {}\n"),
                       before);
  }
  return out;
}

std::string inquiry_text(const net::Json& json, bool japanese) {
  const net::Json* row = json.find("inquiry");
  if (row == nullptr) return {};
  std::string out = line_of(*row, japanese);
  const net::Json* by = row->find("by");
  out += fmt::format("{}: {}\n", japanese ? "返信先" : "answer to", text_in(*row, "contact"));
  if (by != nullptr) {
    out += fmt::format("{}: {} {}\n", japanese ? "担当" : "by", text_in(*by, "name"),
                       text_in(*row, "changed"));
  }
  return out + '\n' + text_in(*row, "words") + '\n';
}

std::string counts_text(const net::Json& json, bool japanese) {
  std::string out = fmt::format("{:<12}{:>8}{:>10}{:>8}\n", "", "open", "answered", "closed");
  for (const net::Json& row : list_in(json, "topics")) {
    out += fmt::format("{:<12}{:>8}{:>10}{:>8}\n", text_in(row, "topic"), text_in(row, "open"),
                       text_in(row, "answered"), text_in(row, "closed"));
  }
  return out +
         fmt::format(fmt::runtime(japanese ? "失敗を確認 {}、自動送信 {}、待ち {}、平均 {} 分\n"
                                           : "{} with a failure, {} automatic, {} wait, "
                                             "answered after {} min\n"),
                     text_in(json, "with_failure"), text_in(json, "automatic"),
                     text_in(json, "open"), text_in(json, "wait_minutes"));
}

int list(const Arguments& arguments) {
  const char* name = "incident inquiries";
  std::string target = "/v1/inquiries?lang=en";
  for (const char* option : {"state", "topic", "from", "to", "before"}) {
    if (!arguments.has(option) || arguments.text(option).empty()) continue;
    const std::string& value = arguments.text(option);
    if (value.find_first_of("&=#%+ ") != std::string::npos) {
      return usage(name, "--" + std::string(option) + " is none that is known");
    }
    target += '&' + std::string(option) + '=' + value;
  }
  if (arguments.has("automatic")) target += "&automatic=yes";
  return finish(name, arguments, ask_operators(name, arguments, "GET", target, ""),
                [&](const net::Json& json) { return list_text(json, arguments.japanese()); });
}

int show(const Arguments& arguments) {
  const char* name = "incident inquiry";
  const std::string& number = arguments.text("number");
  if (!is_number(number)) return usage(name, "'" + number + "' is no number");
  return finish(name, arguments,
                ask_operators(name, arguments, "GET", "/v1/inquiries/" + number, ""),
                [&](const net::Json& json) { return inquiry_text(json, arguments.japanese()); });
}

int counts(const Arguments& arguments) {
  const char* name = "incident inquiry-counts";
  return finish(name, arguments, ask_operators(name, arguments, "GET", "/v1/inquiries/counts", ""),
                [&](const net::Json& json) { return counts_text(json, arguments.japanese()); });
}

std::string done_text(const net::Json& json, bool japanese) {
  return fmt::format("{} ({})\n", japanese ? "完了" : "done", text_in(json, "id"));
}

int set_state(const Arguments& arguments) {
  const char* name = "incident inquiry-state";
  const std::string& number = arguments.text("number");
  if (!is_number(number)) return usage(name, "'" + number + "' is no number");
  std::string body;
  JsonWriter(body).begin_object().field("to", arguments.text("to")).end_object();
  const std::string target = "/v1/inquiries/" + number + "/state";
  return finish(name, arguments, ask_operators(name, arguments, "POST", target, body),
                [&](const net::Json& json) { return done_text(json, arguments.japanese()); });
}

int write_down(const Arguments& arguments) {
  const char* name = "incident add-inquiry";
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  for (const char* field : {"account", "contact", "words"}) {
    if (arguments.has(field)) json.field(field, arguments.text(field));
  }
  json.end_object();
  return finish(name, arguments, ask_operators(name, arguments, "POST", "/v1/inquiries", body),
                [&](const net::Json& said) { return done_text(said, arguments.japanese()); });
}

}  // namespace

std::vector<CommandSpec> inquiry_commands() {
  std::vector<CommandSpec> commands;
  commands.push_back(
      {"incident inquiries",
       {"What customers wrote, newest first", "問い合わせの一覧（新しい順）"},
       with_operators({{"state",
                        "STATE",
                        "",
                        {"open, answered, closed or all", "open、answered、closed、all"}},
                       {"topic",
                        "TOPIC",
                        "",
                        {"login, order, withdrawal, deposit, price or other",
                         "login、order、withdrawal、deposit、price、other"}},
                       {"from", "TIME", "", {"2026-12-01T00:00:00Z, or -SECONDS", "この時刻から"}},
                       {"to", "TIME", "", {"the same", "この時刻まで"}},
                       {"before", "N", "", {"goes on from this number", "この番号より前"}},
                       {"automatic", nullptr, "", {"with automatic mail", "自動送信のメールも"}}}),
       list});
  commands.push_back({"incident inquiry",
                      {"One with what the customer wrote", "問い合わせの内容を表示する"},
                      with_operators({}),
                      show,
                      "number"});
  commands.push_back({"incident inquiry-counts",
                      {"How many of each class", "分類ごとの件数"},
                      with_operators({}),
                      counts});
  commands.push_back(
      {"incident inquiry-state",
       {"Says what became of it", "問い合わせの対応状況を変える"},
       with_operators({{"to", "STATE", "", {"open, answered or closed", "対応状況"}, true}}),
       set_state,
       "number"});
  commands.push_back(
      {"incident add-inquiry",
       {"Writes down what a customer said", "電話などの問い合わせを記録する"},
       with_operators({{"words", "TEXT", "", {"what was said", "内容"}, true},
                       {"account", "N", "", {"the account", "口座番号"}},
                       {"contact", "MAIL", "", {"where the answer goes", "返信先"}}}),
       write_down});
  return commands;
}

}  // namespace oki::app
