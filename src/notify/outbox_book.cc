#include "notify/outbox_book.h"

#include <algorithm>

#include "base/assert.h"

namespace oki::notify {
namespace {

enum class Entry : std::uint8_t {
  posting = 1,
  added = 2,
  sending = 3,
  result = 4,
  retired = 5,
  next = 6,
};

constexpr std::size_t ids_per_entry_max = 1u << 20;
constexpr std::size_t recipients_per_entry_max = 10'000;  // Keeps a snapshot's entries short.

Writer begin(Bytes& out, Entry entry) {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(entry));
  return writer;
}

void add(OutboxTotals& sum, const OutboxTotals& more) {
  sum.queued += more.queued;
  sum.sending += more.sending;
  sum.sent += more.sent;
  sum.refused += more.refused;
  sum.unknown += more.unknown;
}

}  // namespace

std::uint64_t& count_of(OutboxTotals& totals, DeliveryState state) {
  switch (state) {
    case DeliveryState::queued:
      return totals.queued;
    case DeliveryState::sending:
      return totals.sending;
    case DeliveryState::sent:
      return totals.sent;
    case DeliveryState::refused:
      return totals.refused;
    case DeliveryState::unknown:
      break;
  }
  return totals.unknown;
}

void append_posting_entry(Bytes& out, ByteView posting, ByteView content) {
  Writer writer = begin(out, Entry::posting);
  writer.blob(posting);
  writer.blob(content);
}

void append_added_entry(Bytes& out, DeliveryId first, PostingNumber posting, ByteView channel,
                        const std::vector<const Recipient*>& recipients) {
  Writer writer = begin(out, Entry::added);
  writer.u64(first.value);
  writer.u32(posting);
  writer.blob(channel);
  writer.u32(static_cast<std::uint32_t>(recipients.size()));
  for (const Recipient* recipient : recipients) {
    writer.blob(recipient->address);
    writer.blob(recipient->detail);
  }
}

void append_sending_entry(Bytes& out, const std::vector<DeliveryId>& ids) {
  Writer writer = begin(out, Entry::sending);
  writer.u32(static_cast<std::uint32_t>(ids.size()));
  for (const DeliveryId id : ids) writer.u64(id.value);
}

void append_result_entry(Bytes& out, DeliveryId id, DeliveryState state, std::uint32_t attempts,
                         ByteView text) {
  Writer writer = begin(out, Entry::result);
  writer.u64(id.value);
  writer.u8(static_cast<std::uint8_t>(state));
  writer.u32(attempts);
  writer.blob(text.substr(0, proof_bytes_max));
}

void append_retired_entry(Bytes& out, PostingNumber posting) {
  begin(out, Entry::retired).u32(posting);
}

Result<void> OutboxBook::apply(ByteView entries) {
  Reader in(entries);
  while (in.ok() && in.left() > 0) {
    if (!apply_entry(in)) in.fail();
  }
  if (!in.ok()) return error(Errc::corrupt, "the outbox holds an entry that cannot be there");
  return {};
}

bool OutboxBook::apply_entry(Reader& in) {
  switch (static_cast<Entry>(in.u8())) {
    case Entry::posting:
      return apply_posting(in);
    case Entry::added:
      return apply_added(in);
    case Entry::sending:
      return apply_sending(in);
    case Entry::result:
      return apply_result(in);
    case Entry::retired:
      return apply_retired(in);
    case Entry::next:
      return apply_next(in);
  }
  return false;
}

bool OutboxBook::apply_posting(Reader& in) {
  PostingRow row;
  row.name = std::string(in.blob(posting_name_bytes_max));
  row.content = Bytes(in.blob(posting_content_bytes_max));
  if (!in.ok() || row.name.empty() || by_name_.contains(row.name)) return false;
  by_name_.emplace(row.name, static_cast<PostingNumber>(postings_.size()));
  postings_.push_back(std::move(row));
  return true;
}

