// What others ask of the outbox, passed on to its works.
#include <utility>

#include "notify/outbox_impl.h"

namespace oki::notify {

Outbox::Outbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Outbox::~Outbox() = default;

Result<std::unique_ptr<Outbox>> Outbox::open(const Parts& parts, const OutboxOptions& options) {
  auto impl = std::make_unique<Impl>(parts, options);
  if (Result<void> done = impl->open(); !done) return tl::unexpected(done.error());
  return std::unique_ptr<Outbox>(new Outbox(std::move(impl)));
}

void Outbox::add_channel(const std::string& name, Channel& channel, const ChannelRules& rules) {
  impl_->add_channel(name, channel, rules);
}

void Outbox::start() { impl_->start(); }

void Outbox::add(const Posting& posting, const std::string& channel,
                 std::vector<Recipient> recipients, std::function<void(Result<Added>)> done,
                 Doubt doubt) {
  impl_->add(posting, channel, std::move(recipients), std::move(done), doubt);
}

Result<void> Outbox::settle(DeliveryId id, Decision decision, ByteView operator_name) {
  return impl_->settle(id, decision, operator_name);
}

std::size_t Outbox::settle_all(ByteView posting, ByteView channel, Decision decision,
                               ByteView operator_name) {
  const PostingRow* row = impl_->book_.find(posting);
  if (row == nullptr) return 0;
  std::size_t settled = 0;
  for (const DeliveryId id : row->deliveries) {
    if (impl_->book_.letter(id).channel != channel) continue;
    if (impl_->settle(id, decision, operator_name)) ++settled;
  }
  return settled;
}

void Outbox::when_stored(std::function<void(Result<void>)> done) {
  impl_->when_stored(std::move(done));
}

Result<void> Outbox::retire(ByteView posting) { return impl_->retire(posting); }

OutboxTotals Outbox::totals() const { return impl_->book_.totals(); }

OutboxTotals Outbox::totals(ByteView posting) const {
  const PostingRow* row = impl_->book_.find(posting);
  return row == nullptr ? OutboxTotals{} : row->totals;
}

OutboxTotals Outbox::channel_totals(ByteView channel) const {
  return impl_->book_.channel_totals(channel);
}

std::vector<ChannelView> Outbox::channels(ByteView posting) const {
  std::vector<ChannelView> out;
  const PostingRow* row = impl_->book_.find(posting);
  if (row == nullptr) return out;
  for (const auto& [number, part] : row->parts) {
    out.push_back({impl_->book_.channel_name(number), part.totals, impl_->book_.view(part.first)});
  }
  return out;
}

std::optional<ByteView> Outbox::content(ByteView posting) const {
  const PostingRow* row = impl_->book_.find(posting);
  if (row == nullptr || row->retired) return std::nullopt;
  return row->content;
}

bool Outbox::has(ByteView posting) const { return impl_->book_.find(posting) != nullptr; }

std::vector<std::string> Outbox::settled(std::size_t count_max) const {
  std::vector<std::string> out;
  for (const PostingRow& row : impl_->book_.postings()) {
    if (out.size() >= count_max) break;
    if (!row.retired && row.totals.settled()) out.push_back(row.name);
  }
  return out;
}

std::size_t Outbox::deliveries_kept() const { return impl_->book_.deliveries().size(); }
std::size_t Outbox::postings_kept() const { return impl_->book_.postings().size(); }

std::vector<DeliveryView> Outbox::unknown(std::size_t count_max) const {
  std::vector<DeliveryView> out;
  for (const auto& [id, row] : impl_->book_.deliveries()) {
    if (out.size() >= count_max) break;
    if (row.state == DeliveryState::unknown) out.push_back(impl_->book_.view(id));
  }
  return out;
}

std::vector<DeliveryView> Outbox::deliveries(ByteView posting, std::size_t count_max) const {
  std::vector<DeliveryView> out;
  const PostingRow* row = impl_->book_.find(posting);
  if (row == nullptr) return out;
  for (std::size_t i = 0; i < row->deliveries.size() && i < count_max; ++i) {
    out.push_back(impl_->book_.view(row->deliveries[i]));
  }
  return out;
}

bool Outbox::asking() const { return impl_->asking(); }
bool Outbox::broken() const { return impl_->broken_; }
void Outbox::verify() const { impl_->verify(); }

}  // namespace oki::notify
