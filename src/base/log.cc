#include "base/log.h"

#include <utility>

#include "base/calendar.h"
#include "base/json.h"

namespace oki {
namespace {

const char* name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "unknown";
}

}  // namespace

Log::Log(const Clock& clock, std::string process, Sink sink)
    : clock_(clock), process_(std::move(process)), sink_(std::move(sink)) {}

void Log::write(LogLevel level, ByteView room, ByteView what,
                std::initializer_list<LogField> fields) {
  if (!sink_) return;
  Bytes line;
  JsonWriter json(line);
  json.begin_object();
  json.field("time", rfc3339_utc(clock_.wall_now()));
  json.field("level", name(level));
  json.field("process", process_);
  json.field("room", room);
  json.field("what", what);
  for (const LogField& field : fields) {
    json.key(field.name);
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      json.string(*text);
    } else {
      json.number(std::get<std::int64_t>(field.value));
    }
  }
  json.end_object();
  line.push_back('\n');
  sink_(line);
}

}  // namespace oki
