#include "drill/case_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <tuple>

namespace oki::drill {
namespace {

struct Page {
  const char* target;
  const char* file;
  const char* what;
};
constexpr Page pages[] = {
    {"/", "status.ja.html", "the status page in Japanese"},
    {"/en/", "status.en.html", "the status page in English"},
    {"/api/v2/summary.json", "summary.json", "the status API, Statuspage v2"},
    {"/api/v2/incidents.json", "incidents.json", "incidents and notices, Statuspage v2"},
};

}  // namespace

Result<void> CaseFiles::keep_incident(const std::string& number) {
  if (number.empty()) return {};
  const std::string base = "/v1/incidents/" + number;
  const std::tuple<std::string, const char*, const char*> wanted[] = {
      {base + "?lang=en", "incident/incident.json", "the incident: severity, roles, causes"},
      {base + "/timeline?from=1&limit=200&lang=en", "incident/timeline.en.json",
       "the timeline, each row with its place in the log"},
      {base + "/timeline?from=1&limit=200&lang=ja", "incident/timeline.ja.json",
       "the timeline in Japanese"},
      {base + "/postmortem?lang=en", "incident/postmortem.en.md", "the draft of the postmortem"},
      {base + "/postmortem?lang=ja", "incident/postmortem.ja.md",
       "the draft of the postmortem in Japanese"}};
  for (const auto& [target, file, what] : wanted) {
    const auto text = trial_.staff().read(trial_.steps(), target);
    if (!text) {
      missed_.push_back(text.error().message);
      continue;
    }
    if (auto done = record_.keep(file, what, *text); !done) return done;
  }
  return keep_told();
}

Result<void> CaseFiles::keep_told() {
  const Telling& told = trial_.staff().told();
  std::size_t number = 0;
  for (const SunkPost& post : told.posts()) {
    const bool call = post.path.find("calls") != std::string::npos;
    const std::string file = fmt::format("told/{:03}_{}.json", ++number, call ? "call" : "notice");
    const char* what = call ? "a call to a person, as it arrived"
                            : "a notice or a change of colour, as a webhook got it";
    if (auto done = record_.keep(file, what, post.body); !done) return done;
  }
  number = 0;
  for (const KeptMail& mail : told.mails()) {
    const std::string file = fmt::format("told/{:03}.eml", ++number);
    auto done = record_.keep(file, "a mail to " + mail.mail.to + ", as it arrived", mail.mail.data);
    if (!done) return done;
  }
  return {};
}

// What watches write for people: drafts, reports and calendars.
std::vector<std::string> CaseFiles::watch_files() {
  std::vector<std::string> files;
  Cluster& cluster = trial_.session().cluster();
  for (std::uint32_t seat = 1; seat <= cluster.watches().size(); ++seat) {
    const std::string directory = cluster.watch_directory(seat);
    std::error_code fault;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, fault)) {
      const std::string kind = entry.path().extension();
      const bool readable = kind == ".md" || kind == ".json" || kind == ".csv" || kind == ".ics";
      if (entry.is_regular_file() && readable) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<void> CaseFiles::keep_watch_files() {
  const std::string& data = trial_.session().cluster().directory();
  for (const std::string& file : watch_files()) {
    const std::string below = file.substr(data.size() + 1);
    if (auto done = record_.keep_file(below, "written by the watch", file); !done) return done;
  }
  return {};
}

Result<void> CaseFiles::keep_pages(const std::string& folder) {
  const Address& site = trial_.session().cluster().status();
  for (const Page& page : pages) {
    const auto answer = trial_.steps().page(site, page.target);
    if (!answer || answer->status != 200) {
      missed_.push_back(folder + "/" + page.file);
      continue;
    }
    auto done = record_.keep(folder + "/" + page.file, page.what, answer->body);
    if (!done) return done;
  }
  return {};
}

bool CaseFiles::has_draft() {
  return std::ranges::any_of(watch_files(), [](const std::string& file) {
    return file.find("postmortem") != std::string::npos;
  });
}

}  // namespace oki::drill
