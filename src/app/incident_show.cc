#include "app/incident_show.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace oki::app {
namespace {

const std::vector<net::Json>& list_in(const net::Json& json, const char* field) {
  static const std::vector<net::Json> none;
  const net::Json* list = json.find(field);
  return list != nullptr && list->array() != nullptr ? *list->array() : none;
}

std::string name_in(const net::Json& json, const char* field) {
  const net::Json* person = json.find(field);
  return person == nullptr ? "" : text_in(*person, "name");
}

bool truth_in(const net::Json& json, const char* field) {
  const net::Json* value = json.find(field);
  return value != nullptr && value->boolean().value_or(false);
}

std::string joined(const net::Json& json, const char* field) {
  std::string out;
  for (const net::Json& each : list_in(json, field)) {
    if (!each.string()) continue;
    if (!out.empty()) out += ", ";
    out += std::string(*each.string());
  }
  return out;
}

void line(std::string& out, const char* label, const std::string& value) {
  if (!value.empty()) out += fmt::format("{}: {}\n", label, value);
}

void notice_lines(std::string& out, const net::Json& json, bool japanese) {
  for (const net::Json& notice : list_in(json, "notices")) {
    out +=
        fmt::format("  {} {} {} {} {}\n", japanese ? "お知らせ" : "notice",
                    text_in(notice, "proposal"), text_in(notice, "state"), text_in(notice, "phase"),
                    text_in(notice, japanese ? "title_ja" : "title_en"));
    for (const net::Json& channel : list_in(notice, "channels")) {
      out += fmt::format("    {} {} {}\n", text_in(channel, "channel"), text_in(channel, "outcome"),
                         text_in(channel, "proof"));
    }
  }
}

void parts(std::string& out, const net::Json& json, bool japanese) {
  for (const net::Json& signal : list_in(json, "signals")) {
    out += fmt::format("  {} {} {} {}{}\n", japanese ? "信号" : "signal", text_in(signal, "source"),
                       text_in(signal, "key"), text_in(signal, "trust"),
                       truth_in(signal, "firing") ? ""
                       : japanese                 ? " 終了"
                                                  : " over");
  }
  for (const net::Json& cause : list_in(json, "causes")) {
    out +=
        fmt::format("  {} {} {} {} ({})\n", japanese ? "原因候補" : "cause", text_in(cause, "kind"),
                    text_in(cause, "component"), text_in(cause, "words"), text_in(cause, "score"));
  }
  notice_lines(out, json, japanese);
  for (const net::Json& step : list_in(json, "steps")) {
    out += fmt::format("  {} {} {}: {} {}\n", japanese ? "手順" : "step", text_in(step, "step"),
                       text_in(step, "runbook"), text_in(step, "name"), text_in(step, "state"));
  }
  for (const net::Json& item : list_in(json, "items")) {
    out +=
        fmt::format("  {} {} {} ({}) {}\n", japanese ? "再発防止" : "item", text_in(item, "item"),
                    text_in(item, "words"), name_in(item, "owner"), text_in(item, "done"));
  }
}

}  // namespace

std::string text_in(const net::Json& json, const char* field) {
  const net::Json* value = json.find(field);
  if (value == nullptr) return {};
  return std::string(value->number_text().value_or(value->string().value_or(ByteView{})));
}

std::string incident_list_text(const net::Json& json, bool japanese) {
  const auto& list = list_in(json, "incidents");
  if (list.empty()) return japanese ? "障害はありません。\n" : "No incidents.\n";
  std::string out = fmt::format("{:<8} {:<13} {:<5} {:<21} {:<21} {}\n", "", "phase", "sev",
                                "began", "ended", "components");
  for (const net::Json& each : list) {
    out += fmt::format("{:<8} {:<13} {:<5} {:<21.19} {:<21.19} {}{}\n", text_in(each, "name"),
                       text_in(each, "phase"), text_in(each, "severity"), text_in(each, "began"),
                       text_in(each, "ended"), joined(each, "components"),
                       truth_in(each, "drill") ? (japanese ? " [訓練]" : " [drill]") : "");
  }
  return out;
}

