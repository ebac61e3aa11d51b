#include "bench/core_script.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "bench/book_bench.h"
#include "bench/book_engine.h"
#include "core/core.h"

namespace oki::bench {
namespace {

using namespace core;

constexpr std::uint64_t quote_in_all = std::uint64_t{1} << 62;
constexpr std::uint64_t base_in_all = std::uint64_t{1} << 60;

class Script {
 public:
  explicit Script(const Ops& ops) : ops_(ops), core_((set_limits(), script_.limits)) {}

  Result<CoreScript> write() {
    set_up();
    script_.set_up = script_.size();
    if (!fault_.empty()) return error(Errc::mismatch, fault_);
    for (std::size_t i = 0; i < ops_.records.size() && fault_.empty(); ++i) {
      if (i == ops_.prefill) {
        script_.timed = script_.size();
        fills_.reset();
      }
      add(ops_.records[i]);
    }
    if (fault_.empty()) compare();
    if (!fault_.empty()) return error(Errc::mismatch, fault_);
    script_.hash = core_.running_hash();
    return std::move(script_);
  }

 private:
  struct Live {
    std::uint64_t id = 0;  // The core's; 0: not open.
    std::uint64_t amount = 0, executed = 0;
    std::uint64_t price = 0;
    Side side = Side::buy;
  };

  void set_limits() {
    CoreLimits& limits = script_.limits;
    limits.assets_max = ops_.symbols + 1;
    limits.markets_max = ops_.symbols;
    limits.accounts_max = ops_.accounts + 1;
    limits.api_keys_max = ops_.accounts + 1;
    limits.open_orders_max = ops_.max_id + 1;
    limits.open_orders_per_account_and_market_max = ops_.max_id + 1;
    limits.deposit_references_max = 16;
  }

  void apply(const Command& command) {
    const Bytes bytes = encode(command);
    const WallTimeMs time = script_.time(script_.size());
    script_.bytes += bytes;
    script_.ends.push_back(script_.bytes.size());
    reply_.clear();
    events_.clear();
    core_.apply(time, bytes, reply_, events_);
    if (reply_.empty() || reply_[0] != 0) fault_ = "the core refused " + std::to_string(size());
    read_events();
  }
  std::size_t size() const { return script_.size(); }

  void set_up() {
    apply(AddAsset{{"jpy", 4}});
    for (std::uint32_t i = 0; i < ops_.symbols; ++i) {
      apply(AddAsset{{"b" + std::to_string(i), 4}});
      MarketSpec spec;
      spec.name = "b" + std::to_string(i) + "_jpy";
      spec.base = AssetId{static_cast<std::uint16_t>(i + 1)};
      spec.quote = AssetId{0};
      spec.amount_digits = 4;
      spec.maker_fee_ppm = -200;
      spec.taker_fee_ppm = 1'200;
      spec.price_max = Price{static_cast<std::uint64_t>(ops_.max_price)};
      spec.limit_amount_max = spec.market_amount_max = Lots{std::uint64_t{1} << 32};
      spec.band_ppm = spec.band_max_ppm = 999'999;
      apply(AddMarket{spec});
    }
    std::set<std::pair<std::uint32_t, std::uint16_t>> seats;
    for (const Op& op : ops_.records) seats.insert({op.account, op.symbol});
    std::uint32_t last = ~std::uint32_t{0};
    for (const auto& [account, symbol] : seats) {
      if (account != last) open_account(account);
      last = account;
      deposit(account, static_cast<std::uint16_t>(symbol + 1),
              base_in_all / (std::uint64_t{ops_.accounts} + 1));
    }
  }

  void open_account(std::uint32_t account) {
    apply(AddAccount{id_of(account), 0, 0});
    apply(AddApiKey{id_of(account), "key" + std::to_string(account), "secret"});
    key_of_[account] = KeyId{++keys_};
    deposit(account, 0, quote_in_all / (std::uint64_t{ops_.accounts} + 1));
  }

