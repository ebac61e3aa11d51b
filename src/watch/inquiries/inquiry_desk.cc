#include "watch/inquiries/inquiry_desk.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "watch/inquiries/inquiry_format.h"

namespace oki::watch::inquiries {
namespace {

constexpr std::size_t waits_kept_max = 50;
constexpr std::size_t listed_at_once_max = 5'000;
constexpr std::int64_t minute_ms = 60'000;

bool waits(const Inquiry& inquiry) { return inquiry.state == State::open && !inquiry.automatic; }

bool matches(const Inquiry& inquiry, const InquiryFilter& filter) {
  return (!filter.state || inquiry.state == *filter.state) &&
         (!filter.topic || inquiry.topic == *filter.topic) && inquiry.at >= filter.from &&
         inquiry.at <= filter.to && (filter.automatic || !inquiry.automatic);
}

}  // namespace

const char* name(Refusal refusal) {
  constexpr const char* names[] = {"none",        "invalid", "network_limit",
                                   "house_limit", "full",    "disk"};
  return names[static_cast<std::size_t>(refusal)];
}

const char* name(Changed changed) {
  constexpr const char* names[] = {"done", "unknown_inquiry", "automatic", "no_change", "full",
                                   "disk"};
  return names[static_cast<std::size_t>(changed)];
}

InquiryDesk::InquiryDesk(const Parts& parts, const DeskOptions& options)
    : parts_(parts), options_(options), form_limits_(options.form), mail_limits_(options.mail) {}

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
  const std::size_t rows_max =
      options_.open_max + options_.done_kept_max + options_.automatic_kept_max + 1;
  auto kept = decode_inquiries(snapshot, records, rows_max);
  if (!kept) return tl::unexpected(kept.error());
  last_ = kept->last;
  for (Inquiry& row : kept->rows) put(std::move(row));
  return {};
}

Bytes InquiryDesk::snapshot() const {
  KeptInquiries kept{last_, {}};
  kept.rows.reserve(inquiries_.size());
  for (const auto& [id, inquiry] : inquiries_) kept.rows.push_back(inquiry);
  return encode(kept);
}

void InquiryDesk::write(const Inquiry& inquiry, std::function<void(bool)> done) {
  log_->append(encode(inquiry), [done = std::move(done)](const Result<void>& result) {
    if (done) done(result.has_value());
  });
  if (log_->journal_bytes() > options_.journal_bytes_max) log_->compact(snapshot());
}

// --- What is known

void InquiryDesk::add_to_classes(const Inquiry& inquiry, int change) {
  const auto add = [change](std::uint32_t& count) { count += static_cast<std::uint32_t>(change); };
  if (inquiry.automatic) return add(classes_.automatic);
  add(classes_.by_topic[static_cast<std::size_t>(inquiry.topic)]
                       [static_cast<std::size_t>(inquiry.state)]);
  add(classes_.by_way[static_cast<std::size_t>(inquiry.way)]);
  if (inquiry.failure) add(classes_.with_failure);
}

void InquiryDesk::put(Inquiry inquiry) {
  const InquiryId id = inquiry.id;
  last_ = std::max(last_, id);
  const auto known = inquiries_.find(id);
  const bool is_new = known == inquiries_.end();
  const bool waited = !is_new && waits(known->second);
  if (!is_new) add_to_classes(known->second, -1);
  add_to_classes(inquiry, 1);
  if (waits(inquiry)) {
    if (!inquiry.account.empty()) by_account_[inquiry.account] = id;
    if (!inquiry.contact.empty()) by_contact_[inquiry.contact] = id;
    if (!is_new && !waited) std::erase(done_, id);
  }
  if (waits(inquiry) && !waited) ++open_;
  if (!waits(inquiry) && waited) --open_;
  if (is_new && inquiry.automatic) automatic_.push_back(id);
  if (!inquiry.automatic && !waits(inquiry) && (is_new || waited)) done_.push_back(id);
  for (const std::uint64_t mail : inquiry.mails) by_mail_[mail] = id;
  inquiries_.insert_or_assign(id, std::move(inquiry));
  forget_old(done_, options_.done_kept_max);
  forget_old(automatic_, options_.automatic_kept_max);
}

void InquiryDesk::forget_old(std::deque<InquiryId>& ids, std::size_t kept_max) {
  for (; ids.size() > kept_max; ids.pop_front()) forget(ids.front());
}

void InquiryDesk::forget(InquiryId id) {
  const auto found = inquiries_.find(id);
  const auto erase = [id](auto& index, const auto& key) {
    const auto at = index.find(key);
    if (at != index.end() && at->second == id) index.erase(at);
  };
  erase(by_account_, found->second.account);
  erase(by_contact_, found->second.contact);
  for (const std::uint64_t mail : found->second.mails) erase(by_mail_, mail);
  add_to_classes(found->second, -1);
  inquiries_.erase(found);
}

// --- Taking

Refusal InquiryDesk::admit(const Draft& draft, const std::string& asker) {
  if (draft.way == Way::staff) return Refusal::none;
  AskerLimits& limits = draft.way == Way::mail ? mail_limits_ : form_limits_;
  switch (limits.admit(asker, parts_.clock.wall_now())) {
    case Admission::yes:
      return Refusal::none;
    case Admission::asker_limit:
      return Refusal::network_limit;
    case Admission::house_limit:
      break;
  }
  return Refusal::house_limit;
}

