// A notice in words: the same lines for mail, pages and feeds, in the order in which people need
// them. What is not known is left out, never guessed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "notify/notice.h"
#include "notify/time_text.h"

namespace oki::notify {

struct NoticeLinks {
  std::string site_url;  // "https://status.example.jp", without a slash at the end.
  std::string faq_url;   // May be empty, and so may be the next.
  std::string support_url;
};

struct NoticeLine {
  std::string label;
  std::string value;
};

std::string phase_text(Language language, NoticePhase phase);
std::string impact_text(Language language, Impact impact);

const std::string& in(Language language, const LocalText& text);

// "[Investigating] BTC/JPY orders are not being accepted", with a mark in front when it is a drill.
std::string notice_headline(Language language, const Notice& notice);

// Began, affected, not affected, cause, recovery, next update, assets, support; of planned work:
// from, until, affects, assets.
std::vector<NoticeLine> notice_lines(Language language, const Notice& notice);

// One of them by its name in templates ("began", "next_update"), and "faq" and "url"; nothing when
// the notice does not know it.
std::optional<std::string> notice_value(Language language, const Notice& notice,
                                        const NoticeLinks& links, ByteView placeholder);
bool is_notice_value(ByteView placeholder);

// At most three components by name, and how many more.
std::string affected_in_title(Language language, const Notice& notice);

// Where the notice stands on the status site.
std::string notice_url(Language language, const Notice& notice, const NoticeLinks& links);

// Everything, as plain text; lines end with '\n'.
std::string notice_plain(Language language, const Notice& notice, const NoticeLinks& links);

// The same as an HTML document of its own, without styles that a mail program could misread.
Bytes notice_html(Language language, const Notice& notice, const NoticeLinks& links,
                  const std::vector<NoticeLine>& more_links);

// "i20261122a/2"
std::string notice_posting_name(const Notice& notice);

}  // namespace oki::notify