bool OutboxBook::apply_added(Reader& in) {
  const DeliveryId first{in.u64()};
  const PostingNumber posting = in.u32();
  const std::string channel(in.blob(channel_name_bytes_max));
  const std::uint32_t count = in.u32();
  if (!in.ok() || first < next_id_ || posting >= postings_.size()) return false;
  next_id_ = first;
  const std::uint16_t number = channel_number(channel);
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    DeliveryRow row;
    row.posting = posting;
    row.channel = number;
    row.recipient = std::string(in.blob(recipient_bytes_max));
    row.detail = Bytes(in.blob(recipient_detail_bytes_max));
    const DeliveryId id = next_id_;
    ++next_id_.value;
    const auto at = deliveries_.emplace_hint(deliveries_.end(), id, std::move(row));
    if (!keys_.emplace(posting, number, at->second.recipient).second) return false;
    PostingRow& owner = postings_[posting];
    PostingPart& part = owner.parts[number];
    if (part.first.value == 0) part.first = id;
    owner.deliveries.push_back(id);
    ++part.totals.queued;
    ++owner.totals.queued;
    ++channels_[number].totals.queued;
    ++totals_.queued;
  }
  return in.ok();
}

bool OutboxBook::apply_sending(Reader& in) {
  const std::uint32_t count = in.u32();
  if (count > ids_per_entry_max) return false;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    const auto row = deliveries_.find({in.u64()});
    if (row == deliveries_.end() || row->second.state != DeliveryState::queued) return false;
    set_state(row->second, DeliveryState::sending);
  }
  return in.ok();
}

bool OutboxBook::apply_result(Reader& in) {
  const auto row = deliveries_.find({in.u64()});
  const std::uint8_t state = in.u8();
  const std::uint32_t attempts = in.u32();
  const ByteView text = in.blob(proof_bytes_max);
  if (!in.ok() || row == deliveries_.end()) return false;
  if (state > static_cast<std::uint8_t>(DeliveryState::unknown)) return false;
  const DeliveryState before = row->second.state;
  if (before == DeliveryState::sent || before == DeliveryState::refused) return false;
  set_state(row->second, static_cast<DeliveryState>(state));
  row->second.attempts = attempts;
  row->second.text = std::string(text);
  return true;
}

bool OutboxBook::apply_retired(Reader& in) {
  const PostingNumber number = in.u32();
  if (!in.ok() || number >= postings_.size()) return false;
  PostingRow& posting = postings_[number];
  if (posting.retired || !posting.totals.settled()) return false;
  for (const DeliveryId id : posting.deliveries) {
    const auto row = deliveries_.find(id);
    keys_.erase({number, row->second.channel, row->second.recipient});
    --count_of(totals_, row->second.state);
    --count_of(channels_[row->second.channel].totals, row->second.state);
    deliveries_.erase(row);
  }
  posting.deliveries = {};
  posting.content = {};
  posting.totals = {};
  posting.parts = {};
  posting.retired = true;
  return true;
}

bool OutboxBook::apply_next(Reader& in) {
  const DeliveryId next{in.u64()};
  if (!in.ok() || next < next_id_) return false;
  next_id_ = next;
  return true;
}

void OutboxBook::set_state(DeliveryRow& row, DeliveryState state) {
  PostingRow& posting = postings_[row.posting];
  for (OutboxTotals* totals : {&totals_, &posting.totals, &posting.parts[row.channel].totals,
                               &channels_[row.channel].totals}) {
    --count_of(*totals, row.state);
    ++count_of(*totals, state);
  }
  row.state = state;
}

std::uint16_t OutboxBook::channel_number(const std::string& channel) {
  const std::size_t number = position_of(channel);
  if (number == channels_.size()) channels_.push_back({channel, {}});
  return static_cast<std::uint16_t>(number);
}

// The number of channels where there is none of this name.
std::size_t OutboxBook::position_of(ByteView channel) const {
  const auto found = std::find_if(channels_.begin(), channels_.end(),
                                  [&](const ChannelRow& row) { return row.name == channel; });
  return static_cast<std::size_t>(found - channels_.begin());
}

