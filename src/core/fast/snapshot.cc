// The state as bytes, piece by piece: equal states give equal bytes.
#include <algorithm>

#include "base/hash64.h"
#include "base/sink.h"
#include "core/core.h"
#include "core/fast/snapshot_fields.h"
#include "core/fast/views.h"

namespace oki::core {
namespace fast {

void PieceHash::add(ByteView piece) {
  Hash64 hash(hash_);
  hash.add(piece);
  hash_ = hash.value();
}

namespace {

class Saver {
 public:
  explicit Saver(Sink& sink) : sink_(sink), io_(bytes_) { bytes_.append(snapshot_magic); }

  template <typename T>
  void item(const T& x) {
    io_(x);
    if (bytes_.size() >= snapshot_piece_bytes) flush();
  }
  void count(std::uint64_t items) { item(items); }

  // Writes the hash of everything, and gives it.
  std::uint64_t finish() {
    hash_.add(bytes_);
    io_(hash_.value());
    sink_.write(bytes_);
    return hash_.value();
  }

 private:
  void flush() {
    std::size_t done = 0;
    for (; bytes_.size() - done >= snapshot_piece_bytes; done += snapshot_piece_bytes) {
      const ByteView piece = ByteView(bytes_).substr(done, snapshot_piece_bytes);
      hash_.add(piece);
      sink_.write(piece);
    }
    bytes_.erase(0, done);
  }

