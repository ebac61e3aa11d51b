#include "notify/channels/post.h"

#include <utility>

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
    const Result<Notice> notice = read_notice(letter.content);
    if (!notice) return error(Errc::invalid, "the content is no notice");
    if (notice->drill != drills) {
      return error(Errc::invalid, drills ? "a place for drills gets no other notices"
                                         : "a notice of a drill leaves by no channel");
    }
    return Post{notice_short(language, *notice, links, rule), notice_url(language, *notice, links),
                language, notice->at};
  };
}

}  // namespace oki::notify
