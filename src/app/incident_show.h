// What the operators' API answers, as text for people in Japanese or English.
#pragma once

#include <string>

#include "net/json_reader.h"

namespace oki::app {

std::string incident_list_text(const net::Json& json, bool japanese);
std::string incident_text(const net::Json& json, bool japanese);
std::string timeline_text(const net::Json& json);
std::string works_text(const net::Json& json, bool japanese);
std::string wishes_text(const net::Json& json);
std::string house_text(const net::Json& json);
std::string preview_text(const net::Json& json);  // Of a notice.

// A text field, or nothing.
std::string text_in(const net::Json& json, const char* field);

}  // namespace oki::app
