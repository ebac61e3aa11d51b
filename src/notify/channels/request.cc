#include "notify/channels/request.h"

#include <utility>

namespace oki::notify {

net::HttpRequest post_of(std::string target, Bytes body, const char* type) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  if (!body.empty()) request.headers = {{"Content-Type", type}};
  request.body = std::move(body);
  return request;
}

Result<Notice> notice_for(const Letter& letter, bool drills) {
  Result<Notice> notice = read_notice(letter.content);
  if (!notice) return error(Errc::invalid, "the content is no notice");
  if (notice->drill == drills) return notice;
  return error(Errc::invalid, drills ? "a place for drills gets no other notices"
                                     : "a notice of a drill leaves by no channel");
}

}  // namespace oki::notify
