#include "notify/notice.h"

#include <algorithm>

#include "base/utf8.h"

namespace oki::notify {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint32_t percent_max = 100;

bool is_time(WallTimeMs time) { return time.value >= 0 && time <= time_max; }

// U+0080 to U+009F, and the marks that change the direction of what follows: a text that looks
// like another one.
bool is_deceptive(ByteView sequence) {
  if (sequence.size() == 2 && sequence[0] == '\xC2') {
    return static_cast<unsigned char>(sequence[1]) < 0xA0;
  }
  if (sequence.size() != 3 || sequence[0] != '\xE2') return false;
  const unsigned char second = static_cast<unsigned char>(sequence[1]);
  const unsigned char third = static_cast<unsigned char>(sequence[2]);
  if (second == 0x80) return third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

bool is_clean(ByteView text, bool line_feeds) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0 || is_deceptive(text.substr(0, size))) return false;
    const char c = text[0];
    const bool control = size == 1 && (static_cast<unsigned char>(c) < ' ' || c == '\x7F');
    if (control && !(line_feeds && c == '\n')) return false;
    if (c == '{' || c == '}') return false;
    text.remove_prefix(size);
  }
  return true;
}

bool is_text(ByteView text, std::size_t bytes_max, bool line_feeds) {
  return !text.empty() && text.size() <= bytes_max && is_clean(text, line_feeds);
}

bool is_text(const LocalText& text) {
  return is_text(text.ja, notice_text_bytes_max, true) &&
         is_text(text.en, notice_text_bytes_max, true);
}

bool is_title(const LocalText& text) {
  return is_text(text.ja, notice_title_bytes_max, false) &&
         is_text(text.en, notice_title_bytes_max, false);
}

bool is_component(const ComponentId& id) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return id.kind >= ComponentKind::market && id.kind <= ComponentKind::ledger && !id.name.empty() &&
         id.name.size() <= component_name_bytes_max &&
         std::all_of(id.name.begin(), id.name.end(), is_plain);
}

template <typename Item>
bool has_twice(const std::vector<Item>& items) {
  for (auto item = items.begin(); item != items.end(); ++item) {
    if (std::find(items.begin(), item, *item) != item) return true;
  }
  return false;
}

Result<void> invalid(const char* sentence) { return error(Errc::invalid, sentence); }

Result<void> check_names(const Notice& notice) {
  if (!is_incident_name(notice.incident)) {
    return invalid("the incident's name is not 1 to 32 lower-case letters and digits");
  }
  if (notice.number == 0) return invalid("notices are counted from 1");
  if (notice.phase > NoticePhase::cancelled) return invalid("there is no such phase");
  if (notice.impact > Impact::maintenance) return invalid("there is no such impact");
  if (notice.approved_by.size() > notice_approvers_max) return invalid("too many approvers");
  for (const std::string& approver : notice.approved_by) {
    if (!is_text(approver, operator_name_bytes_max, false)) {
      return invalid("an approver's name is empty, too long or not plain text");
    }
  }
  if (has_twice(notice.approved_by)) return invalid("one approver is named twice");
  return {};
}

bool is_in_time(const Notice& plan) {
  if (plan.phase == NoticePhase::scheduled) return plan.at < plan.began;
  if (plan.phase == NoticePhase::in_progress) return plan.at >= plan.began;
  if (plan.phase == NoticePhase::completed) return plan.at >= *plan.ended;
  return plan.at <= plan.began;
}

Result<void> check_plan(const Notice& notice) {
  if (notice.impact != Impact::maintenance || notice.drill) {
    return invalid("planned work is maintenance, and no drill");
  }
  if (!notice.ended || !is_time(notice.at) || !is_time(notice.began) || !is_time(*notice.ended) ||
      *notice.ended <= notice.began) {
    return invalid("planned work has a beginning and a later end");
  }
  if (!is_in_time(notice)) return invalid("planned work is not in this phase at that time");
  if (notice.next_update_at || notice.recovery || notice.cause) {
    return invalid("planned work promises nothing and has no cause");
  }
  return {};
}

