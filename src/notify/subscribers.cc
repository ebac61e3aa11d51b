#include "notify/subscribers.h"

#include <algorithm>

#include "base/assert.h"
#include "base/hash64.h"
#include "notify/mail/mail_address.h"

namespace oki::notify {
namespace {

constexpr ByteView magic = "OKSUBS01";
constexpr std::uint8_t command_version = 1;

bool has_twice(const std::vector<ComponentId>& ids) {
  for (auto id = ids.begin(); id != ids.end(); ++id) {
    if (std::find(ids.begin(), id, *id) != id) return true;
  }
  return false;
}

bool are_components(const std::vector<ComponentId>& ids) {
  if (ids.size() > subscriber_components_max || has_twice(ids)) return false;
  for (const ComponentId& id : ids) {
    Bytes bytes;
    append(bytes, id);
    Reader reader(bytes);
    read_component_id(reader);
    if (!reader.done()) return false;
  }
  return true;
}

bool is_language(Language language) { return language == Language::ja || language == Language::en; }

bool is_network(ByteView network) {
  return !network.empty() && network.size() <= subscriber_network_bytes_max;
}

void append_choice(Bytes& out, Language language, const std::vector<ComponentId>& components) {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(language));
  writer.u8(static_cast<std::uint8_t>(components.size()));
  for (const ComponentId& id : components) append(out, id);
}

Language read_language(Reader& in) {
  const std::uint8_t value = in.u8();
  if (value > static_cast<std::uint8_t>(Language::en)) in.fail();
  return value == 0 ? Language::ja : Language::en;
}

std::vector<ComponentId> read_components(Reader& in) {
  std::vector<ComponentId> components;
  const std::size_t count = in.u8();
  if (count > subscriber_components_max) in.fail();
  for (std::size_t i = 0; i < count && in.ok(); ++i) components.push_back(read_component_id(in));
  if (has_twice(components)) in.fail();
  return components;
}

SubscriberMail read_mail(Reader& in) {
  const std::uint8_t value = in.u8();
  if (value > static_cast<std::uint8_t>(SubscriberMail::manage)) in.fail();
  return static_cast<SubscriberMail>(value);
}

void append(Bytes& out, std::uint64_t id, const Subscriber& subscriber) {
  Writer writer(out);
  writer.u64(id);
  writer.blob(subscriber.address);
  append_choice(out, subscriber.language, subscriber.components);
  writer.boolean(subscriber.confirmed);
  writer.i64(subscriber.asked_at.value);
  writer.i64(subscriber.confirmed_at.value);
  writer.u8(static_cast<std::uint8_t>(subscriber.owed));
  writer.i64(subscriber.mails_since.value);
  writer.u32(subscriber.mails);
}

Subscriber read_subscriber(Reader& in) {
  Subscriber subscriber;
  subscriber.address = std::string(in.blob(mail_address_bytes_max));
  subscriber.language = read_language(in);
  subscriber.components = read_components(in);
  subscriber.confirmed = in.boolean();
  subscriber.asked_at = read_time(in);
  subscriber.confirmed_at = read_time(in);
  subscriber.owed = read_mail(in);
  subscriber.mails_since = read_time(in);
  subscriber.mails = in.u32();
  return subscriber;
}

std::uint64_t hash_of(std::uint64_t id, const Subscriber& subscriber) {
  Bytes bytes;
  append(bytes, id, subscriber);
  return hash64(bytes);
}

bool is_within(WallTimeMs since, WallTimeMs now, std::int64_t window_ms) {
  return now.value - since.value < window_ms;
}

bool concerns(const Subscriber& subscriber, const std::vector<ComponentId>& affected) {
  if (subscriber.components.empty() || affected.empty()) return true;
  return std::any_of(affected.begin(), affected.end(), [&](const ComponentId& id) {
    const auto& chosen = subscriber.components;
    return std::find(chosen.begin(), chosen.end(), id) != chosen.end();
  });
}

SubscriberCommand read_command(Reader& in) {
  const std::uint8_t kind = in.u8();
  if (kind == 0) {
    Subscribe command;
    command.address = std::string(in.blob(mail_address_bytes_max));
    command.network = std::string(in.blob(subscriber_network_bytes_max));
    command.language = read_language(in);
    command.components = read_components(in);
    return command;
  }
  const SubscriberId id{in.u64()};
  if (kind == 1) return ConfirmSubscriber{id};
  if (kind == 2) return Unsubscribe{id};
  if (kind == 3) {
    const Language language = read_language(in);
    return SetComponents{id, language, read_components(in)};
  }
  if (kind != 4) in.fail();
  return Mailed{id, read_mail(in)};
}

}  // namespace

