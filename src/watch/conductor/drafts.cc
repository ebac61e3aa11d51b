#include "watch/conductor/drafts.h"

#include <algorithm>
#include <utility>

#include "crypto/crypto.h"
#include "response/operators.h"
#include "response/postmortem.h"

namespace oki::watch {
namespace {

using notify::Language;

}  // namespace

std::string Drafts::file_name(response::IncidentId id, Language language) const {
  const auto found = state_().incidents.find(id);
  const std::string name = found == state_().incidents.end()
                               ? response::name(id)
                               : response::notice_name(id, found->second);
  return name + (language == Language::ja ? ".ja.md" : ".en.md");
}

void Drafts::write(response::IncidentId id, Done done) {
  const auto found = state_().incidents.find(id);
  if (found == state_().incidents.end()) return done(error(Errc::not_found, "unknown_incident"));
  if (!read_scope_) {
    response::ScopeReport scope;
    scope.from = found->second.began;
    scope.to = found->second.ended.value_or(state_().now);
    return write_with(id, scope, std::move(done));
  }
  read_scope_(state_(), id,
              [this, id, done = std::move(done)](Result<response::ScopeReport> scope) {
                if (!scope) return done(tl::unexpected(scope.error()));
                write_with(id, *scope, done);
              });
}

// Japanese first; the English one is on its way when that is there, and both have one digest.
void Drafts::write_with(response::IncidentId id, const response::ScopeReport& scope, Done done) {
  const response::State& state = state_();
  if (!state.incidents.contains(id)) return done(error(Errc::not_found, "unknown_incident"));
  const std::vector<response::Cause> causes = response::rank_causes(state, id);
  Bytes ja = response::postmortem_draft(Language::ja, state, id, scope, causes);
  Bytes en = response::postmortem_draft(Language::en, state, id, scope, causes);
  std::string digest = crypto::hex(crypto::sha256(ja + '\n' + en));
  const std::string en_name = file_name(id, Language::en);
  disk_.replace(file_name(id, Language::ja), std::move(ja),
                [this, en = std::move(en), en_name, digest = std::move(digest),
                 done = std::move(done)](const Result<void>& written) mutable {
                  if (!written) return done(tl::unexpected(written.error()));
                  disk_.replace(en_name, std::move(en),
                                [digest = std::move(digest),
                                 done = std::move(done)](const Result<void>& all) {
                                  if (!all) return done(tl::unexpected(all.error()));
                                  done(digest);
                                });
                });
}

Result<Bytes> Drafts::read(response::IncidentId id, Language language) const {
  const std::string name = file_name(id, language);
  const auto names = disk_.list();
  if (!names) return tl::unexpected(names.error());
  if (std::ranges::find(*names, name) == names->end()) {
    return error(Errc::not_found, "this watch keeps no draft of it");
  }
  return disk_.read(name, 0, draft_bytes_max);
}

}  // namespace oki::watch
