#include "response/runbook/step_notes.h"

#include <algorithm>
#include <utility>

#include "base/decimal.h"

namespace oki::response {
namespace {

constexpr std::uint64_t file_bytes_max = 64u << 10;

bool read_line(ByteView line, std::map<StepKey, bool>& all) {
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  if (first == ByteView::npos || second == ByteView::npos) return false;
  const auto incident = parse_decimal(line.substr(0, first), 0);
  const auto step = parse_decimal(line.substr(first + 1, second - first - 1), 0);
  const ByteView word = line.substr(second + 1);
  if (!incident || !step || *incident > 0xffff'ffff || *step > 0xffff'ffff) return false;
  if (word != "begun" && word != "ended") return false;
  const StepKey key{{static_cast<std::uint32_t>(*incident)}, static_cast<std::uint32_t>(*step)};
  return all.emplace(key, word == "ended").second;
}

}  // namespace

Result<std::unique_ptr<StepNotes>> StepNotes::open(Disk& disk) {
  auto notes = std::unique_ptr<StepNotes>(new StepNotes(disk));
  const auto names = disk.list();
  if (!names) return tl::unexpected<Error>(names.error());
  if (std::find(names->begin(), names->end(), step_notes_file) == names->end()) return notes;
  const auto text = disk.read(step_notes_file, 0, file_bytes_max);
  if (!text) return tl::unexpected<Error>(text.error());
  ByteView rest = *text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == ByteView::npos || !read_line(rest.substr(0, end), notes->all_)) {
      return error(Errc::corrupt, std::string(step_notes_file) + " holds a line that is none");
    }
    rest.remove_prefix(end + 1);
  }
  return notes;
}

std::vector<StepKey> StepNotes::begun() const {
  std::vector<StepKey> keys;
  for (const auto& [key, ended] : all_) {
    if (!ended) keys.push_back(key);
  }
  return keys;
}

void StepNotes::begin(const StepKey& key, Disk::Done done) {
  if (all_.contains(key)) return done(error(Errc::exists, "this step was begun before"));
  if (all_.size() >= step_notes_max) {
    const auto oldest =
        std::find_if(all_.begin(), all_.end(), [](const auto& note) { return note.second; });
    if (oldest == all_.end()) return done(error(Errc::full, "too many steps are begun"));
    all_.erase(oldest);
  }
  all_.emplace(key, false);
  write(std::move(done));
}

void StepNotes::end(const StepKey& key, Disk::Done done) {
  all_[key] = true;
  write(std::move(done));
}

void StepNotes::write(Disk::Done done) {
  Bytes text;
  for (const auto& [key, ended] : all_) {
    text += std::to_string(key.incident.value) + " " + std::to_string(key.step) +
            (ended ? " ended\n" : " begun\n");
  }
  disk_.replace(step_notes_file, std::move(text), std::move(done));
}

}  // namespace oki::response
