#include "app/watch_scope.h"

#include <utility>

#include "base/assert.h"

namespace oki::app {
namespace {

response::ScopeReaderOptions reader_options(const WatchScope::Options& options) {
  response::ScopeReaderOptions made;
  made.edges = options.edges;
  made.house_accounts = options.house_accounts;
  return made;
}

}  // namespace

WatchScope::WatchScope(Process& process, replica::Client& exchange, Disk& lists,
                       const Options& options)
    : loop_(process.loop()),
      lists_(lists),
      log_({}, [this](std::function<void()> work,
                      std::function<void()> then) { aside(std::move(work), std::move(then)); }),
      reader_({loop_.timers(), loop_.net(), log_}, reader_options(options)) {
  exchange.follow(log_);
}

WatchScope::~WatchScope() {
  if (loader_.joinable()) loader_.join();
}

// The log takes nothing more while a snapshot is being read, so there is one at a time.
void WatchScope::aside(std::function<void()> work, std::function<void()> then) {
  if (loader_.joinable()) loader_.join();
  loader_ = std::thread([this, work = std::move(work), then = std::move(then)] {
    work();
    loop_.post(then);
  });
}

void WatchScope::read(const response::State& state, response::IncidentId id, Done done) {
  const auto found = state.incidents.find(id);
  if (found == state.incidents.end()) return done(error(Errc::not_found, "no such incident"));
  reader_.read(scope_query(state.house, found->second, state.now),
               [this, id, done = std::move(done)](response::ScopeReading reading) {
                 const auto report =
                     std::make_shared<response::ScopeReport>(std::move(reading.report));
                 lists_.replace(response::name(id) + ".accounts", std::move(reading.accounts),
                                [report, done](const Result<void>& written) {
                                  if (!written) return done(tl::unexpected(written.error()));
                                  done(std::move(*report));
                                });
               });
}

}  // namespace oki::app