Result<void> check_times(const Notice& notice) {
  if (is_planned(notice.phase)) return check_plan(notice);
  const bool over = notice.phase >= NoticePhase::resolved;
  if (!is_time(notice.at) || !is_time(notice.began)) return invalid("a time is out of range");
  if (notice.began > notice.at) return invalid("the outage begins after the notice");
  if (notice.ended.has_value() != over) {
    return invalid("an end belongs to notices from 'resolved' on, and to no others");
  }
  if (over && (*notice.ended < notice.began || *notice.ended > notice.at)) {
    return invalid("the end lies before the beginning or after the notice");
  }
  if (notice.next_update_at) {
    if (over) return invalid("nothing is promised after 'resolved'");
    if (!is_time(*notice.next_update_at)) return invalid("a time is out of range");
    if (*notice.next_update_at <= notice.at) return invalid("the next update is promised too late");
  }
  if (!notice.recovery) return {};
  const RecoveryRange& range = *notice.recovery;
  if (over) return invalid("nothing recovers after 'resolved'");
  if (!is_time(range.from) || !is_time(range.to) || range.from > range.to) {
    return invalid("the recovery range is not a range");
  }
  if (range.cases == 0 || range.held_percent > percent_max) {
    return invalid("the recovery range rests on nothing");
  }
  return {};
}

Result<void> check_texts(const Notice& notice) {
  if (!is_title(notice.title)) return invalid("the title is missing, too long or not plain text");
  if (!is_text(notice.body)) return invalid("the body is missing, too long or not plain text");
  if (notice.cause && !is_text(*notice.cause)) {
    return invalid("the cause is missing in a language, too long or not plain text");
  }
  const bool says_nothing = notice.assets == LocalText{};
  if (!is_text(notice.assets) && !(is_planned(notice.phase) && says_nothing)) {
    return invalid("the words on assets are missing, too long or not plain text");
  }
  return {};
}

Result<void> check_components(const Notice& notice) {
  std::vector<ComponentId> all = notice.unaffected;
  for (const NoticeComponent& component : notice.affected) {
    all.push_back(component.id);
    if (component.before > state_sent_max || component.now > state_sent_max) {
      return invalid("a component has a state that nobody may claim");
    }
  }
  if (all.size() > components_max) return invalid("too many components");
  if (!std::all_of(all.begin(), all.end(), is_component)) return invalid("a component has no name");
  if (has_twice(all)) return invalid("a component is named twice");
  return {};
}

void append(Bytes& out, const LocalText& text) {
  Writer writer(out);
  writer.blob(text.ja);
  writer.blob(text.en);
}

LocalText read_text(Reader& in, std::size_t bytes_max) {
  LocalText text;
  text.ja = std::string(in.blob(bytes_max));
  text.en = std::string(in.blob(bytes_max));
  return text;
}

void append(Bytes& out, const std::optional<WallTimeMs>& time) {
  Writer writer(out);
  writer.boolean(time.has_value());
  if (time) writer.i64(time->value);
}

std::optional<WallTimeMs> read_optional_time(Reader& in) {
  if (!in.boolean()) return std::nullopt;
  return read_time(in);
}

void append_extras(Bytes& out, const Notice& notice) {
  Writer writer(out);
  writer.boolean(notice.recovery.has_value());
  if (notice.recovery) {
    writer.i64(notice.recovery->from.value);
    writer.i64(notice.recovery->to.value);
    writer.u32(notice.recovery->cases);
    writer.u32(notice.recovery->held_percent);
  }
  writer.boolean(notice.support.has_value());
  if (notice.support) {
    writer.u32(notice.support->open_inquiries);
    writer.u32(notice.support->wait_minutes);
  }
}

void read_extras(Reader& in, Notice& notice) {
  if (in.boolean()) {
    RecoveryRange range;
    range.from = read_time(in);
    range.to = read_time(in);
    range.cases = in.u32();
    range.held_percent = in.u32();
    notice.recovery = range;
  }
  if (in.boolean()) {
    SupportLoad load;
    load.open_inquiries = in.u32();
    load.wait_minutes = in.u32();
    notice.support = load;
  }
}

