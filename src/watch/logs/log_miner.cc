#include "watch/logs/log_miner.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/hash64.h"
#include "net/json_reader.h"
#include "watch/logs/mask.h"

namespace oki::watch::logs {
namespace {

using response::Fact;
using response::Signal;
using response::SignalKind;
using response::Source;
using response::Trust;

constexpr std::size_t json_line_bytes_max = 16u << 10;
constexpr std::size_t template_shown_bytes_max = 160;
constexpr std::size_t process_bytes_max = 40;
constexpr std::int64_t minute_ms = 60'000;
constexpr const char* refused_key = "logs/refused";
constexpr const char* many_key = "logs/many";

std::string lower_case(ByteView text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// One line of printable ASCII: a template goes into signals, timelines and terminals.
std::string printable(ByteView text, std::size_t bytes_max) {
  std::string out;
  for (const char c : text.substr(0, bytes_max)) out += c >= ' ' && c <= '~' ? c : '?';
  return out;
}

LogLevel level_of(ByteView name) {
  const std::string lower = lower_case(name);
  if (lower == "error" || lower == "fatal" || lower == "critical") return LogLevel::error;
  if (lower == "warning" || lower == "warn") return LogLevel::warning;
  return lower == "debug" ? LogLevel::debug : LogLevel::info;
}

LogLevel guess_level(ByteView line) {
  const std::string text = lower_case(line);
  const auto has = [&](const char* word) { return text.find(word) != std::string::npos; };
  if (has("error") || has("fatal") || has("panic") || has("critical")) return LogLevel::error;
  return has("warn") || has("failed") || has("failure") ? LogLevel::warning : LogLevel::info;
}

// The same for the same words, also in another process and after a restart.
std::string name_of(ByteView text) {
  constexpr char digits[] = "0123456789abcdef";
  Hash64 hash;
  hash.add(text);
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[(hash.value() >> shift) & 15u];
  return out;
}

bool is_address_letter(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == '.' || c == ':';
}

bool is_ipv4(ByteView word) {
  const auto dots = std::count(word.begin(), word.end(), '.');
  const bool plain = std::all_of(word.begin(), word.end(),
                                 [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return dots == 3 && plain && word.size() >= 7 && word.size() <= 15;
}

bool is_ipv6(ByteView word) {
  const auto colons = std::count(word.begin(), word.end(), ':');
  const bool dots = word.find('.') != ByteView::npos;
  return colons >= 2 && colons <= 7 && !dots && word.size() <= 39 &&
         (word.find("::") != ByteView::npos || colons == 7);
}

}  // namespace

ByteView find_address(ByteView line) {
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = at;
    while (end < line.size() && is_address_letter(line[end])) ++end;
    if (end == at) {
      ++at;
      continue;
    }
    ByteView word = line.substr(at, end - at);
    at = end;
    if (is_ipv6(word)) return word;
    word = word.substr(0, word.find(':'));  // A port behind it.
    while (!word.empty() && word.back() == '.') word.remove_suffix(1);
    if (is_ipv4(word)) return word;
  }
  return {};
}

namespace {

DrainOptions exact(DrainOptions options) {
  options.similar_permille = 1'000;
  return options;
}

}  // namespace

LogMiner::LogMiner(const MinerOptions& options, const MinerMoment& start)
    : options_(options),
      ours_(exact(options.drain)),
      others_(options.drain),
      learn_until_ms_(start.mono_ms + options.learn_ms),
      span_end_ms_(start.mono_ms + options.span_ms) {}

// JSON without a message says nothing here: its members are values.
LogMiner::Line LogMiner::parse(ByteView process, ByteView line) {
  Line out{std::string(process), std::string(line), LogLevel::info};
  if (!line.empty() && line.front() == '{') {
    const auto json = net::parse_json(line, json_line_bytes_max);
    const auto text = [&](const char* name) {
      const net::Json* value = json ? json->find(name) : nullptr;
      return value == nullptr ? std::nullopt : value->string();
    };
    for (const char* member : {"what", "message", "msg"}) {
      const auto what = text(member);
      if (!what) continue;
      if (const auto who = text("process")) out.process = std::string(*who);
      const auto room = text("room");
      out.ours = room.has_value();
      out.text = room ? std::string(*room) + ": " + std::string(*what) : std::string(*what);
      out.level = level_of(text("level").value_or("info"));
      out.process = printable(out.process, process_bytes_max);
      return out;
    }
    if (json) out.text = "an object without a message";
  }
  out.level = guess_level(out.text);
  out.process = printable(out.process, process_bytes_max);
  return out;
}

std::string LogMiner::new_key(const Kind& kind) { return "logs/new/" + kind.name; }
std::string LogMiner::rate_key(const Kind& kind) { return "logs/rate/" + kind.name; }

std::string LogMiner::shown(TemplateId id) const {
  return printable(text(id), template_shown_bytes_max);
}

// Numbers of templates are odd for our own lines.
std::string LogMiner::text(TemplateId id) const {
  return (id % 2 == 1 ? ours_ : others_).text(id / 2);
}

Drain::Match LogMiner::match(const Line& line) {
  std::string process = line.process;
  // One word: lines of one process must not be alike because of its name.
  if (!line.ours) std::replace(process.begin(), process.end(), ' ', '_');
  Drain::Match match = (line.ours ? ours_ : others_).add(mask_secrets(process + ' ' + line.text));
  const TemplateId odd = line.ours ? 1 : 0;
  match.id = match.id * 2 + odd;
  if (match.forgotten != 0) match.forgotten = match.forgotten * 2 + odd;
  return match;
}

std::string LogMiner::shown_process(const std::string& process) const {
  const auto known = options_.processes.find(process);
  if (known == options_.processes.end()) return mask_word(mask_secrets(process));
  return std::string(notify::name(known->second.kind)) + ' ' + known->second.name;
}

void LogMiner::on_line(ByteView process, ByteView line, const MinerMoment& now, bool old) {
  ++lines_;
  const Line parsed = parse(process, line);
  const Drain::Match found = match(parsed);
  if (found.forgotten != 0) kinds_.erase(found.forgotten);
  Kind& kind = kinds_[found.id];
  kind.process = parsed.process;
  if (found.created) {
    kind.name = name_of(text(found.id));
    kind.is_new = !old && !learning(now.mono_ms);
  }
  kind.level = std::max(kind.level, parsed.level);
  if (old) return;
  ++kind.in_span;
  if (kind.is_new && kind.level >= LogLevel::warning) on_new_kind(found.id, kind, now);
  on_refusal(parsed, line, now);
}

void LogMiner::on_new_kind(TemplateId id, Kind& kind, const MinerMoment& now) {
  kind.recent.push_back(now.mono_ms);
  if (kind.recent.size() > options_.errors_min) kind.recent.pop_front();
  const bool often =
      kind.recent.size() == options_.errors_min && now.mono_ms - kind.recent.front() <= minute_ms;
  if (kind.level < LogLevel::error && !often) return;
  raise({new_key(kind),
         "logs.new",
         id,
         SignalKind::new_log_pattern,
         often && kind.level == LogLevel::error ? Trust::evidence : Trust::hint,
         kind.process,
         shown_process(kind.process) + " logs what it never logged before: " + shown(id),
         {{"template", shown(id)}}},
        now);
}

LogMiner::Refused* LogMiner::count_refusal(const std::string& address, std::int64_t minute) {
  if (refused_.size() >= options_.addresses_max && !refused_.contains(address)) {
    std::erase_if(refused_, [&](const auto& one) { return one.second.minute != minute; });
    if (refused_.size() >= options_.addresses_max) return nullptr;
  }
  Refused& counted = refused_[address];
  if (counted.minute != minute) counted = {0, minute};
  ++counted.lines;
  return &counted;
}

void LogMiner::on_refusal(const Line& line, ByteView raw, const MinerMoment& now) {
  if (learning(now.mono_ms)) return;
  const std::string text = lower_case(line.text);
  const bool refused =
      std::any_of(options_.refusals.begin(), options_.refusals.end(),
                  [&](const std::string& words) { return text.find(words) != std::string::npos; });
  if (!refused) return;
  const std::string address(find_address(raw));
  if (address.empty()) return;
  const std::int64_t minute = now.mono_ms / minute_ms;
  const Refused* counted = count_refusal(address, minute);
  if (counted == nullptr) return;
  const auto many = [&](std::uint32_t lines) {
    return std::count_if(refused_.begin(), refused_.end(), [&](const auto& one) {
      return one.second.minute == minute && one.second.lines >= lines;
    });
  };
  // Counted when a border is reached, not with each line.
  const std::uint32_t tenth = std::max(1u, options_.refused_min / 10);
  const bool spread = counted->lines == tenth && many(tenth) >= options_.refused_addresses_min;
  if (!spread && counted->lines % options_.refused_min != 0) return;
  const std::string who = shown_process(line.process);
  raise({refused_key,
         "logs.refused",
         0,
         SignalKind::abnormal_access,
         spread ? Trust::evidence : Trust::hint,
         line.process,
         spread ? "Many addresses are refused again and again, says the log of " + who
                : "One address is refused again and again, says the log of " + who,
         {{"addresses", std::to_string(many(tenth))}, {"lines", std::to_string(counted->lines)}}},
        now);
}

void LogMiner::judge_rate(TemplateId id, Kind& kind, const MinerMoment& now) {
  const std::uint64_t lines_milli = std::uint64_t{kind.in_span} * 1'000;
  const bool high =
      kind.in_span >= options_.rate_min && lines_milli > kind.usual_milli * options_.rate_times;
  kind.high_spans = high ? kind.high_spans + 1 : 0;
  kind.low_spans = high ? 0 : kind.low_spans + 1;
  const std::string key = rate_key(kind);
  const bool fires = alarms_.contains(key);
  if (!high && !fires) {
    const std::uint64_t spans = options_.usual_spans;
    kind.usual_milli = (kind.usual_milli * (spans - 1) + lines_milli) / spans;
  }
  kind.in_span = 0;
  kind.last_milli = lines_milli;
  if (learning(now.mono_ms)) {
    kind.usual_milli = std::max(kind.usual_milli, lines_milli);
    return;
  }
  if (fires && kind.low_spans >= 3) return lower(key, now);
  if (kind.high_spans < 2 || alarms_.contains(new_key(kind))) return;
  const bool error = kind.level == LogLevel::error;
  raise({key,
         "logs.rate",
         id,
         error ? SignalKind::errors : SignalKind::new_log_pattern,
         error ? Trust::evidence : Trust::hint,
         kind.process,
         shown_process(kind.process) + " logs far more often than usual: " + shown(id),
         {{"lines", std::to_string(lines_milli / 1'000)},
          {"usual_milli", std::to_string(kind.usual_milli)}}},
        now);
}

void LogMiner::end_span(const MinerMoment& now) {
  for (auto& [id, kind] : kinds_) judge_rate(id, kind, now);
  span_end_ms_ = now.mono_ms + options_.span_ms;
}

void LogMiner::tick(const MinerMoment& now) {
  if (now.mono_ms >= span_end_ms_) end_span(now);
  std::vector<std::string> over;
  for (auto& [key, alarm] : alarms_) {
    const auto kind = kinds_.find(alarm.kind);
    const bool forgotten = alarm.kind != 0 && kind == kinds_.end();
    const bool by_rate = !forgotten && alarm.kind != 0 && key == rate_key(kind->second);
    const bool calm = !by_rate && now.mono_ms - alarm.seen_ms >= options_.calm_ms;
    const bool lasts = now.mono_ms - alarm.began_ms >= options_.lasts_max_ms;
    if (lasts && !forgotten && alarm.kind != 0) {
      kind->second.usual_milli = std::max(kind->second.usual_milli, kind->second.last_milli);
    }
    if (forgotten || calm || lasts) {
      over.push_back(key);
    } else if (now.mono_ms - alarm.sent_ms >= options_.expires_ms / 3) {
      say(alarm, now);
    }
  }
  for (const std::string& key : over) lower(key, now);
}

bool LogMiner::may_begin(const Finding& finding, const MinerMoment& now) {
  while (!begun_.empty() && now.mono_ms - begun_.front() >= minute_ms) begun_.pop_front();
  bool may = alarms_.size() < options_.signals_max && begun_.size() < options_.told_per_minute_max;
  const auto kind = kinds_.find(finding.kind);
  if (kind != kinds_.end()) {
    std::deque<std::int64_t>& rises = kind->second.rises;
    while (!rises.empty() && now.mono_ms - rises.front() >= options_.rises_window_ms) {
      rises.pop_front();
    }
    may = may && rises.size() < options_.rises_max;
    if (may) rises.push_back(now.mono_ms);
  }
  if (may) begun_.push_back(now.mono_ms);
  return may;
}

void LogMiner::raise(Finding finding, const MinerMoment& now) {
  auto found = alarms_.find(finding.key);
  const bool fresh = found == alarms_.end();
  if (fresh && finding.key != many_key && !may_begin(finding, now)) {
    ++dropped_;
    return raise({many_key,
                  "logs.many",
                  0,
                  SignalKind::other,
                  Trust::hint,
                  {},
                  "More alarms of logs begin than are told.",
                  {}},
                 now);
  }
  if (fresh) found = alarms_.try_emplace(finding.key).first;
  Alarm& alarm = found->second;
  alarm.seen_ms = now.mono_ms;
  if (!fresh && finding.trust <= alarm.signal.trust) return;
  if (fresh) {
    alarm.kind = finding.kind;
    alarm.began_ms = now.mono_ms;
    alarm.signal.since = now.wall;
    const auto known = options_.processes.find(finding.process);
    if (known != options_.processes.end()) alarm.signal.components.push_back(known->second);
  }
  alarm.signal.key = finding.key;
  alarm.signal.source = Source::log_line;
  alarm.signal.kind = finding.signal;
  alarm.signal.trust = finding.trust;
  alarm.signal.words = std::move(finding.words);
  alarm.signal.facts = std::move(finding.facts);
  alarm.signal.facts.push_back({"rule", finding.rule});
  if (!finding.process.empty()) {
    alarm.signal.facts.push_back({"process", shown_process(finding.process)});
  }
  alarm.signal.expires_ms = options_.expires_ms;
  say(alarm, now);
}

void LogMiner::say(Alarm& alarm, const MinerMoment& now) {
  alarm.signal.seen = std::max(now.wall, alarm.signal.since);
  alarm.sent_ms = now.mono_ms;
  pending_.push_back(alarm.signal);
}

void LogMiner::lower(const std::string& key, const MinerMoment& now) {
  const auto found = alarms_.find(key);
  Signal signal = found->second.signal;
  signal.firing = false;
  signal.state = notify::State::operational;
  signal.since = signal.seen = now.wall;
  const auto kind = kinds_.find(found->second.kind);
  alarms_.erase(found);
  if (kind != kinds_.end() && key == new_key(kind->second)) {
    kind->second.is_new = false;  // It has been seen and told of.
  }
  pending_.push_back(std::move(signal));
}

std::vector<Signal> LogMiner::take() { return std::exchange(pending_, {}); }

}  // namespace oki::watch::logs