  void deposit(std::uint32_t account, std::uint16_t asset, std::uint64_t amount) {
    apply(Deposit{id_of(account), AssetId{asset}, Amount{amount},
                  std::to_string(account) + "/" + std::to_string(asset)});
  }

  static AccountId id_of(std::uint32_t account) { return AccountId{account + 1u}; }
  Signed auth(const Op& op) { return {key_of_[op.account], 0}; }

  void place(const Op& op, std::uint64_t lots, Side side) {
    PlaceOrder order;
    order.account = id_of(op.account);
    order.auth = auth(op);
    order.market = MarketId{op.symbol};
    order.side = side;
    order.price = price_of(op.price);
    order.amount = Lots{lots};
    if (op.type == OpType::add_ioc) order.time_in_force = TimeInForce::ioc;
    placing_ = op.id;
    apply(order);
  }

  void cancel(const Op& op, std::uint64_t id) {
    CancelOrders cancel;
    cancel.account = id_of(op.account);
    cancel.auth = auth(op);
    cancel.market = MarketId{op.symbol};
    cancel.orders = {OrderId{id}};
    apply(cancel);
  }

  void move(const Op& op) {
    Live& order = live_[op.id];
    if (order.id == 0) return cancel(op, 0);
    const std::uint64_t lots = op.lots == 0 ? order.amount - order.executed : op.lots;
    const std::uint64_t price = price_of(op.price).value;
    if (price == order.price) {
      const Side side = order.side;
      cancel(op, order.id);
      return place(op, lots, side);
    }
    AmendOrder amend;
    amend.account = id_of(op.account);
    amend.auth = auth(op);
    amend.market = MarketId{op.symbol};
    amend.order = OrderId{order.id};
    amend.price = Price{price};
    amend.amount = Lots{order.executed + lots};
    order.price = price;
    order.amount = order.executed + lots;
    apply(amend);
  }

  void add(const Op& op) {
    if (op.type == OpType::cancel) return cancel(op, live_[op.id].id);
    if (op.type == OpType::move) return move(op);
    place(op, op.lots, side_of(op.side));
  }

  void read_events() {
    ByteView left = events_;
    while (const auto event = take_event(left)) {
      if (const auto* accepted = std::get_if<OrderAccepted>(&*event)) {
        const OrderView& order = accepted->order;
        op_of_[order.id.value] = placing_;
        live_[placing_] = {order.id.value, order.amount.value, 0, order.price.value, order.side};
      } else if (const auto* changed = std::get_if<OrderChanged>(&*event)) {
        Live& order = live_[op_of_[changed->id.value]];
        order.executed = changed->executed.value;
        if (is_final(changed->status)) order.id = 0;
      } else if (const auto* traded = std::get_if<Traded>(&*event)) {
        fills_.add(op_of_[traded->maker_order.value], op_of_[traded->taker_order.value],
                   traded->price.value, traded->amount.value);
      }
    }
  }

  void compare() {
    script_.outcome = fills_.outcome();
    for (std::uint32_t i = 0; i < ops_.symbols; ++i) {
      const auto best = [&](Side side) -> std::optional<Price> {
        const auto levels = core_.levels(MarketId{static_cast<std::uint16_t>(i)}, side);
        if (levels.empty()) return std::nullopt;
        return levels.front().price;
      };
      script_.outcome.bbo += bbo_of(i, best(Side::buy), best(Side::sell));
    }
    script_.outcome.live = core_.open_orders().size();
    if (ops_.has_expected()) fault_ = differences(script_.outcome, ops_.expected);
  }

  const Ops& ops_;
  CoreScript script_;
  Core core_;
  std::unordered_map<std::uint64_t, Live> live_;            // By the file's id.
  std::unordered_map<std::uint64_t, std::uint64_t> op_of_;  // The file's id by the core's.
  std::unordered_map<std::uint32_t, KeyId> key_of_;
  std::uint64_t keys_ = 0;
  std::uint64_t placing_ = 0;
  FillCount fills_;
  std::string fault_;
  Bytes reply_, events_;
};

}  // namespace

Result<CoreScript> write_core_script(const Ops& ops) { return Script(ops).write(); }

}  // namespace oki::bench