std::string incident_text(const net::Json& json, bool japanese) {
  std::string out;
  const net::Json* head = json.find("incident");
  if (head == nullptr) return out;
  out += fmt::format("{} {} {} {}{}\n", text_in(*head, "name"), text_in(*head, "severity"),
                     text_in(*head, "phase"), text_in(*head, "state"),
                     truth_in(*head, "drill") ? (japanese ? " [訓練]" : " [drill]") : "");
  line(out, japanese ? "件名" : "title", text_in(*head, "title"));
  line(out, japanese ? "対象" : "components", joined(*head, "components"));
  line(out, japanese ? "発生" : "began", text_in(*head, "began"));
  line(out, japanese ? "復旧" : "ended", text_in(*head, "ended"));
  line(out, japanese ? "確認者" : "acknowledged by", name_in(json, "acknowledged_by"));
  line(out, japanese ? "次のお知らせ" : "next update at", text_in(json, "next_update_at"));
  if (const net::Json* gate = json.find("gate")) {
    line(out, japanese ? "復旧条件" : "gate",
         truth_in(*gate, "open") ? (japanese ? "満たした" : "open") : text_in(*gate, "text"));
  }
  if (const net::Json* roles = json.find("roles"); roles != nullptr && roles->object() != nullptr) {
    for (const auto& [role, holder] : *roles->object()) {
      line(out, role.c_str(), text_in(holder, "name"));
    }
  }
  parts(out, json, japanese);
  if (const net::Json* text = json.find("postmortem")) {
    line(out, japanese ? "事後報告" : "postmortem",
         text_in(*text, "state") + ' ' + text_in(*text, "digest"));
    line(out, japanese ? "下書き" : "draft", text_in(*text, "draft_digest"));
  }
  return out;
}

std::string timeline_text(const net::Json& json) {
  std::string out;
  for (const net::Json& row : list_in(json, "rows")) {
    out += fmt::format("{:>5} {} [{} {}] {}\n", text_in(row, "row"), text_in(row, "at"),
                       text_in(row, "index"), text_in(row, "hash"), text_in(row, "text"));
  }
  return out;
}

std::string works_text(const net::Json& json, bool japanese) {
  const auto& list = list_in(json, "works");
  if (list.empty()) return japanese ? "メンテナンスはありません。\n" : "No planned work.\n";
  std::string out;
  for (const net::Json& each : list) {
    const net::Json* title = each.find("title");
    out += fmt::format("{:<8} {:<12} {} - {} {}\n", text_in(each, "name"), text_in(each, "phase"),
                       text_in(each, "from"), text_in(each, "to"), joined(each, "components"));
    if (title != nullptr) out += fmt::format("  {}\n", text_in(*title, japanese ? "ja" : "en"));
    notice_lines(out, each, japanese);
  }
  return out;
}

std::string wishes_text(const net::Json& json) {
  std::string out;
  for (const net::Json& wish : list_in(json, "wishes")) {
    out += fmt::format("{:>5} {} {}: {}\n", text_in(wish, "wish"), text_in(wish, "at"),
                       text_in(wish, "by"), text_in(wish, "what"));
  }
  return out;
}

std::string preview_text(const net::Json& json) {
  std::string out;
  for (const char* field : {"title_ja", "body_ja", "title_en", "body_en"}) {
    out += text_in(json, field) + "\n";
  }
  for (const net::Json& each : list_in(json, "channels")) {
    out += fmt::format("\n[{} {}] {}/{}\n{}\n", text_in(each, "channel"), text_in(each, "language"),
                       text_in(each, "length"), text_in(each, "length_max"), text_in(each, "text"));
  }
  return out;
}

std::string house_text(const net::Json& json) {
  std::string out = fmt::format("revision {}\n", text_in(json, "revision"));
  for (const net::Json& each : list_in(json, "components")) {
    out += fmt::format("component {} tier {} needs {}\n", text_in(each, "component"),
                       text_in(each, "tier"), joined(each, "needs"));
  }
  for (const net::Json& each : list_in(json, "people")) {
    out += fmt::format("person {} {}{}: {}\n", text_in(each, "id"), text_in(each, "name"),
                       truth_in(each, "left") ? " (left)" : "", joined(each, "rights"));
  }
  for (const net::Json& each : list_in(json, "on_call")) {
    out += fmt::format("on call {}: {}\n", text_in(each, "schedule"), name_in(each, "now"));
  }
  for (const net::Json& each : list_in(json, "runbooks")) {
    out += fmt::format("runbook {} {}\n", text_in(each, "runbook"), text_in(each, "digest"));
  }
  return out;
}

}  // namespace oki::app
