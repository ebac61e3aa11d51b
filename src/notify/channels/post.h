// What a letter says where people read posts: one text, as long as the place allows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "notify/delivery.h"
#include "notify/notice_short.h"

namespace oki::notify {

struct Post {
  std::string text;
  std::string url;  // The last line of the text; empty: it has none.
  Language language = Language::ja;
  WallTimeMs at;  // Of what it tells, the same for every attempt.
};

// An error: this letter cannot be said there, now or ever; the sentence becomes the reason.
using PostWriter = std::function<Result<Post>(const Letter& letter, const LengthRule& rule)>;

// Letters whose content is a notice. A place for drills gets those of drills and no others, and
// every other place the others.
PostWriter notice_posts(Language language, NoticeLinks links, bool drills);

enum class Service : std::uint8_t {
  mastodon,  // POST /api/v1/statuses, Idempotency-Key
  line,      // POST /v2/bot/message/broadcast, or push to one recipient; X-Line-Retry-Key
  x,         // POST /2/tweets
  slack,     // An incoming webhook.
  discord,   // A webhook.
  telegram,  // POST /bot<secret>/sendMessage, the recipient is the chat.
  facebook,  // POST /v21.0/<recipient>/feed: the recipient is the page.
};
constexpr Service services[] = {Service::mastodon, Service::line,    Service::x,
                                Service::slack,    Service::discord, Service::telegram,
                                Service::facebook};
const char* name(Service service);
LengthRule post_length(Service service);

// Whether it takes the same key twice as one post.
bool knows_keys(Service service);

}  // namespace oki::notify