const char* name(SubscriberResult result) {
  switch (result) {
    case SubscriberResult::done:
      return "done";
    case SubscriberResult::no_change:
      return "no_change";
    case SubscriberResult::malformed:
      return "malformed";
    case SubscriberResult::invalid:
      return "invalid";
    case SubscriberResult::unknown:
      return "unknown";
    case SubscriberResult::address_limit:
      return "address_limit";
    case SubscriberResult::network_limit:
      return "network_limit";
    case SubscriberResult::house_limit:
      return "house_limit";
    case SubscriberResult::full:
      return "full";
  }
  return "";
}

Bytes encode(const SubscriberCommand& command) {
  Bytes out;
  Writer writer(out);
  writer.u8(command_version);
  writer.u8(static_cast<std::uint8_t>(command.index()));
  if (const auto* ask = std::get_if<Subscribe>(&command)) {
    writer.blob(ask->address);
    writer.blob(ask->network);
    append_choice(out, ask->language, ask->components);
  } else if (const auto* confirm = std::get_if<ConfirmSubscriber>(&command)) {
    writer.u64(confirm->id.value);
  } else if (const auto* leave = std::get_if<Unsubscribe>(&command)) {
    writer.u64(leave->id.value);
  } else if (const auto* set = std::get_if<SetComponents>(&command)) {
    writer.u64(set->id.value);
    append_choice(out, set->language, set->components);
  } else if (const auto* mailed = std::get_if<Mailed>(&command)) {
    writer.u64(mailed->id.value);
    writer.u8(static_cast<std::uint8_t>(mailed->what));
  }
  return out;
}

Result<SubscriberCommand> decode_subscriber_command(ByteView bytes) {
  Reader in(bytes);
  if (in.u8() != command_version)
    return error(Errc::invalid, "a subscriber command not known here");
  SubscriberCommand command = read_command(in);
  if (!in.done()) return error(Errc::invalid, "a malformed subscriber command");
  return command;
}

SubscriberResult SubscriberBook::apply(WallTimeMs now, const SubscriberCommand& command) {
  on_time(now);
  return std::visit([&](const auto& each) { return on(now, each); }, command);
}

SubscriberResult SubscriberBook::apply(WallTimeMs now, ByteView command) {
  const auto decoded = decode_subscriber_command(command);
  if (decoded) return apply(now, *decoded);
  on_time(now);
  return SubscriberResult::malformed;
}

void SubscriberBook::on_time(WallTimeMs now) {
  while (!pending_.empty() && !is_within({pending_.begin()->first}, now, pending_ms_max)) {
    drop(pending_.begin()->second);
  }
}

std::optional<WallTimeMs> SubscriberBook::next_timer() const {
  if (pending_.empty()) return std::nullopt;
  return WallTimeMs{pending_.begin()->first + pending_ms_max};
}

SubscriberResult SubscriberBook::on(WallTimeMs now, const Subscribe& command) {
  const std::string address = canonical_mail_address(command.address);
  if (!is_mail_address(address) || !is_network(command.network) || !is_language(command.language) ||
      !are_components(command.components)) {
    return SubscriberResult::invalid;
  }
  const std::optional<SubscriberId> id = find(address);
  const Subscriber* known = id ? find(*id) : nullptr;
  const SubscriberResult limits = check_limits(now, command, known);
  if (limits != SubscriberResult::done) return limits;
  count_request(now, command.network);
  Subscriber subscriber = known != nullptr ? *known : Subscriber{};
  subscriber.address = address;
  // Who has confirmed changes his choice by his own link only.
  if (!subscriber.confirmed) {
    subscriber.language = command.language;
    subscriber.components = command.components;
  }
  if (!is_within(subscriber.mails_since, now, mails_per_address_ms)) {
    subscriber.mails_since = now;
    subscriber.mails = 0;
  }
  ++subscriber.mails;
  subscriber.asked_at = now;
  subscriber.owed = subscriber.confirmed ? SubscriberMail::manage : SubscriberMail::confirm;
  put(id ? id->value : next_id_++, std::move(subscriber));
  return SubscriberResult::done;
}

