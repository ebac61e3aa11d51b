#include "notify/status_quorum.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::notify {
namespace {

using Views = std::vector<StatusView>;

struct Claim {
  State state = State::unknown;
  WallTimeMs since{0};  // 0: always was.
};

struct Span {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
};

constexpr std::int64_t for_ever_ms = INT64_MAX / 2;

bool is_live(const StatusView& view) { return view.overall != State::unknown; }
bool was_heard(const StatusView& view) { return view.since.has_value(); }
std::size_t majority(std::size_t seats) { return seats / 2 + 1; }

State middle(const std::vector<Claim>& claims) {
  std::vector<State> states;
  for (const Claim& claim : claims) states.push_back(claim.state);
  std::sort(states.begin(), states.end());
  return states[majority(states.size()) - 1];
}

// Since when a majority holds it: to be good, or to be no better.
std::optional<WallTimeMs> held_since(const std::vector<Claim>& claims, State state) {
  std::vector<WallTimeMs> times;
  for (const Claim& claim : claims) {
    const bool counts = state == State::operational ? claim.state == state : claim.state >= state;
    if (counts) times.push_back(claim.since);
  }
  std::sort(times.begin(), times.end());
  const std::size_t needed = majority(claims.size());
  if (times.size() < needed || times[needed - 1].value == 0) return std::nullopt;
  return times[needed - 1];
}

const StatusView* wrong_ledger(const Views& views) {
  const auto found = std::find_if(views.begin(), views.end(), [](const StatusView& view) {
    return is_live(view) && view.reason == Reason::ledger_mismatch;
  });
  return found == views.end() ? nullptr : &*found;
}

void take_overall(StatusView& out, const Views& views) {
  std::vector<Claim> claims;
  for (const StatusView& view : views) {
    claims.push_back({view.overall, view.since.value_or(WallTimeMs{0})});
  }
  out.overall = middle(claims);
  out.since = held_since(claims, out.overall);
  out.reason = out.overall == State::operational ? Reason::none : Reason::monitoring_lost;
  for (const StatusView& view : views) {
    if (!is_live(view) || out.overall == State::operational || view.overall != out.overall)
      continue;
    out.reason = view.reason;
    break;
  }
  const StatusView* wrong = wrong_ledger(views);
  if (wrong == nullptr || out.overall == State::unknown) return;
  out.overall = worse(out.overall, wrong->overall);
  out.reason = Reason::ledger_mismatch;
  out.since = wrong->since;
}

// The majority-th newest: what a majority has proven by then.
std::optional<WallTimeMs> proven_at(const Views& views) {
  std::vector<WallTimeMs> times;
  for (const StatusView& view : views) {
    if (view.proven_at) times.push_back(*view.proven_at);
  }
  const std::size_t needed = majority(views.size());
  if (times.size() < needed) return std::nullopt;
  std::sort(times.rbegin(), times.rend());
  return times[needed - 1];
}

const StatusView& shown_seat(const Views& views, State overall) {
  for (const StatusView& view : views) {
    if (is_live(view) && view.overall == overall) return view;
  }
  for (const StatusView& view : views) {
    if (is_live(view)) return view;
  }
  return *std::max_element(views.begin(), views.end(), [](const auto& a, const auto& b) {
    return a.document->sequence < b.document->sequence;
  });
}

const LeaseRow* find_row(const StatusView& view, const ComponentId& id) {
  for (const LeaseRow& row : view.rows) {
    if (row.id == id) return &row;
  }
  return nullptr;
}

LeaseRow together(const Views& views, const ComponentId& id) {
  std::vector<Claim> claims;
  State worst_live = State::operational;
  std::optional<WallTimeMs> worst_since;
  for (const StatusView& view : views) {
    const LeaseRow* row = find_row(view, id);
    claims.push_back(row == nullptr ? Claim{} : Claim{row->state, row->since});
    if (!is_live(view) || row == nullptr || row->state <= worst_live) continue;
    worst_live = row->state;
    worst_since = row->since;
  }
  LeaseRow out{id, middle(claims), {}};
  out.since = held_since(claims, out.state).value_or(views.front().now);
  const bool is_proof = id.kind == ComponentKind::ledger && out.state < worst_live;
  if (is_proof) out = {id, worst_live, *worst_since};
  return out;
}

void take_rows(StatusView& out, const StatusView& shown, const Views& views) {
  const auto take = [&](const StatusView& view) {
    for (const LeaseRow& row : view.rows) {
      const bool is_new = find_row(out, row.id) == nullptr;
      if (is_new && out.rows.size() < components_max) out.rows.push_back(together(views, row.id));
    }
  };
  take(shown);
  for (const StatusView& view : views) {
    if (is_live(view)) take(view);
  }
}

// When at least `needed` of the spans hold at once, in order of time.
std::vector<Span> overlap(const std::vector<Span>& spans, std::size_t needed) {
  std::vector<std::pair<std::int64_t, int>> steps;
  for (const Span& span : spans) {
    if (span.from_ms >= span.to_ms) continue;
    steps.emplace_back(span.from_ms, 1);
    steps.emplace_back(span.to_ms, -1);
  }
  std::sort(steps.begin(), steps.end());
  std::vector<Span> out;
  std::size_t held = 0;
  for (const auto& [at_ms, step] : steps) {
    const bool before = held >= needed;
    held = step > 0 ? held + 1 : held - 1;
    const bool after = held >= needed;
    if (!before && after) out.push_back({at_ms, for_ever_ms});
    if (before && !after) out.back().to_ms = at_ms;
  }
  return out;
}

std::vector<UnknownPeriod> unknown_together(const Views& views) {
  const std::size_t needed = majority(views.size());
  const auto heard = static_cast<std::size_t>(std::count_if(views.begin(), views.end(), was_heard));
  if (heard < needed) return {};
  std::vector<Span> spans;
  for (const StatusView& view : views) {
    if (!was_heard(view)) spans.push_back({0, for_ever_ms});
    for (const UnknownPeriod& period : *view.unknown) {
      spans.push_back({period.from.value, period.to ? period.to->value : for_ever_ms});
    }
  }
  std::vector<UnknownPeriod> out;
  for (const Span& span : overlap(spans, needed)) {
    const bool is_open = span.to_ms == for_ever_ms;
    out.push_back({{span.from_ms}, is_open ? std::nullopt : std::optional(WallTimeMs{span.to_ms})});
  }
  if (out.size() > unknown_periods_max) out.erase(out.begin(), out.end() - unknown_periods_max);
  return out;
}

Span span_of(const Incident& incident) {
  const std::int64_t to_ms = incident.ended ? incident.ended->value : for_ever_ms;
  return {incident.began.value - agreement_slack_ms,
          to_ms == for_ever_ms ? to_ms : to_ms + agreement_slack_ms};
}

bool meet(const Span& a, const Span& b) { return a.from_ms < b.to_ms && b.from_ms < a.to_ms; }

// When a majority of the seats was not green, by what each of them saw of itself.
std::vector<Span> outages_together(const Views& views) {
  std::vector<Span> spans;
  for (const StatusView& view : views) {
    std::vector<Span> own;
    for (const Incident& incident : view.incidents) own.push_back(span_of(incident));
    const std::vector<Span> merged = overlap(own, 1);  // A seat has one voice.
    spans.insert(spans.end(), merged.begin(), merged.end());
  }
  return overlap(spans, majority(views.size()));
}

std::uint64_t moved(std::uint64_t affected, const StatusDocument& from, const StatusDocument& to) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < from.components.size(); ++i) {
    if ((affected >> i & 1) == 0) continue;
    for (std::size_t k = 0; k < to.components.size(); ++k) {
      if (to.components[k].id == from.components[i].id) out |= std::uint64_t{1} << k;
    }
  }
  return out;
}

