// What a case drill keeps of an exchange while it stands: the pages as customers saw them, the
// incident as operators read it, notices and mails as they arrived, what the watches wrote.
#pragma once

#include <string>
#include <vector>

#include "drill/case_record.h"
#include "drill/trial.h"

namespace oki::drill {

class CaseFiles {
 public:
  // All must outlive this. What should be there and is not is named in `missed`.
  CaseFiles(Trial& trial, CaseRecord& record, std::vector<std::string>& missed)
      : trial_(trial), record_(record), missed_(missed) {}

  // The status site, in a folder of that name.
  Result<void> keep_pages(const std::string& folder);

  // With all that had been sent by then. An empty number: there is none.
  Result<void> keep_incident(const std::string& number);

  Result<void> keep_watch_files();

  bool has_draft();  // Of a postmortem, at any watch.

 private:
  Result<void> keep_told();
  std::vector<std::string> watch_files();

  Trial& trial_;
  CaseRecord& record_;
  std::vector<std::string>& missed_;
};

}  // namespace oki::drill
