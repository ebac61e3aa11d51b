// What a row of the timeline says, in Japanese and English, from one table.
#pragma once

#include <string>

#include "notify/text.h"
#include "response/state.h"

namespace oki::response {

// "SEV1まで悪化（Aki）: 問い合わせ多数"; one line.
std::string row_text(notify::Language language, const House& house, const Row& row);

const char* word(notify::Language language, Phase phase);     // "調査中"
const char* word(notify::Language language, Role role);       // "指揮"
const char* word(notify::Language language, CheckKind kind);  // "台帳"
std::string word(Severity severity);                          // "SEV1"

// "Aki"; the word for the system for 0.
std::string person_text(notify::Language language, const House& house, PersonId person);

// What keeps the gate shut, in words; the word for nothing when it is open.
std::string gate_text(notify::Language language, std::uint16_t shut);

// The words of a kind of row, with {0} who, {1} subject, {2} words, {3} the number in words.
struct RowWordsOf {
  RowKind kind;
  const char* ja;
  const char* en;
};
const RowWordsOf& words_of(RowKind kind);

}  // namespace oki::response
