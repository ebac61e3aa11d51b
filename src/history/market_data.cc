#include "history/market_data.h"

#include <algorithm>
#include <limits>

#include "base/calendar.h"

namespace oki::history {
namespace {

constexpr std::size_t candles_kept_min = 1'500;  // More minutes than a day has, for the ticker.

std::uint64_t key_of(core::Side side, core::Price price) {
  return side == core::Side::sell ? price.value : ~price.value;
}

core::Price price_of(core::Side side, std::uint64_t key) {
  return {side == core::Side::sell ? key : ~key};
}

std::size_t candles_max_of(const ProjectionLimits& limits) {
  return std::max(limits.candles_max, candles_kept_min);
}

template <std::size_t... types>
std::array<Candles, candle_types> all_candles(std::index_sequence<types...>) {
  return {Candles(static_cast<CandleType>(types))...};
}

}  // namespace

MarketData::MarketData(core::MarketId id)
    : candles_(all_candles(std::make_index_sequence<candle_types>{})) {
  state_.market = id;
}

const char* MarketData::apply(const core::LevelChanged& event, WallTimeMs time) {
  if (event.sequence <= sequence_) return "a sequence that does not rise";
  Half& half = this->half(event.side);
  const std::uint64_t key = key_of(event.side, event.price);
  const auto found = half.levels.find(key);
  const std::uint64_t others =
      half.lots.value - (found == half.levels.end() ? 0 : found->second.value);
  if (event.lots.value > std::numeric_limits<std::uint64_t>::max() - others) {
    return "a side of a book that overflows";
  }
  if (event.lots.value == 0) {
    half.levels.erase(key);
  } else {
    half.levels[key] = event.lots;
  }
  half.lots.value = others + event.lots.value;
  sequence_ = event.sequence;
  book_changed_at_ = time;
  return nullptr;
}

const char* MarketData::apply(const core::Traded& event, WallTimeMs time,
                              const ProjectionLimits& limits) {
  if (event.amount.value == 0) return "a trade of nothing";
  if (last_trade_ && event.id <= last_trade_->id) return "a trade id that does not rise";
  last_trade_ = PublicTrade{event.id, event.taker_side, event.price, event.amount, time};
  trades_.push_back(*last_trade_);
  if (trades_.size() > limits.public_trades_max) trades_.pop_front();
  for (Candles& candles : candles_) {
    candles.add(time, event.price, event.amount, candles_max_of(limits));
  }
  return nullptr;
}

const char* MarketData::apply(const core::MarketChanged& event) {
  const bool auction_begins =
      state_.mode == core::MarketMode::none && event.state.mode != core::MarketMode::none;
  if (auction_begins || event.state.mode == core::MarketMode::none) estimate_ = {};
  state_ = event.state;
  return nullptr;
}

const char* MarketData::apply(const core::AuctionEstimated& event) {
  if (state_.mode == core::MarketMode::none) return "an estimate outside an auction";
  estimate_ = {event.price, event.lots};
  return nullptr;
}

const char* MarketData::apply(const core::AuctionEnded& event, WallTimeMs time) {
  if (state_.mode == core::MarketMode::none) return "the end of no auction";
  estimate_ = {};
  result_ = {event.price, event.lots, time};
  return nullptr;
}

std::optional<core::Price> MarketData::best(core::Side side) const {
  if (half(side).levels.empty()) return std::nullopt;
  return price_of(side, half(side).levels.begin()->first);
}

std::vector<Level> MarketData::levels(core::Side side, std::size_t levels_max) const {
  std::vector<Level> levels;
  for (const auto& [key, lots] : half(side).levels) {
    if (levels.size() == levels_max) break;
    levels.push_back({price_of(side, key), lots});
  }
  return levels;
}

core::Lots MarketData::lots_beyond(core::Side side, std::size_t levels_max) const {
  core::Lots beyond = half(side).lots;
  for (const auto& [key, lots] : half(side).levels) {
    if (levels_max-- == 0) break;
    beyond.value -= lots.value;
  }
  return beyond;
}

void MarketData::take(Window& window, const Candle& candle) {
  const bool is_first = window.first == nullptr;
  if (is_first) window.first = &candle;
  window.high = is_first ? candle.high : std::max(window.high, candle.high);
  window.low = is_first ? candle.low : std::min(window.low, candle.low);
  window.volume = saturating_sum(window.volume, candle.volume);
}

// Minutes up to the first full hour, then whole hours: at most 60 + 25 steps, whatever was traded.
Ticker MarketData::ticker(WallTimeMs now) const {
  Ticker ticker;
  ticker.sell = best(core::Side::sell);
  ticker.buy = best(core::Side::buy);
  ticker.timestamp = book_changed_at_;
  if (!last_trade_) return ticker;
  const WallTimeMs newest = last_trade_->executed_at;
  ticker.timestamp = std::max(ticker.timestamp, newest);
  ticker.last = ticker.open = ticker.high = ticker.low = last_trade_->price;

  // A `now` too far ahead would only leave the window empty, as one day ahead does.
  now = std::clamp(now, newest, {newest.value + 2 * ms_per_day});
  const WallTimeMs start = candle_start(CandleType::min1, {now.value - ms_per_day});
  WallTimeMs hour = candle_start(CandleType::hour1, start);
  if (hour < start) hour = candle_end(CandleType::hour1, hour);
  Window window;
  const auto& minutes = candles(CandleType::min1).kept();
  for (auto minute = std::ranges::lower_bound(minutes, start, {}, &Candle::start);
       minute != minutes.end() && minute->start < hour; ++minute) {
    take(window, *minute);
  }
  const auto& hours = candles(CandleType::hour1).kept();
  for (auto one = std::ranges::lower_bound(hours, hour, {}, &Candle::start); one != hours.end();
       ++one) {
    take(window, *one);
  }
  if (window.first == nullptr) return ticker;
  ticker.open = window.first->open;
  ticker.high = window.high;
  ticker.low = window.low;
  ticker.volume = window.volume;
  return ticker;
}

std::vector<PublicTrade> MarketData::newest_trades(std::size_t trades_max) const {
  const std::size_t count = std::min(trades_max, trades_.size());
  return {trades_.rbegin(), trades_.rbegin() + static_cast<std::ptrdiff_t>(count)};
}

std::vector<PublicTrade> MarketData::trades_between(WallTimeMs from, WallTimeMs to) const {
  if (from >= to) return {};
  const auto first = std::ranges::lower_bound(trades_, from, {}, &PublicTrade::executed_at);
  const auto last = std::ranges::lower_bound(trades_, to, {}, &PublicTrade::executed_at);
  return {first, last};
}

void MarketData::write(core::FieldWriter& io) const {
  io(state_, estimate_.price, estimate_.lots, result_.price, result_.lots, result_.at);
  io(sequence_, book_changed_at_);
  for (const Half& half : halves_) {
    io(static_cast<std::uint64_t>(half.levels.size()));
    for (const auto& [key, lots] : half.levels) io(key, lots);
  }
  io(last_trade_.has_value());
  if (last_trade_) io(*last_trade_);
  io(static_cast<std::uint64_t>(trades_.size()));
  for (const PublicTrade& trade : trades_) io(trade);
  for (const Candles& candles : candles_) candles.write(io);
}

const char* MarketData::read(core::FieldReader& io, const ProjectionLimits& limits,
                             WallTimeMs time) {
  const core::MarketId id = state_.market;
  io(state_, estimate_.price, estimate_.lots, result_.price, result_.lots, result_.at);
  if (!io.ok() || state_.market != id) return "the state of another market";
  if (result_.at > time) return "an auction from the future";
  io(sequence_, book_changed_at_);
  if (book_changed_at_ > time) return "a book from the future";
  for (const core::Side side : {core::Side::buy, core::Side::sell}) {
    if (const char* fault = read_levels(io, side)) return fault;
  }
  if (const char* fault = read_trades(io, limits.public_trades_max, time)) return fault;
  for (Candles& candles : candles_) {
    if (const char* fault = candles.read(io, candles_max_of(limits))) return fault;
    if (candles.kept().empty() != !last_trade_) return "trades and candles that differ";
    if (!candles.kept().empty() && candles.kept().back().start > time) return "a future candle";
  }
  return fault();
}

const char* MarketData::read_levels(core::FieldReader& io, core::Side side) {
  Half& half = this->half(side);
  std::uint64_t count = 0;
  io(count);
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    std::uint64_t key = 0;
    core::Lots lots;
    io(key, lots);
    const bool in_order = half.levels.empty() || key > half.levels.rbegin()->first;
    if (!in_order || lots.value == 0) return "levels out of order";
    if (lots.value > ~half.lots.value) return "a side of a book that overflows";
    half.levels.emplace_hint(half.levels.end(), key, lots);
    half.lots.value += lots.value;
  }
  return io.ok() ? nullptr : "truncated levels";
}

