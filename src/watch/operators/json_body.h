// One JSON object being read strictly: remembers the first fault and which fields were asked for.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "net/json_reader.h"
#include "notify/notice.h"

namespace oki::watch {

class JsonBody {
 public:
  explicit JsonBody(const net::Json& body) : body_(body) {
    if (body.object() == nullptr) fault("the body must be a JSON object");
  }

  const net::Json* find(const char* field, bool required) {
    asked_.insert(field);
    const net::Json* value = body_.find(field);
    if (value == nullptr && required) fault(std::string("'") + field + "' is missing");
    return value;
  }

  std::string text(const char* field, bool required = true) {
    const net::Json* value = find(field, required);
    if (value == nullptr) return {};
    if (const auto text = value->string()) return std::string(*text);
    fault(std::string("'") + field + "' must be a text");
    return {};
  }

  std::uint32_t number(const char* field, bool required = true) {
    const net::Json* value = find(field, required);
    if (value == nullptr) return 0;
    const auto number = value->integer();
    if (number && *number >= 0 && *number <= 0xffff'ffff) {
      return static_cast<std::uint32_t>(*number);
    }
    fault(std::string("'") + field + "' must be a whole number");
    return 0;
  }

  bool boolean(const char* field, bool required = true) {
    const net::Json* value = find(field, required);
    if (value == nullptr) return false;
    if (const auto truth = value->boolean()) return *truth;
    fault(std::string("'") + field + "' must be true or false");
    return false;
  }

  // {"ja", "en"}.
  std::optional<notify::LocalText> both_languages(const char* field, bool required = false) {
    const net::Json* given = find(field, required);
    if (given == nullptr) return std::nullopt;
    JsonBody inner(*given);
    notify::LocalText text{inner.text("ja"), inner.text("en")};
    if (auto done = inner.done(); !done) {
      fault(std::string("'") + field + "': " + done.error().message);
    }
    return text;
  }

  // A text that `parse` understands.
  template <typename Parse>
  auto word(const char* field, const Parse& parse) {
    const std::string given = text(field);
    const auto value = parse(given);
    if (!value) fault(std::string("'") + field + "' is none that is known");
    return value.value_or(typename decltype(parse(given))::value_type{});
  }

  void fault(const std::string& sentence) {
    if (fault_.empty()) fault_ = sentence;
  }

  // Call last: a field that nobody asked for is a fault too.
  Result<void> done() {
    if (const auto* members = body_.object()) {
      for (const auto& [name, value] : *members) {
        if (!asked_.contains(name)) fault("unknown field '" + name + "'");
      }
    }
    if (fault_.empty()) return {};
    return error(Errc::invalid, fault_);
  }

 private:
  const net::Json& body_;
  std::set<std::string> asked_;
  std::string fault_;
};

}  // namespace oki::watch
