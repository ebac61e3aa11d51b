#include "edge/routes.h"

#include <optional>

namespace oki::edge {
namespace {

constexpr ByteView version_prefix = "/v1";

constexpr Route routes[] = {
    {"GET", "/healthz", Access::everyone, Endpoint::health},
    // ccxt asks for the pairs without a version.
    {"GET", "/spot/pairs", Access::everyone, Endpoint::pairs},
    {"GET", "/v1/spot/pairs", Access::everyone, Endpoint::pairs},
    {"GET", "/v1/spot/status", Access::everyone, Endpoint::statuses},
    {"GET", "/tickers", Access::everyone, Endpoint::tickers},
    {"GET", "/tickers_jpy", Access::everyone, Endpoint::tickers_jpy},
    {"GET", "/v1/user/assets", Access::query, Endpoint::assets},
    {"GET", "/v1/user/spot/order", Access::query, Endpoint::order},
    {"POST", "/v1/user/spot/order", Access::update, Endpoint::place_order},
    {"POST", "/v1/user/spot/cancel_order", Access::update, Endpoint::cancel_order},
    {"POST", "/v1/user/spot/cancel_orders", Access::update, Endpoint::cancel_orders},
    // Ours, in the manner of bitbank's.
    {"POST", "/v1/user/spot/orders", Access::update, Endpoint::place_orders},
    {"POST", "/v1/user/spot/amend_order", Access::update, Endpoint::amend_order},
    {"POST", "/v1/user/spot/cancel_all", Access::update, Endpoint::cancel_all},
    {"POST", "/v1/user/spot/cancel_all_after", Access::update, Endpoint::cancel_all_after},
    {"POST", "/v1/user/spot/orders_info", Access::query, Endpoint::orders_info},
    {"GET", "/v1/user/spot/active_orders", Access::query, Endpoint::active_orders},
    {"GET", "/v1/user/spot/trade_history", Access::query, Endpoint::trade_history},
    {"GET", "/v1/user/margin/status", Access::query, Endpoint::margin_status},
    {"GET", "/v1/user/margin/positions", Access::query, Endpoint::margin_positions},
    {"GET", "/{pair}/ticker", Access::everyone, Endpoint::ticker},
    {"GET", "/{pair}/depth", Access::everyone, Endpoint::depth},
    {"GET", "/{pair}/transactions", Access::everyone, Endpoint::transactions},
    {"GET", "/{pair}/transactions/{day}", Access::everyone, Endpoint::transactions_of_day},
    {"GET", "/{pair}/candlestick/{type}/{date}", Access::everyone, Endpoint::candlestick},
    {"GET", "/{pair}/circuit_break_info", Access::everyone, Endpoint::circuit_break_info},
};

// Takes "/segment" off the front of `path`; nothing when none is left.
std::optional<ByteView> take_segment(ByteView& path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  const std::size_t end = path.find('/', 1);
  const ByteView segment = path.substr(1, end == ByteView::npos ? end : end - 1);
  path.remove_prefix(segment.size() + 1);
  return segment;
}

bool matches(ByteView pattern, ByteView path, PathArgs& args) {
  std::size_t count = 0;
  while (true) {
    const auto wanted = take_segment(pattern);
    const auto given = take_segment(path);
    if (!wanted || !given) return !wanted && !given && pattern.empty() && path.empty();
    if (wanted->front() != '{') {
      if (*wanted != *given) return false;
    } else {
      if (given->empty()) return false;
      args[count++] = std::string(*given);
    }
  }
}

const Route* find(ByteView method, ByteView path, PathArgs& args) {
  for (const Route& route : routes) {
    if (route.method == method && matches(route.pattern, path, args)) return &route;
  }
  return nullptr;
}

}  // namespace

Checked<Match> find_route(ByteView method, ByteView path) {
  Match match;
  match.route = find(method, path, match.args);
  if (match.route != nullptr) return match;
  const std::string with_version = std::string(version_prefix) + std::string(path);
  const Route* meant = find(method, with_version, match.args);
  if (meant != nullptr && meant->access != Access::everyone) {
    return tl::unexpected(Code::path_without_version);
  }
  return tl::unexpected(Code::url_not_found);
}

}  // namespace oki::edge
