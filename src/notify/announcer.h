// Everything that a house tells the world of a notice, from one configuration.
//
// publish() is done when the disk knows every delivery: from then on a kill loses none, and
// publishing the same notice again adds nothing. Texts are made from the approved notice when they
// are sent, in the languages that each place asks for.
//
// When another watch takes over, it publishes with Doubt::may_have_left what was approved before:
// places that know a repetition by its key get it again under the same key, mail is looked up in
// the mail server's record, and the rest waits for a person (docs/notices.md).
//
// A notice of a drill goes to the places marked `drill` and nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "notify/channels/place_channels.h"
#include "notify/component_update.h"
#include "notify/mail/mail_channel.h"
#include "notify/notice_template.h"
#include "notify/outbox.h"
#include "notify/pager.h"

namespace oki::notify {

struct Published {
  std::size_t channels = 0;
  std::size_t added = 0;
  std::size_t known = 0;  // Deliveries that were there before.
};

class Announcer {
 public:
  struct Parts {
    ChannelWorld world;
    Disk& disk;
    Log& log;
    Metrics& metrics;
    MailRecord* record;  // nullptr: nobody can be asked what the mail server took.
  };

  // Who is to get a notice about these components by mail; `then` once, now or later. An error:
  // the notice is not complete, and publish() says so.
  using Recipients = std::function<void(Result<std::vector<Recipient>>)>;
  using Subscribers =
      std::function<void(const std::vector<ComponentId>& components, Recipients then)>;

  // Blocking: reads the outbox. `texts` is the file of templates, empty for those that ship. All
  // parts outlive the announcer. Errc::invalid: the texts; other errors are those of the outbox.
  static Result<std::unique_ptr<Announcer>> open(const Parts& parts, ChannelsConfig config,
                                                 ByteView texts);
  ~Announcer();

  // Begins to send, also what the last process left.
  void start(Subscribers subscribers);

  // Writes title and body from everything else in the notice.
  Result<void> write(Notice& notice) const;

  // `done` once, never inside this call; after an error the same may be published again.
  using Done = std::function<void(Result<Published>)>;
  void publish(const Notice& notice, Done done, Doubt doubt = Doubt::none);

  // A change of the engine's state, for webhooks. Errc::full: half of the names are taken by then,
  // and a state that flaps must not take those of notices.
  void publish(const ComponentUpdate& update, Done done);

  // Whether this notice was stored for every channel, by this process or one before it.
  bool is_published(const Notice& notice) const;

  // What became of a notice by each channel.
  std::vector<Proof> proofs(const Notice& notice) const;

  // One mail that is no notice, as a subscriber is owed to confirm. Not kept: whoever owes it asks
  // again, under the same Message-ID, until it is sent. `head` without its sender. `done` once,
  // never inside this call; absent where no mail is configured.
  void mail(MailHead head, const MailText& text, SmtpPool::Done done);

  Pager& pager();
  Outbox& outbox();
  const ChannelsConfig& config() const;

 private:
  class Impl;
  explicit Announcer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What each configured channel would say of it.
std::vector<NoticePreview> previews(const Notice& notice, const ChannelsConfig& config);

}  // namespace oki::notify
