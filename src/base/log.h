// Log lines as JSON objects, one a line: {"time":"…","level":"info","room":"replica","what":"…",…}
//
// INFO is for changes of state that an operator wants at three in the morning; nothing a stranger
// can trigger may log without a limit (count it instead). Secrets never become fields.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/clock.h"

namespace oki {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogField {
  LogField(const char* field, ByteView text) : name(field), value(std::string(text)) {}
  LogField(const char* field, const char* text) : name(field), value(std::string(text)) {}
  LogField(const char* field, std::int64_t number) : name(field), value(number) {}
  LogField(const char* field, std::uint64_t number)
      : name(field), value(static_cast<std::int64_t>(number)) {}
  LogField(const char* field, int number) : name(field), value(std::int64_t{number}) {}

  const char* name;
  std::variant<std::string, std::int64_t> value;
};

class Log {
 public:
  using Sink = std::function<void(ByteView line)>;  // The line ends with '\n'.

  // REQUIRES: `clock` outlives the Log. An empty sink drops every line.
  Log(const Clock& clock, std::string process, Sink sink);

  void write(LogLevel level, ByteView room, ByteView what,
             std::initializer_list<LogField> fields = {});
  void info(ByteView room, ByteView what, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, room, what, fields);
  }
  void warning(ByteView room, ByteView what, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warning, room, what, fields);
  }
  void error(ByteView room, ByteView what, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, room, what, fields);
  }

 private:
  const Clock& clock_;
  std::string process_;
  Sink sink_;
};

}  // namespace oki
