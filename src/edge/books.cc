#include "edge/books.h"

#include <algorithm>

#include "base/assert.h"
#include "base/decimal.h"
#include "base/json.h"

namespace oki::edge {
namespace {

using history::Level;

void append_level(JsonWriter& json, const core::MarketSpec& market, core::Price price,
                  ByteView lots) {
  json.begin_array().string(decimal(price.value, market.price_digits)).string(lots).end_array();
}

void append_levels(JsonWriter& json, ByteView name, const std::vector<Level>& levels,
                   const core::MarketSpec& market) {
  json.key(name).begin_array();
  for (const Level& level : levels) {
    append_level(json, market, level.price, decimal(level.lots.value, market.amount_digits));
  }
  json.end_array();
}

bool is_better(core::Side side, core::Price a, core::Price b) {
  return side == core::Side::sell ? a < b : a > b;
}

// Walks both sides of the change in step; what only the old one has is gone.
void append_changes(JsonWriter& json, core::Side side, const std::vector<Level>& before,
                    const std::vector<Level>& after, const core::MarketSpec& market) {
  auto old_level = before.begin();
  auto new_level = after.begin();
  json.key(side == core::Side::sell ? "a" : "b").begin_array();
  while (old_level != before.end() || new_level != after.end()) {
    const bool gone =
        new_level == after.end() ||
        (old_level != before.end() && is_better(side, old_level->price, new_level->price));
    if (gone) {
      append_level(json, market, old_level->price, "0");
      ++old_level;
      continue;
    }
    const bool known = old_level != before.end() && old_level->price == new_level->price;
    if (!known || old_level->lots != new_level->lots) {
      append_level(json, market, new_level->price,
                   decimal(new_level->lots.value, market.amount_digits));
    }
    if (known) ++old_level;
    ++new_level;
  }
  json.end_array();
}

// bitbank writes a plain "0" where continuous trading has nothing.
std::string lots_or_zero(core::Lots lots, const core::MarketSpec& market) {
  return lots.value == 0 ? "0" : decimal(lots.value, market.amount_digits);
}

struct Window {
  std::vector<Level> levels;
  core::Lots before;  // Better than all of them.
  core::Lots beyond;  // Worse than all of them.
};

core::Lots sum(std::vector<Level>::const_iterator from, std::vector<Level>::const_iterator to) {
  core::Lots lots;
  for (; from != to; ++from) lots.value += from->lots.value;
  return lots;
}

Window best_levels(const history::Projection& projection, core::MarketId market, core::Side side) {
  return {projection.levels(market, side, depth_levels_max),
          {},
          projection.lots_beyond(market, side, depth_levels_max)};
}

Window levels_around(const history::Projection& projection, core::MarketId market, core::Side side,
                     core::Price price) {
  Window window;
  const auto all = projection.levels(market, side, auction_levels_max);
  // Where the side passes the price: for asks the first level at or above it, for bids the first
  // one below.
  const auto middle = std::find_if(all.begin(), all.end(), [&](const Level& level) {
    return side == core::Side::sell ? level.price >= price : level.price < price;
  });
  constexpr auto reach = static_cast<std::ptrdiff_t>(depth_levels_max);
  const auto from = middle - std::min(reach, middle - all.begin());
  const auto to = middle + std::min(reach, all.end() - middle);
  window.levels.assign(from, to);
  window.before = sum(all.begin(), from);
  window.beyond = sum(to, all.end());
  window.beyond.value += projection.lots_beyond(market, side, auction_levels_max).value;
  return window;
}

}  // namespace

BookView read_book(const history::Projection& projection, core::MarketId market) {
  const core::Price price = projection.auction_estimate(market).price;
  const bool auction = projection.market_state(market).mode != core::MarketMode::none;
  const auto window = [&](core::Side side) {
    return auction && price.value != 0 ? levels_around(projection, market, side, price)
                                       : best_levels(projection, market, side);
  };
  Window asks = window(core::Side::sell);
  Window bids = window(core::Side::buy);
  BookView view;
  view.sequence = projection.sequence(market);
  view.changed_at = projection.book_changed_at(market);
  view.asks = std::move(asks.levels);
  view.bids = std::move(bids.levels);
  view.asks_over = asks.beyond;
  view.bids_under = bids.beyond;
  view.asks_under = asks.before;
  view.bids_over = bids.before;
  return view;
}

Bytes depth_json(const BookView& view, const core::MarketSpec& market) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  append_levels(json, "asks", view.asks, market);
  append_levels(json, "bids", view.bids, market);
  json.field("asks_over", decimal(view.asks_over.value, market.amount_digits));
  json.field("bids_under", decimal(view.bids_under.value, market.amount_digits));
  json.field("asks_under", lots_or_zero(view.asks_under, market));
  json.field("bids_over", lots_or_zero(view.bids_over, market));
  json.field("ask_market", "0").field("bid_market", "0");
  json.field("timestamp", view.changed_at.value);
  json.field("sequenceId", std::to_string(view.sequence.value)).end_object();
  return out;
}

Bytes diff_json(const BookView& before, const BookView& after, const core::MarketSpec& market) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  append_changes(json, core::Side::sell, before.asks, after.asks, market);
  append_changes(json, core::Side::buy, before.bids, after.bids, market);
  if (before.asks_over != after.asks_over) {
    json.field("ao", decimal(after.asks_over.value, market.amount_digits));
  }
  if (before.bids_under != after.bids_under) {
    json.field("bu", decimal(after.bids_under.value, market.amount_digits));
  }
  if (before.asks_under != after.asks_under) {
    json.field("au", lots_or_zero(after.asks_under, market));
  }
  if (before.bids_over != after.bids_over) {
    json.field("bo", lots_or_zero(after.bids_over, market));
  }
  json.field("t", after.changed_at.value);
  json.field("s", std::to_string(after.sequence.value));
  json.field("ps", std::to_string(before.sequence.value)).end_object();
  return out;
}

Books::Published& Books::published(core::MarketId market) {
  ASSERT(market.value < projection_.markets().size());
  if (market.value >= markets_.size()) markets_.resize(std::size_t{market.value} + 1);
  return markets_[market.value];
}

const BookView& Books::refresh(core::MarketId market) {
  Published& now = published(market);
  if (!now.view) {
    now.view = read_book(projection_, market);
    return *now.view;
  }
  if (now.view->sequence == projection_.sequence(market)) return *now.view;
  BookView after = read_book(projection_, market);
  if (on_diff_) on_diff_(market, *now.view, after);
  now.view = std::move(after);
  now.depth.clear();
  return *now.view;
}

const Bytes& Books::depth(core::MarketId market) {
  const BookView& view = refresh(market);
  Published& now = published(market);
  if (now.depth.empty()) now.depth = depth_json(view, projection_.markets()[market.value]);
  return now.depth;
}

}  // namespace oki::edge
