// Takes what customers write, keeps it, folds what the same customer writes again, and asks the
// ledger whether he really has a problem: the signal is not how many write, but how many of them
// are right.
//
// take() is answered when the disk knows the inquiry. Within fold_ms further words of the same
// customer (same account or same contact) on the same topic are the same inquiry: they are kept as
// far as words_bytes_max goes, and counted once.
//
// Limits, each a refusal with a name: per network, for the whole house, and open_max inquiries that
// wait. A form in a flood costs a few hundred bytes per network and nothing else.
//
// Records: docs/formats/inquiries.md. On disk a limited number of answered ones stays.
#pragma once

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
#include "watch/inquiries/inquiry.h"

namespace oki::watch::inquiries {

struct DeskOptions {
  std::string name = "inquiries";
  std::int64_t fold_ms = 1'800'000;
  std::uint32_t per_network_max = 10;  // In network_ms.
  std::int64_t network_ms = 3'600'000;
  std::uint32_t house_per_minute_max = 3'000;
  std::size_t networks_max = 10'000;
  std::size_t open_max = 100'000;
  std::size_t answered_kept_max = 10'000;
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

// What one second brought: customers, not mails. Each is counted once, in the second in which it is
// known whether he has a failure, so that both numbers are of the same customers.
struct Counts {
  std::uint32_t inquiries = 0;
  std::uint32_t with_failure = 0;
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

  // `network`: what counts as one asker (notify::network_of). `done` once, perhaps inside the call.
  void take(Draft draft, const std::string& network, std::function<void(Taken)> done);

  // Errc::not_found: none that waits.
  Result<void> answered(InquiryId id);

  // Once a second.
  Counts second();

  // Those that wait, oldest first.
  std::vector<Inquiry> open_ones(InquiryId after, std::size_t count_max) const;
  const Inquiry* find(InquiryId id) const;

  // How many wait, and how long the last answers took, for notices.
  notify::SupportLoad load() const;

 private:
  struct Asker {
    WallTimeMs since;
    std::uint32_t count = 0;
  };
  struct Joining {
    InquiryId id;
    MonoTimeNs until;
  };

  InquiryDesk(const Parts& parts, const DeskOptions& options);
  Result<void> restore(ByteView snapshot, const std::vector<Bytes>& records);
  void put(Inquiry inquiry);
  Refusal limit(const std::string& network);
  Inquiry* same_customer(const Draft& draft, Topic topic);
  void ask_ledger(const Inquiry& inquiry);
  void joined(InquiryId id, bool failure);
  void forget_answered();
  void write(const Inquiry& inquiry, std::function<void(bool)> done);
  Bytes snapshot() const;

  Parts parts_;
  DeskOptions options_;
  std::unique_ptr<notify::RecordLog> log_;
  std::map<InquiryId, Inquiry> inquiries_;
  std::map<std::string, InquiryId> by_account_, by_contact_;  // The newest that waits.
  std::map<std::string, Asker> networks_;
  Asker house_;
  std::deque<Joining> joining_;
  std::deque<std::int64_t> waits_ms_;  // Of the last answers.
  std::deque<InquiryId> answered_;     // Oldest first.
  std::size_t open_ = 0;
  InquiryId last_;
  Counts counts_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oki::watch::inquiries
