#include "notify/outbox.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "base/assert.h"
#include "notify/outbox_impl.h"

namespace oki::notify {
namespace {

constexpr std::size_t asked_at_once_max = 10'000;

}  // namespace

Outbox::Impl::~Impl() {
  parts_.timers.cancel(pump_);
  for (const Lane& lane : lanes_) {
    parts_.timers.cancel(lane.wake);
    parts_.timers.cancel(lane.ask);
  }
}

Result<void> Outbox::Impl::open() {
  Result<RecordLog::Opened> opened = RecordLog::open(parts_.disk, options_.name);
  if (!opened) return tl::unexpected(opened.error());
  if (Result<void> done = book_.apply(opened->recovered.snapshot); !done) return done;
  for (const Bytes& record : opened->recovered.records) {
    if (Result<void> done = book_.apply(record); !done) return done;
  }
  log_ = std::move(opened->log);
  log_->compact(book_.snapshot());
  return {};
}

void Outbox::Impl::add_channel(const std::string& name, Channel& channel,
                               const ChannelRules& rules) {
  ASSERT(!started_);
  ASSERT(is_channel_name(name) && lane_of(name) == nullptr);
  ASSERT(rules.in_flight_max > 0 && rules.burst > 0 && rules.attempts_max > 0);
  Lane lane;
  lane.name = name;
  lane.channel = &channel;
  lane.rules = rules;
  const std::string label = "channel=\"" + name + "\"";
  lane.waiting = &parts_.metrics.gauge("okiagari_notify_waiting",
                                       "Letters queued or under way, by channel.", label);
  lane.unsettled = &parts_.metrics.gauge(
      "okiagari_notify_unknown", "Letters of which nobody knows whether they arrived.", label);
  lane.took = &parts_.metrics.histogram("okiagari_notify_first_seconds",
                                        "From the writing down to the first letter taken.", label);
  lanes_.push_back(std::move(lane));
}

Lane* Outbox::Impl::lane_of(ByteView name) {
  for (Lane& lane : lanes_) {
    if (lane.name == name) return &lane;
  }
  return nullptr;
}

void Outbox::Impl::start() {
  started_ = true;
  std::vector<std::pair<Lane*, DeliveryId>> lost;
  for (const auto& [id, row] : book_.deliveries()) {
    Lane* lane = lane_of(book_.letter(id).channel);
    if (lane == nullptr) continue;  // A channel that is no longer configured keeps its letters.
    if (row.state == DeliveryState::queued) lane->ready.push_back(id);
    if (row.state == DeliveryState::sending || row.state == DeliveryState::unknown) {
      lost.emplace_back(lane, id);
    }
  }
  for (const auto& [lane, id] : lost) {
    const DeliveryRow row = *book_.find(id);
    const bool was_sending = row.state == DeliveryState::sending;
    on_unknown(*lane, id, row.attempts + (was_sending ? 1 : 0),
               was_sending ? "the sender ended before the answer" : row.text);
  }
  pump_soon();
}

// What the records say is true at once; `done` tells when the disk has it.
void Outbox::Impl::write(const Bytes& entries, RecordLog::Done done) {
  const Result<void> applied = book_.apply(entries);
  ASSERT(applied.has_value());
  log_->append(entries, [this, done = std::move(done)](Result<void> written) {
    if (!written && !broken_) {
      broken_ = true;
      parts_.log.error("notify", "the outbox cannot be written; nothing more is sent",
                       {{"why", written.error().message}});
    }
    done(std::move(written));
  });
}

void Outbox::Impl::record(DeliveryId id, DeliveryState state, std::uint32_t attempts,
                          ByteView text) {
  Bytes entry;
  append_result_entry(entry, id, state, attempts, kept_text(text));
  write(entry, [](Result<void>) {});
}

void Outbox::Impl::compact_if_due() {
  if (log_->journal_bytes() > options_.journal_bytes_max) log_->compact(book_.snapshot());
}

Result<void> Outbox::Impl::check(const Posting& posting, const std::string& channel,
                                 const std::vector<Recipient>& recipients) const {
  if (posting.name.empty() || posting.name.size() > posting_name_bytes_max ||
      posting.content.size() > posting_content_bytes_max || !is_channel_name(channel)) {
    return error(Errc::invalid, "a posting without a name, or too large");
  }
  if (recipients.size() > options_.recipients_per_add_max) {
    return error(Errc::full, "too many recipients at once (recipients_per_add_max)");
  }
  for (const Recipient& recipient : recipients) {
    if (recipient.address.size() > recipient_bytes_max ||
        recipient.detail.size() > recipient_detail_bytes_max) {
      return error(Errc::invalid, "a recipient that is too long");
    }
  }
  const PostingRow* known = book_.find(posting.name);
  if (known == nullptr) {
    if (book_.postings().size() < options_.postings_max) return {};
    return error(Errc::full, "too many postings (postings_max)");
  }
  if (known->retired) return error(Errc::exists, "the posting was sent and retired");
  if (known->content == posting.content) return {};
  return error(Errc::invalid, "a posting of this name says something else");
}

void Outbox::Impl::add(const Posting& posting, const std::string& channel,
                       std::vector<Recipient> recipients, std::function<void(Result<Added>)> done,
                       Doubt doubt) {
  if (broken_) return done(error(Errc::io, "the outbox cannot be written"));
  if (Result<void> kept = check(posting, channel, recipients); !kept) {
    return done(tl::unexpected<Error>(std::move(kept.error())));
  }
  Lane* lane = lane_of(channel);
  if (lane == nullptr) return done(error(Errc::not_found, "no channel " + channel));
  const PostingNumber number = book_.number_of(posting.name);
  std::set<ByteView> seen;
  std::vector<const Recipient*> fresh;
  for (const Recipient& recipient : recipients) {
    if (!seen.insert(recipient.address).second) continue;
    if (!book_.holds(number, channel, recipient.address)) fresh.push_back(&recipient);
  }
  if (book_.deliveries().size() + fresh.size() > options_.deliveries_max) {
    return done(error(Errc::full, "too many deliveries (deliveries_max)"));
  }
  const Added added{fresh.size(), recipients.size() - fresh.size()};
  Bytes entries;
  if (number == book_.postings().size()) {
    append_posting_entry(entries, posting.name, posting.content);
  }
  const DeliveryId first = book_.next_id();
  if (!fresh.empty()) append_added_entry(entries, first, number, channel, fresh);
  std::vector<DeliveryId> ids;
  for (std::size_t i = 0; i < fresh.size(); ++i) ids.push_back({first.value + i});
  if (!ids.empty() && lane->firsts.size() < firsts_max) {
    lane->firsts[first] = parts_.clock.mono_now();
  }
  if (doubt == Doubt::may_have_left && !ids.empty()) append_sending_entry(entries, ids);
  if (doubt == Doubt::none && started_)
    lane->ready.insert(lane->ready.end(), ids.begin(), ids.end());
  write(entries, [this, added, done = std::move(done)](Result<void> written) {
    if (!written) return done(tl::unexpected<Error>(std::move(written.error())));
    pump_soon();
    done(added);
  });
  if (doubt == Doubt::none || !started_) return;
  for (const DeliveryId id : ids) on_unknown(*lane, id, 1, "another sender may have sent it");
}

void Outbox::Impl::pump_soon() {
  if (pumping_ || !started_) return;
  pumping_ = true;
  pump_ = parts_.timers.after_ms(0, [this] {
    pumping_ = false;
    pump();
  });
}

// Everything that may go now becomes one record, and goes when the disk has it.
void Outbox::Impl::pump() {
  if (broken_) return;
  std::vector<DeliveryId> batch;
  for (Lane& lane : lanes_) {
    collect(lane, batch);
    wake_later(lane);
    measure(lane);
  }
  compact_if_due();
  if (batch.empty()) return;
  Bytes entry;
  append_sending_entry(entry, batch);
  write(entry, [this, batch](Result<void> written) {
    if (written) hand(batch);
  });
}

void Outbox::Impl::measure(const Lane& lane) {
  const OutboxTotals totals = book_.channel_totals(lane.name);
  lane.waiting->set(static_cast<std::int64_t>(totals.queued + totals.sending));
  lane.unsettled->set(static_cast<std::int64_t>(totals.unknown));
}

void Outbox::Impl::collect(Lane& lane, std::vector<DeliveryId>& batch) {
  const MonoTimeNs now = parts_.clock.mono_now();
  while (!lane.delayed.empty() && lane.delayed.begin()->first <= now) {
    lane.ready.push_back(lane.delayed.begin()->second);
    lane.delayed.erase(lane.delayed.begin());
  }
  while (!lane.ready.empty() && lane.in_flight < lane.rules.in_flight_max &&
         lane.allowed_at() <= now) {
    const DeliveryId id = lane.ready.front();
    lane.ready.pop_front();
    lane.count_one(now);
    ++lane.in_flight;
    batch.push_back(id);
  }
}

void Outbox::Impl::wake_later(Lane& lane) {
  MonoTimeNs at{0};
  if (!lane.ready.empty() && lane.in_flight < lane.rules.in_flight_max) at = lane.allowed_at();
  if (!lane.delayed.empty() && (at.value == 0 || lane.delayed.begin()->first < at)) {
    at = lane.delayed.begin()->first;
  }
  if (at == lane.wake_at) return;
  parts_.timers.cancel(lane.wake);
  lane.wake_at = at;
  if (at.value == 0) return;
  const std::int64_t wait_ns = std::max<std::int64_t>(at - parts_.clock.mono_now(), 0);
  lane.wake = parts_.timers.after_ms((wait_ns + ns_per_ms - 1) / ns_per_ms, [this, &lane] {
    lane.wake_at = {};
    pump_soon();
  });
}

void Outbox::Impl::hand(const std::vector<DeliveryId>& batch) {
  for (const DeliveryId id : batch) {
    Lane* lane = lane_of(book_.letter(id).channel);
    ASSERT(lane != nullptr);
    lane->channel->send(book_.letter(id),
                        [this, lane, id](AttemptResult result) { on_attempt(*lane, id, result); });
  }
}

void Outbox::Impl::on_attempt(Lane& lane, DeliveryId id, const AttemptResult& result) {
  const DeliveryRow* row = book_.find(id);
  ASSERT(row != nullptr && row->state == DeliveryState::sending);
  ASSERT(lane.in_flight > 0);
  --lane.in_flight;
  const std::uint32_t attempts = row->attempts + 1;
  if (result.outcome != Attempt::absent) lane.absences = 0;
  if (result.wait_ms) {
    const std::int64_t wait_ms = std::clamp<std::int64_t>(*result.wait_ms, 0, options_.wait_ms_max);
    lane.paused_until = std::max(lane.paused_until, parts_.clock.mono_now() + wait_ms * ns_per_ms);
  }
  switch (result.outcome) {
    case Attempt::sent:
      record(id, DeliveryState::sent, attempts, result.text);
      count(lane, "sent");
      if (const auto first = lane.firsts.extract(id); !first.empty()) {
        lane.took->record_ns(parts_.clock.mono_now() - first.mapped());
      }
      break;
    case Attempt::refused:
      record(id, DeliveryState::refused, attempts, result.text);
      count(lane, "refused");
      lane.firsts.erase(id);
      break;
    case Attempt::retry:
      try_again(lane, id, attempts, result.text);
      break;
    case Attempt::absent:
      on_absent(lane, id, result.text);
      break;
    case Attempt::unknown:
      on_unknown(lane, id, attempts, result.text);
      break;
  }
  pump_soon();
}

void Outbox::Impl::try_again(Lane& lane, DeliveryId id, std::uint32_t attempts,
                             const std::string& why) {
  if (attempts >= lane.rules.attempts_max) {
    record(id, DeliveryState::refused, attempts,
           "given up after " + std::to_string(attempts) + " attempts: " + why);
    return count(lane, "refused");
  }
  record(id, DeliveryState::queued, attempts, why);
  count(lane, "retried");
  const std::int64_t wait_ms = backoff_ms(lane.rules, attempts);
  lane.delayed.emplace(parts_.clock.mono_now() + wait_ms * ns_per_ms, id);
}

// Letters that were under way together find the same door shut: only the first makes the channel
// wait longer.
void Outbox::Impl::on_absent(Lane& lane, DeliveryId id, const std::string& why) {
  record(id, DeliveryState::queued, book_.find(id)->attempts, why);
  lane.ready.push_front(id);
  count(lane, "absent");
  const MonoTimeNs now = parts_.clock.mono_now();
  if (lane.paused_until > now) return;
  lane.paused_until = now + backoff_ms(lane.rules, ++lane.absences) * ns_per_ms;
}

void Outbox::Impl::on_unknown(Lane& lane, DeliveryId id, std::uint32_t attempts,
                              const std::string& why) {
  count(lane, "unknown");
  lane.firsts.erase(id);
  if (lane.rules.after_unknown == AfterUnknown::resend) return try_again(lane, id, attempts, why);
  record(id, DeliveryState::unknown, attempts, why);
  if (lane.rules.after_unknown == AfterUnknown::hold) return;
  lane.to_ask.emplace_back(parts_.clock.mono_now() + lane.rules.ask_after_ms * ns_per_ms, id);
  ask_later(lane);
}

void Outbox::Impl::ask_later(Lane& lane) {
  if (lane.ask.value != 0 || lane.to_ask.empty()) return;
  const std::int64_t wait_ns = lane.to_ask.front().first - parts_.clock.mono_now();
  const std::int64_t wait_ms = (std::max<std::int64_t>(wait_ns, 0) + ns_per_ms - 1) / ns_per_ms;
  lane.ask = parts_.timers.after_ms(wait_ms, [this, &lane] {
    lane.ask = {};
    ask(lane);
  });
}

void Outbox::Impl::ask(Lane& lane) {
  const MonoTimeNs now = parts_.clock.mono_now();
  std::vector<DeliveryId> ids;
  std::vector<Letter> letters;
  while (!lane.to_ask.empty() && lane.to_ask.front().first <= now &&
         ids.size() < asked_at_once_max) {
    const DeliveryId id = lane.to_ask.front().second;
    lane.to_ask.pop_front();
    const DeliveryRow* row = book_.find(id);
    if (row == nullptr || row->state != DeliveryState::unknown) continue;
    ids.push_back(id);
    letters.push_back(book_.letter(id));
  }
  ask_later(lane);
  if (ids.empty()) return;
  lane.channel->ask(letters, [this, &lane, ids](std::vector<FoundResult> found) {
    ASSERT(found.size() == ids.size());
    on_found(lane, ids, found);
  });
}

void Outbox::Impl::on_found(Lane& lane, const std::vector<DeliveryId>& ids,
                            const std::vector<FoundResult>& found) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const DeliveryRow* row = book_.find(ids[i]);
    if (row == nullptr || row->state != DeliveryState::unknown) continue;  // A person was faster.
    switch (found[i].found) {
      case Found::arrived:
        record(ids[i], DeliveryState::sent, row->attempts, found[i].text);
        count(lane, "sent");
        break;
      case Found::did_not_arrive:
        record(ids[i], DeliveryState::queued, row->attempts, found[i].text);
        lane.ready.push_back(ids[i]);
        count(lane, "retried");
        break;
      case Found::cannot_tell:
        break;
    }
  }
  pump_soon();
}

