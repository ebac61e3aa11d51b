// What a customer who tries all the time was given, and when trading had stopped for him.
//
// A path is one edge and one market. An attempt on it is a whole order; it worked or it did not. A
// path is broken from the moment at which the first attempt of those that failed was begun, to the
// moment at which the first one that worked again was begun. So a request that waits a second and
// then fails dates the outage back to its beginning: this is what a status page is measured from.
//
// Times are monotonic nanoseconds. Attempts may be told in any order.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace oki::drill {

struct Span {
  MonoTimeNs from;
  MonoTimeNs to;

  friend bool operator==(const Span&, const Span&) = default;
};

// Overlapping spans become one; in order.
std::vector<Span> joined(std::vector<Span> spans);

std::int64_t total_ns(const std::vector<Span>& spans);

// Where both hold.
std::vector<Span> common(const std::vector<Span>& a, const std::vector<Span>& b);

struct Attempt {
  MonoTimeNs begun;
  MonoTimeNs ended;
  bool worked = false;
};

struct AttemptCounts {
  std::uint64_t made = 0;
  std::uint64_t failed = 0;
};

class OracleRecord {
 public:
  explicit OracleRecord(std::size_t paths) : paths_(paths) {}

  void note(std::size_t path, const Attempt& attempt);

  // Everything before this moment is forgotten; each path counts as working then.
  void begin_at(MonoTimeNs time);

  // When trading stopped: the earliest beginning of an attempt, at or after `from`, that failed.
  std::optional<MonoTimeNs> stopped(MonoTimeNs from) const;

  // When every path worked again: the answer to its first attempt, at or after `from`, after which
  // none has failed. Nothing while a path is broken or has not been tried since `from`.
  std::optional<MonoTimeNs> working_since(MonoTimeNs from) const;

  // When at least one path had been broken for longer than `grace_ns`, and still was. Paths that
  // are broken now are so until `now`.
  std::vector<Span> broken_beyond(std::int64_t grace_ns, MonoTimeNs now) const;

  AttemptCounts counts(MonoTimeNs from, MonoTimeNs to) const;
  std::size_t broken_paths(MonoTimeNs from) const;  // With a failure at or after `from`.

 private:
  std::vector<std::vector<Attempt>> paths_;  // Each in order of beginning.
};

}  // namespace oki::drill
