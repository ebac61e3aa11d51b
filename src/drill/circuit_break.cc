#include "drill/circuit_break.h"

#include <algorithm>

#include "base/json.h"
#include "drill/market_desk.h"

namespace oki::drill {
namespace {

constexpr const char* market_name = "xrp_jpy";
constexpr std::uint32_t break_ms = 8'000;
constexpr std::uint64_t million = 1'000'000;
constexpr std::int64_t estimate_patience_ms = 4'000;
constexpr std::int64_t stage_patience_ms = 5'000;   // After the announced time.
constexpr std::int64_t status_patience_ms = 5'000;  // For the page to change its colour.
constexpr std::int64_t reopened_within_ms = 2'000;

constexpr std::uint64_t yen = 1'000;    // In ticks of the market.
constexpr std::uint64_t coin = 10'000;  // In lots of the market.

std::uint64_t part_down(std::uint64_t value, std::uint64_t ppm) { return value * ppm / million; }
std::uint64_t part_up(std::uint64_t value, std::uint64_t ppm) {
  return (value * ppm + million - 1) / million;
}

class Drill {
 public:
  Drill(Session& session, const Session::Market& market)
      : steps_(session),
        market_(market),
        desk_(steps_, market_),
        seller_(session.accounts().traders[0]),
        buyer_(session.accounts().traders[1]) {}

  void run() {
    open_with_a_trade();
    break_the_circuit();
    orders_in_the_auction();
    auction("break", broken_reopen_at_, reference_);
    makers_and_fees_of_the_break();
    widened_bands();
    halt();
    scheduled_reopening();
  }

  Steps& steps() { return steps_; }

 private:
  void open_with_a_trade();
  void break_the_circuit();
  void after_the_break(const net::Json& info, std::int64_t ordered_at);
  void orders_in_the_auction();
  void auction(const std::string& name, std::int64_t reopen_at, std::uint64_t reference);
  void auction_trades(const std::string& name, std::int64_t reopen_at);
  void makers_and_fees_of_the_break();
  void widened_bands();
  void halt();
  void scheduled_reopening();
  void cancel_only(std::int64_t resting);
  void dynamic_makers();

  ApiAnswer buy(std::uint64_t price, std::uint64_t lots, const std::string& more = {}) {
    return desk_.place(buyer_, {core::Side::buy, price, lots, more});
  }
  ApiAnswer sell(std::uint64_t price, std::uint64_t lots, const std::string& more = {}) {
    return desk_.place(seller_, {core::Side::sell, price, lots, more});
  }
  // A refusal by this code, written down under `what`.
  void refused(const std::string& what, std::int64_t code, const ApiAnswer& answer) {
    steps_.check(what, code, answer.outcome == ApiOutcome::refused ? answer.code : 0);
  }
  void field(const std::string& when, const net::Json& info, const char* name,
             const std::string& expected) {
    steps_.check(when + ": " + name, expected, text_of(info, name));
  }
  std::uint64_t newest_trade() {
    const auto trades = desk_.public_trades(0);
    return trades.empty() ? 0 : trades.back().id;
  }
  std::int64_t now() { return steps_.session().loop().clock().wall_now().value; }
  bool wait_for_mode(const std::string& mode, std::int64_t until) {
    return steps_.wait_for(std::max<std::int64_t>(until - now(), 0) + stage_patience_ms,
                           [&] { return text_of(desk_.info(), "mode") == mode; });
  }

