// Drafts of postmortems, one file in each language: DIR/postmortems/inc12.ja.md. Written once an
// incident is resolved; its digest goes to the log (RecordDraft).
#pragma once

#include <functional>
#include <string>

#include "base/disk.h"
#include "notify/time_text.h"
#include "response/scope.h"
#include "response/state.h"

namespace oki::watch {

constexpr std::size_t draft_bytes_max = 4u << 20;

class Drafts {
 public:
  using Scoped = std::function<void(Result<response::ScopeReport>)>;

  // Finds out how far an incident reached; may be empty: then the draft says that it is not known.
  using ReadScope = std::function<void(const response::State&, response::IncidentId, Scoped)>;

  // All outlive it; the disk must finish nothing after it is gone.
  Drafts(Disk& disk, std::function<const response::State&()> state, ReadScope read_scope)
      : disk_(disk), state_(std::move(state)), read_scope_(std::move(read_scope)) {}

  // `done` gets the digest of both texts when they are on disk.
  using Done = std::function<void(Result<std::string>)>;
  void write(response::IncidentId id, Done done);

  // Errc::not_found: this watch keeps none.
  Result<Bytes> read(response::IncidentId id, notify::Language language) const;

 private:
  void write_with(response::IncidentId id, const response::ScopeReport& scope, Done done);
  std::string file_name(response::IncidentId id, notify::Language language) const;

  Disk& disk_;
  const std::function<const response::State&()> state_;
  const ReadScope read_scope_;
};

}  // namespace oki::watch
