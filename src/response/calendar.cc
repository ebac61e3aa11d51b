#include "response/calendar.h"

#include <algorithm>

#include "base/calendar.h"
#include "response/oncall.h"

namespace oki::response {
namespace {

constexpr std::size_t line_bytes_max = 75;

// Folded between characters: a continuation begins with a blank, which counts.
void add_line(std::string& out, std::string_view line) {
  std::size_t room = line_bytes_max;
  while (line.size() > room) {
    std::size_t end = room;
    while ((static_cast<unsigned char>(line[end]) & 0xc0u) == 0x80u) --end;
    out.append(line.substr(0, end)).append("\r\n ");
    line.remove_prefix(end);
    room = line_bytes_max - 1;
  }
  out.append(line).append("\r\n");
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    out += c;
  }
  return out;
}

// "20261121T182600Z". Shifts end on whole minutes or seconds in practice; milliseconds are cut.
std::string utc(WallTimeMs time) {
  std::string text = rfc3339_utc(time).substr(0, 19) + 'Z';
  std::erase(text, '-');
  std::erase(text, ':');
  return text;
}

void add_event(std::string& out, const House& house, const std::string& name,
               const std::string& host, const Shift& shift) {
  const Schedule& schedule = house.schedules.at(name);
  const auto person = house.people.find(shift.person);
  std::string uid = name + '-' + std::to_string(shift.from.value) + '@' + host;
  std::ranges::replace(uid, ' ', '-');
  add_line(out, "BEGIN:VEVENT");
  add_line(out, "UID:" + escaped(uid));
  add_line(out, "SEQUENCE:" + std::to_string(schedule.revision));
  add_line(out, "DTSTAMP:" + utc(schedule.changed));
  add_line(out, "DTSTART:" + utc(shift.from));
  add_line(out, "DTEND:" + utc(shift.to));
  const std::string who =
      person == house.people.end() ? std::to_string(shift.person.value) : person->second.name;
  add_line(out, "SUMMARY:" + escaped(schedule.title + ": " + who));
  add_line(out, "STATUS:CONFIRMED");
  add_line(out, "TRANSP:TRANSPARENT");
  add_line(out, "END:VEVENT");
}

}  // namespace

std::string on_call_calendar(const House& house, const std::string& schedule,
                             const std::string& host, WallTimeMs from, WallTimeMs to) {
  std::string out;
  add_line(out, "BEGIN:VCALENDAR");
  add_line(out, "VERSION:2.0");
  add_line(out, "PRODID:-//Okiagari//On call//EN");
  add_line(out, "CALSCALE:GREGORIAN");
  add_line(out, "METHOD:PUBLISH");
  const auto found = house.schedules.find(schedule);
  if (found != house.schedules.end()) {
    add_line(out, "X-WR-CALNAME:" + escaped(found->second.title));
    for (const Shift& shift : shifts(found->second, from, to)) {
      add_event(out, house, schedule, host, shift);
    }
  }
  add_line(out, "END:VCALENDAR");
  return out;
}

}  // namespace oki::response
