#include "notify/announcer.h"

#include <algorithm>
#include <utility>

#include "notify/channels/answer.h"
#include "notify/channels/timely_channel.h"
#include "notify/mail/mail_address.h"

namespace oki::notify {
namespace {

constexpr const char* mail_channel_name = "mail";
constexpr const char* marker_channel_name = "published";
constexpr std::size_t recipients_at_once = 10'000;
constexpr std::size_t postings_max = 100'000;
constexpr std::size_t component_postings_max = postings_max / 2;  // The rest is for people.
constexpr std::size_t deliveries_kept_max = 500'000;  // Then the oldest settled ones are retired.
constexpr std::size_t retired_at_once = 64;
constexpr std::uint32_t mails_in_flight_per_session = 2;
constexpr std::uint32_t earlier_notices_max = 100;
constexpr const char* reserved_incident = "page";  // Its postings would be named as pages are.

// Where the last delivery of a notice goes: none leaves by it, but its record says that all others
// are stored.
class Marker : public Channel {
 public:
  explicit Marker(Timers& timers) : soon_(timers) {}
  void send(const Letter&, Sent sent) override {
    soon_.answer(std::move(sent), {Attempt::sent, "stored for every channel", {}});
  }

 private:
  SoonAnswers soon_;
};

ChannelRules marker_rules() {
  ChannelRules rules;
  rules.after_unknown = AfterUnknown::resend;
  return rules;
}

}  // namespace

class Announcer::Impl {
 public:
  Impl(const Parts& parts, ChannelsConfig config, NoticeTemplates templates)
      : parts_(parts),
        config_(std::move(config)),
        templates_(std::move(templates)),
        marker_(parts.world.timers),
        mails_(parts.world.timers),
        alive_(std::make_shared<Impl*>(this)) {}
  ~Impl() { *alive_ = nullptr; }

  Result<void> open();
  void start(Subscribers subscribers);
  void publish(const Notice& notice, Done done, Doubt doubt);
  void publish(const ComponentUpdate& update, Done done);
  bool is_published(const Notice& notice) const;
  void mail(MailHead head, const MailText& text, SmtpPool::Done done);

 private:
  friend class Announcer;

  // One notice on its way into the outbox.
  struct Job {
    Posting posting;
    Doubt doubt = Doubt::none;
    Done done;
    Published published;
    Result<void> result;
    std::size_t open = 1;  // Parts that are not stored yet.
    std::vector<Recipient> recipients;
    std::size_t taken = 0;  // Of the recipients.
  };
  using JobPtr = std::shared_ptr<Job>;

  Channel& timely(Channel& inner);
  void open_mail();
  std::vector<Notice> earlier(const Notice& notice) const;
  void add(const JobPtr& job, const std::string& channel, std::vector<Recipient> recipients,
           std::function<void()> then = {});
  void add_mail(const JobPtr& job, const Notice& notice);
  void add_next_piece(const JobPtr& job);
  void finish_part(const JobPtr& job);
  void answer_soon(Done done, Result<Published> result);
  void make_room();

