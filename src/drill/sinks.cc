#include "drill/sinks.h"

namespace oki::drill {
namespace {

const Address any_port{"127.0.0.1", 0};

}  // namespace

PostSink::PostSink(const Clock& clock, Net& net, Timers& timers)
    : clock_(clock), server_(net, timers, clock, *this, {}) {}

Result<void> PostSink::listen() {
  auto bound = server_.listen(any_port);
  if (!bound) return tl::unexpected(bound.error());
  address_ = *bound;
  return {};
}

const SunkPost* PostSink::first(ByteView path, MonoTimeNs from) const {
  for (const SunkPost& post : posts_) {
    if (post.at >= from && ByteView(post.path).starts_with(path)) return &post;
  }
  return nullptr;
}

void PostSink::on_request(const Address&, net::HttpRequest request, net::Responder responder) {
  net::HttpResponse response;
  if (posts_.size() < sunk_posts_max) {
    posts_.push_back({clock_.mono_now(), request.target, std::move(request.body)});
    response.status = 200;
    response.body = "{}";
  } else {
    response.status = 503;
  }
  responder.send(std::move(response));
}

MailSink::MailSink(const Clock& clock, Net& net)
    : sink_(net, {}, [this, &clock](const notify::SunkMail& mail) {
        if (mails_.size() < sunk_mails_max) mails_.push_back({clock.mono_now(), mail});
      }) {}

Result<void> MailSink::listen() {
  auto bound = sink_.listen(any_port);
  if (!bound) return tl::unexpected(bound.error());
  address_ = *bound;
  return {};
}

}  // namespace oki::drill
