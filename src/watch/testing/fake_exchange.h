// A small exchange for the tests of the watch: it keeps accounts and one probe market, checks
// signatures, and can be made to misbehave in every way that a prober must notice.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/json.h"
#include "crypto/crypto.h"
#include "net/http_server.h"
#include "net/json_reader.h"

namespace oki::watch {

class FakeExchange {
 public:
  explicit FakeExchange(const Clock& clock) : clock_(clock) {}

  struct Account {
    std::string secret;
    std::map<std::string, std::int64_t> on_hand{{"jpy", 1'000'000'0000}, {"probe", 1000'0000}};
  };
  struct Order {
    std::string key, pair, side, price, amount, status = "UNFILLED";
    std::int64_t ordered_at = 0;
  };
  struct Trade {
    std::string key, side;
    std::int64_t id = 0, executed_at = 0;
  };

  std::map<std::string, Account> accounts;  // By key.
  std::map<std::int64_t, Order> orders;
  std::vector<Trade> trades;
  std::set<std::string> refusing;  // Markets that answer 70004.
  std::string best_bid = "10000000";
  bool loses_orders = false;   // Answers a placement that is not in the book.
  bool fills_nothing = false;  // Market orders are rejected.
  std::string last_price;

  net::HttpResponse respond(const net::HttpRequest& request) {
    const std::string path(request.path());
    if (path.ends_with("/ticker")) return ticker(path);
    const auto account = accounts.find(std::string(request.header("ACCESS-KEY")));
    if (account == accounts.end()) return refusal(20002);
    if (!is_signed(request, account->second)) return refusal(20005);
    const std::string& key = account->first;
    if (path == "/v1/user/assets") return assets(account->second);
    if (path == "/v1/user/spot/trade_history") return history(key);
    if (path == "/v1/user/spot/active_orders") return active(key);
    if (request.method == "GET") return order_info(request);
    auto body = net::parse_json(request.body, 4096);
    if (!body) return refusal(10002);
    if (path == "/v1/user/spot/order") return place(key, *body);
    if (path == "/v1/user/spot/cancel_order") return cancel(*body);
    return cancel_many(*body);
  }

  std::size_t open_orders() const {
    std::size_t open = 0;
    for (const auto& [id, order] : orders) open += order.status == "UNFILLED" ? 1 : 0;
    return open;
  }

 private:
  static constexpr std::int64_t probe_jpy = 100'0000;  // One probe lot of 1 costs 100 jpy.

  static std::string text(const net::Json& body, ByteView field) {
    const net::Json* value = body.find(field);
    return value == nullptr ? "" : std::string(value->string().value_or(""));
  }
  static net::HttpResponse refusal(int code) {
    return net::json_response(200,
                              "{\"success\":0,\"data\":{\"code\":" + std::to_string(code) + "}}");
  }
  static net::HttpResponse ok(const std::string& data) {
    return net::json_response(200, "{\"success\":1,\"data\":" + data + "}");
  }
  static bool is_signed(const net::HttpRequest& request, const Account& account) {
    const std::string payload = request.method == "GET" ? request.target : request.body;
    const std::string message = std::string(request.header("ACCESS-REQUEST-TIME")) +
                                std::string(request.header("ACCESS-TIME-WINDOW")) + payload;
    return request.header("ACCESS-SIGNATURE") ==
           crypto::hex(crypto::hmac_sha256(account.secret, message));
  }

