// Calls people: each page by every way that its person gave, once under its number.
//
// A contact is "mail:ADDRESS", or a kind and the name of a [[pages.way]] of the configuration:
// "pagerduty:NAME", "slack:NAME", "discord:NAME", "line:NAME", "telegram:NAME", "webhook:NAME".
// Pages go by the outbox of the announcer. In doubt a page is sent again under the same number and
// key (PagerDuty, LINE, webhooks and mail can tell; in Slack, Discord and Telegram it may be read
// twice): nobody who should have been called may sleep on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "notify/channels/page_channels.h"
#include "notify/channels/place_channels.h"
#include "notify/outbox.h"
#include "notify/page.h"

namespace oki::notify {

// What became of a posting by one channel.
struct Proof {
  std::string channel;
  std::uint64_t recipients = 0, sent = 0, refused = 0, unknown = 0, waiting = 0;
  std::string text;  // What the other side said of the first, or why not.
};
std::vector<Proof> proofs_of(const Outbox& outbox, ByteView posting);

struct Paged {
  std::size_t ways = 0;
  std::size_t added = 0;
  bool kept_back = false;               // A drill, and pages of drills do not leave.
  std::vector<std::string> unresolved;  // Contacts that the configuration does not know.
};

class Pager {
 public:
  // Adds its channels to the outbox, which must not have started. All outlive the pager; `pool` is
  // nullptr where there is no mail.
  Pager(const ChannelWorld& world, const ChannelsConfig& config, Outbox& outbox, SmtpPool* pool,
        MailRecord* record);
  ~Pager();

  // `done` once, when the disk knows it. A number that is known keeps the text that it had first.
  // An action other than trigger goes to PagerDuty only. Errc::invalid: no page. Unresolved
  // contacts are no error while another way is there; with none at all Errc::not_found.
  using Done = std::function<void(Result<Paged>)>;
  void page(const Page& page, const std::vector<std::string>& contacts, Done done,
            Doubt doubt = Doubt::none);

  std::vector<Proof> proofs(const Page& page) const;

 private:
  struct Way {
    std::string channel, recipient;
    bool pagerduty = false;
  };
  std::optional<Way> way_of(ByteView contact) const;

  const ChannelsConfig& config_;
  Outbox& outbox_;
  std::vector<OpenChannel> channels_;
  std::unique_ptr<PageMailChannel> mail_;
};

}  // namespace oki::notify
