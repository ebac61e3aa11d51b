// Any bytes as a runbook, as the file of actions, and as what stands in both: conditions,
// durations, placeholders.
//
// Input: the first byte says what the rest is. A book that is read keeps its limits and can be put
// before the house; a file of actions that is read says the same when it is written and read again;
// a value that gets into a command line is a safe word.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/assert.h"
#include "response/runbook/actions_config.h"
#include "response/runbook/book.h"
#include "response/runbook/condition.h"
#include "response/runbook/parse.h"
#include "response/runbook/values.h"

namespace {

using oki::ByteView;
using namespace oki::response;

constexpr std::int64_t day_ms = 86'400'000;

void try_book(ByteView bytes) {
  const auto book = parse_book("fuzzed", bytes);
  if (!book) {
    ASSERT(book.error().message.starts_with("fuzzed.md:"));
    return;
  }
  ASSERT(!book->steps.empty() && book->steps.size() <= runbook_steps_max);
  ASSERT(book->digest.size() == 64);
  for (const BookStep& step : book->steps) {
    ASSERT(book->find(step.name) == &step);
    ASSERT(0 < step.timeout_ms && step.timeout_ms <= step_timeout_ms_max);
    ASSERT(0 <= step.within_ms && step.within_ms <= step_within_ms_max);
    ASSERT(placeholders_of(step.verify).has_value());
    for (const auto& [key, value] : step.with) ASSERT(placeholders_of(value).has_value());
  }
  ASSERT(house_entry(*book).steps.size() == book->steps.size());
}

void try_actions(ByteView bytes) {
  const auto config = read_actions_config(bytes);
  if (!config) return;
  const oki::Bytes written = write_actions_config(*config);
  const auto again = read_actions_config(written);
  ASSERT(again.has_value() && write_actions_config(*again) == written);
}

void try_words(ByteView bytes) {
  const auto condition = parse_condition(bytes);
  ASSERT(!condition || condition->number >= 0 || condition->kind == ConditionKind::metric);
  const auto duration = parse_duration(bytes);
  ASSERT(!duration || (0 <= *duration && *duration <= day_ms));
  for (std::uint8_t kind = 0; kind < value_kinds; ++kind) {
    if (fits(static_cast<ValueKind>(kind), bytes)) ASSERT(is_safe_word(bytes));
  }
  const auto names = placeholders_of(bytes);
  if (!names) return;
  Values values;
  for (const std::string& name : *names) values[name] = "1";
  ASSERT(fill(bytes, values).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      try_book(bytes);
      break;
    case 1:
      try_actions(bytes);
      break;
    default:
      try_words(bytes);
      break;
  }
  return 0;
}
