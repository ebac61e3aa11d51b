// Writes the status document: turns judgements and changes of the cluster into events.
//
// An outage begins with the first judgement that is not green after a green one, dated back to the
// try that failed first, and ends with the first green one. Before the first green judgement of
// this watch there is no outage until start_grace_ms have passed: a system that is being started
// is not broken. Changes within an outage are told once they have stood change_settle_ms.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "notify/status_document.h"
#include "watch/cluster_watch.h"
#include "watch/lease_keeper.h"

namespace oki::watch {

constexpr std::int64_t start_grace_ms = 15'000;
constexpr std::int64_t change_settle_ms = 1000;

class Timeline {
 public:
  // Goes on from `document`, which an earlier watch may have left.
  Timeline(const Clock& clock, notify::StatusDocument document);

  void on_judgement(const Judgement& judgement);
  void on_leader(const LeaderChange& change);
  void on_process(const notify::ComponentId& id, bool up, WallTimeMs at);

  void on_drained(const notify::ComponentId& edge, bool drained, WallTimeMs at);

  // Makes the component known before anything happens to it.
  void know(const notify::ComponentId& id);

  const notify::StatusDocument& document() const { return document_; }

 private:
  struct Condition {
    notify::State state = notify::State::operational;
    notify::Reason reason = notify::Reason::none;
    std::uint64_t affected = 0;

    friend bool operator==(const Condition&, const Condition&) = default;
  };

  void add_of(const notify::ComponentId& id, notify::EventKind kind, WallTimeMs at);
  Condition condition_of(const Judgement& judgement);
  void begin(const Condition& condition, WallTimeMs at);
  void change_when_settled(const Condition& condition);

  const Clock& clock_;
  notify::StatusDocument document_;
  MonoTimeNs started_;
  bool ever_green_ = false;
  bool open_ = false;
  Condition told_;
  Condition seen_;
  MonoTimeNs seen_since_;
};

}  // namespace oki::watch
