// Finds a surge of customers who really have a problem, also when no metric shows one.
//
// Every inquiry is joined to the ledger before it comes here: does this caller have a failed order
// or a late withdrawal? News makes ten times as many people write, of whom as few as ever have one.
// So two things are tracked slowly: the rate of inquiries with a failure, and their share among
// all. What a second may hold without alarm is the larger of the usual rate and the usual share of
// those who wrote now; a CUSUM (Page 1954) of the Poisson likelihood of `times` as many runs
// against it, each second winsorised at `cap`. While the sum is above zero nothing is learned.
#pragma once

#include <cstdint>

#include "watch/detect/level.h"

namespace oki::watch::detect {

struct InquirySettings {
  std::int64_t times = 10;
  std::int64_t alarm_milli = 14'000;
  std::int64_t cap_milli = 4'000;
  std::int64_t usual_per_day_min = 200;       // With a failure; assumed when fewer are usual.
  std::int64_t usual_share_ppm_min = 50'000;  // The same for their share.
  std::int64_t learn_seconds = 43'200;        // Time constant of what is usual.
};

class InquirySurge {
 public:
  explicit InquirySurge(const InquirySettings& settings);

  // Once a second. `with_failure` above `inquiries` counts as all of them.
  bool add(std::uint32_t inquiries, std::uint32_t with_failure, MonoMs now);

  bool bad() const { return bad_; }
  MonoMs began() const { return began_; }
  std::int64_t usual_share_ppm() const;

 private:
  std::int64_t expected(std::int64_t inquiries) const;  // Millionths of an inquiry.
  void learn(std::int64_t inquiries, std::int64_t with_failure);

  InquirySettings settings_;
  std::int64_t per_failure_ = 0;
  std::int64_t rate_ = 0;    // All, in 10^-9 a second.
  std::int64_t joined_ = 0;  // With a failure, in 10^-9 a second.
  std::int64_t score_ = 0;
  MonoMs began_ = 0;
  bool bad_ = false;
};

}  // namespace oki::watch::detect