void append_lists(Bytes& out, const Notice& notice) {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(notice.affected.size()));
  for (const NoticeComponent& component : notice.affected) {
    append(out, component.id);
    writer.u8(static_cast<std::uint8_t>(component.before));
    writer.u8(static_cast<std::uint8_t>(component.now));
  }
  writer.u8(static_cast<std::uint8_t>(notice.unaffected.size()));
  for (const ComponentId& id : notice.unaffected) append(out, id);
  writer.u8(static_cast<std::uint8_t>(notice.approved_by.size()));
  for (const std::string& approver : notice.approved_by) writer.blob(approver);
}

void read_lists(Reader& in, Notice& notice) {
  for (std::size_t left = in.u8(); left > 0 && in.ok(); --left) {
    NoticeComponent component;
    component.id = read_component_id(in);
    component.before = read_state(in);
    component.now = read_state(in);
    notice.affected.push_back(component);
  }
  for (std::size_t left = in.u8(); left > 0 && in.ok(); --left) {
    notice.unaffected.push_back(read_component_id(in));
  }
  for (std::size_t left = in.u8(); left > 0 && in.ok(); --left) {
    notice.approved_by.emplace_back(in.blob(operator_name_bytes_max));
  }
}

}  // namespace

const char* name(NoticePhase phase) {
  switch (phase) {
    case NoticePhase::investigating:
      return "investigating";
    case NoticePhase::identified:
      return "identified";
    case NoticePhase::monitoring:
      return "monitoring";
    case NoticePhase::resolved:
      return "resolved";
    case NoticePhase::postmortem:
      return "postmortem";
    case NoticePhase::scheduled:
      return "scheduled";
    case NoticePhase::in_progress:
      return "in_progress";
    case NoticePhase::completed:
      return "completed";
    case NoticePhase::cancelled:
      return "cancelled";
  }
  return "";
}

const char* name(Impact impact) {
  switch (impact) {
    case Impact::none:
      return "none";
    case Impact::minor:
      return "minor";
    case Impact::major:
      return "major";
    case Impact::critical:
      return "critical";
    case Impact::maintenance:
      return "maintenance";
  }
  return "";
}

bool is_incident_name(ByteView text) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= incident_name_bytes_max && text[0] >= 'a' &&
         text[0] <= 'z' && std::all_of(text.begin(), text.end(), is_plain);
}

Result<void> check(const Notice& notice) {
  for (const auto rule : {check_names, check_times, check_texts, check_components}) {
    if (Result<void> kept = rule(notice); !kept) return kept;
  }
  return {};
}

void append(Bytes& out, const Notice& notice) {
  Writer writer(out);
  writer.u8(version);
  writer.blob(notice.incident);
  writer.u32(notice.number);
  writer.u8(static_cast<std::uint8_t>(notice.phase));
  writer.u8(static_cast<std::uint8_t>(notice.impact));
  writer.boolean(notice.drill);
  writer.i64(notice.at.value);
  writer.i64(notice.began.value);
  append(out, notice.ended);
  append(out, notice.next_update_at);
  append_extras(out, notice);
  append(out, notice.title);
  append(out, notice.body);
  writer.boolean(notice.cause.has_value());
  if (notice.cause) append(out, *notice.cause);
  append(out, notice.assets);
  append_lists(out, notice);
}

Result<Notice> read_notice(ByteView bytes) {
  Reader in(bytes);
  Notice notice;
  if (in.u8() != version) return error(Errc::invalid, "a notice of a version not known here");
  notice.incident = std::string(in.blob(incident_name_bytes_max));
  notice.number = in.u32();
  notice.phase = static_cast<NoticePhase>(in.u8());
  notice.impact = static_cast<Impact>(in.u8());
  notice.drill = in.boolean();
  notice.at = read_time(in);
  notice.began = read_time(in);
  notice.ended = read_optional_time(in);
  notice.next_update_at = read_optional_time(in);
  read_extras(in, notice);
  notice.title = read_text(in, notice_title_bytes_max);
  notice.body = read_text(in, notice_text_bytes_max);
  if (in.boolean()) notice.cause = read_text(in, notice_text_bytes_max);
  notice.assets = read_text(in, notice_text_bytes_max);
  read_lists(in, notice);
  if (!in.done()) return error(Errc::invalid, "a notice that is malformed");
  if (Result<void> kept = check(notice); !kept) {
    return tl::unexpected<Error>(std::move(kept.error()));
  }
  return notice;
}

}  // namespace oki::notify
