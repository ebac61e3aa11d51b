#include "notify/channels/post.h"

#include <utility>

#include "notify/channels/request.h"

namespace oki::notify {

const char* name(Service service) {
  switch (service) {
    case Service::mastodon:
      return "mastodon";
    case Service::line:
      return "line";
    case Service::x:
      return "x";
    case Service::slack:
      return "slack";
    case Service::discord:
      return "discord";
    case Service::telegram:
      return "telegram";
    case Service::facebook:
      return "facebook";
  }
  return "";
}

LengthRule post_length(Service service) {
  switch (service) {
    case Service::mastodon:
      return mastodon_length;
    case Service::line:
      return line_length;
    case Service::x:
      return x_length;
    case Service::telegram:
      return telegram_length;
    case Service::slack:
    case Service::discord:
    case Service::facebook:
      break;
  }
  return discord_length;
}

bool knows_keys(Service service) {
  return service == Service::mastodon || service == Service::line;
}

PostWriter notice_posts(Language language, NoticeLinks links, bool drills) {
  return [language, links = std::move(links), drills](const Letter& letter,
                                                      const LengthRule& rule) -> Result<Post> {
    const Result<Notice> notice = notice_for(letter, drills);
    if (!notice) return tl::unexpected(notice.error());
    return Post{notice_short(language, *notice, links, rule), notice_url(language, *notice, links),
                language, notice->at};
  };
}

}  // namespace oki::notify
