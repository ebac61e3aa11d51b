// The works of the outbox, for outbox.cc and outbox_views.cc only.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "notify/outbox.h"
#include "notify/outbox_book.h"
#include "notify/outbox_lane.h"
#include "notify/record_log.h"

namespace oki::notify {

class Outbox::Impl {
 public:
  Impl(const Parts& parts, const OutboxOptions& options) : parts_(parts), options_(options) {}
  ~Impl();

  Result<void> open();
  void add_channel(const std::string& name, Channel& channel, const ChannelRules& rules);
  void start();
  void add(const Posting& posting, const std::string& channel, std::vector<Recipient> recipients,
           std::function<void(Result<Added>)> done, Doubt doubt);
  Result<void> settle(DeliveryId id, Decision decision, ByteView operator_name);
  Result<void> retire(ByteView posting);
  void verify() const;
  void when_stored(std::function<void(Result<void>)> done) {
    if (broken_) return done(error(Errc::io, "the outbox cannot be written"));
    write({}, std::move(done));
  }
  bool asking() const {
    return std::any_of(lanes_.begin(), lanes_.end(),
                       [](const Lane& lane) { return !lane.to_ask.empty(); });
  }

  OutboxBook book_;
  bool broken_ = false;

 private:
  Result<void> check(const Posting& posting, const std::string& channel,
                     const std::vector<Recipient>& recipients) const;
  Lane* lane_of(ByteView name);
  void write(const Bytes& entries, RecordLog::Done done);
  void record(DeliveryId id, DeliveryState state, std::uint32_t attempts, ByteView text);
  void compact_if_due();
  void pump_soon();
  void pump();
  void collect(Lane& lane, std::vector<DeliveryId>& batch);
  void measure(const Lane& lane);
  void wake_later(Lane& lane);
  void hand(const std::vector<DeliveryId>& batch);
  void on_attempt(Lane& lane, DeliveryId id, const AttemptResult& result);
  void try_again(Lane& lane, DeliveryId id, std::uint32_t attempts, const std::string& why);
  void on_absent(Lane& lane, DeliveryId id, const std::string& why);
  void on_unknown(Lane& lane, DeliveryId id, std::uint32_t attempts, const std::string& why);
  void ask_later(Lane& lane);
  void ask(Lane& lane);
  void on_found(Lane& lane, const std::vector<DeliveryId>& ids,
                const std::vector<FoundResult>& found);
  std::int64_t backoff_ms(const ChannelRules& rules, std::uint32_t attempts);
  void count(const Lane& lane, const char* result);

  Parts parts_;
  OutboxOptions options_;
  std::unique_ptr<RecordLog> log_;
  std::deque<Lane> lanes_;
  bool started_ = false;
  bool pumping_ = false;
  TimerId pump_;
};

}  // namespace oki::notify
