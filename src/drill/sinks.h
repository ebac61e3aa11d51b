// Where notices and pages of a throw-away exchange arrive: a web server that takes every POST and a
// mail server that keeps what it is sent, both on the loopback of this machine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "net/http_server.h"
#include "notify/testing/smtp_sink.h"

namespace oki::drill {

constexpr std::size_t sunk_posts_max = 10'000;
constexpr std::size_t sunk_mails_max = 10'000;

struct SunkPost {
  MonoTimeNs at;
  std::string path;
  std::string body;
};

class PostSink : private net::HttpHandler {
 public:
  // All must outlive the sink.
  PostSink(const Clock& clock, Net& net, Timers& timers);

  Result<void> listen();
  const Address& address() const { return address_; }

  // In order of arrival; those beyond sunk_posts_max are answered 503.
  const std::vector<SunkPost>& posts() const { return posts_; }
  // The first one on a path that begins so, at or after `from`.
  const SunkPost* first(ByteView path, MonoTimeNs from) const;

 private:
  void on_request(const Address& peer, net::HttpRequest request, net::Responder responder) override;

  const Clock& clock_;
  net::HttpServer server_;
  Address address_;
  std::vector<SunkPost> posts_;
};

struct KeptMail {
  MonoTimeNs at;
  notify::SunkMail mail;
};

class MailSink {
 public:
  MailSink(const Clock& clock, Net& net);

  Result<void> listen();
  const Address& address() const { return address_; }
  const std::vector<KeptMail>& mails() const { return mails_; }

 private:
  std::vector<KeptMail> mails_;
  notify::SmtpSink sink_;
  Address address_;
};

}  // namespace oki::drill
