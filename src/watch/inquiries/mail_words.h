// What is taken from the text of a mail: pure functions of bytes from strangers. Time and memory
// grow with the length of the text and with nothing else.
#pragma once

#include <string>

#include "base/bytes.h"

namespace oki::watch::inquiries {

// Ignoring case.
bool begins_with(ByteView text, ByteView word);

// What a person would read of HTML, without running, loading or keeping any of it: tags, comments,
// scripts and styles are gone, blocks end a line, references are characters. Never longer than
// `html`.
std::string html_to_text(ByteView html);

// The same text as UTF-8: what is none becomes U+FFFD. Lines end with '\n', no three of them
// follow each other, blanks at their ends are gone.
std::string tidy_text(ByteView text);

// At most `bytes` of it, not within a character.
std::string cut(std::string text, std::size_t bytes);

// The account that the writer names: digits behind "口座番号", "account", "account number" and the
// like. Empty when there is none.
std::string account_in(ByteView text);

// "support+1234@example.jp" names the account too.
std::string account_in_address(ByteView address);

}  // namespace oki::watch::inquiries
