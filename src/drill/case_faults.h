// What breaks in each of the three cases, and what the people of the house would do about it.
#pragma once

#include <memory>

#include "drill/case_record.h"
#include "drill/crowd.h"
#include "drill/trial.h"

namespace oki::drill {

struct StepName {
  const char* runbook;
  const char* step;
};

class Case {
 public:
  virtual ~Case() = default;

  virtual const char* en() const = 0;
  virtual const char* ja() const = 0;

  // As its people would say it in a notice.
  virtual const char* cause_en() const = 0;
  virtual const char* cause_ja() const = 0;

  // How the house is set up for its usual load.
  virtual Result<void> prepare() { return {}; }
  virtual RateProfile load() const = 0;  // Of the customers; the usual one comes first.
  virtual Result<void> begin() = 0;
  virtual StepName step() const = 0;   // Of the runbook of the case.
  virtual Result<void> by_hand() = 0;  // The same by its commands, and what it leaves to people.
  virtual bool hand_is_needed() const { return false; }  // Also when the step was run.
  virtual void step_done() {}
  virtual bool over() = 0;  // Nothing harms any more.

  // After which people act although no page or incident has told them; 0: never.
  virtual std::int64_t seen_within_ms() const { return 0; }
  virtual Result<void> finish() { return {}; }
};

// REQUIRES: 1, 2 or 3; both outlive the case.
std::unique_ptr<Case> make_case(unsigned number, bool quick, Trial& trial, CaseRecord& record);

}  // namespace oki::drill
