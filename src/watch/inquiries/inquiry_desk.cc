#include "watch/inquiries/inquiry_desk.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/fields.h"

namespace oki {

template <>
inline constexpr std::uint8_t numbers_of<watch::inquiries::Way> = watch::inquiries::ways;
template <>
inline constexpr std::uint8_t numbers_of<watch::inquiries::Topic> = watch::inquiries::topics;

}  // namespace oki

namespace oki::watch::inquiries {
namespace {

constexpr std::size_t waits_kept_max = 50;
constexpr std::int64_t minute_ms = 60'000;
constexpr ByteView magic = "OKIINQ01";

class RowWriter : public FieldWriterOf<RowWriter> {
 public:
  using FieldWriterOf::FieldWriterOf;
};
class RowReader : public FieldReaderOf<RowReader> {
 public:
  using FieldReaderOf::FieldReaderOf;
};

// A mail address is at most 254 bytes (RFC 3696).
void fields(auto& io, Like<Inquiry> auto& x) {
  io(x.id, x.at, x.way, x.topic);
  io.text(x.account, account_bytes_max);
  io.text(x.contact, 254);
  io.text(x.words, words_bytes_max);
  io(x.again, x.answered, x.failure);
}

Bytes row_of(const Inquiry& inquiry) {
  Bytes bytes;
  RowWriter io(bytes);
  io(inquiry);
  return bytes;
}

}  // namespace

const char* name(Refusal refusal) {
  constexpr const char* names[] = {"none",        "invalid", "network_limit",
                                   "house_limit", "full",    "disk"};
  return names[static_cast<std::size_t>(refusal)];
}

InquiryDesk::InquiryDesk(const Parts& parts, const DeskOptions& options)
    : parts_(parts), options_(options) {}

InquiryDesk::~InquiryDesk() { *alive_ = false; }

Result<std::unique_ptr<InquiryDesk>> InquiryDesk::open(const Parts& parts,
                                                       const DeskOptions& options) {
  auto opened = notify::RecordLog::open(parts.disk, options.name);
  if (!opened) return tl::unexpected(opened.error());
  std::unique_ptr<InquiryDesk> desk(new InquiryDesk(parts, options));
  if (auto done = desk->restore(opened->recovered.snapshot, opened->recovered.records); !done) {
    return tl::unexpected(done.error());
  }
  desk->log_ = std::move(opened->log);
  desk->log_->compact(desk->snapshot());
  return desk;
}

Result<void> InquiryDesk::restore(ByteView snapshot, const std::vector<Bytes>& records) {
  const auto broken = [] { return error(Errc::corrupt, "The inquiries cannot be read."); };
  if (!snapshot.empty()) {
    if (snapshot.substr(0, magic.size()) != magic) return broken();
    RowReader io(snapshot.substr(magic.size()));
    std::vector<Inquiry> rows;
    io(last_);
    io.list(rows, options_.open_max + options_.answered_kept_max + 1);
    if (!io.done()) return broken();
    for (Inquiry& row : rows) put(std::move(row));
  }
  for (const Bytes& record : records) {
    auto row = read_exactly<RowReader, Inquiry>(record);
    if (!row) return broken();
    put(std::move(*row));
  }
  return {};
}

void InquiryDesk::put(Inquiry inquiry) {
  last_ = std::max(last_, inquiry.id);
  const auto known = inquiries_.find(inquiry.id);
  const bool waited = known != inquiries_.end() && known->second.answered.value == 0;
  const bool waits = inquiry.answered.value == 0;
  open_ = open_ + waits - waited;
  if (!waits && (waited || known == inquiries_.end())) answered_.push_back(inquiry.id);
  if (waits && !inquiry.account.empty()) by_account_[inquiry.account] = inquiry.id;
  if (waits && !inquiry.contact.empty()) by_contact_[inquiry.contact] = inquiry.id;
  inquiries_[inquiry.id] = std::move(inquiry);
  forget_answered();
}

void InquiryDesk::forget_answered() {
  while (answered_.size() > options_.answered_kept_max) {
    const auto found = inquiries_.find(answered_.front());
    const auto forget = [&](auto& index, const std::string& key) {
      const auto at = index.find(key);
      if (at != index.end() && at->second == found->first) index.erase(at);
    };
    forget(by_account_, found->second.account);
    forget(by_contact_, found->second.contact);
    inquiries_.erase(found);
    answered_.pop_front();
  }
}

Bytes InquiryDesk::snapshot() const {
  Bytes bytes(magic);
  RowWriter io(bytes);
  std::vector<Inquiry> rows;
  for (const auto& [id, inquiry] : inquiries_) rows.push_back(inquiry);
  io(last_);
  io.list(rows, rows.size());
  return bytes;
}

void InquiryDesk::write(const Inquiry& inquiry, std::function<void(bool)> done) {
  log_->append(row_of(inquiry), [done = std::move(done)](const Result<void>& result) {
    if (done) done(result.has_value());
  });
  if (log_->journal_bytes() > options_.journal_bytes_max) log_->compact(snapshot());
}

Refusal InquiryDesk::limit(const std::string& network) {
  const WallTimeMs now = parts_.clock.wall_now();
  const auto fresh = [&](Asker& asker, std::int64_t window_ms) {
    const std::int64_t age = now.value - asker.since.value;
    if (age < 0 || age >= window_ms) asker = {now, 0};
  };
  fresh(house_, minute_ms);
  if (networks_.size() >= options_.networks_max && !networks_.contains(network)) {
    std::erase_if(networks_, [&](const auto& one) {
      return now.value - one.second.since.value >= options_.network_ms;
    });
    if (networks_.size() >= options_.networks_max) return Refusal::network_limit;
  }
  Asker& asker = networks_[network];
  fresh(asker, options_.network_ms);
  if (asker.count >= options_.per_network_max) return Refusal::network_limit;
  if (house_.count >= options_.house_per_minute_max) return Refusal::house_limit;
  ++asker.count;
  ++house_.count;
  return Refusal::none;
}

Inquiry* InquiryDesk::same_customer(const Draft& draft, Topic topic) {
  const WallTimeMs now = parts_.clock.wall_now();
  const auto look = [&](const auto& index, const std::string& key) -> Inquiry* {
    const auto at = key.empty() ? index.end() : index.find(key);
    if (at == index.end()) return nullptr;
    Inquiry& known = inquiries_.at(at->second);
    const bool lately = now.value - known.at.value < options_.fold_ms;
    return known.answered.value == 0 && known.topic == topic && lately ? &known : nullptr;
  };
  if (Inquiry* known = look(by_account_, draft.account)) return known;
  return look(by_contact_, draft.contact);
}

void InquiryDesk::take(Draft given, const std::string& network, std::function<void(Taken)> done) {
  Result<Draft> draft = clean(std::move(given));
  if (!draft) return done({Refusal::invalid, {}, false, draft.error().message});
  if (draft->way != Way::staff) {
    const Refusal refusal = limit(network);
    if (refusal != Refusal::none) return done({refusal, {}, false, {}});
  }
  const Topic topic = classify(draft->words);
  Inquiry* const known = same_customer(*draft, topic);
  if (known == nullptr && open_ >= options_.open_max) return done({Refusal::full, {}, false, {}});
  Inquiry inquiry;
  if (known != nullptr) {
    inquiry = *known;
    ++inquiry.again;
    if (inquiry.words.size() + 1 + draft->words.size() <= words_bytes_max) {
      inquiry.words += '\n' + draft->words;
    }
  } else {
    inquiry.id = {last_.value + 1};
    inquiry.at = parts_.clock.wall_now();
    inquiry.way = draft->way;
    inquiry.topic = topic;
    inquiry.account = std::move(draft->account);
    inquiry.contact = std::move(draft->contact);
    inquiry.words = std::move(draft->words);
  }
  const Taken taken{Refusal::none, inquiry.id, known != nullptr, {}};
  put(inquiry);
  if (known == nullptr) ask_ledger(inquiry);
  write(inquiry, [taken, done = std::move(done)](bool kept) {
    done(kept ? taken : Taken{Refusal::disk, {}, false, {}});
  });
}

void InquiryDesk::ask_ledger(const Inquiry& inquiry) {
  if (inquiry.account.empty() || !parts_.join) {
    ++counts_.inquiries;
    return;
  }
  joining_.push_back({inquiry.id, parts_.clock.mono_now() + options_.join_deadline_ms * ns_per_ms});
  parts_.join(inquiry.account, inquiry.at, [this, alive = alive_, id = inquiry.id](bool failure) {
    if (*alive) joined(id, failure);
  });
}

void InquiryDesk::joined(InquiryId id, bool failure) {
  const auto waiting = std::find_if(joining_.begin(), joining_.end(),
                                    [&](const Joining& one) { return one.id == id; });
  if (waiting == joining_.end()) return;  // Too late, or twice.
  joining_.erase(waiting);
  ++counts_.inquiries;
  const auto found = inquiries_.find(id);
  if (!failure || found == inquiries_.end()) return;
  ++counts_.with_failure;
  found->second.failure = true;
  write(found->second, {});
}

Counts InquiryDesk::second() {
  const MonoTimeNs now = parts_.clock.mono_now();
  for (; !joining_.empty() && joining_.front().until < now; joining_.pop_front()) {
    ++counts_.inquiries;
  }
  return std::exchange(counts_, {});
}

Result<void> InquiryDesk::answered(InquiryId id) {
  const auto found = inquiries_.find(id);
  if (found == inquiries_.end() || found->second.answered.value != 0) {
    return error(Errc::not_found, "No inquiry of this number waits.");
  }
  Inquiry inquiry = found->second;
  inquiry.answered = parts_.clock.wall_now();
  waits_ms_.push_back(std::max<std::int64_t>(0, inquiry.answered.value - inquiry.at.value));
  if (waits_ms_.size() > waits_kept_max) waits_ms_.pop_front();
  write(inquiry, {});
  put(std::move(inquiry));
  return {};
}

std::vector<Inquiry> InquiryDesk::open_ones(InquiryId after, std::size_t count_max) const {
  std::vector<Inquiry> found;
  for (auto at = inquiries_.upper_bound(after); at != inquiries_.end(); ++at) {
    if (found.size() == count_max) break;
    if (at->second.answered.value == 0) found.push_back(at->second);
  }
  return found;
}

const Inquiry* InquiryDesk::find(InquiryId id) const {
  const auto found = inquiries_.find(id);
  return found == inquiries_.end() ? nullptr : &found->second;
}

notify::SupportLoad InquiryDesk::load() const {
  notify::SupportLoad load;
  load.open_inquiries = static_cast<std::uint32_t>(open_);
  if (waits_ms_.empty()) return load;
  const std::int64_t sum = std::accumulate(waits_ms_.begin(), waits_ms_.end(), std::int64_t{0});
  const std::int64_t mean = sum / static_cast<std::int64_t>(waits_ms_.size());
  load.wait_minutes = static_cast<std::uint32_t>((mean + minute_ms - 1) / minute_ms);
  return load;
}

}  // namespace oki::watch::inquiries