  Parts parts_;
  ChannelsConfig config_;
  NoticeTemplates templates_;
  Marker marker_;
  SoonAnswers mails_;  // Of mails that no server hears of.
  std::unique_ptr<SmtpPool> pool_;
  std::unique_ptr<MailChannel> mail_;
  std::vector<OpenChannel> channels_;
  std::vector<std::unique_ptr<TimelyChannel>> timely_;  // Around them and around mail.
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Pager> pager_;
  Subscribers subscribers_;
  std::shared_ptr<Impl*> alive_;  // For answers that come when we are gone.
};

Result<void> Announcer::Impl::open() {
  OutboxOptions options;
  options.postings_max = postings_max;
  auto outbox = Outbox::open({parts_.disk, parts_.world.timers, parts_.world.clock,
                              parts_.world.random, parts_.log, parts_.metrics},
                             options);
  if (!outbox) return tl::unexpected(outbox.error());
  outbox_ = std::move(*outbox);
  outbox_->add_channel(marker_channel_name, marker_, marker_rules());
  for (const Place& place : config_.channels) {
    auto opened = notice_channels(parts_.world, config_, place,
                                  [this](const Notice& notice) { return earlier(notice); });
    for (OpenChannel& open : opened) channels_.push_back(std::move(open));
  }
  for (const OpenChannel& open : channels_) {
    outbox_->add_channel(open.name, timely(*open.channel), open.rules);
  }
  if (config_.mail) open_mail();
  pager_ = std::make_unique<Pager>(parts_.world, config_, *outbox_, pool_.get(), parts_.record);
  return {};
}

Channel& Announcer::Impl::timely(Channel& inner) {
  timely_.push_back(std::make_unique<TimelyChannel>(
      inner, parts_.world.timers, parts_.world.clock,
      [this](const std::string& posting) { return outbox_->has(posting); }));
  return *timely_.back();
}

void Announcer::Impl::open_mail() {
  const MailPlace& place = *config_.mail;
  SmtpOptions smtp;
  smtp.server = place.server;
  smtp.hello = place.hello;
  smtp.connections_max = place.connections;
  pool_ = std::make_unique<SmtpPool>(parts_.world.plain, parts_.world.timers, smtp);
  mail_ = std::make_unique<MailChannel>(
      *pool_, parts_.record, MailChannelOptions{place.from, place.from_name, config_.links});
  ChannelRules rules;
  rules.in_flight_max = mails_in_flight_per_session * place.connections;
  rules.per_minute_max = place.per_minute;
  rules.burst = std::max<std::uint32_t>(1, place.per_minute / 60);
  rules.after_unknown = parts_.record == nullptr ? AfterUnknown::hold : AfterUnknown::ask;
  rules.ask_after_ms = place.ask_after_ms;
  outbox_->add_channel(mail_channel_name, timely(*mail_), rules);
}

void Announcer::Impl::start(Subscribers subscribers) {
  subscribers_ = std::move(subscribers);
  outbox_->start();
}

// Newest first.
std::vector<Notice> Announcer::Impl::earlier(const Notice& notice) const {
  std::vector<Notice> all;
  for (std::uint32_t number = notice.number; number > 1 && all.size() < earlier_notices_max;) {
    --number;
    const auto content = outbox_->content(notice.incident + "/" + std::to_string(number));
    if (!content) continue;
    if (Result<Notice> before = read_notice(*content)) all.push_back(std::move(*before));
  }
  return all;
}

bool Announcer::Impl::is_published(const Notice& notice) const {
  const std::string posting = notice_posting_name(notice);
  if (!outbox_->has(posting)) return false;
  if (!outbox_->content(posting)) return true;  // Retired: it was complete and settled.
  const std::vector<ChannelView> channels = outbox_->channels(posting);
  return std::any_of(channels.begin(), channels.end(),
                     [](const ChannelView& view) { return view.channel == marker_channel_name; });
}

void Announcer::Impl::answer_soon(Done done, Result<Published> result) {
  parts_.world.timers.after_ms(
      0, [alive = alive_, done = std::move(done), result = std::move(result)]() mutable {
        if (*alive != nullptr) done(std::move(result));
      });
}

void Announcer::Impl::publish(const Notice& notice, Done done, Doubt doubt) {
  if (Result<void> kept = check(notice); !kept) {
    return answer_soon(std::move(done), tl::unexpected<Error>(kept.error()));
  }
  if (notice.incident == reserved_incident) {
    return answer_soon(std::move(done), error(Errc::invalid, "an incident may not be named so"));
  }
  if (is_published(notice)) return answer_soon(std::move(done), Published{});
  make_room();
  const JobPtr job = std::make_shared<Job>();
  job->posting.name = notice_posting_name(notice);
  append(job->posting.content, notice);
  job->doubt = doubt;
  job->done = std::move(done);
  for (const OpenChannel& open : channels_) {
    if (open.drill == notice.drill) add(job, open.name, {{open.recipient, {}}});
  }
  if (mail_ != nullptr && !notice.drill) add_mail(job, notice);
  finish_part(job);
}

void Announcer::Impl::publish(const ComponentUpdate& update, Done done) {
  const bool told = std::any_of(channels_.begin(), channels_.end(),
                                [](const OpenChannel& open) { return open.tells_components; });
  if (!told) return answer_soon(std::move(done), Published{});
  if (outbox_->postings_kept() >= component_postings_max) {
    return answer_soon(std::move(done),
                       error(Errc::full, "too many postings (component_postings_max)"));
  }
  make_room();
  const JobPtr job = std::make_shared<Job>();
  job->posting.name = posting_name(update);
  append(job->posting.content, update);
  job->done = std::move(done);
  for (const OpenChannel& open : channels_) {
    if (open.tells_components) add(job, open.name, {{open.recipient, {}}});
  }
  finish_part(job);
}

void Announcer::Impl::add(const JobPtr& job, const std::string& channel,
                          std::vector<Recipient> recipients, std::function<void()> then) {
  ++job->open;
  ++job->published.channels;
  outbox_->add(
      job->posting, channel, std::move(recipients),
      [this, job, then = std::move(then)](const Result<Added>& added) {
        if (!added) {
          if (job->result) job->result = tl::unexpected<Error>(added.error());
        } else {
          job->published.added += added->added;
          job->published.known += added->known;
          if (then) then();
        }
        finish_part(job);
      },
      job->doubt);
}

void Announcer::Impl::add_mail(const JobPtr& job, const Notice& notice) {
  if (!subscribers_) return;
  std::vector<ComponentId> components;
  for (const NoticeComponent& each : notice.affected) components.push_back(each.id);
  ++job->open;
  subscribers_(components, [this, alive = alive_, job](Result<std::vector<Recipient>> found) {
    if (*alive == nullptr) return;
    if (found) {
      job->recipients = std::move(*found);
      add_next_piece(job);
    } else if (job->result) {
      job->result = tl::unexpected<Error>(found.error());
    }
    finish_part(job);
  });
}

// A piece waits for the disk to have the one before it, so that a hundred thousand recipients never
// stop the loop.
void Announcer::Impl::add_next_piece(const JobPtr& job) {
  if (job->taken >= job->recipients.size()) return;
  const std::size_t end = std::min(job->taken + recipients_at_once, job->recipients.size());
  const auto at = [&](std::size_t i) {
    return std::make_move_iterator(job->recipients.begin() + static_cast<std::ptrdiff_t>(i));
  };
  std::vector<Recipient> piece(at(job->taken), at(end));
  if (job->taken > 0) --job->published.channels;  // Still the same channel.
  job->taken = end;
  add(job, mail_channel_name, std::move(piece), [this, job] { add_next_piece(job); });
}

// The last part stores the mark that all of them are stored.
void Announcer::Impl::finish_part(const JobPtr& job) {
  if (--job->open > 0) return;
  if (!job->result) {
    return answer_soon(std::move(job->done), tl::unexpected<Error>(job->result.error()));
  }
  outbox_->add(job->posting, marker_channel_name, {{"", {}}},
               [this, job](const Result<Added>& added) {
                 if (added) return answer_soon(std::move(job->done), job->published);
                 answer_soon(std::move(job->done), tl::unexpected<Error>(added.error()));
               });
}

void Announcer::Impl::mail(MailHead head, const MailText& text, SmtpPool::Done done) {
  if (pool_ == nullptr) {
    return mails_.answer(std::move(done), {Attempt::absent, "no mail is configured", {}});
  }
  if (!is_mail_address(head.to)) return mails_.refuse(std::move(done), "no address");
  head.from = config_.mail->from;
  head.from_name = config_.mail->from_name;
  Bytes data = write_mail(head, text);
  pool_->send({head.from, head.to, std::move(data)}, std::move(done));
}

// What was settled long ago gives its place; names are kept, so that nothing is told twice.
void Announcer::Impl::make_room() {
  if (outbox_->deliveries_kept() <= deliveries_kept_max) return;
  for (const std::string& posting : outbox_->settled(retired_at_once)) {
    if (outbox_->deliveries_kept() <= deliveries_kept_max) return;
    const Result<void> retired = outbox_->retire(posting);
    if (!retired) return;
  }
}

Announcer::Announcer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Announcer::~Announcer() = default;

Result<std::unique_ptr<Announcer>> Announcer::open(const Parts& parts, ChannelsConfig config,
                                                   ByteView texts) {
  Result<NoticeTemplates> templates =
      texts.empty() ? NoticeTemplates::standard() : NoticeTemplates::parse(texts);
  if (!templates) return tl::unexpected(templates.error());
  auto impl = std::make_unique<Impl>(parts, std::move(config), std::move(*templates));
  if (Result<void> opened = impl->open(); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<Announcer>(new Announcer(std::move(impl)));
}

void Announcer::start(Subscribers subscribers) { impl_->start(std::move(subscribers)); }

Result<void> Announcer::write(Notice& notice) const {
  return impl_->templates_.write(notice, impl_->config_.links);
}

void Announcer::publish(const Notice& notice, Done done, Doubt doubt) {
  impl_->publish(notice, std::move(done), doubt);
}

void Announcer::publish(const ComponentUpdate& update, Done done) {
  impl_->publish(update, std::move(done));
}

void Announcer::mail(MailHead head, const MailText& text, SmtpPool::Done done) {
  impl_->mail(std::move(head), text, std::move(done));
}

bool Announcer::is_published(const Notice& notice) const { return impl_->is_published(notice); }

std::vector<Proof> Announcer::proofs(const Notice& notice) const {
  return proofs_of(*impl_->outbox_, notice_posting_name(notice));
}

Pager& Announcer::pager() { return *impl_->pager_; }
Outbox& Announcer::outbox() { return *impl_->outbox_; }
const ChannelsConfig& Announcer::config() const { return impl_->config_; }

std::vector<NoticePreview> previews(const Notice& notice, const ChannelsConfig& config) {
  std::vector<NoticePreview> all;
  const std::vector<NoticePreview> known = preview(notice, config.links);
  const auto take = [&](const std::string& kind, const std::string& channel, Language language) {
    for (NoticePreview each : known) {
      if (each.channel != kind || each.language != language) continue;
      each.channel = channel;
      all.push_back(std::move(each));
    }
  };
  for (const Place& place : config.channels) {
    if (place.drill != notice.drill) continue;
    for (const Language language : place.languages) {
      take(name(place.kind), place.name, language);
      if (place.kind != PlaceKind::webhook) continue;
      const WebhookWords words{language, config.links, config.page_name};
      const Bytes body = place.format == WebhookFormat::statuspage
                             ? statuspage_incident({notice}, words)
                             : cloud_event(notice, words);
      all.push_back({place.name, language, body, body.size(), 0});
    }
  }
  if (!config.mail || notice.drill) return all;
  for (const Language language : {Language::ja, Language::en}) take("mail", "mail", language);
  return all;
}

}  // namespace oki::notify