const Inquiry* InquiryDesk::same_customer(const Draft& draft, Topic topic) const {
  if (draft.automatic) return nullptr;
  const WallTimeMs now = parts_.clock.wall_now();
  const auto look = [&](const auto& index, const std::string& key) -> const Inquiry* {
    const auto at = key.empty() ? index.end() : index.find(key);
    if (at == index.end()) return nullptr;
    const Inquiry& known = inquiries_.at(at->second);
    const bool lately = now.value - known.at.value < options_.fold_ms;
    return waits(known) && known.topic == topic && lately ? &known : nullptr;
  };
  if (const Inquiry* known = look(by_account_, draft.account)) return known;
  return look(by_contact_, draft.contact);
}

Inquiry InquiryDesk::folded(const Inquiry& known, const Draft& draft) const {
  Inquiry inquiry = known;
  ++inquiry.again;
  if (inquiry.words.size() + 1 + draft.words.size() <= words_bytes_max) {
    inquiry.words += '\n' + draft.words;
  }
  if (draft.mail != 0 && inquiry.mails.size() < mails_max) inquiry.mails.push_back(draft.mail);
  return inquiry;
}

Inquiry InquiryDesk::made_of(Draft draft, Topic topic, response::PersonId by) const {
  Inquiry inquiry;
  inquiry.id = {last_.value + 1};
  inquiry.at = parts_.clock.wall_now();
  inquiry.way = draft.way;
  inquiry.topic = topic;
  inquiry.account = std::move(draft.account);
  inquiry.contact = std::move(draft.contact);
  inquiry.words = std::move(draft.words);
  inquiry.automatic = draft.automatic;
  inquiry.state = draft.automatic ? State::closed : State::open;
  inquiry.by = by;
  if (draft.mail != 0) inquiry.mails = {draft.mail};
  return inquiry;
}

void InquiryDesk::take(Draft given, const std::string& asker, std::function<void(Taken)> done,
                       response::PersonId by) {
  Result<Draft> draft = clean(std::move(given));
  if (!draft) return done({Refusal::invalid, {}, false, draft.error().message});
  if (const Refusal refusal = admit(*draft, asker); refusal != Refusal::none) {
    return done({refusal, {}, false, {}});
  }
  const auto finish = [done](InquiryId id, bool again) {
    return [id, again, done](bool kept) {
      done(kept ? Taken{Refusal::none, id, again, {}} : Taken{Refusal::disk, {}, false, {}});
    };
  };
  const auto seen = draft->mail == 0 ? by_mail_.end() : by_mail_.find(draft->mail);
  if (seen != by_mail_.end()) {
    // Written once more: what waits for the disk since the first time is then there too.
    return write(inquiries_.at(seen->second), finish(seen->second, true));
  }
  const Topic topic = classify(draft->words);
  const Inquiry* known = same_customer(*draft, topic);
  const bool is_full = known == nullptr && !draft->automatic && open_ >= options_.open_max;
  if (is_full) return done({Refusal::full, {}, false, {}});
  const Inquiry inquiry =
      known != nullptr ? folded(*known, *draft) : made_of(std::move(*draft), topic, by);
  put(inquiry);
  if (known == nullptr && !inquiry.automatic) ask_ledger(inquiry);
  write(inquiries_.at(inquiry.id), finish(inquiry.id, known != nullptr));
}

// --- The ledger's word

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
  const Inquiry* const found = find(id);
  if (!failure || found == nullptr) return;
  ++counts_.with_failure;
  Inquiry inquiry = *found;
  inquiry.failure = true;
  write(inquiry, {});
  put(std::move(inquiry));
}

Counts InquiryDesk::second() {
  const MonoTimeNs now = parts_.clock.mono_now();
  for (; !joining_.empty() && joining_.front().until < now; joining_.pop_front()) {
    ++counts_.inquiries;
  }
  return std::exchange(counts_, {});
}

// --- What staff do

void InquiryDesk::set_state(InquiryId id, State state, response::PersonId by,
                            std::function<void(Changed)> done) {
  const Inquiry* const found = find(id);
  if (found == nullptr) return done(Changed::unknown);
  if (found->automatic) return done(Changed::automatic);
  if (found->state == state) return done(Changed::no_change);
  if (state == State::open && open_ >= options_.open_max) return done(Changed::full);
  Inquiry inquiry = *found;
  if (inquiry.state == State::open && state == State::answered) {
    waits_ms_.push_back(
        std::max<std::int64_t>(0, parts_.clock.wall_now().value - inquiry.at.value));
    if (waits_ms_.size() > waits_kept_max) waits_ms_.pop_front();
  }
  inquiry.state = state;
  inquiry.changed = parts_.clock.wall_now();
  inquiry.by = by;
  write(inquiry,
        [done = std::move(done)](bool kept) { done(kept ? Changed::done : Changed::disk); });
  put(std::move(inquiry));
}

const Inquiry* InquiryDesk::find(InquiryId id) const {
  const auto found = inquiries_.find(id);
  return found == inquiries_.end() ? nullptr : &found->second;
}

InquiryDesk::Listed InquiryDesk::list(const InquiryFilter& filter, InquiryId before,
                                      std::size_t count_max) const {
  Listed listed;
  auto at = before.value == 0 ? inquiries_.end() : inquiries_.lower_bound(before);
  for (std::size_t looked = 0; at != inquiries_.begin(); ++looked) {
    if (looked == listed_at_once_max || listed.found.size() >= count_max) break;
    --at;
    listed.next = at->first;
    if (matches(at->second, filter)) listed.found.push_back(&at->second);
  }
  if (at == inquiries_.begin()) listed.next = {};
  return listed;
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
