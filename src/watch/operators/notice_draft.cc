#include "watch/operators/notice_draft.h"

#include <optional>

#include "watch/conductor/first_notice.h"
#include "watch/operators/json_body.h"
#include "watch/operators/operator_words.h"

namespace oki::watch {
namespace {

using notify::NoticePhase;

std::optional<NoticePhase> notice_phase_of(ByteView text) {
  for (const NoticePhase phase :
       {NoticePhase::investigating, NoticePhase::identified, NoticePhase::monitoring,
        NoticePhase::resolved, NoticePhase::postmortem}) {
    if (text == notify::name(phase)) return phase;
  }
  return std::nullopt;
}

}  // namespace

Result<notify::Notice> notice_draft(const response::State& state, response::IncidentId id,
                                    const net::Json& json,
                                    const std::function<Result<void>(notify::Notice&)>& write,
                                    WallTimeMs now) {
  JsonBody body(json);
  const NoticePhase phase = body.word("phase", notice_phase_of);
  const std::optional<notify::LocalText> cause = body.both_languages("cause");
  const std::optional<notify::LocalText> title = body.both_languages("title");
  const std::optional<notify::LocalText> words = body.both_languages("body");
  const std::optional<notify::LocalText> assets = body.both_languages("assets");
  std::optional<WallTimeMs> next;
  if (json.find("next_update") != nullptr) {
    next = body.word("next_update", [now](ByteView text) { return time_of(text, now); });
  }
  if (auto done = body.done(); !done) return tl::unexpected(done.error());
  const bool over = phase >= NoticePhase::resolved;
  if (over && !state.incidents.at(id).ended) {
    return error(Errc::invalid, "the incident is not over");
  }
  notify::Notice notice = notice_by_rules(state, id, phase, now);
  if (next) notice.next_update_at = *next;
  if (cause) notice.cause = *cause;
  if (assets) notice.assets = *assets;
  if (write) {
    if (auto written = write(notice); !written) return tl::unexpected(written.error());
  }
  if (title) notice.title = *title;
  if (words) notice.body = *words;
  if (auto fine = notify::check(notice); !fine) return tl::unexpected(fine.error());
  return notice;
}

}  // namespace oki::watch