SubscriberResult SubscriberBook::check_limits(WallTimeMs now, const Subscribe& command,
                                              const Subscriber* known) {
  if (known != nullptr) {
    const bool often = known->mails >= mails_per_address_max &&
                       is_within(known->mails_since, now, mails_per_address_ms);
    const bool just_now = is_within(known->asked_at, now, mails_apart_ms_min);
    if (often || just_now) return SubscriberResult::address_limit;
  }
  const auto network = networks_.find(command.network);
  if (network != networks_.end() && network->second.count >= requests_per_network_max &&
      is_within(network->second.since, now, requests_per_network_ms)) {
    return SubscriberResult::network_limit;
  }
  if (house_.count >= requests_in_house_max && is_within(house_.since, now, requests_in_house_ms)) {
    return SubscriberResult::house_limit;
  }
  if (network == networks_.end() && networks_.size() >= networks_max) {
    forget_old_networks(now);
    if (networks_.size() >= networks_max) return SubscriberResult::house_limit;
  }
  if (known != nullptr) return SubscriberResult::done;
  const bool full =
      subscribers_.size() >= subscribers_max || pending_.size() >= subscribers_pending_max;
  return full ? SubscriberResult::full : SubscriberResult::done;
}

void SubscriberBook::count_request(WallTimeMs now, const std::string& network) {
  const auto count = [now](Window& window, std::int64_t window_ms) {
    if (window.count == 0 || !is_within(window.since, now, window_ms)) window = {now, 0};
    ++window.count;
  };
  count(networks_[network], requests_per_network_ms);
  count(house_, requests_in_house_ms);
}

void SubscriberBook::forget_old_networks(WallTimeMs now) {
  std::erase_if(networks_, [now](const auto& network) {
    return !is_within(network.second.since, now, requests_per_network_ms);
  });
}

SubscriberResult SubscriberBook::on(WallTimeMs now, const ConfirmSubscriber& command) {
  const Subscriber* known = find(command.id);
  if (known == nullptr) return SubscriberResult::unknown;
  if (known->confirmed) return SubscriberResult::no_change;
  Subscriber subscriber = *known;
  subscriber.confirmed = true;
  subscriber.confirmed_at = now;
  subscriber.owed = SubscriberMail::none;
  put(command.id.value, std::move(subscriber));
  return SubscriberResult::done;
}

SubscriberResult SubscriberBook::on(WallTimeMs, const Unsubscribe& command) {
  if (find(command.id) == nullptr) return SubscriberResult::unknown;
  drop(command.id.value);
  return SubscriberResult::done;
}

SubscriberResult SubscriberBook::on(WallTimeMs, const SetComponents& command) {
  if (!is_language(command.language) || !are_components(command.components)) {
    return SubscriberResult::invalid;
  }
  const Subscriber* known = find(command.id);
  if (known == nullptr) return SubscriberResult::unknown;
  const bool same = known->language == command.language && known->components == command.components;
  if (same) return SubscriberResult::no_change;
  Subscriber subscriber = *known;
  subscriber.language = command.language;
  subscriber.components = command.components;
  put(command.id.value, std::move(subscriber));
  return SubscriberResult::done;
}

SubscriberResult SubscriberBook::on(WallTimeMs, const Mailed& command) {
  const Subscriber* known = find(command.id);
  if (known == nullptr) return SubscriberResult::unknown;
  if (known->owed != command.what || command.what == SubscriberMail::none) {
    return SubscriberResult::no_change;
  }
  Subscriber subscriber = *known;
  subscriber.owed = SubscriberMail::none;
  put(command.id.value, std::move(subscriber));
  return SubscriberResult::done;
}

const Subscriber* SubscriberBook::find(SubscriberId id) const {
  const auto found = subscribers_.find(id.value);
  return found == subscribers_.end() ? nullptr : &found->second;
}

std::optional<SubscriberId> SubscriberBook::find(ByteView address) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return std::nullopt;
  return SubscriberId{found->second};
}

void SubscriberBook::for_each_of(const std::vector<ComponentId>& affected, const Each& each) const {
  for (const auto& [id, subscriber] : subscribers_) {
    if (subscriber.confirmed && concerns(subscriber, affected)) each({id}, subscriber);
  }
}

void SubscriberBook::put(std::uint64_t id, Subscriber subscriber) {
  drop(id);
  by_address_.emplace(subscriber.address, id);
  if (!subscriber.confirmed) pending_.emplace(subscriber.asked_at.value, id);
  if (subscriber.owed != SubscriberMail::none) owed_.insert(id);
  sum_ += hash_of(id, subscriber);
  subscribers_.emplace(id, std::move(subscriber));
}

