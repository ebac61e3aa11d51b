// Which steps this watch has begun, on its own disk, written before the action begins: a watch that
// is killed in between finds here that it must not do it again.
//
// Format of the file: one line for each step, oldest first, "INCIDENT STEP begun" or "... ended".
// At most step_notes_max are kept; a step that is still begun is never dropped.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/disk.h"
#include "response/types.h"

namespace oki::response {

constexpr const char* step_notes_file = "runbook-steps";
constexpr std::size_t step_notes_max = 1'000;

struct StepKey {
  IncidentId incident;
  std::uint32_t step = 0;
  friend auto operator<=>(const StepKey&, const StepKey&) = default;
};

class StepNotes {
 public:
  // Errc::corrupt when the file is none. REQUIRES: `disk` outlives the notes.
  static Result<std::unique_ptr<StepNotes>> open(Disk& disk);

  bool has(const StepKey& key) const { return all_.contains(key); }
  std::vector<StepKey> begun() const;  // And not ended.

  // `done` when it is on the disk. Errc::exists: it is there already; full: too many are begun.
  void begin(const StepKey& key, Disk::Done done);
  void end(const StepKey& key, Disk::Done done);

 private:
  explicit StepNotes(Disk& disk) : disk_(disk) {}
  void write(Disk::Done done);

  Disk& disk_;
  std::map<StepKey, bool> all_;  // Whether it has ended.
};

}  // namespace oki::response
