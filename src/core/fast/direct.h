// The direct way of the commonest commands: an order that rests or trades with a few others, a
// cancel of one order.
//
// The general way (fast/step.h) keeps what was there of every row that it changes, then checks and
// tells the changes and forgets them. The common commands change a handful of numbers that are
// known before: here these are worked out and checked first, by the same functions and to the same
// end as rules 1.5, and only then written, straight into the rows, the events and the reply.
// Nothing is taken back, so nothing is kept.
//
// Whatever is not common is left to the general way, which finds everything as it was: refusals,
// timers that are due, triggers that are pending or would be, auctions, margin, icebergs, orders
// with sessions or names of their own, a status of the market that changes, tables that are full.
// So is a step that would break an invariant: it breaks there, and is quarantined there.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

// True: the command was applied, its events are in state.out, its reply behind `reply`. False:
// nothing has changed. REQUIRES: nothing waits for `commit`, state.out is empty.
bool apply_directly(State& state, ByteView command, Bytes& reply);

// Its parts, by kind. REQUIRES, too: no timer is due, no trigger can be pending.
bool place_directly(State& state, ByteView command, Bytes& reply);
bool cancel_directly(State& state, ByteView command, Bytes& reply);

}  // namespace oki::core::fast
