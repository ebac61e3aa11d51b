#include "notify/pager.h"

#include <utility>

#include "notify/mail/mail_address.h"

namespace oki::notify {
namespace {

constexpr const char* mail_channel_name = "page_mail";
constexpr const char* marker_channel_name = "published";

}  // namespace

std::vector<Proof> proofs_of(const Outbox& outbox, ByteView posting) {
  std::vector<Proof> proofs;
  for (const ChannelView& view : outbox.channels(posting)) {
    if (view.channel == marker_channel_name) continue;
    const OutboxTotals& totals = view.totals;
    Proof proof{view.channel,   0,
                totals.sent,    totals.refused,
                totals.unknown, totals.queued + totals.sending,
                view.first.text};
    proof.recipients = proof.sent + proof.refused + proof.unknown + proof.waiting;
    proofs.push_back(std::move(proof));
  }
  return proofs;
}

Pager::Pager(const ChannelWorld& world, const ChannelsConfig& config, Outbox& outbox,
             SmtpPool* pool, MailRecord* record)
    : config_(config), outbox_(outbox) {
  for (const Place& way : config.page_ways) {
    channels_.push_back(page_channel(world, config, way));
  }
  for (const OpenChannel& open : channels_) {
    outbox_.add_channel(open.name, *open.channel, open.rules);
  }
  if (!config.mail || pool == nullptr) return;
  mail_ = std::make_unique<PageMailChannel>(*pool, record, config.mail->from, config.page_links);
  ChannelRules rules = page_rules();
  if (record != nullptr) rules.after_unknown = AfterUnknown::ask;
  rules.ask_after_ms = config.mail->ask_after_ms;
  outbox_.add_channel(mail_channel_name, *mail_, rules);
}

Pager::~Pager() = default;

std::optional<Pager::Way> Pager::way_of(ByteView contact) const {
  const std::size_t colon = contact.find(':');
  if (colon == ByteView::npos) return std::nullopt;
  const ByteView kind = contact.substr(0, colon);
  const ByteView name = contact.substr(colon + 1);
  if (kind == "mail") {
    if (mail_ == nullptr || !is_mail_address(name)) return std::nullopt;
    return Way{mail_channel_name, canonical_mail_address(name), false};
  }
  const std::string channel = page_channel_name(kind, name);
  for (const OpenChannel& open : channels_) {
    if (open.name == channel) return Way{channel, open.recipient, kind == "pagerduty"};
  }
  return std::nullopt;
}

void Pager::page(const Page& page, const std::vector<std::string>& contacts, Done done,
                 Doubt doubt) {
  if (Result<void> kept = check(page); !kept) return done(tl::unexpected<Error>(kept.error()));
  Paged paged;
  if (page.drill && !config_.page_drills) {
    paged.kept_back = true;
    return done(std::move(paged));
  }
  std::vector<Way> ways;
  for (const std::string& contact : contacts) {
    std::optional<Way> way = way_of(contact);
    if (!way) {
      paged.unresolved.push_back(contact);
    } else if (way->pagerduty || page.action == PageAction::trigger) {
      ways.push_back(std::move(*way));
    }
  }
  paged.ways = ways.size();
  if (ways.empty()) {
    if (page.action != PageAction::trigger) return done(std::move(paged));
    return done(error(Errc::not_found, "no contact of " + page.person + " can be reached"));
  }
  Posting posting{posting_name(page), {}};
  if (const auto known = outbox_.content(posting.name)) {
    posting.content = Bytes(*known);  // What was known when it was first made stays.
  } else {
    append(posting.content, page);
  }
  struct Gathered {
    Paged paged;
    std::size_t open;
    Result<void> result;
    Done done;
  };
  const auto all =
      std::make_shared<Gathered>(Gathered{std::move(paged), ways.size(), {}, std::move(done)});
  for (Way& way : ways) {
    outbox_.add(
        posting, way.channel, {{way.recipient, {}}},
        [all](const Result<Added>& added) {
          if (added) all->paged.added += added->added;
          if (!added) all->result = tl::unexpected<Error>(added.error());
          if (--all->open > 0) return;
          if (!all->result) return all->done(tl::unexpected<Error>(all->result.error()));
          all->done(std::move(all->paged));
        },
        doubt);
  }
}

std::vector<Proof> Pager::proofs(const Page& page) const {
  return proofs_of(outbox_, posting_name(page));
}

}  // namespace oki::notify