std::int64_t Outbox::Impl::backoff_ms(const ChannelRules& rules, std::uint32_t attempts) {
  constexpr std::uint32_t doublings_max = 30;
  const std::int64_t doubled = rules.retry_first_ms << std::min(attempts - 1, doublings_max);
  const std::int64_t whole = std::min(doubled, rules.retry_last_ms);
  std::uint64_t random = 0;
  const Bytes bytes = parts_.random.bytes(sizeof random);
  std::memcpy(&random, bytes.data(), sizeof random);
  return whole - static_cast<std::int64_t>(random % static_cast<std::uint64_t>(whole / 2 + 1));
}

void Outbox::Impl::count(const Lane& lane, const char* result) {
  parts_.metrics
      .counter("okiagari_notify_deliveries_total", "What became of letters, by channel.",
               "channel=\"" + lane.name + "\",result=\"" + result + "\"")
      .add();
}

Result<void> Outbox::Impl::settle(DeliveryId id, Decision decision, ByteView operator_name) {
  const DeliveryRow* row = book_.find(id);
  if (row == nullptr || row->state != DeliveryState::unknown) {
    return error(Errc::not_found, "no unknown delivery of this number");
  }
  const std::string text = kept_text("decided by " + std::string(operator_name));
  if (decision == Decision::it_arrived) record(id, DeliveryState::sent, row->attempts, text);
  if (decision == Decision::give_up) record(id, DeliveryState::refused, row->attempts, text);
  if (decision != Decision::send_again) return {};
  record(id, DeliveryState::queued, row->attempts, text);
  if (Lane* lane = lane_of(book_.letter(id).channel); lane != nullptr && started_) {
    lane->ready.push_back(id);
    pump_soon();
  }
  return {};
}

Result<void> Outbox::Impl::retire(ByteView posting) {
  const PostingRow* row = book_.find(posting);
  if (row == nullptr) return error(Errc::not_found, "no posting of this name");
  if (row->retired) return {};
  if (!row->totals.settled()) return error(Errc::unavailable, "the posting is not settled");
  Bytes entry;
  append_retired_entry(entry, book_.number_of(posting));
  write(entry, [](Result<void>) {});
  return {};
}

void Outbox::Impl::verify() const {
  book_.verify();
  std::size_t in_flight = 0;
  for (const Lane& lane : lanes_) {
    ASSERT(lane.in_flight <= lane.rules.in_flight_max);
    in_flight += lane.in_flight;
  }
  if (started_) ASSERT(in_flight <= book_.totals().sending);
}

}  // namespace oki::notify
