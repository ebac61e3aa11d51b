#include "watch/logs/log_miner.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "net/json_reader.h"

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
constexpr std::string_view new_prefix = "log/new/";
constexpr std::string_view rate_prefix = "log/rate/";

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
  if (name == "error") return LogLevel::error;
  if (name == "warning") return LogLevel::warning;
  return name == "debug" ? LogLevel::debug : LogLevel::info;
}

LogLevel guess_level(ByteView line) {
  const std::string text = lower_case(line);
  const auto has = [&](const char* word) { return text.find(word) != std::string::npos; };
  if (has("error") || has("fatal") || has("panic") || has("critical")) return LogLevel::error;
  return has("warn") || has("failed") || has("failure") ? LogLevel::warning : LogLevel::info;
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

LogMiner::LogMiner(const MinerOptions& options, const MinerMoment& start)
    : options_(options),
      drain_(options.drain),
      learn_until_ms_(start.mono_ms + options.learn_ms),
      span_end_ms_(start.mono_ms + options.span_ms) {}

LogMiner::Line LogMiner::parse(ByteView process, ByteView line) {
  Line out{std::string(process), std::string(line), LogLevel::info};
  if (!line.empty() && line.front() == '{') {
    const auto json = net::parse_json(line, json_line_bytes_max);
    const auto text = [&](const char* name) {
      const net::Json* value = json ? json->find(name) : nullptr;
      return value == nullptr ? std::nullopt : value->string();
    };
    if (const auto what = text("what")) {
      if (const auto who = text("process")) out.process = std::string(*who);
      out.text = std::string(text("room").value_or("")) + ": " + std::string(*what);
      out.level = level_of(text("level").value_or("info"));
      out.process = printable(out.process, process_bytes_max);
      return out;
    }
  }
  out.level = guess_level(line);
  out.process = printable(out.process, process_bytes_max);
  return out;
}

std::string LogMiner::shown(TemplateId id) const {
  return printable(drain_.text(id), template_shown_bytes_max);
}

void LogMiner::on_line(ByteView process, ByteView line, const MinerMoment& now) {
  ++lines_;
  const Line parsed = parse(process, line);
  const Drain::Match match = drain_.add(parsed.process + ' ' + parsed.text);
  if (match.forgotten != 0) kinds_.erase(match.forgotten);
  Kind& kind = kinds_[match.id];
  if (match.created) {
    kind.process = parsed.process;
    kind.is_new = !learning(now.mono_ms);
  }
  kind.level = std::max(kind.level, parsed.level);
  ++kind.in_span;
  if (kind.is_new && kind.level >= LogLevel::warning) on_new_kind(match.id, kind, now);
  on_refusal(parsed, line, now);
}

void LogMiner::on_new_kind(TemplateId id, Kind& kind, const MinerMoment& now) {
  kind.recent.push_back(now.mono_ms);
  if (kind.recent.size() > options_.errors_min) kind.recent.pop_front();
  const bool often = kind.level == LogLevel::error && kind.recent.size() == options_.errors_min &&
                     now.mono_ms - kind.recent.front() <= minute_ms;
  raise(std::string(new_prefix) + std::to_string(id), SignalKind::new_log_pattern,
        often ? Trust::evidence : Trust::hint,
        kind.process + " logs what it never logged before: " + shown(id),
        {{"process", kind.process}, {"template", shown(id)}}, now);
}

void LogMiner::on_refusal(const Line& line, ByteView raw, const MinerMoment& now) {
  const std::string text = lower_case(line.text);
  const bool refused =
      std::any_of(options_.refusals.begin(), options_.refusals.end(),
                  [&](const std::string& words) { return text.find(words) != std::string::npos; });
  if (!refused) return;
  const std::string address(find_address(raw));
  if (address.empty()) return;
  const std::int64_t minute = now.mono_ms / minute_ms;
  if (refused_.size() >= options_.addresses_max && !refused_.contains(address)) {
    std::erase_if(refused_, [&](const auto& one) { return one.second.minute != minute; });
    if (refused_.size() >= options_.addresses_max) return;
  }
  Refused& counted = refused_[address];
  if (counted.minute != minute) counted = {0, minute};
  ++counted.lines;
  const auto many = [&](std::uint32_t lines) {
    return std::count_if(refused_.begin(), refused_.end(), [&](const auto& one) {
      return one.second.minute == minute && one.second.lines >= lines;
    });
  };
  // Counted when a border is reached, not with each line.
  const std::uint32_t tenth = std::max(1u, options_.refused_min / 10);
  const bool spread = counted.lines == tenth && many(tenth) >= options_.refused_addresses_min;
  if (!spread && counted.lines % options_.refused_min != 0) return;
  raise("log/refused", SignalKind::abnormal_access, spread ? Trust::evidence : Trust::hint,
        spread ? "many addresses are refused again and again"
               : "one address is refused again and again",
        {{"addresses", std::to_string(many(tenth))}, {"lines", std::to_string(counted.lines)}},
        now);
}

void LogMiner::judge_rate(TemplateId id, Kind& kind, const MinerMoment& now) {
  const std::uint64_t lines_milli = std::uint64_t{kind.in_span} * 1'000;
  const bool high =
      kind.in_span >= options_.rate_min && lines_milli > kind.usual_milli * options_.rate_times;
  kind.high_spans = high ? kind.high_spans + 1 : 0;
  kind.low_spans = high ? 0 : kind.low_spans + 1;
  const std::string key = std::string(rate_prefix) + std::to_string(id);
  const bool fires = alarms_.contains(key);
  if (!high && !fires) {
    const std::uint64_t spans = options_.usual_spans;
    kind.usual_milli = (kind.usual_milli * (spans - 1) + lines_milli) / spans;
  }
  kind.in_span = 0;
  if (learning(now.mono_ms)) {
    kind.usual_milli = std::max(kind.usual_milli, lines_milli);
    return;
  }
  if (kind.high_spans >= 2) {
    raise(key, kind.level == LogLevel::error ? SignalKind::errors : SignalKind::new_log_pattern,
          kind.level == LogLevel::error ? Trust::evidence : Trust::hint,
          kind.process + " logs far more often than usual: " + shown(id),
          {{"process", kind.process},
           {"lines", std::to_string(lines_milli / 1'000)},
           {"usual_milli", std::to_string(kind.usual_milli)}},
          now);
  } else if (fires && kind.low_spans >= 3) {
    lower(key, now);
  }
}

void LogMiner::end_span(const MinerMoment& now) {
  for (auto& [id, kind] : kinds_) judge_rate(id, kind, now);
  span_end_ms_ = now.mono_ms + options_.span_ms;
}

void LogMiner::tick(const MinerMoment& now) {
  if (now.mono_ms >= span_end_ms_) end_span(now);
  std::vector<std::string> over;
  for (auto& [key, alarm] : alarms_) {
    const bool by_rate = key.starts_with(rate_prefix);
    if (!by_rate && now.mono_ms - alarm.seen_ms >= options_.calm_ms) {
      over.push_back(key);
    } else if (now.mono_ms - alarm.sent_ms >= options_.expires_ms / 3) {
      alarm.signal.seen = now.wall;
      alarm.sent_ms = now.mono_ms;
      pending_.push_back(alarm.signal);
    }
  }
  for (const std::string& key : over) lower(key, now);
}

void LogMiner::raise(const std::string& key, SignalKind kind, Trust trust, std::string words,
                     std::vector<Fact> facts, const MinerMoment& now) {
  auto found = alarms_.find(key);
  if (found == alarms_.end()) {
    if (alarms_.size() >= options_.signals_max) {
      ++dropped_;
      return;
    }
    found = alarms_.try_emplace(key).first;
    found->second.signal.since = now.wall;
  }
  Alarm& alarm = found->second;
  const bool fresh = alarm.signal.key.empty();
  const bool worse = trust > alarm.signal.trust;
  alarm.seen_ms = now.mono_ms;
  if (!fresh && !worse) return;
  alarm.signal.key = key;
  alarm.signal.source = Source::log_line;
  alarm.signal.kind = kind;
  alarm.signal.trust = trust;
  alarm.signal.words = std::move(words);
  alarm.signal.facts = std::move(facts);
  alarm.signal.seen = now.wall;
  alarm.signal.expires_ms = options_.expires_ms;
  alarm.sent_ms = now.mono_ms;
  pending_.push_back(alarm.signal);
}

void LogMiner::lower(const std::string& key, const MinerMoment& now) {
  const auto found = alarms_.find(key);
  Signal signal = found->second.signal;
  signal.firing = false;
  signal.since = signal.seen = now.wall;
  alarms_.erase(found);
  if (key.starts_with(new_prefix)) {
    const auto kind = kinds_.find(std::stoull(key.substr(new_prefix.size())));
    if (kind != kinds_.end()) kind->second.is_new = false;  // It has been seen and told of.
  }
  pending_.push_back(std::move(signal));
}

std::vector<Signal> LogMiner::take() { return std::exchange(pending_, {}); }

}  // namespace oki::watch::logs
