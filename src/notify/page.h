// A page: one person is called about one incident, by every way that he can be reached.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "notify/notice_words.h"

namespace oki::notify {

constexpr std::size_t page_name_bytes_max = 80;
constexpr std::size_t page_text_bytes_max = 400;

enum class PageCause : std::uint8_t {
  suspected = 0,
  confirmed = 1,
  everybody = 2,       // Nobody has answered.
  promise_missed = 3,  // "Next update at" has passed.
  handed_over = 4,
  test = 5,  // Somebody tries whether pages arrive.
};

// What PagerDuty calls event_action; people get `trigger` only.
enum class PageAction : std::uint8_t { trigger = 0, acknowledge = 1, resolve = 2 };
const char* name(PageAction action);

struct Page {
  std::uint32_t number = 0;  // From the incident machine, never used twice.
  PageAction action = PageAction::trigger;
  PageCause cause = PageCause::confirmed;
  std::string incident;       // "inc12"
  std::uint8_t severity = 1;  // 1 the worst, to 4.
  bool drill = false;
  Language language = Language::ja;  // Of the person.
  std::string person;                // His name.
  LocalText title;                   // In one line.
  std::vector<NoticeComponent> affected;
  WallTimeMs at, began;
  friend bool operator==(const Page&, const Page&) = default;
};

// Errc::invalid: a name or a title that is empty, too long, not UTF-8 or holds a control character.
Result<void> check(const Page& page);

// As the content of a posting (docs/formats/outbox.md). Reading checks.
void append(Bytes& out, const Page& page);
Result<Page> read_page(ByteView bytes);

// "page/7"; "page/inc12/resolve" for what is no call, whose number, where there is one, says how
// often the incident was reopened: "page/inc12/resolve/1".
std::string posting_name(const Page& page);

// How a person says that he has it. "{incident}" in either stands for the incident's name; an empty
// one is left out.
struct PageLinks {
  std::string operator_url;  // "https://operators.example.jp/incidents/{incident}"
  std::string command;       // "okiagari incident acknowledge {incident}"
};

// "[SEV1] inc12: BTC/JPY is down"
std::string page_headline(const Page& page);

// Headline, why this person, what is affected, since when, how to acknowledge; lines end with '\n'.
std::string page_text(const Page& page, const PageLinks& links);

std::string with_incident(const std::string& pattern, const Page& page);

}  // namespace oki::notify