  net::HttpResponse ticker(const std::string& path) {
    if (refusing.count(path.substr(1, path.find('/', 1) - 1)) != 0) return refusal(70004);
    return ok(best_bid.empty() ? R"({"buy":null})" : "{\"buy\":\"" + best_bid + "\"}");
  }
  net::HttpResponse order_json(std::int64_t id, const Order& order) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("order_id", id).field("status", order.status).end_object();
    return ok(out);
  }
  net::HttpResponse place(const std::string& key, const net::Json& body) {
    Order order;
    order.key = key;
    order.pair = text(body, "pair");
    order.side = text(body, "side");
    order.price = last_price = text(body, "price");
    order.amount = text(body, "amount");
    order.ordered_at = clock_.wall_now().value;
    if (refusing.count(order.pair) != 0) return refusal(70004);
    if (text(body, "type") == "market") return take(order);
    const std::int64_t id = ++last_id_;
    if (!loses_orders) orders[id] = order;
    return order_json(id, order);
  }
  net::HttpResponse take(Order& taker) {
    const std::int64_t taker_id = ++last_id_;
    taker.status = "REJECTED";
    for (auto& [id, maker] : orders) {
      if (fills_nothing || maker.pair != taker.pair || maker.status != "UNFILLED") continue;
      settle(maker.key, "sell", -1);
      settle(taker.key, "buy", 1);
      ++last_trade_;
      maker.status = taker.status = "FULLY_FILLED";
      break;
    }
    orders[taker_id] = taker;
    return order_json(taker_id, taker);
  }
  void settle(const std::string& key, const char* side, std::int64_t sign) {
    accounts[key].on_hand["probe"] += sign * 10'000;
    accounts[key].on_hand["jpy"] -= sign * probe_jpy + (sign > 0 ? fee_ : 0);
    trades.push_back({key, side, last_trade_ + 1, clock_.wall_now().value});
  }
  net::HttpResponse cancel(const net::Json& body) {
    const std::int64_t id = body.find("order_id")->integer().value_or(0);
    const auto order = orders.find(id);
    if (order == orders.end()) return refusal(50009);
    if (order->second.status != "UNFILLED") return refusal(50027);
    order->second.status = "CANCELED_UNFILLED";
    return order_json(id, order->second);
  }
  net::HttpResponse cancel_many(const net::Json& body) {
    for (const net::Json& id : *body.find("order_ids")->array()) {
      const auto order = orders.find(id.integer().value_or(0));
      if (order != orders.end()) order->second.status = "CANCELED_UNFILLED";
    }
    return ok(R"({"orders":[]})");
  }
  net::HttpResponse order_info(const net::HttpRequest& request) {
    const std::string query(request.query());
    const std::int64_t id = std::stoll(query.substr(query.find("order_id=") + 9));
    const auto order = orders.find(id);
    return order == orders.end() ? refusal(50009) : order_json(id, order->second);
  }
  net::HttpResponse active(const std::string& key) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("orders").begin_array();
    for (const auto& [id, order] : orders) {
      if (order.key != key || order.status != "UNFILLED") continue;
      json.begin_object().field("pair", order.pair).field("order_id", id);
      json.field("ordered_at", order.ordered_at).end_object();
    }
    json.end_array().end_object();
    return ok(out);
  }
  net::HttpResponse assets(const Account& account) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("assets").begin_array();
    for (const auto& [asset, units] : account.on_hand) {
      json.begin_object().field("asset", asset).field("amount_precision", 4);
      json.field("onhand_amount", decimal(units, 4)).field("free_amount", decimal(units, 4));
      json.field("locked_amount", "0.0000").end_object();
    }
    json.end_array().end_object();
    return ok(out);
  }
  net::HttpResponse history(const std::string& key) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("trades").begin_array();
    for (const Trade& trade : trades) {
      if (trade.key != key) continue;
      json.begin_object().field("trade_id", trade.id).field("pair", "probe_jpy");
      json.field("side", trade.side).field("price", "100").field("amount", "1.0000");
      json.field("fee_amount_base", "0");
      json.field("fee_amount_quote", trade.side == "buy" ? decimal(fee_, 4) : "0.0000");
      json.field("executed_at", trade.executed_at).end_object();
    }
    json.end_array().end_object();
    return ok(out);
  }

  const Clock& clock_;
  std::int64_t last_id_ = 0;
  std::int64_t last_trade_ = 0;
  std::int64_t fee_ = 1'200;
};

// One door to the exchange; each edge of a test is one.
class FakeEdge : public net::HttpHandler {
 public:
  explicit FakeEdge(FakeExchange& exchange) : exchange_(exchange) {}

  void on_request(const Address&, net::HttpRequest request, net::Responder responder) override {
    if (hangs_) {
      held_.emplace_back(std::move(request), std::move(responder));
      return;
    }
    if (swallows && request.target == "/v1/user/spot/order") {
      exchange_.respond(request);
      held_.emplace_back(std::move(request), std::move(responder));
      return;
    }
    if (draining) {
      const bool asks = request.target == "/healthz";
      return responder.send(net::text_response(503, asks ? "{\"draining\":true}" : "No.\n"));
    }
    if (request.target == "/healthz") {
      return responder.send(net::json_response(200, "{\"draining\":false}"));
    }
    if (request.target.ends_with("/ticker") && refuses()) {
      return responder.send(net::text_response(refused_reads.status, "No.\n"));
    }
    if (status != 200) return responder.send(net::text_response(status, "No.\n"));
    responder.send(exchange_.respond(request));
  }

  // While it hangs it takes requests; afterwards it answers them, as an edge whose leader is back.
  void hang(bool hangs) {
    hangs_ = hangs;
    if (hangs) return;
    for (auto& [request, responder] : held_) responder.send(exchange_.respond(request));
    held_.clear();
  }

  // Of reads without a key, so many of so many.
  struct Refused {
    std::uint32_t parts = 0, of = 1;
    std::uint16_t status = 429;
  };
  Refused refused_reads;
  std::uint16_t status = 200;
  bool draining = false;
  bool swallows = false;  // Orders take effect, but nobody is told.

 private:
  bool refuses() { return reads_++ % refused_reads.of < refused_reads.parts; }

  FakeExchange& exchange_;
  std::uint32_t reads_ = 0;
  bool hangs_ = false;
  std::vector<std::pair<net::HttpRequest, net::Responder>> held_;
};

}  // namespace oki::watch