  Steps steps_;
  Session::Market market_;
  MarketDesk desk_;
  const DrillAccount& seller_;
  const DrillAccount& buyer_;
  std::uint64_t reference_ = 350 * yen;
  std::uint64_t trades_before_ = 0;  // The newest trade before an auction.
  std::int64_t broken_reopen_at_ = 0;
  AuctionEnd end_;  // Of the last auction, as computed here.
};

// The first trade of the market gives it a reference, and with it the band.
void Drill::open_with_a_trade() {
  sell(reference_, 10 * coin);
  const ApiAnswer taken = buy(reference_, 10 * coin);
  steps_.check("the first trade is made", "FULLY_FILLED", text_of(taken.data, "status"));
  const net::Json info = desk_.info();
  const std::uint64_t width = market_.spec.band_ppm;
  field("before", info, "mode", "NONE");
  field("before", info, "fee_type", "NORMAL");
  field("before", info, "upper_trigger_price", desk_.price(part_down(reference_, million + width)));
  field("before", info, "lower_trigger_price", desk_.price(part_up(reference_, million - width)));
  field("before", info, "reopen_timestamp", "null");
  field("before", info, "estimated_itayose_price", "null");
  steps_.check("the status page is green before", steps_.wait_for(status_patience_ms, [&] {
    return steps_.session().status().green();
  }));
}

// Two sells inside the band and one outside: whoever would take all three breaks the circuit.
void Drill::break_the_circuit() {
  sell(351 * yen, 5 * coin);
  sell(352 * yen, 5 * coin);
  sell(430 * yen, 20 * coin);
  buy(349 * yen, 5 * coin);
  buy(348 * yen, 5 * coin);
  trades_before_ = newest_trade();
  const ApiAnswer breaking = buy(440 * yen, 25 * coin);
  steps_.check("the breaking order rests", "UNFILLED", text_of(breaking.data, "status"));
  steps_.check("the breaking order executes nothing", desk_.lots(0),
               text_of(breaking.data, "executed_amount"));
  after_the_break(desk_.info(), number_of(breaking.data, "ordered_at"));
}

void Drill::after_the_break(const net::Json& info, std::int64_t ordered_at) {
  broken_reopen_at_ = ordered_at + market_.spec.break_ms;
  const std::uint64_t widest = market_.spec.band_max_ppm;
  field("broken", info, "mode", "CIRCUIT_BREAK");
  field("broken", info, "fee_type", "SELL_MAKER");
  field("broken", info, "reopen_timestamp", std::to_string(broken_reopen_at_));
  field("broken", info, "itayose_upper_price",
        desk_.price(part_down(reference_, million + widest)));
  field("broken", info, "itayose_lower_price", desk_.price(part_up(reference_, million - widest)));
  field("broken", info, "upper_trigger_price", "null");
  field("broken", info, "lower_trigger_price", "null");
  const PublicBook book = desk_.book();
  const bool crossed = !book.asks.empty() && !book.bids.empty() &&
                       book.bids.front().price >= book.asks.front().price;
  steps_.check("broken: the depth is crossed", crossed);
  steps_.check("broken: nothing trades", std::int64_t{0},
               static_cast<std::int64_t>(desk_.public_trades(trades_before_).size()));
}

void Drill::orders_in_the_auction() {
  refused("broken: a market order is refused", 70020, sell(0, coin));
  refused("broken: an IOC order is refused", 70020,
          sell(360 * yen, coin, R"(,"time_in_force":"ioc")"));
  const ApiAnswer post_only = buy(353 * yen, 3 * coin, R"(,"post_only":true)");
  steps_.check("broken: post_only is ignored", "UNFILLED", text_of(post_only.data, "status"));
  const ApiAnswer canceled = desk_.cancel(buyer_, number_of(buy(500 * yen, coin).data, "order_id"));
  steps_.check("broken: cancels work", "CANCELED_UNFILLED", text_of(canceled.data, "status"));
  sell(360 * yen, 10 * coin);
  sell(400 * yen, 8 * coin);
  buy(400 * yen, 6 * coin);
}

// The estimate, which follows once a second, and the end are those of the public book.
void Drill::auction(const std::string& name, std::int64_t reopen_at, std::uint64_t reference) {
  net::Json info;
  steps_.wait_for(estimate_patience_ms, [&] {
    const PublicBook book = desk_.book();
    end_ = itayose(book.bids, book.asks, reference);
    info = desk_.info();
    return text_of(info, "estimated_itayose_price") == desk_.price(end_.price) &&
           text_of(info, "estimated_itayose_amount") == desk_.lots(end_.lots);
  });
  steps_.check(name + ": something would be executed", end_.lots > 0);
  field(name, info, "estimated_itayose_price", desk_.price(end_.price));
  field(name, info, "estimated_itayose_amount", desk_.lots(end_.lots));
  steps_.check(name + ": trading again", wait_for_mode("NONE", reopen_at));
  auction_trades(name, reopen_at);
}

void Drill::auction_trades(const std::string& name, std::int64_t reopen_at) {
  const auto trades = desk_.public_trades(trades_before_);
  std::uint64_t lots = 0;
  bool one_price = true;
  std::int64_t first = 0;
  for (const DeskTrade& trade : trades) {
    lots += trade.lots;
    one_price = one_price && trade.price == end_.price;
    first = first == 0 ? trade.executed_at : std::min(first, trade.executed_at);
  }
  steps_.check(name + ": every trade is at the price", one_price && !trades.empty());
  steps_.check(name + ": the trades sum to the amount", desk_.lots(end_.lots), desk_.lots(lots));
  steps_.check(name + ": not before its time, and soon",
               first >= reopen_at && first < reopen_at + reopened_within_ms);
  field(name + ", after", desk_.info(), "fee_type", "NORMAL");
  field(name + ", after", desk_.info(), "reopen_timestamp", "null");
}

// SELL_MAKER: every sell is the maker, whichever came first.
void Drill::makers_and_fees_of_the_break() {
  const auto right = [&](const std::vector<DeskTrade>& trades, const char* role, std::int32_t ppm) {
    return !trades.empty() && std::ranges::all_of(trades, [&](const DeskTrade& trade) {
      return trade.maker_taker == role && trade.fee == desk_.fee(trade, ppm);
    });
  };
  steps_.check(
      "break: sells are makers and pay so",
      right(desk_.own_trades(seller_, trades_before_), "maker", market_.spec.maker_fee_ppm));
  steps_.check("break: buys are takers and pay so", right(desk_.own_trades(buyer_, trades_before_),
                                                          "taker", market_.spec.taker_fee_ppm));
}

// The side of the auction stays as wide as it can be; the new reference is its price.
void Drill::widened_bands() {
  reference_ = end_.price;
  const net::Json info = desk_.info();
  field("after the break", info, "upper_trigger_price",
        desk_.price(part_down(reference_, million + market_.spec.band_max_ppm)));
  field("after the break", info, "lower_trigger_price",
        desk_.price(part_up(reference_, million - market_.spec.band_ppm)));
}

void Drill::halt() {
  const auto reply = steps_.submit(core::SetMarketHalt{market_.id, true});
  steps_.check("halt: taken", reply && reply->refusal == core::Refusal::ok);
  steps_.check("halt: shown",
               steps_.wait_for(stage_patience_ms, [&] { return desk_.status() == "HALT"; }));
  refused("halt: orders are refused", 70004, buy(300 * yen, coin));
  steps_.check("halt: the status page is not green", steps_.wait_for(status_patience_ms, [&] {
    return !steps_.session().status().green();
  }));
}

void Drill::scheduled_reopening() {
  const std::int64_t start = now();
  const WallTimeMs stages[] = {
      {start + 3'000}, {start + 7'000}, {start + 15'000}, {start + 16'000}};
  const auto reply = steps_.submit(
      core::ScheduleReopening{market_.id, stages[0], stages[1], stages[2], stages[3]});
  steps_.check("reopening: taken", reply && reply->refusal == core::Refusal::ok);
  const std::string announced = std::to_string(stages[2].value);
  steps_.check("reopening: announced", steps_.wait_for(stage_patience_ms, [&] {
    return text_of(desk_.info(), "reopen_timestamp") == announced;
  }));
  const ApiAnswer active =
      steps_.get(buyer_, "/v1/user/spot/active_orders?pair=" + std::string(market_name));
  const net::Json* orders = active.data.find("orders");
  const bool any = orders != nullptr && orders->array() != nullptr && !orders->array()->empty();
  steps_.check("reopening: an order still rests", any);
  steps_.wait_for(stages[0].value - start + stage_patience_ms,
                  [&] { return desk_.status() != "HALT"; });
  cancel_only(any ? number_of(orders->array()->front(), "order_id") : 0);
  steps_.check("reopening: collects for an auction", wait_for_mode("RESUMPTION", stages[1].value));
  trades_before_ = newest_trade();
  const net::Json info = desk_.info();
  field("reopening", info, "fee_type", "DYNAMIC");
  field("reopening", info, "reopen_timestamp", announced);
  sell(reference_, 2 * coin);
  buy(reference_ + yen, 7 * coin);
  sell(reference_ - yen, 4 * coin);
  buy(reference_, 2 * coin);
  auction("reopening", stages[2].value, reference_);
  dynamic_makers();
  steps_.check(
      "reopening: the status page is green again",
      steps_.wait_for(2 * status_patience_ms, [&] { return steps_.session().status().green(); }));
}

void Drill::cancel_only(std::int64_t resting) {
  refused("cancel-only: orders are refused", 70017, buy(300 * yen, coin));
  const ApiAnswer canceled = desk_.cancel(buyer_, resting);
  steps_.check("cancel-only: cancels work", "ok",
               canceled.outcome == ApiOutcome::ok ? "ok" : std::to_string(canceled.code));
}

// DYNAMIC: of two orders that meet, the earlier one is the maker.
void Drill::dynamic_makers() {
  const auto sells = desk_.own_trades(seller_, trades_before_);
  const auto buys = desk_.own_trades(buyer_, trades_before_);
  bool right = !sells.empty() && sells.size() == buys.size();
  for (std::size_t i = 0; right && i < sells.size(); ++i) {
    const bool sell_first = sells[i].order < buys[i].order;
    const auto ppm = [&](bool maker) {
      return maker ? market_.spec.maker_fee_ppm : market_.spec.taker_fee_ppm;
    };
    right = sells[i].id == buys[i].id && (sells[i].maker_taker == "maker") == sell_first &&
            (buys[i].maker_taker == "maker") != sell_first &&
            sells[i].fee == desk_.fee(sells[i], ppm(sell_first)) &&
            buys[i].fee == desk_.fee(buys[i], ppm(!sell_first));
  }
  steps_.check("reopening: the earlier order is the maker and pays so", right);
}

}  // namespace

void prepare_circuit_break(SessionOptions& options) {
  options.break_ms = break_ms;
  options.quiet_market = market_name;
}

CircuitBreakResult run_circuit_break(Session& session) {
  CircuitBreakResult result;
  const auto market = session.market(market_name);
  if (!market || market->spec.band_ppm == 0) {
    result.checks.push_back({std::string(market_name) + " has a band", "yes", "no"});
  } else {
    Drill drill(session, *market);
    drill.run();
    result.checks = drill.steps().checks();
    result.interrupted = drill.steps().interrupted();
  }
  result.green_at_end = session.status().green();
  result.audit = session.finish();
  result.orders = session.load().orders_answered();
  result.quarantined = session.log_record().quarantined();
  const AuditResult& customers = result.audit.customers;
  result.passed = std::ranges::all_of(result.checks, &Check::ok) && !result.interrupted &&
                  result.quarantined == 0 && customers.complete && customers.lost == 0 &&
                  customers.doubled == 0 && result.audit.hashes_equal &&
                  result.audit.nodes_compared == session.cluster().nodes().size();
  return result;
}

std::string to_json(const CircuitBreakResult& result) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("script", "circuit-break").key("checks").begin_array();
  for (const Check& check : result.checks) {
    json.begin_object().field("what", check.what).field("expected", check.expected);
    json.field("seen", check.seen).field("ok", check.ok()).end_object();
  }
  json.end_array();
  json.field("orders", result.orders).field("acked", result.audit.customers.acknowledged);
  json.field("lost", result.audit.customers.lost);
  json.field("duplicated", result.audit.customers.doubled);
  json.field("hashes_equal", result.audit.hashes_equal);
  json.field("nodes_compared", std::uint64_t{result.audit.nodes_compared});
  json.field("audit_complete", result.audit.customers.complete);
  json.field("quarantined", result.quarantined).field("green_at_end", result.green_at_end);
  if (!result.audit.why.empty()) json.field("why", result.audit.why);
  json.field("interrupted", result.interrupted).field("passed", result.passed).end_object();
  return out;
}

}  // namespace oki::drill
