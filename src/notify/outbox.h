// The queue of everything that is to leave the house: kept on disk, sent once.
//
// A delivery is named by (posting, channel, recipient); adding it again changes nothing, so whoever
// was interrupted while adding adds everything again. Nothing is handed to a channel before the
// disk knows that it will be: after a kill, every delivery that a channel may have heard of is
// found `sending` and becomes `unknown`. What happens then is the channel's rule
// (docs/notices.md says where a duplicate is possible and what prevents it):
//   resend  the other side knows the key (Mastodon, Bluesky, LINE): it is sent again;
//   ask     the channel can find out (mail: the log of the mail server), and each one is sent, sent
//           again, or, when nobody can tell, left to a person;
//   hold    a person decides, by settle().
//
// Retries: after first_ms, doubled each time up to last_ms, each time a random half of it less.
// Retry-After makes the whole channel wait, and so does another side that is not there: that counts
// as no attempt. attempts_max, named in the reason, ends a letter as refused.
//
// Invariants: (1) a channel holds at most in_flight_max letters of ours; (2) `sending` exactly
// while a channel holds the letter, or while the disk writes that it will; (3) sent and refused are
// final; (4) everything has a limit in OutboxOptions; full is Errc::full.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "notify/delivery.h"

namespace oki::notify {

enum class AfterUnknown : std::uint8_t { hold, ask, resend };

struct ChannelRules {
  std::size_t in_flight_max = 1;
  std::uint32_t per_minute_max = 0;  // 0: no limit of ours.
  std::uint32_t burst = 1;           // So many may go at once within it.
  std::uint32_t attempts_max = 20;
  std::int64_t retry_first_ms = 1'000;
  std::int64_t retry_last_ms = 300'000;
  AfterUnknown after_unknown = AfterUnknown::hold;
  std::int64_t ask_after_ms = 5'000;  // By then the other side has finished what it had.
};

struct OutboxOptions {
  std::string name = "outbox";
  std::size_t postings_max = 10'000;       // Names are kept for ever: they prevent doubles.
  std::size_t deliveries_max = 1'000'000;  // Of postings that are not retired.
  std::size_t recipients_per_add_max = 10'000;
  std::uint64_t journal_bytes_max = 64u << 20;  // Then a new snapshot is written.
  std::int64_t wait_ms_max = 24 * 3'600'000;    // Longer wishes of the other side are cut to this.
};

struct Recipient {
  std::string address;
  Bytes detail;
};

struct Posting {
  std::string name;  // For notices: notice_posting_name().
  Bytes content;
};

struct Added {
  std::size_t added = 0;
  std::size_t known = 0;  // Were there before.
};

struct DeliveryView {
  DeliveryId id;
  std::string posting, channel, recipient;
  DeliveryState state = DeliveryState::queued;
  std::uint32_t attempts = 0;
  std::string text;  // The proof, or the last reason.
};

struct OutboxTotals {
  std::uint64_t queued = 0, sending = 0, sent = 0, refused = 0, unknown = 0;
  bool settled() const { return queued == 0 && sending == 0 && unknown == 0; }
  friend bool operator==(const OutboxTotals&, const OutboxTotals&) = default;
};

// What became of a posting by one channel.
struct ChannelView {
  std::string channel;
  OutboxTotals totals;
  DeliveryView first;  // The first recipient's: of a place with one recipient, all there is.
};

// Whether another sender, who is gone, may have sent the same under the same names.
enum class Doubt : std::uint8_t { none, may_have_left };

enum class Decision : std::uint8_t { it_arrived, send_again, give_up };

class Outbox {
 public:
  struct Parts {
    Disk& disk;
    Timers& timers;
    const Clock& clock;
    Random& random;
    Log& log;
    Metrics& metrics;
  };

  // Blocking: reads what the last process left. The parts must outlive the outbox; the disk must
  // finish nothing, and the channels must answer nothing, after it is gone.
  static Result<std::unique_ptr<Outbox>> open(const Parts& parts, const OutboxOptions& options);
  ~Outbox();

  // Before start(). REQUIRES: `channel` outlives the outbox; 1 to 32 of a-z, 0-9, '_', '-'.
  void add_channel(const std::string& name, Channel& channel, const ChannelRules& rules);

  // Begins to send, and to find out about what a dead process left unknown.
  void start();

  // `done` when the deliveries are on disk, all or none. Errc::invalid: a limit of the fields or a
  // content other than the posting had; Errc::full: a limit of the options; Errc::not_found: no
  // such channel; Errc::exists: the posting is retired; Errc::io: the disk, and the process must
  // stop. With a doubt, what is new here is `unknown` from the beginning, and the channel's rule
  // says what happens.
  void add(const Posting& posting, const std::string& channel, std::vector<Recipient> recipients,
           std::function<void(Result<Added>)> done, Doubt doubt = Doubt::none);

  // A person's word on an unknown delivery. Errc::not_found: it is not unknown.
  Result<void> settle(DeliveryId id, Decision decision, ByteView operator_name);

  // The same for every unknown delivery of a posting by one channel; how many there were.
  std::size_t settle_all(ByteView posting, ByteView channel, Decision decision,
                         ByteView operator_name);

  // `done` when everything so far is on disk; Errc::io: it never will be.
  void when_stored(std::function<void(Result<void>)> done);

  // Forgets the recipients of a posting that is settled; its name stays. Errc::unavailable: it is
  // not settled.
  Result<void> retire(ByteView posting);

  OutboxTotals totals() const;
  OutboxTotals totals(ByteView posting) const;
  OutboxTotals channel_totals(ByteView channel) const;
  std::vector<ChannelView> channels(ByteView posting) const;
  std::optional<ByteView> content(ByteView posting) const;  // Until the next call that changes.
  bool has(ByteView posting) const;                         // Retired ones, too.

  // Names, oldest first, of postings that are settled and not retired.
  std::vector<std::string> settled(std::size_t count_max) const;
  std::size_t deliveries_kept() const;
  std::size_t postings_kept() const;  // Names of retired ones, too.

  std::vector<DeliveryView> unknown(std::size_t count_max) const;
  std::vector<DeliveryView> deliveries(ByteView posting, std::size_t count_max) const;

  // Whether unknown deliveries are still to be asked about; the others wait for people.
  bool asking() const;

  // Set once, when the disk fails: nothing is sent from then on.
  bool broken() const;

  void verify() const;  // ASSERTs the invariants.

 private:
  class Impl;
  explicit Outbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace oki::notify
