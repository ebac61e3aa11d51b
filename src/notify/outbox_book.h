// What the outbox knows, as a function of its records: live and after a restart the same code runs.
//
// Format (docs/formats/outbox.md): a record is entries one after the other, and so is a snapshot.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "notify/outbox.h"

namespace oki::notify {

using PostingNumber = std::uint32_t;  // The position in the book.

struct DeliveryRow {
  PostingNumber posting = 0;
  std::uint16_t channel = 0;  // The position among the book's channel names.
  DeliveryState state = DeliveryState::queued;
  std::uint32_t attempts = 0;
  std::string recipient;
  Bytes detail;
  std::string text;
};

// The part of a posting that goes by one channel.
struct PostingPart {
  OutboxTotals totals;
  DeliveryId first;
};

struct PostingRow {
  std::string name;
  Bytes content;
  bool retired = false;
  OutboxTotals totals;
  std::vector<DeliveryId> deliveries;
  std::map<std::uint16_t, PostingPart> parts;  // By the number of the channel.
};

class OutboxBook {
 public:
  // Errc::corrupt: entries that cannot follow what the book holds.
  Result<void> apply(ByteView entries);
  Bytes snapshot() const;

  const PostingRow* find(ByteView posting) const;
  PostingNumber number_of(ByteView posting) const;  // The next free one when there is none.
  bool holds(PostingNumber posting, ByteView channel, ByteView recipient) const;
  std::uint16_t channel_number(const std::string& channel);

  const std::deque<PostingRow>& postings() const { return postings_; }
  const std::map<DeliveryId, DeliveryRow>& deliveries() const { return deliveries_; }
  const DeliveryRow* find(DeliveryId id) const;
  const OutboxTotals& totals() const { return totals_; }
  OutboxTotals channel_totals(ByteView channel) const;
  const std::string& channel_name(std::uint16_t number) const { return channels_[number].name; }
  DeliveryId next_id() const { return next_id_; }

  // REQUIRES: the delivery is in the book.
  Letter letter(DeliveryId id) const;
  DeliveryView view(DeliveryId id) const;

  void verify() const;

 private:
  bool apply_posting(Reader& in);
  bool apply_added(Reader& in);
  bool apply_sending(Reader& in);
  bool apply_result(Reader& in);
  bool apply_retired(Reader& in);
  bool apply_next(Reader& in);
  bool apply_entry(Reader& in);
  void set_state(DeliveryRow& row, DeliveryState state);
  std::size_t position_of(ByteView channel) const;
  void append_deliveries(Bytes& out) const;

  struct ChannelRow {
    std::string name;
    OutboxTotals totals;
  };
  using Key = std::tuple<PostingNumber, std::uint16_t, ByteView>;  // Views into the rows.
  std::deque<PostingRow> postings_;
  std::map<std::string, PostingNumber, std::less<>> by_name_;
  std::deque<ChannelRow> channels_;  // Letters hold views of the names.
  std::map<DeliveryId, DeliveryRow> deliveries_;
  std::set<Key> keys_;
  DeliveryId next_id_{1};
  OutboxTotals totals_;
};

// The entries.
void append_posting_entry(Bytes& out, ByteView posting, ByteView content);
void append_added_entry(Bytes& out, DeliveryId first, PostingNumber posting, ByteView channel,
                        const std::vector<const Recipient*>& recipients);
void append_sending_entry(Bytes& out, const std::vector<DeliveryId>& ids);
void append_result_entry(Bytes& out, DeliveryId id, DeliveryState state, std::uint32_t attempts,
                         ByteView text);
void append_retired_entry(Bytes& out, PostingNumber posting);

std::uint64_t& count_of(OutboxTotals& totals, DeliveryState state);

}  // namespace oki::notify
