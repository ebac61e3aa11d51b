#include "app/watch_desk.h"

#include <utility>

#include "net/asker.h"

namespace oki::app {
namespace {

// "https://status.example.jp:8443/x" is status.example.jp.
std::string domain_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::string rest = scheme == std::string::npos ? url : url.substr(scheme + 3);
  const std::string host = rest.substr(0, rest.find_first_of(":/"));
  return host.empty() ? "localhost" : host;
}

}  // namespace

WatchDesk::WatchDesk(Process& process, const WatchDeskOptions& options, const Parts& parts)
    : options_(options),
      book_(parts.book),
      tokens_(options.secret),
      service_({parts.book, tokens_, parts.components, net::asker_of, parts.submit, parts.next}),
      server_(process.loop().net(), process.loop().timers(), process.loop().clock(), service_, {}) {
  if (!parts.mail) return;
  notify::SubscriberMailerOptions mailer;
  mailer.desk_url = options.url;
  mailer.domain = options.domain.empty() ? domain_of(options.url) : options.domain;
  mailer_ = std::make_unique<notify::SubscriberMailer>(
      notify::SubscriberMailer::Parts{process.loop().clock(), process.loop().timers(),
                                      process.metrics(), parts.book, tokens_, parts.leads,
                                      parts.mail, parts.submit},
      mailer);
}

Result<Address> WatchDesk::start() {
  if (mailer_) mailer_->start();
  return server_.listen(options_.listen);
}

notify::Announcer::Subscribers WatchDesk::subscribers() const {
  return notify::subscribers_of_book(book_, tokens_);
}

}  // namespace oki::app