void SubscriberBook::drop(std::uint64_t id) {
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) return;
  const Subscriber& subscriber = found->second;
  by_address_.erase(subscriber.address);
  pending_.erase({subscriber.asked_at.value, id});
  owed_.erase(id);
  sum_ -= hash_of(id, subscriber);
  subscribers_.erase(found);
}

Bytes SubscriberBook::snapshot() const {
  Bytes out;
  Writer writer(out);
  writer.raw(magic);
  writer.u64(next_id_);
  writer.i64(house_.since.value);
  writer.u32(house_.count);
  writer.u32(static_cast<std::uint32_t>(networks_.size()));
  for (const auto& [network, window] : networks_) {
    writer.blob(network);
    writer.i64(window.since.value);
    writer.u32(window.count);
  }
  writer.u32(static_cast<std::uint32_t>(subscribers_.size()));
  for (const auto& [id, subscriber] : subscribers_) append(out, id, subscriber);
  return out;
}

Result<void> SubscriberBook::restore(ByteView snapshot) {
  Reader in(snapshot);
  SubscriberBook book;
  if (in.raw(magic.size()) != magic) return error(Errc::invalid, "not a book of subscribers");
  book.next_id_ = in.u64();
  book.house_.since = read_time(in);
  book.house_.count = in.u32();
  const std::size_t networks = in.u32();
  for (std::size_t i = 0; i < networks && in.ok(); ++i) {
    const std::string network(in.blob(subscriber_network_bytes_max));
    const bool rises = book.networks_.empty() || book.networks_.rbegin()->first < network;
    if (!rises || !is_network(network)) in.fail();
    const WallTimeMs since = read_time(in);
    book.networks_[network] = {since, in.u32()};
  }
  const std::size_t count = in.u32();
  std::uint64_t last_id = 0;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const std::uint64_t id = in.u64();
    Subscriber subscriber = read_subscriber(in);
    const bool is_new = id > last_id && !book.by_address_.contains(subscriber.address);
    if (!is_new || canonical_mail_address(subscriber.address) != subscriber.address) in.fail();
    last_id = id;
    if (in.ok()) book.put(id, std::move(subscriber));
  }
  if (!in.done()) return error(Errc::invalid, "a malformed book of subscribers");
  if (const char* fault = book.fault()) return error(Errc::invalid, fault);
  *this = std::move(book);
  return {};
}

std::uint64_t SubscriberBook::hash() const {
  Hash64 hash;
  hash.add(sum_);
  hash.add(next_id_);
  hash.add(static_cast<std::uint64_t>(subscribers_.size()));
  hash.add(static_cast<std::uint64_t>(house_.since.value));
  hash.add(std::uint64_t{house_.count});
  for (const auto& [network, window] : networks_) {
    hash.add(network);
    hash.add(static_cast<std::uint64_t>(window.since.value));
    hash.add(std::uint64_t{window.count});
  }
  return hash.value();
}

const char* SubscriberBook::fault() const {
  if (subscribers_.size() > subscribers_max) return "too many subscribers";
  if (pending_.size() > subscribers_pending_max) return "too many pending subscribers";
  if (networks_.size() > networks_max) return "too many networks";
  if (by_address_.size() != subscribers_.size()) return "an address is subscribed twice";
  if (!subscribers_.empty() && subscribers_.rbegin()->first >= next_id_) {
    return "a subscriber has an id that was never given";
  }
  for (const auto& [id, subscriber] : subscribers_) {
    const bool is_owed = owed_.contains(id);
    const bool is_pending = pending_.contains({subscriber.asked_at.value, id});
    if (id == 0 || !is_mail_address(subscriber.address)) return "a subscriber has no address";
    if (is_owed != (subscriber.owed != SubscriberMail::none)) return "an owed mail is not known";
    if (is_pending == subscriber.confirmed) return "a pending subscriber is not known";
    const bool confirms = subscriber.owed == SubscriberMail::confirm;
    if (confirms && subscriber.confirmed) return "a confirmed subscriber is to confirm";
  }
  return nullptr;
}

void SubscriberBook::verify() const {
  ASSERT(fault() == nullptr);
  std::uint64_t sum = 0;
  for (const auto& [id, subscriber] : subscribers_) sum += hash_of(id, subscriber);
  ASSERT(sum == sum_);
}

}  // namespace oki::notify
