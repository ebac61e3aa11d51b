#include "notify/mail/mail_record.h"

#include <map>

namespace oki::notify {
namespace {

constexpr ByteView id_mark = ": message-id=<";
constexpr ByteView active_mark = ": from=<";
constexpr ByteView active_end = "(queue active)";

// The word that ends where `at` is.
std::string word_before(ByteView line, std::size_t at) {
  const std::size_t begin = line.substr(0, at).rfind(' ');
  return std::string(line.substr(begin == ByteView::npos ? 0 : begin + 1,
                                 at - (begin == ByteView::npos ? 0 : begin + 1)));
}

}  // namespace

std::set<std::string> taken_in_log(ByteView log, const std::set<std::string>& message_ids) {
  std::map<std::string, std::string> by_queue_id;
  std::set<std::string> taken;
  while (!log.empty()) {
    const std::size_t end = log.find('\n');
    const ByteView line = log.substr(0, end);
    log.remove_prefix(end == ByteView::npos ? log.size() : end + 1);
    if (end == ByteView::npos) break;  // Still being written.
    if (const std::size_t at = line.find(id_mark); at != ByteView::npos) {
      const ByteView rest = line.substr(at + id_mark.size());
      const std::string id(rest.substr(0, rest.find('>')));
      if (message_ids.contains(id)) by_queue_id[word_before(line, at)] = id;
    } else if (const std::size_t from = line.find(active_mark);
               from != ByteView::npos && line.find(active_end, from) != ByteView::npos) {
      const auto found = by_queue_id.find(word_before(line, from));
      if (found != by_queue_id.end()) taken.insert(found->second);
    }
  }
  return taken;
}

std::vector<FoundResult> found_in_record(MailRecord* record, const std::vector<std::string>& ids) {
  std::vector<FoundResult> found(ids.size());
  if (record == nullptr) return found;
  const Result<std::set<std::string>> taken = record->taken({ids.begin(), ids.end()});
  for (std::size_t i = 0; taken && i < ids.size(); ++i) {
    const bool here = taken->contains(ids[i]);
    found[i] = {here ? Found::arrived : Found::did_not_arrive,
                here ? "in the mail server's record" : "not in the mail server's record"};
  }
  return found;
}

}  // namespace oki::notify
