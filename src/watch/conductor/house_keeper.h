// Brings the house of the machine to what the house's file says, as far as the installation alone
// may: one change at a time, in order, and again from the first that is missing after a failover.
//
// Nothing that people changed later is known to a file: from two configurers on, the file is only
// compared, and what differs is said in the log once.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "response/changes.h"
#include "response/commands.h"

namespace oki::watch {

// Places in `wanted` of the changes after which the house would be another one. Planned work that
// is over by `time` is nothing to plan any more.
std::vector<std::size_t> missing(const response::House& house,
                                 const std::vector<response::Change>& wanted, WallTimeMs time);

class HouseKeeper {
 public:
  using Submit =
      std::function<void(const response::Command&, std::function<void(Result<response::Reply>)>)>;

  // Nothing may be answered after it is gone.
  HouseKeeper(std::vector<response::Change> wanted, Log& log, Submit submit)
      : wanted_(std::move(wanted)), log_(log), submit_(std::move(submit)) {}

  // On the seat that leads, again and again; costs nothing while the house stays as it is.
  void keep(const response::House& house, WallTimeMs now);

 private:
  std::vector<response::Change> wanted_;
  Log& log_;
  const Submit submit_;
  std::optional<std::uint32_t> compared_;  // The revision at which nothing was missing.
  bool waiting_ = false;
  bool refused_ = false;
  bool told_ = false;
};

}  // namespace oki::watch
