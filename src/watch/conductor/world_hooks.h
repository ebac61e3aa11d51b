// How the conductor reaches the world. A function that is empty says: this house has none of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "notify/notice.h"
#include "notify/notice_board.h"
#include "response/commands.h"
#include "response/events.h"

namespace oki::watch {

// What became of something by one channel, as far as this watch's outbox knows.
struct TellingProof {
  std::string channel;
  bool waiting = false;  // More will come.
  response::ToldOutcome outcome = response::ToldOutcome::unknown;
  std::string text;
};

// A call to one person.
struct Call {
  std::uint32_t page = 0;
  response::IncidentId incident;
  response::PersonId person;
  response::PageReason reason = response::PageReason::confirmed;
  bool drill = false;
};

struct WorldHooks {
  using Done = std::function<void(Result<void>)>;

  // Title and body of a notice by the rules, from everything else in it.
  std::function<Result<void>(notify::Notice&)> write;

  // `done` once everything is on the disk of the outbox; again is harmless. `in_doubt`: another
  // watch may have sent some of it.
  std::function<void(const notify::Notice&, bool in_doubt, Done)> publish;
  std::function<std::vector<TellingProof>(const notify::Notice&)> notice_proofs;

  // The same for calls. Errc::not_found: this person cannot be reached by any means.
  std::function<void(const Call&, bool in_doubt, Done)> call;
  std::function<std::vector<TellingProof>(const Call&)> call_proofs;

  // Claims the step in the log (RecordStep `started`), runs it and records how it goes on. Again is
  // harmless. `settle_steps` when this watch begins to lead: for what another one left behind.
  std::function<void(const response::StepDue&)> run_step;
  std::function<void()> settle_steps;

  // What the runbooks would begin by themselves for this incident as it stands.
  std::function<std::vector<response::RequestStep>(const response::State&, response::IncidentId)>
      automatic_steps;

  // Writes the draft of a postmortem and gives its digest.
  std::function<void(response::IncidentId, std::function<void(Result<std::string>)>)> write_draft;

  // All that the public is told now, on every watch.
  std::function<void(const notify::NoticeBoard&)> show_board;
};

}  // namespace oki::watch
