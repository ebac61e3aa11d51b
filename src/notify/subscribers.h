// Who gets notices by mail: a pure, replicable state. Commands in, results out; time comes with the
// command and never goes back.
//
// Nobody is written to who did not say twice that he wants it: `Subscribe` only earns the address
// one mail with a link, and the link confirms. Mail bombing is bounded by three limits, each a
// refusal with a name: per address, per network that asks, and for the whole house. Addresses that
// nobody confirms lapse after pending_ms_max; who leaves is forgotten.
//
// Tokens of links are no part of this state (subscriber_tokens.h): whoever serves the pages checks
// them and says by id who confirmed, so that log and snapshots hold no secret.
//
// Mails owed are part of the state: they are owed until `Mailed` says that they left, so that a
// sender who dies loses none.
//
// Invariants, checked by verify() and by restore(): (1) no address twice, ids below next_id;
// (2) every limit holds; (3) who is pending owes his existence to a Subscribe of the last
// pending_ms_max; (4) whoever owes a mail is in `owed`.
// Bytes: docs/formats/subscribers.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "notify/notice.h"
#include "notify/time_text.h"

namespace oki::notify {

constexpr std::size_t subscribers_max = 200'000;  // Confirmed and pending.
constexpr std::size_t subscribers_pending_max = 20'000;
constexpr std::size_t subscriber_components_max = 32;
constexpr std::size_t subscriber_network_bytes_max = 48;
constexpr std::int64_t pending_ms_max = 48 * 3'600'000;

// A mail that a stranger can cause. Within each window, counted from its first.
constexpr std::uint32_t mails_per_address_max = 3;
constexpr std::int64_t mails_per_address_ms = 24 * 3'600'000;
constexpr std::int64_t mails_apart_ms_min = 10 * 60'000;
constexpr std::uint32_t requests_per_network_max = 20;
constexpr std::int64_t requests_per_network_ms = 3'600'000;
constexpr std::uint32_t requests_in_house_max = 600;
constexpr std::int64_t requests_in_house_ms = 60'000;
constexpr std::size_t networks_max = 10'000;

using SubscriberId = Strong<struct SubscriberIdTag, std::uint64_t>;  // From 1, never used twice.

// What is to be mailed to a subscriber beside notices.
enum class SubscriberMail : std::uint8_t {
  none = 0,
  confirm = 1,  // Somebody asked; the link confirms.
  manage = 2,   // Somebody asked again; the link shows what is chosen.
};

struct Subscriber {
  std::string address;  // Canonical.
  Language language = Language::ja;
  std::vector<ComponentId> components;  // None: everything.
  bool confirmed = false;
  WallTimeMs asked_at;  // Last time; while pending it lapses pending_ms_max later.
  WallTimeMs confirmed_at;
  SubscriberMail owed = SubscriberMail::none;
  WallTimeMs mails_since;  // The window of mails_per_address_max.
  std::uint32_t mails = 0;
  friend bool operator==(const Subscriber&, const Subscriber&) = default;
};

// From a person who is not known: the pages. `network` is what counts as one asker.
struct Subscribe {
  std::string address;
  std::string network;
  Language language = Language::ja;
  std::vector<ComponentId> components;
};

// From somebody who showed the token of this subscriber.
struct ConfirmSubscriber {
  SubscriberId id;
};
struct Unsubscribe {
  SubscriberId id;
};
struct SetComponents {
  SubscriberId id;
  Language language = Language::ja;
  std::vector<ComponentId> components;
};

// From the sender: this mail is in other hands now.
struct Mailed {
  SubscriberId id;
  SubscriberMail what = SubscriberMail::confirm;
};

using SubscriberCommand =
    std::variant<Subscribe, ConfirmSubscriber, Unsubscribe, SetComponents, Mailed>;

Bytes encode(const SubscriberCommand& command);
Result<SubscriberCommand> decode_subscriber_command(ByteView bytes);

// Done first; refusals in order of checking.
enum class [[nodiscard]] SubscriberResult : std::uint8_t {
  done = 0,
  no_change = 1,      // It was so already.
  malformed = 2,      // Not one of these commands.
  invalid = 3,        // No address, or components that are too many or named twice.
  unknown = 4,        // No such subscriber: never was, lapsed or left.
  address_limit = 5,  // Written to often enough, or only just now.
  network_limit = 6,  // This network asked too often.
  house_limit = 7,    // Everybody together asked too often.
  full = 8,           // subscribers_max or subscribers_pending_max.
};
const char* name(SubscriberResult result);

class SubscriberBook {
 public:
  SubscriberResult apply(WallTimeMs now, const SubscriberCommand& command);
  SubscriberResult apply(WallTimeMs now, ByteView command);  // `malformed` changes nothing.

  // What time alone does. apply() does it first.
  void on_time(WallTimeMs now);
  std::optional<WallTimeMs> next_timer() const;

  const Subscriber* find(SubscriberId id) const;
  std::optional<SubscriberId> find(ByteView address) const;

  // Who is owed a mail beside notices, lowest id first.
  const std::set<std::uint64_t>& owed() const { return owed_; }

  // Confirmed subscribers, lowest id first, who chose a component of the list; with an empty list,
  // all of them.
  using Each = std::function<void(SubscriberId, const Subscriber&)>;
  void for_each_of(const std::vector<ComponentId>& affected, const Each& each) const;

  std::size_t confirmed() const { return subscribers_.size() - pending_.size(); }
  std::size_t pending() const { return pending_.size(); }

  Bytes snapshot() const;

  // All or nothing: an error leaves the book as it was.
  Result<void> restore(ByteView snapshot);

  // Of everything in the snapshot; its cost does not grow with the number of subscribers.
  std::uint64_t hash() const;
  void verify() const;  // ASSERTs the invariants.

 private:
  struct Window {
    WallTimeMs since;
    std::uint32_t count = 0;
  };

  SubscriberResult on(WallTimeMs now, const Subscribe& command);
  SubscriberResult on(WallTimeMs now, const ConfirmSubscriber& command);
  SubscriberResult on(WallTimeMs now, const Unsubscribe& command);
  SubscriberResult on(WallTimeMs now, const SetComponents& command);
  SubscriberResult on(WallTimeMs now, const Mailed& command);
  SubscriberResult check_limits(WallTimeMs now, const Subscribe& command, const Subscriber* known);
  void count_request(WallTimeMs now, const std::string& network);
  void forget_old_networks(WallTimeMs now);

  // Every change of a subscriber goes through these two, which keep the indexes and the hash.
  void put(std::uint64_t id, Subscriber subscriber);
  void drop(std::uint64_t id);
  const char* fault() const;

  std::map<std::uint64_t, Subscriber> subscribers_;
  std::uint64_t next_id_ = 1;
  std::map<std::string, Window> networks_;
  Window house_;

  // Of subscribers_, kept by put() and drop().
  std::map<std::string, std::uint64_t, std::less<>> by_address_;
  std::set<std::pair<std::int64_t, std::uint64_t>> pending_;  // By the time of the asking.
  std::set<std::uint64_t> owed_;
  std::uint64_t sum_ = 0;  // Of the hashes of all subscribers.
};

}  // namespace oki::notify