  Sink& sink_;
  Bytes bytes_;
  FieldWriter io_;
  PieceHash hash_;
};

void save_head(Saver& out, const State& state) {
  const House& house = state.house();
  out.item(SavedHead{house.release, state.time, state.number, state.events_hash,
                     state.counters().last_order, state.counters().last_trade,
                     house.last_withdrawal, house.last_credit, house.sweep_due, house.sweep_cursor,
                     house.resume_all_by, house.resume_all_until});
}

void split(Wide value, std::uint64_t (&halves)[2]) {
  halves[0] = static_cast<std::uint64_t>(value);
  halves[1] = static_cast<std::uint64_t>(value >> 64);
}

void save_assets(Saver& out, const State& state) {
  out.count(state.assets_count());
  for (Row row = 1; row <= state.assets_count(); ++row) {
    const Asset& a = state.assets[row];
    SavedAsset saved{{a.name.string(), a.decimals},
                     a.frozen,
                     a.collateral_ppm,
                     a.paid_in,
                     a.holdings,
                     {},
                     {},
                     a.resume_by,
                     a.resume_until};
    split(a.approved, saved.approved);
    split(a.settled, saved.settled);
    out.item(saved);
  }
}

void save_markets(Saver& out, const State& state) {
  out.count(state.markets_count());
  for (std::size_t i = 0; i < state.markets_count(); ++i) {
    const Row row = static_cast<Row>(i + 1);
    SavedMarket saved{state.facts[i].spec, state.rules[row], {}, state.flows[row]};
    split(state.rules[row].auction_lots, saved.auction_lots);
    out.item(saved);
  }
}

void save_accounts(Saver& out, const State& state) {
  const std::vector<Row> rows = accounts_by_id(state);
  out.count(rows.size() - lender_row);
  std::uint64_t balances = 0;
  for (const Row row : rows) {
    balances += pockets_of(state, row).size();
    if (row <= lender_row) continue;
    const Account& a = state.accounts[row];
    out.item(SavedAccount{a.id, a.updates_per_second, a.queries_per_second, a.tokens_milli,
                          a.filled_at, a.dead_man_at, a.debt, a.margin_allowed, a.margin_status,
                          a.no_orders, a.no_withdrawals});
  }
  out.count(balances);
  for (const Row row : rows) {
    for (const Pocket pocket : pockets_of(state, row)) {
      const Funds funds = state.purses.funds(pocket);
      out.item(SavedBalance{state.accounts[row].id, state.purses.asset(pocket), funds.free,
                            funds.held, funds.withdrawing});
    }
  }
}

void save_keys(Saver& out, const State& state) {
  out.count(state.keys.rows());
  for (Row row = 1; row <= state.keys.last(); ++row) {
    const ApiKey& key = state.keys[row];
    out.item(SavedKey{state.accounts[key.account].id, key.nonce, key.key.string(),
                      key.sealed_secret.string()});
  }
}

void save_order(Saver& out, const State& state, Row row) {
  const Order& order = state.orders[row];
  const Extra* const extra = state.extra(order);
  out.item(SavedOrder{view_of(state, row), Lots{order.in_book ? state.pool[row].lots : 0},
                      order.never_expires, extra != nullptr && extra->trigger_dead});
}

void save_orders(Saver& out, const State& state) {
  out.count(state.counters().open_orders);
  for (std::size_t market = 0; market < state.books.size(); ++market) {
    const Book& book = state.books[market];
    for (const Side side : {Side::buy, Side::sell}) {
      for (Slot row = book.front(side); row != 0; row = book.next(row)) {
        save_order(out, state, row);
      }
    }
  }
  for (const Row row : waiting_orders(state)) save_order(out, state, row);
}

void save_positions(Saver& out, const State& state) {
  const std::vector<Row> rows = positions_by_owner(state);
  out.count(rows.size());
  for (const Row row : rows) {
    const Position& p = state.positions[row];
    out.item(core::Position{state.accounts[p.account].id, p.market, p.side, p.open, p.cost, p.fees,
                            p.interest, p.interest_until});
  }
}

void save_edges(Saver& out, const State& state) {
  std::vector<SavedEdge> edges;
  for (Row row = 1; row <= state.edges.last(); ++row) {
    const Edge& edge = state.edges[row];
    const Row known = state.edge_ids.find(edge.edge, [&](Slot at) { return state.edges[at].edge; });
    if (known == row) edges.push_back({edge.edge, edge.due});
  }
  std::sort(edges.begin(), edges.end(),
            [](const SavedEdge& a, const SavedEdge& b) { return a.edge < b.edge; });
  out.count(edges.size());
  for (const SavedEdge& edge : edges) out.item(edge);
}

// The rows of a memory that is used round and round, oldest first.
template <typename Write>
void save_ring(Saver& out, std::uint64_t ever, std::uint64_t places, Write write) {
  const std::uint64_t kept = std::min(ever, places);
  out.count(kept);
  for (std::uint64_t i = ever - kept; i < ever; ++i) write(static_cast<Row>(i % places + 1));
}

void save_memories(Saver& out, const State& state) {
  save_ring(out, state.house().client_ids, state.client_ids.rows_max(), [&](Row row) {
    const ClientOrderId& known = state.client_ids[row];
    out.item(SavedClientId{state.accounts[known.account].id, known.order, known.text.string()});
  });
  save_ring(out, state.house().references, state.references.rows_max(), [&](Row row) {
    const Reference& r = state.references[row];
    out.item(SavedReference{static_cast<std::uint8_t>(r.kind), r.less, r.account, r.asset, r.amount,
                            r.by, r.text.string()});
  });
}

void save_money(Saver& out, const State& state) {
  const std::vector<Row> rows = withdrawals_by_id(state);
  out.count(rows.size());
  for (const Row row : rows) {
    const Withdrawal& w = state.withdrawals[row];
    out.item(SavedWithdrawal{w.id, w.approved, state.accounts[w.account].id, w.asset, w.amount,
                             w.fee, w.by, w.requested_at, w.destination.string()});
  }
  const std::vector<Row> credits = credits_by_id(state);
  out.count(credits.size());
  for (const Row row : credits) {
    const Credit& c = state.credits[row];
    out.item(
        SavedCredit{c.id, c.by, c.account, c.asset, c.amount, c.lapses_at, c.reference.string()});
  }
}

void save_nodes(Saver& out, const State& state) {
  std::vector<SavedNode> nodes;
  for (Row row = 1; row <= state.node_releases.last(); ++row) {
    if (state.node_releases[row].node == 0) continue;
    nodes.push_back({state.node_releases[row].node, state.node_releases[row].release});
  }
  std::sort(nodes.begin(), nodes.end(),
            [](const SavedNode& a, const SavedNode& b) { return a.node < b.node; });
  out.count(nodes.size());
  for (const SavedNode& node : nodes) out.item(node);
}

std::uint64_t save(Sink& sink, const State& state) {
  Saver out(sink);
  save_head(out, state);
  save_assets(out, state);
  save_markets(out, state);
  save_accounts(out, state);
  save_keys(out, state);
  save_orders(out, state);
  save_positions(out, state);
  save_edges(out, state);
  save_memories(out, state);
  save_money(out, state);
  save_nodes(out, state);
  return out.finish();
}

class NoSink final : public Sink {
 public:
  void write(ByteView) override {}
};

}  // namespace
}  // namespace fast

void Core::snapshot(Sink& sink) const { fast::save(sink, *state_); }

Bytes Core::snapshot() const {
  Bytes bytes;
  BytesSink sink(bytes);
  snapshot(sink);
  return bytes;
}

std::uint64_t Core::hash() const {
  fast::NoSink nowhere;
  return fast::save(nowhere, *state_);
}

}  // namespace oki::core
