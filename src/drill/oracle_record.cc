#include "drill/oracle_record.h"

#include <algorithm>

#include "base/assert.h"

namespace oki::drill {

std::vector<Span> joined(std::vector<Span> spans) {
  std::erase_if(spans, [](const Span& span) { return span.to <= span.from; });
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.from < b.from; });
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (!out.empty() && span.from <= out.back().to) {
      out.back().to = std::max(out.back().to, span.to);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

std::int64_t total_ns(const std::vector<Span>& spans) {
  std::int64_t total = 0;
  for (const Span& span : joined(spans)) total += span.to - span.from;
  return total;
}

std::vector<Span> common(const std::vector<Span>& a, const std::vector<Span>& b) {
  std::vector<Span> out;
  for (const Span& x : a) {
    for (const Span& y : b) out.push_back({std::max(x.from, y.from), std::min(x.to, y.to)});
  }
  return joined(std::move(out));
}

void OracleRecord::note(std::size_t path, const Attempt& attempt) {
  ASSERT(path < paths_.size() && attempt.begun <= attempt.ended);
  std::vector<Attempt>& attempts = paths_[path];
  const auto after =
      std::upper_bound(attempts.begin(), attempts.end(), attempt,
                       [](const Attempt& a, const Attempt& b) { return a.begun < b.begun; });
  attempts.insert(after, attempt);
}

void OracleRecord::begin_at(MonoTimeNs time) {
  for (std::vector<Attempt>& attempts : paths_) {
    std::erase_if(attempts, [&](const Attempt& attempt) { return attempt.begun < time; });
  }
}

std::optional<MonoTimeNs> OracleRecord::stopped(MonoTimeNs from) const {
  std::optional<MonoTimeNs> first;
  for (const std::vector<Attempt>& attempts : paths_) {
    for (const Attempt& attempt : attempts) {
      if (attempt.worked || attempt.begun < from) continue;
      if (!first || attempt.begun < *first) first = attempt.begun;
      break;
    }
  }
  return first;
}

std::optional<MonoTimeNs> OracleRecord::working_since(MonoTimeNs from) const {
  MonoTimeNs since = from;
  for (const std::vector<Attempt>& attempts : paths_) {
    auto first = attempts.end();
    while (first != attempts.begin()) {
      const auto before = std::prev(first);
      if (!before->worked || before->begun < from) break;
      first = before;
    }
    if (first == attempts.end()) return std::nullopt;
    since = std::max(since, first->ended);
  }
  return since;
}

std::vector<Span> OracleRecord::broken_beyond(std::int64_t grace_ns, MonoTimeNs now) const {
  std::vector<Span> spans;
  for (const std::vector<Attempt>& attempts : paths_) {
    std::optional<MonoTimeNs> broken;
    for (const Attempt& attempt : attempts) {
      if (attempt.worked && broken) {
        spans.push_back({*broken + grace_ns, attempt.begun});
        broken.reset();
      } else if (!attempt.worked && !broken) {
        broken = attempt.begun;
      }
    }
    if (broken) spans.push_back({*broken + grace_ns, now});
  }
  return joined(std::move(spans));
}

AttemptCounts OracleRecord::counts(MonoTimeNs from, MonoTimeNs to) const {
  AttemptCounts counts;
  for (const std::vector<Attempt>& attempts : paths_) {
    for (const Attempt& attempt : attempts) {
      if (attempt.begun < from || attempt.begun >= to) continue;
      ++counts.made;
      counts.failed += attempt.worked ? 0 : 1;
    }
  }
  return counts;
}

std::size_t OracleRecord::broken_paths(MonoTimeNs from) const {
  return static_cast<std::size_t>(
      std::count_if(paths_.begin(), paths_.end(), [&](const std::vector<Attempt>& attempts) {
        return std::any_of(attempts.begin(), attempts.end(), [&](const Attempt& attempt) {
          return !attempt.worked && attempt.begun >= from;
        });
      }));
}

}  // namespace oki::drill
