// An exchange for drills with its instruments: customers, the oracle trader, copies of the status
// page that are asked all the time, people and channels, and what hurts and heals it.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "crypto/crypto.h"
#include "drill/harm.h"
#include "drill/incident_view.h"
#include "drill/oracle_trader.h"
#include "drill/staff.h"

namespace oki::drill {

constexpr std::int64_t lease_ms = 2000;

struct TrialOptions {
  std::string directory;  // Exists and is empty.
  std::uint32_t nodes = 3;
  std::uint32_t edges = 2;
  std::uint32_t watches = 3;
  std::uint32_t status_sites = 2;
  std::int64_t status_poll_ms = 15;
  std::size_t makers = 6;
  std::size_t customers = 0;
  std::size_t intruders = 0;
  std::string runbooks;  // The folder of their texts; empty: none is run.
  bool desks = false;    // Customers may ask for notices by mail.
};

class Trial {
 public:
  explicit Trial(const TrialOptions& options);
  ~Trial();

  // Until everything answers and every copy is green. SIGINT and SIGTERM interrupt from here on.
  Result<void> start(const std::function<void(const std::string&)>& progress);

  MonoTimeNs now();
  Session& session() { return session_; }
  Steps& steps() { return *steps_; }
  Harm& harm() { return *harm_; }
  OracleTrader& oracle() { return *oracle_; }
  Staff& staff() { return *staff_; }
  const IncidentView& incidents() const { return *incidents_; }
  bool interrupted() const { return steps_ && steps_->interrupted(); }

  bool green();  // Every copy.

  // When the last copy stopped being green; nothing while one still is.
  std::optional<MonoTimeNs> nongreen(MonoTimeNs from);

  // Since when every path of the oracle trader works again, tried after `from`.
  std::optional<MonoTimeNs> trading(MonoTimeNs from);

  // Green everywhere and trading everywhere, for a second; false when it takes over a minute.
  bool wait_until_well();

  // For how long copies said that all is well while a path had been broken for more than the
  // lease, and still was.
  std::int64_t falsely_green_ms(MonoTimeNs from, MonoTimeNs to);

 private:
  TrialOptions options_;
  crypto::SystemRandom random_;
  Session session_;
  std::unique_ptr<Staff> staff_;
  std::unique_ptr<IncidentView> incidents_;
  std::unique_ptr<OracleTrader> oracle_;
  std::unique_ptr<Steps> steps_;
  std::unique_ptr<Harm> harm_;
};

}  // namespace oki::drill
