// A runbook as it was read from its file: the text for people in both languages, and for each step
// what the machine does.
//
// `digest` is the SHA-256 of the file's bytes in hexadecimal digits: it is what the incident
// machine was told of the runbook, so that no other text than the agreed one is run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "response/house.h"
#include "response/runbook/values.h"

namespace oki::response {

constexpr std::size_t book_bytes_max = 64u << 10;
constexpr std::int64_t step_timeout_ms_max = 600'000;
constexpr std::int64_t step_within_ms_max = 1'800'000;

// What a step is done for, in turn.
enum class Each : std::uint8_t {
  once = 0,
  affected_market = 1,
  affected_edge = 2,
  affected_node = 3,
  every_market = 4,
  every_edge = 5,
  every_node = 6,
  changed_edge = 7,  // Whose settings were changed shortly before the incident or in it.
};

struct BookStep {
  std::string name;
  std::string title_en, title_ja;
  std::string text_en, text_ja;
  std::string action;
  Each each = Each::once;
  Values with;  // Parameters, with placeholders.
  Approval approval = Approval::two_people;
  std::int64_t timeout_ms = 0;
  std::string verify;  // A condition, with placeholders.
  std::int64_t within_ms = 0;
  bool stop_on_failure = true;
  std::size_t line = 0;  // Of its heading, from 1.
};

struct Book {
  std::string name;  // Of its file, without ".md".
  std::string title_en, title_ja;
  std::string text_en, text_ja;
  std::vector<BookStep> steps;
  std::string digest;

  const BookStep* find(const std::string& step) const;
};

// What the house is to agree on.
Runbook house_entry(const Book& book);

}  // namespace oki::response
