// Takes what customers write, keeps it, folds what the same customer writes again, and asks the
// ledger whether he really has a problem: the signal is not how many write, but how many of them
// are right.
//
// take() is answered when the disk knows the inquiry. Within fold_ms further words of the same
// customer (same account or same contact) on the same topic are the same inquiry: they are kept as
// far as words_bytes_max goes, and counted once. The same mail once more changes nothing. What no
// person wrote is kept, closed and counted nowhere.
//
// Limits, each a refusal with a name: per asker and for the whole house, for the form and for mail
// each their own, and open_max inquiries that wait. Of those that are done, and of automatic ones,
// the newest are kept.
//
// Records: docs/formats/inquiries.md.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "notify/notice.h"
#include "notify/record_log.h"
#include "watch/inquiries/asker_limits.h"
#include "watch/inquiries/inquiry.h"

namespace oki::watch::inquiries {

struct DeskOptions {
  std::string name = "inquiries";
  std::int64_t fold_ms = 1'800'000;
  AskerOptions form;
  AskerOptions mail{.per_minute_max = 1'000};
  std::size_t open_max = 100'000;
  std::size_t done_kept_max = 10'000;
  std::size_t automatic_kept_max = 2'000;
  std::uint64_t journal_bytes_max = 16u << 20;
  std::int64_t join_deadline_ms = 15'000;  // The ledger's word, else it counts as without failure.
};

// In the order of checking.
enum class [[nodiscard]] Refusal : std::uint8_t {
  none = 0,
  invalid = 1,
  network_limit = 2,
  house_limit = 3,
  full = 4,
  disk = 5,
};
const char* name(Refusal refusal);

struct Taken {
  Refusal refusal = Refusal::none;
  InquiryId id;  // Also when it was folded into an older one.
  bool folded = false;
  std::string why;  // Of invalid: a sentence.
};

// In the order of checking.
enum class [[nodiscard]] Changed : std::uint8_t {
  done = 0,
  unknown = 1,
  automatic = 2,  // Nobody wrote it, so nobody is answered.
  no_change = 3,
  full = 4,  // Too many wait already.
  disk = 5,
};
const char* name(Changed changed);

// What one second brought: customers, not mails. Each is counted once, in the second in which it is
// known whether he has a failure, so that both numbers are of the same customers.
struct Counts {
  std::uint32_t inquiries = 0;
  std::uint32_t with_failure = 0;
};

// Of all that are kept.
struct ClassCounts {
  std::array<std::array<std::uint32_t, states>, topics> by_topic{};  // Without automatic ones.
  std::array<std::uint32_t, ways> by_way{};
  std::uint32_t with_failure = 0;
  std::uint32_t automatic = 0;
};

struct InquiryFilter {
  std::optional<State> state;
  std::optional<Topic> topic;
  WallTimeMs from, to{INT64_MAX};  // Of Inquiry::at.
  bool automatic = false;          // With those that no person wrote.
};

class InquiryDesk {
 public:
  // Whether the account has a request that failed or whose outcome is unknown, lately. Answers
  // once, now or later.
  using Failure = std::function<void(bool)>;
  using Join = std::function<void(const std::string& account, WallTimeMs now, Failure)>;

  struct Parts {
    const Clock& clock;
    Disk& disk;
    Join join;  // Empty: no ledger can be asked.
  };

  // Blocking: reads what the last process left. Parts outlive the desk; the disk finishes nothing
  // after it is gone.
  static Result<std::unique_ptr<InquiryDesk>> open(const Parts& parts, const DeskOptions& options);
  ~InquiryDesk();
  InquiryDesk(const InquiryDesk&) = delete;
  InquiryDesk& operator=(const InquiryDesk&) = delete;

  // `asker`: what counts as one of them, within the draft's way. `by` of what staff write down.
  // `done` once, perhaps inside the call.
  void take(Draft draft, const std::string& asker, std::function<void(Taken)> done,
            response::PersonId by = {});

  // `done` once, perhaps inside the call; `done` when the disk knows it.
  void set_state(InquiryId id, State state, response::PersonId by,
                 std::function<void(Changed)> done);

  // Once a second.
  Counts second();

  const Inquiry* find(InquiryId id) const;

  // Newest first, those before `before` (0: all). It looks at some thousands at a time: `next` is
  // where to go on, 0 at the end.
  struct Listed {
    std::vector<const Inquiry*> found;
    InquiryId next;
  };
  Listed list(const InquiryFilter& filter, InquiryId before, std::size_t count_max) const;

  const ClassCounts& classes() const { return classes_; }

  // How many wait, and how long the last answers took, for notices.
  notify::SupportLoad load() const;

 private:
  struct Joining {
    InquiryId id;
    MonoTimeNs until;
  };

  InquiryDesk(const Parts& parts, const DeskOptions& options);
  Result<void> restore(ByteView snapshot, const std::vector<Bytes>& records);
  Refusal admit(const Draft& draft, const std::string& asker);
  const Inquiry* same_customer(const Draft& draft, Topic topic) const;
  Inquiry folded(const Inquiry& known, const Draft& draft) const;
  Inquiry made_of(Draft draft, Topic topic, response::PersonId by) const;
  void put(Inquiry inquiry);
  void add_to_classes(const Inquiry& inquiry, int change);
  void forget(InquiryId id);
  void forget_old(std::deque<InquiryId>& ids, std::size_t kept_max);
  void ask_ledger(const Inquiry& inquiry);
  void joined(InquiryId id, bool failure);
  void write(const Inquiry& inquiry, std::function<void(bool)> done);
  Bytes snapshot() const;

  Parts parts_;
  DeskOptions options_;
  std::unique_ptr<notify::RecordLog> log_;
  std::map<InquiryId, Inquiry> inquiries_;
  std::map<std::string, InquiryId> by_account_, by_contact_;  // The newest that waits.
  std::map<std::uint64_t, InquiryId> by_mail_;
  AskerLimits form_limits_, mail_limits_;
  std::deque<Joining> joining_;
  std::deque<std::int64_t> waits_ms_;       // Of the last answers.
  std::deque<InquiryId> done_, automatic_;  // Oldest first.
  std::size_t open_ = 0;
  InquiryId last_;
  Counts counts_;
  ClassCounts classes_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oki::watch::inquiries