const char* MarketData::read_trades(core::FieldReader& io, std::size_t trades_max,
                                    WallTimeMs time) {
  bool any = false;
  std::uint64_t count = 0;
  io(any);
  if (any) io(last_trade_.emplace());
  io(count);
  if (!io.ok() || count > trades_max) return "too many trades";
  for (std::uint64_t i = 0; i < count; ++i) {
    PublicTrade trade;
    io(trade);
    if (!io.ok()) return "truncated trades";
    trades_.push_back(trade);
  }
  if (any && (last_trade_->executed_at > time || last_trade_->executed_at.value < 0)) {
    return "a trade from the future or from before 1970";
  }
  return nullptr;
}

bool MarketData::crossed() const {
  if (state_.mode != core::MarketMode::none) return false;
  const auto buy = best(core::Side::buy);
  const auto sell = best(core::Side::sell);
  return buy && sell && *buy >= *sell;
}

const char* MarketData::fault() const {
  for (const Half& half : halves_) {
    std::uint64_t lots = 0;
    for (const auto& [key, level] : half.levels) {
      if (level.value == 0) return "an empty level";
      lots += level.value;
    }
    if (lots != half.lots.value) return "levels that do not sum to their side";
  }
  if (crossed()) return "a crossed book";
  const bool estimated = estimate_.price.value != 0 || estimate_.lots.value != 0;
  if (estimated && state_.mode == core::MarketMode::none) return "an estimate outside an auction";
  const PublicTrade* last = nullptr;
  for (const PublicTrade& trade : trades_) {
    const bool in_order =
        last == nullptr || (trade.id > last->id && trade.executed_at >= last->executed_at);
    if (!in_order || trade.amount.value == 0) return "trades out of order";
    last = &trade;
  }
  if (last != nullptr && last_trade_ != *last) return "a last trade that is not the last";
  for (const Candles& candles : candles_) {
    if (const char* fault = candles.fault()) return fault;
  }
  return nullptr;
}

}  // namespace oki::history
