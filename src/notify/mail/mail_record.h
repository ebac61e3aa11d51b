// What the mail server itself wrote down about a mail: the only way to find out about one whose
// final answer was lost, because SMTP has no question for it.
//
// The form is Postfix's: "QUEUEID: message-id=<…>" from cleanup, then "QUEUEID: from=<…> … (queue
// active)" from qmgr when the mail is in the queue. Only both together mean that it was taken; the
// first alone is a mail whose end never came.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "notify/delivery.h"

namespace oki::notify {

class MailRecord {
 public:
  virtual ~MailRecord() = default;

  // Those of `message_ids` (without angle brackets) that the server has taken. An error: nobody can
  // tell now.
  virtual Result<std::set<std::string>> taken(const std::set<std::string>& message_ids) = 0;
};

// For Channel::ask: one answer for each id. Nobody can tell where `record` is null or fails.
std::vector<FoundResult> found_in_record(MailRecord* record, const std::vector<std::string>& ids);

// The same as a function of the log's text.
std::set<std::string> taken_in_log(ByteView log, const std::set<std::string>& message_ids);

}  // namespace oki::notify
