#include "response/runbook/change_follower.h"

#include <algorithm>
#include <utility>

#include "net/json_reader.h"

namespace oki::response {
namespace {

constexpr std::size_t state_bytes_max = 512u << 10;

std::int64_t number_of(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  return found == nullptr ? 0 : found->integer().value_or(0);
}

std::string text_of(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  return found != nullptr && found->string() ? std::string(*found->string()) : std::string();
}

std::string clipped(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  text.resize(bytes_max);
  return text;
}

// A configuration for good is one thing, a switch for a while another.
ChangeKind kind_of(const std::string& kind) {
  return kind == "apply" || kind == "rollback" ? ChangeKind::configuration
                                               : ChangeKind::operator_command;
}

std::string settings_of(const net::Json& change) {
  std::string out;
  const net::Json* settings = change.find("settings");
  if (settings == nullptr || settings->object() == nullptr) return out;
  for (const auto& [name, value] : *settings->object()) {
    out += " " + name + "=" + std::string(value.number_text().value_or("?"));
  }
  return out;
}

RecordChange record_of(std::size_t edge, const net::Json& change) {
  ChangeRecord record;
  const std::string kind = text_of(change, "kind");
  record.at = {number_of(change, "at")};
  record.kind = kind_of(kind);
  const std::string number = std::to_string(edge + 1);
  record.components = {{notify::ComponentKind::edge, number}};
  record.who = clipped(text_of(change, "by"), name_bytes_max);
  const bool has_settings = kind == "apply" || kind == "rollback" || kind == "tighten";
  std::string words = "edge " + number + ": " + kind;
  if (has_settings) words += ", version " + std::to_string(number_of(change, "version"));
  if (has_settings) words += ":" + settings_of(change);
  const std::string why = text_of(change, "words");
  if (!why.empty()) words += " (" + why + ")";
  record.words = clipped(std::move(words), words_bytes_max);
  return {std::move(record)};
}

}  // namespace

bool is_rollback(const ChangeRecord& change) {
  return change.kind == ChangeKind::configuration &&
         change.words.find(": rollback, ") != std::string::npos &&
         change.words.find(": rollback, ") < change.words.find('(');
}

ChangeFollower::ChangeFollower(const Parts& parts, std::size_t edges, Bytes token)
    : parts_(parts),
      token_(std::move(token)),
      edges_(edges),
      alive_(std::make_shared<ChangeFollower*>(this)) {}

ChangeFollower::~ChangeFollower() { parts_.timers.cancel(timer_); }

void ChangeFollower::start() { ask_all(); }

void ChangeFollower::ask_all() {
  timer_ = parts_.timers.after_ms(follow_every_ms, [this] { ask_all(); });
  for (std::size_t edge = 0; edge < edges_.size(); ++edge) {
    if (std::exchange(edges_[edge].asking, true)) continue;
    net::HttpRequest request;
    request.method = "GET";
    request.target = "/admin/state";
    if (edges_[edge].told) request.target += "?after=" + std::to_string(*edges_[edge].told);
    request.headers = {{"Authorization", "Bearer " + token_}};
    parts_.send(edge, std::move(request),
                [alive = std::weak_ptr(alive_), edge](const Result<net::HttpResponse>& answer) {
                  if (const auto self = alive.lock()) (*self)->take(edge, answer);
                });
  }
}

void ChangeFollower::take(std::size_t edge, const Result<net::HttpResponse>& answer) {
  Edge& known = edges_[edge];
  known.asking = false;
  if (!answer || answer->status != 200) return;
  const auto json = net::parse_json(answer->body, state_bytes_max);
  const net::Json* changes = json ? json->find("changes") : nullptr;
  if (changes == nullptr || changes->array() == nullptr) return;
  const std::int64_t newest = number_of(*json, "last_change");
  // An edge that was started anew without a disk counts from 1 again: all of it next time.
  if (known.told && newest < *known.told) {
    known.told = 0;
    return;
  }
  const std::int64_t old = parts_.clock.wall_now().value - follow_back_ms;
  for (const net::Json& change : *changes->array()) {
    const std::int64_t number = number_of(change, "number");
    const bool is_news = known.told ? number > *known.told : number_of(change, "at") >= old;
    if (is_news && number <= newest && text_of(change, "kind") != "started")
      parts_.tell(record_of(edge, change));
  }
  known.told = newest;
}

}  // namespace oki::response
