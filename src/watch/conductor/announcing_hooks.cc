#include "watch/conductor/announcing_hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "notify/incident_text.h"
#include "notify/text.h"
#include "response/row_text.h"

namespace oki::watch {
namespace {

using response::ToldOutcome;

notify::Doubt doubt(bool in_doubt) {
  return in_doubt ? notify::Doubt::may_have_left : notify::Doubt::none;
}

std::string title_of(notify::Language language, const response::Incident& incident) {
  if (!incident.title.empty()) return incident.title;
  std::string title;
  for (const notify::ComponentId& id : incident.components) {
    if (!title.empty()) title += notify::text(language, notify::Text::list_separator);
    title += notify::component_text(language, id);
    if (title.size() > response::title_bytes_max / 2) break;
  }
  if (!title.empty()) return title;
  return language == notify::Language::ja ? "障害" : "Incident";
}

notify::PageCause cause_of(response::PageReason reason) {
  static_assert(response::page_reasons == 5);  // The numbers are the same up to there.
  return static_cast<notify::PageCause>(reason);
}

ToldOutcome outcome_of(const notify::Proof& proof) {
  if (proof.unknown > 0) return ToldOutcome::unknown;
  return proof.sent == 0 && proof.refused > 0 ? ToldOutcome::refused : ToldOutcome::sent;
}

}  // namespace

notify::Page page_of(const response::State& state, const Call& call, WallTimeMs now) {
  notify::Page page;
  page.number = call.page;
  page.cause = cause_of(call.reason);
  page.incident = response::name(call.incident);
  page.drill = call.drill;
  const auto person = state.house.people.find(call.person);
  if (person != state.house.people.end()) page.language = person->second.language;
  page.person = response::person_text(page.language, state.house, call.person);
  page.at = now;
  page.began = now;
  page.title = {"障害", "Incident"};
  const auto found = state.incidents.find(call.incident);
  if (found == state.incidents.end()) return page;
  const response::Incident& incident = found->second;
  page.severity = static_cast<std::uint8_t>(static_cast<unsigned>(incident.severity) + 1);
  page.began = std::min(incident.began, now);
  page.title = {title_of(notify::Language::ja, incident), title_of(notify::Language::en, incident)};
  for (const notify::ComponentId& id : incident.components) {
    page.affected.push_back({id, notify::State::operational, incident.state});
  }
  return page;
}

std::vector<TellingProof> proofs_of(const std::vector<notify::Proof>& proofs) {
  std::vector<TellingProof> words;
  for (const notify::Proof& proof : proofs) {
    const bool one = proof.recipients <= 1;
    words.push_back({proof.channel, proof.waiting > 0, outcome_of(proof),
                     one ? proof.text
                         : fmt::format("{} of {} sent, {} refused, {} unknown", proof.sent,
                                       proof.recipients, proof.refused, proof.unknown)});
  }
  return words;
}

void connect(WorldHooks& hooks, notify::Announcer& announcer, const WatchNode& node) {
  hooks.write = [&announcer](notify::Notice& notice) { return announcer.write(notice); };
  hooks.publish = [&announcer](const notify::Notice& notice, bool in_doubt, WorldHooks::Done done) {
    announcer.publish(
        notice,
        [done = std::move(done)](const Result<notify::Published>& published) {
          if (!published) return done(tl::unexpected(published.error()));
          done({});
        },
        doubt(in_doubt));
  };
  hooks.notice_proofs = [&announcer](const notify::Notice& notice) {
    return proofs_of(announcer.proofs(notice));
  };
  // The time of a call is that of its order, so that the same call has the same text wherever it is
  // made.
  const auto page_for = [&node](const Call& call) {
    const auto owed = node.state().pages.find(call.page);
    const WallTimeMs at = owed == node.state().pages.end() ? node.state().now : owed->second.at;
    return page_of(node.state(), call, at);
  };
  hooks.call = [&announcer, &node, page_for](const Call& call, bool in_doubt,
                                             WorldHooks::Done done) {
    const auto person = node.state().house.people.find(call.person);
    if (person == node.state().house.people.end() || person->second.contacts.empty()) {
      return done(error(Errc::not_found, "the person has no contacts"));
    }
    announcer.pager().page(
        page_for(call), person->second.contacts,
        [done = std::move(done)](const Result<notify::Paged>& paged) {
          if (!paged) return done(tl::unexpected(paged.error()));
          done({});
        },
        doubt(in_doubt));
  };
  hooks.call_proofs = [&announcer, page_for](const Call& call) {
    return proofs_of(announcer.pager().proofs(page_for(call)));
  };
}

}  // namespace oki::watch
