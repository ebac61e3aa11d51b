// Reads a runbook. docs/runbooks.md says what one looks like.
//
// The rules: the first line is "# English / Japanese". A heading "## name: English / Japanese"
// begins a step; headings of deeper levels are not used. Text belongs to the language whose mark,
// "EN:" or "JA:" at the start of a line, was the last; there is none without a mark. The whole and
// every step have both languages. A step has one block fenced as ```toml, whose keys are `name`,
// `action`, `with`, `each`, `approval`, `timeout`, `verify`, `within` and `on_failure`; `each` and
// `with` may be left out. Other fences are part of the text.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "response/runbook/book.h"

namespace oki::response {

// Errc::invalid with "name.md:12: sentence" for anything that is not so.
Result<Book> parse_book(const std::string& name, ByteView text);

}  // namespace oki::response
