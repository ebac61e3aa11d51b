// The texts of notices, ready before anything happens: one for each phase, in both languages, with
// placeholders. The first notice needs no person to write it.
//
// A file of sections "[investigating.ja.title]", "[investigating.ja.body]" and so on for all
// phases, both languages. {began}, {ended}, {affected}, {unaffected}, {cause}, {recovery},
// {next_update}, {assets}, {support}, {faq} and {url} stand for what the notice knows; a line of a
// body that asks for something unknown is left out. An unknown placeholder or a missing section
// refuses the file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "notify/notice_words.h"

namespace oki::notify {

constexpr std::size_t template_file_bytes_max = 256u << 10;

class NoticeTemplates {
 public:
  static Result<NoticeTemplates> parse(ByteView file);
  static const NoticeTemplates& standard();

  // Writes title and body from everything else in the notice. Errc::invalid: the texts it gives
  // break a rule of notices, as a title that becomes too long does.
  Result<void> write(Notice& notice, const NoticeLinks& links) const;

 private:
  std::map<std::string, std::string, std::less<>> sections_;  // "resolved.en.body"
};

// What each channel would say: for the eyes of those who approve.
struct NoticePreview {
  std::string channel;
  Language language = Language::ja;
  std::string text;
  std::size_t length = 0;
  std::size_t length_max = 0;  // 0: none.
};
std::vector<NoticePreview> preview(const Notice& notice, const NoticeLinks& links);

}  // namespace oki::notify