void move_components(Incident& incident, const StatusDocument& from, const StatusDocument& to) {
  incident.affected = moved(incident.affected, from, to);
  for (IncidentUpdate& update : incident.updates)
    update.affected = moved(update.affected, from, to);
}

// Those of the shown timeline that a majority shares, and those that others share without it.
std::vector<Incident> agreed_incidents(const Views& views, const StatusView& shown,
                                       const std::vector<UnknownPeriod>& unknown) {
  const std::vector<Span> agreed = outages_together(views);
  std::vector<Incident> out;
  const auto take = [&](const StatusView& view) {
    std::vector<Incident> all = derive_incidents(*view.document, {}, view.now);
    for (Incident& incident : all) {
      const Span span = span_of(incident);
      const auto meets = [&span](const Span& other) { return meet(span, other); };
      const bool counts = incident.reason == Reason::ledger_mismatch ||
                          std::any_of(agreed.begin(), agreed.end(), meets);
      const bool is_told = std::any_of(
          out.begin(), out.end(), [&](const Incident& told) { return meet(span, span_of(told)); });
      if (!counts || (&view != &shown && is_told)) continue;
      move_components(incident, *view.document, *shown.document);
      out.push_back(std::move(incident));
    }
  };
  take(shown);
  for (const StatusView& view : views) {
    if (&view != &shown) take(view);
  }
  for (Incident& silence : derive_incidents({}, unknown, shown.now)) {
    out.push_back(std::move(silence));
  }
  std::sort(out.begin(), out.end(),
            [](const Incident& a, const Incident& b) { return b.began < a.began; });
  return out;
}

const NoticeBoard* newest_board(const Views& views) {
  const auto newest = std::max_element(
      views.begin(), views.end(),
      [](const auto& a, const auto& b) { return a.board->sequence < b.board->sequence; });
  return newest->board;
}

}  // namespace

StatusQuorum::StatusQuorum(const Clock& clock, const std::vector<Bytes>& public_keys) {
  ASSERT(public_keys.size() % 2 == 1 && public_keys.size() <= watches_max);
  truths_.reserve(public_keys.size());
  for (const Bytes& key : public_keys) truths_.emplace_back(clock, key);
}

StatusQuorum::Taken StatusQuorum::accept(ByteView envelope) {
  Taken taken;
  for (std::size_t seat = 0; seat < truths_.size(); ++seat) {
    taken = {truths_[seat].accept(envelope), seat};
    if (taken.acceptance != Acceptance::forged) break;
  }
  const bool is_signed =
      taken.acceptance == Acceptance::accepted || taken.acceptance == Acceptance::stale;
  if (!is_signed) taken.seat.reset();
  return taken;
}

StatusView StatusQuorum::view() {
  Views views;
  for (StatusTruth& truth : truths_) views.push_back(truth.view());
  live_ = static_cast<std::size_t>(std::count_if(views.begin(), views.end(), is_live));
  if (views.size() == 1) return std::move(views.front());
  StatusView out;
  out.now = views.front().now;
  take_overall(out, views);
  out.proven_at = proven_at(views);
  const StatusView& shown = shown_seat(views, out.overall);
  out.leader_seat = shown.leader_seat;
  out.leader_term = shown.leader_term;
  take_rows(out, shown, views);
  out.document = shown.document;
  out.board = newest_board(views);
  unknown_ = unknown_together(views);
  out.unknown = &unknown_;
  out.incidents = agreed_incidents(views, shown, unknown_);
  return out;
}

}  // namespace oki::notify
