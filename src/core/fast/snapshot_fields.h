// The items of a core snapshot, in the order of the format (docs/formats/core-snapshot.md): rows of
// tables become these, with ids instead of row numbers.
#pragma once

#include <string>

#include "base/hash64.h"
#include "core/fast/state.h"
#include "core/fields.h"

namespace oki::core::fast {

constexpr ByteView snapshot_magic = "OKICORE3";
constexpr std::size_t snapshot_piece_bytes = std::size_t{1} << 18;

struct SavedHead {
  std::uint32_t release = 0;  // First: who does not know it reads no further.
  WallTimeMs time;
  std::uint64_t number = 0, events_hash = 0;
  OrderId last_order;
  TradeId last_trade;
  WithdrawalId last_withdrawal;
  CreditId last_credit;
  WallTimeMs sweep_due;
  AccountId sweep_cursor;
  OperatorId resume_all_by;
  WallTimeMs resume_all_until;
};
void fields(auto& io, Like<SavedHead> auto& x) {
  io(x.release, x.time, x.number, x.events_hash, x.last_order, x.last_trade, x.last_withdrawal,
     x.last_credit, x.sweep_due, x.sweep_cursor, x.resume_all_by, x.resume_all_until);
}

struct SavedAsset {
  AssetSpec spec;
  bool frozen = false;
  std::uint32_t collateral_ppm = 0;
  Amount paid_in, holdings;
  std::uint64_t approved[2] = {}, settled[2] = {};  // Low, high.
  OperatorId resume_by;
  WallTimeMs resume_until;
};
void fields(auto& io, Like<SavedAsset> auto& x) {
  io(x.spec, x.frozen, x.collateral_ppm, x.paid_in, x.holdings, x.approved[0], x.approved[1],
     x.settled[0], x.settled[1], x.resume_by, x.resume_until);
}

struct SavedMarket {
  MarketSpec spec;
  MarketRules rules;
  std::uint64_t auction_lots[2] = {};
  MarketFlow flow;
};
void fields(auto& io, Like<SavedMarket> auto& x) {
  auto& r = x.rules;
  auto& f = x.flow;
  io(x.spec, r.load, r.halted, r.mode, r.fee_type, r.stops, r.uncrossing, r.last_break_up,
     r.width_up, r.width_down, r.reference, r.reference_at, r.widened_until, r.lower_itayose,
     r.upper_itayose, r.reopen_at, r.cancel_only_at, r.auction_at, r.withdrawals_at, r.chunk_at,
     r.auction_price, x.auction_lots[0], x.auction_lots[1], r.told_price, r.told_lots, r.stage_due,
     r.load_due, r.estimate_due);
  io(f.sequence, f.last_price, f.low, f.high, f.second, f.counted);
}

struct SavedAccount {
  AccountId id;
  std::uint32_t updates_per_second = 0, queries_per_second = 0;
  std::uint64_t tokens_milli = 0;
  WallTimeMs filled_at, dead_man_at;
  Amount debt;
  bool margin_allowed = false;
  MarginStatus margin_status = MarginStatus::normal;
  bool no_orders = false, no_withdrawals = false;
};
void fields(auto& io, Like<SavedAccount> auto& x) {
  io(x.id, x.updates_per_second, x.queries_per_second, x.tokens_milli, x.filled_at, x.dead_man_at,
     x.debt, x.margin_allowed, x.margin_status, x.no_orders, x.no_withdrawals);
}

struct SavedBalance {
  AccountId account;
  AssetId asset;
  std::uint64_t free = 0, held = 0, withdrawing = 0;
};
void fields(auto& io, Like<SavedBalance> auto& x) {
  io(x.account, x.asset, x.free, x.held, x.withdrawing);
}

struct SavedKey {
  AccountId account;
  std::uint64_t nonce = 0;
  std::string key, sealed_secret;
};
void fields(auto& io, Like<SavedKey> auto& x) {
  io(x.account, x.nonce);
  io.text(x.key, api_key_bytes_max);
  io.text(x.sealed_secret, sealed_secret_bytes_max);
}

// Orders in books come first: by market, side, price from the best, priority. Then the others, by
// id.
struct SavedOrder {
  OrderView view;
  Lots visible;  // 0: waits for its trigger.
  bool never_expires = false, trigger_dead = false;
};
void fields(auto& io, Like<SavedOrder> auto& x) {
  io(x.view, x.visible, x.never_expires, x.trigger_dead);
}

struct SavedEdge {
  std::uint32_t edge = 0;
  WallTimeMs due;
};
void fields(auto& io, Like<SavedEdge> auto& x) { io(x.edge, x.due); }

struct SavedClientId {
  AccountId account;
  OrderId order;
  std::string text;
};
void fields(auto& io, Like<SavedClientId> auto& x) {
  io(x.account, x.order);
  io.text(x.text, client_order_id_bytes_max);
}

struct SavedReference {
  std::uint8_t kind = 0;
  bool less = false;
  AccountId account;
  AssetId asset;
  Amount amount;
  OperatorId by;
  std::string text;
};
void fields(auto& io, Like<SavedReference> auto& x) {
  io(x.kind, x.less, x.account, x.asset, x.amount, x.by);
  io.text(x.text, reference_bytes_max);
}

struct SavedWithdrawal {
  WithdrawalId id;
  bool approved = false;
  AccountId account;
  AssetId asset;
  Amount amount, fee;
  OperatorId by;
  WallTimeMs requested_at;
  std::string destination;
};
void fields(auto& io, Like<SavedWithdrawal> auto& x) {
  io(x.id, x.approved, x.account, x.asset, x.amount, x.fee, x.by, x.requested_at);
  io.text(x.destination, destination_bytes_max);
}

struct SavedCredit {
  CreditId id;
  OperatorId by;
  AccountId account;
  AssetId asset;
  Amount amount;
  WallTimeMs lapses_at;
  std::string reference;
};
void fields(auto& io, Like<SavedCredit> auto& x) {
  io(x.id, x.by, x.account, x.asset, x.amount, x.lapses_at);
  io.text(x.reference, reference_bytes_max);
}

struct SavedNode {
  std::uint64_t node = 0;
  std::uint32_t release = 0;
};
void fields(auto& io, Like<SavedNode> auto& x) { io(x.node, x.release); }

// The hash at the end is over pieces of exactly snapshot_piece_bytes, and what is left.
// Of a snapshot of one piece it is hash64.
class PieceHash {
 public:
  void add(ByteView piece);
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = Hash64().value();
};

}  // namespace oki::core::fast