OutboxTotals OutboxBook::channel_totals(ByteView channel) const {
  const std::size_t number = position_of(channel);
  return number == channels_.size() ? OutboxTotals{} : channels_[number].totals;
}

Bytes OutboxBook::snapshot() const {
  Bytes out;
  for (PostingNumber number = 0; number < postings_.size(); ++number) {
    append_posting_entry(out, postings_[number].name, postings_[number].content);
    if (postings_[number].retired) append_retired_entry(out, number);
  }
  append_deliveries(out);
  for (const auto& [id, row] : deliveries_) {
    if (row.state == DeliveryState::sending) append_sending_entry(out, {id});
    const bool is_new = row.attempts == 0 && row.text.empty();
    if (row.state == DeliveryState::sending || (row.state == DeliveryState::queued && is_new)) {
      continue;
    }
    append_result_entry(out, id, row.state, row.attempts, row.text);
  }
  begin(out, Entry::next).u64(next_id_.value);
  return out;
}

// Runs of neighbours with one posting and channel become one entry.
void OutboxBook::append_deliveries(Bytes& out) const {
  for (auto at = deliveries_.begin(); at != deliveries_.end();) {
    const DeliveryId first = at->first;
    const DeliveryRow& row = at->second;
    std::vector<Recipient> run;
    while (at != deliveries_.end() && run.size() < recipients_per_entry_max &&
           at->first.value == first.value + run.size() && at->second.posting == row.posting &&
           at->second.channel == row.channel) {
      run.push_back({at->second.recipient, at->second.detail});
      ++at;
    }
    std::vector<const Recipient*> recipients;
    for (const Recipient& recipient : run) recipients.push_back(&recipient);
    append_added_entry(out, first, row.posting, channels_[row.channel].name, recipients);
  }
}

const PostingRow* OutboxBook::find(ByteView posting) const {
  const auto found = by_name_.find(posting);
  return found == by_name_.end() ? nullptr : &postings_[found->second];
}

PostingNumber OutboxBook::number_of(ByteView posting) const {
  const auto found = by_name_.find(posting);
  return found == by_name_.end() ? static_cast<PostingNumber>(postings_.size()) : found->second;
}

bool OutboxBook::holds(PostingNumber posting, ByteView channel, ByteView recipient) const {
  const std::size_t number = position_of(channel);
  return number < channels_.size() &&
         keys_.contains({posting, static_cast<std::uint16_t>(number), recipient});
}

const DeliveryRow* OutboxBook::find(DeliveryId id) const {
  const auto found = deliveries_.find(id);
  return found == deliveries_.end() ? nullptr : &found->second;
}

Letter OutboxBook::letter(DeliveryId id) const {
  const DeliveryRow* row = find(id);
  ASSERT(row != nullptr);
  const PostingRow& posting = postings_[row->posting];
  return {id,         posting.name, posting.content, channels_[row->channel].name, row->recipient,
          row->detail};
}

DeliveryView OutboxBook::view(DeliveryId id) const {
  const DeliveryRow* row = find(id);
  ASSERT(row != nullptr);
  return {id,
          postings_[row->posting].name,
          channels_[row->channel].name,
          row->recipient,
          row->state,
          row->attempts,
          row->text};
}

void OutboxBook::verify() const {
  OutboxTotals all, of_postings, of_parts, of_channels;
  for (const auto& [id, row] : deliveries_) {
    ASSERT(id < next_id_);
    ASSERT(keys_.contains({row.posting, row.channel, row.recipient}));
    ++count_of(all, row.state);
  }
  for (const PostingRow& posting : postings_) {
    add(of_postings, posting.totals);
    for (const auto& [channel, part] : posting.parts) add(of_parts, part.totals);
  }
  for (const ChannelRow& channel : channels_) add(of_channels, channel.totals);
  for (const OutboxTotals& totals : {all, of_postings, of_parts, of_channels}) {
    ASSERT(totals == totals_);
  }
  ASSERT(keys_.size() == deliveries_.size());
}

}  // namespace oki::notify
