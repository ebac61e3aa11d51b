#include "history/candles.h"

#include <algorithm>
#include <limits>

#include "base/calendar.h"

namespace oki::history {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;

struct Shape {
  CandleType type;
  const char* name;
  std::int64_t width_ms;  // 0: a month.
};

constexpr std::array<Shape, candle_types> shapes{{
    {CandleType::min1, "1min", minute_ms},
    {CandleType::min5, "5min", 5 * minute_ms},
    {CandleType::min15, "15min", 15 * minute_ms},
    {CandleType::min30, "30min", 30 * minute_ms},
    {CandleType::hour1, "1hour", hour_ms},
    {CandleType::hour4, "4hour", 4 * hour_ms},
    {CandleType::hour8, "8hour", 8 * hour_ms},
    {CandleType::hour12, "12hour", 12 * hour_ms},
    {CandleType::day1, "1day", ms_per_day},
    {CandleType::week1, "1week", 7 * ms_per_day},
    {CandleType::month1, "1month", 0},
}};

const Shape& shape(CandleType type) { return shapes[static_cast<std::size_t>(type)]; }

// Weeks are counted from the Monday before 1970-01-01, a Thursday.
std::int64_t offset_ms(CandleType type) { return type == CandleType::week1 ? -3 * ms_per_day : 0; }

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

Candle flat(WallTimeMs start, core::Price price) { return {start, price, price, price, price, {}}; }

}  // namespace

WallTimeMs candle_start(CandleType type, WallTimeMs time) {
  const std::int64_t width = shape(type).width_ms;
  if (width > 0) {
    const std::int64_t offset = offset_ms(type);
    return {floor_to(time.value - offset, width) + offset};
  }
  Date date = utc_date(time);
  date.day = 1;
  return start_of_day(date);
}

WallTimeMs candle_end(CandleType type, WallTimeMs start) {
  const std::int64_t width = shape(type).width_ms;
  if (width > 0) return {start.value + width};
  return candle_start(type, {start.value + 31 * ms_per_day});
}

const char* name(CandleType type) { return shape(type).name; }

std::optional<CandleType> candle_type(ByteView name) {
  const auto found = std::ranges::find_if(shapes, [&](const Shape& x) { return name == x.name; });
  if (found == shapes.end()) return std::nullopt;
  return found->type;
}

core::Lots saturating_sum(core::Lots a, core::Lots b) {
  const std::uint64_t sum = a.value + b.value;
  return {sum < a.value ? std::numeric_limits<std::uint64_t>::max() : sum};
}

void Candles::add(WallTimeMs time, core::Price price, core::Lots lots, std::size_t candles_max) {
  if (candles_.empty() || time >= end_) {
    candles_.push_back(flat(candle_start(type_, time), price));
    end_ = candle_end(type_, candles_.back().start);
    if (candles_.size() > candles_max) candles_.pop_front();
  }
  Candle& candle = candles_.back();
  candle.high = std::max(candle.high, price);
  candle.low = std::min(candle.low, price);
  candle.close = price;
  candle.volume = saturating_sum(candle.volume, lots);
}

std::deque<Candle>::const_iterator Candles::first_from(WallTimeMs time) const {
  return std::ranges::lower_bound(candles_, time, {}, &Candle::start);
}

std::vector<Candle> Candles::between(WallTimeMs from, WallTimeMs to, WallTimeMs until,
                                     std::size_t candles_max) const {
  std::vector<Candle> found;
  if (candles_.empty() || from >= to || from > until) return found;
  auto next = first_from(from);
  WallTimeMs start = candle_start(type_, std::max(from, candles_.front().start));
  if (start < from) start = candle_end(type_, start);
  // The close before `start`; nothing is asked from before the first kept candle.
  core::Price close = next == candles_.begin() ? next->open : std::prev(next)->close;
  while (start < to && start <= until && found.size() < candles_max) {
    if (next != candles_.end() && next->start == start) {
      found.push_back(*next++);
      close = found.back().close;
    } else {
      found.push_back(flat(start, close));
    }
    start = candle_end(type_, start);
  }
  return found;
}

void Candles::write(core::FieldWriter& io) const {
  io(static_cast<std::uint64_t>(candles_.size()));
  for (const Candle& candle : candles_) io(candle);
}

const char* Candles::read(core::FieldReader& io, std::size_t candles_max) {
  std::uint64_t count = 0;
  io(count);
  if (!io.ok() || count > candles_max) return "too many candles";
  for (std::uint64_t i = 0; i < count; ++i) {
    Candle candle;
    io(candle);
    if (!io.ok()) return "truncated candles";
    if (candle.start < WallTimeMs{-7 * ms_per_day}) return "a candle from before 1970";
    candles_.push_back(candle);
  }
  if (!candles_.empty()) end_ = candle_end(type_, candles_.back().start);
  return fault();
}

const char* Candles::fault() const {
  const Candle* last = nullptr;
  for (const Candle& candle : candles_) {
    if (candle.start != candle_start(type_, candle.start)) return "a candle off its grid";
    if (last != nullptr && candle.start <= last->start) return "candles out of order";
    const bool sound = candle.low <= std::min(candle.open, candle.close) &&
                       candle.high >= std::max(candle.open, candle.close) &&
                       candle.volume.value > 0;
    if (!sound) return "a candle that contradicts itself";
    last = &candle;
  }
  return nullptr;
}

}  // namespace oki::history
