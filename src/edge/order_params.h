// From the parameters of a request that changes something to the command it asks for.
//
// Everything that a command of the core cannot even say is refused here, with bitbank's code; what
// it can say is the core's to refuse. Beside bitbank's own parameters these are understood (docs:
// docs/api.md): client_order_id, time_in_force, expire_at, self_trade_prevention, display_amount,
// cancel_on_disconnect.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/commands.h"
#include "edge/auth.h"
#include "edge/params.h"
#include "edge/routes.h"
#include "history/projection.h"

namespace oki::edge {

// The session that ends with a connection: that of the request when `sid` is empty, else that of
// the stream which was given this sid. Error: why there is none.
using FindSession = std::function<Checked<core::SessionId>(ByteView sid)>;

// What is remembered of a request until its command is answered.
struct Asked {
  Endpoint endpoint = Endpoint::place_order;
  core::AccountId account;
  core::MarketId market;              // Of cancels and of changes of orders.
  bool all_markets = false;           // Of cancel_all.
  std::vector<core::OrderId> orders;  // To cancel.
  std::uint32_t timeout_ms = 0;       // Of cancel_all_after.
  core::SessionId session;            // That the orders are tied to; 0 for none.

  struct Placed {
    core::Side side = core::Side::buy;
    core::OrderType type = core::OrderType::limit;
    std::optional<Fault> fault;  // Of one of many: it is no part of the command.
    core::MarketId market{};
    core::Lots amount{};
  };
  std::vector<Placed> placed;  // In the order of asking.
};

struct Update {
  Asked asked;
  std::optional<core::Command> command;  // Nothing when every order of a batch has a fault.
};

struct UpdateContext {
  const history::Projection& projection;
  const Caller& caller;
  bool of_the_house = false;  // May trade where nobody else may.
  const FindSession& find_session;
};

// Error: the fault of the first parameter that is missing or malformed.
// REQUIRES: the endpoint is an update.
Checked<Update> read_update(Endpoint endpoint, const Params& params, const UpdateContext& context);

}  // namespace oki::edge
