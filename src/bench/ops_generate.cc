#include "bench/ops_generate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/prng.h"
#include "bench/ops_reference.h"

namespace oki::bench {
namespace {

enum class Path : std::uint8_t { walk, still, crash, swing };

struct Mix {
  const char* name;
  const char* what;
  std::uint32_t symbols;
  std::uint32_t accounts;
  std::uint64_t live;
  // Of a thousand operations; the rest are passive orders.
  std::uint32_t cancels, crossings, iocs, moves;
  std::int64_t depth;   // Ticks from the middle within which passive orders lie.
  bool recent_cancels;  // Young orders go first.
  std::uint32_t sweep;  // Makers that one crossing order meets, about.
  bool random_ids;
  Path path;
  std::int64_t swing_percent;
};

constexpr std::int64_t middle = 100'000;
constexpr std::int64_t walk_ticks = 500;

constexpr Mix mixes[] = {
    {"mix1", "1 symbol, 10 k live orders, adds and cancels, 10 % crossing", 1, 1'000, 10'000, 450,
     100, 0, 0, 200, false, 1, false, Path::walk, 0},
    {"real90", "1 symbol, 3 k live, young orders are cancelled first", 1, 1'000, 3'000, 450, 50, 0,
     0, 100, true, 1, false, Path::walk, 0},
    {"mix100", "100 symbols, 100 k live, 100 k accounts", 100, 100'000, 100'000, 450, 100, 0, 0,
     200, false, 1, false, Path::walk, 0},
    {"real90x", "100 symbols, 50 k live, young orders are cancelled first", 100, 100'000, 50'000,
     450, 50, 0, 0, 100, true, 1, false, Path::walk, 0},
    {"deep1", "1 symbol, 1 M live", 1, 100'000, 1'000'000, 450, 100, 0, 0, 20'000, false, 1, false,
     Path::walk, 0},
    {"move82", "1 symbol, 1 k live, 82 % moves", 1, 1'000, 1'000, 60, 0, 30, 820, 375, false, 1,
     false, Path::walk, 0},
    {"sweep1", "1 symbol, 10 k live, takers that meet 8 makers", 1, 1'000, 10'000, 50, 95, 0, 0,
     200, false, 8, false, Path::walk, 0},
    {"flash-normal", "ids in random order, IOC and moves", 1, 1'000, 5'000, 410, 40, 75, 90, 2000,
     false, 1, true, Path::walk, 0},
    {"flash-static", "the same, the price stands still", 1, 1'000, 5'000, 410, 40, 75, 90, 2000,
     false, 1, true, Path::still, 0},
    {"flash-crash", "the same, the price falls by 30 %", 1, 1'000, 5'000, 410, 40, 75, 90, 2000,
     false, 1, true, Path::crash, 0},
    {"flash-swing-25", "the same, the price swings by 25 %", 1, 1'000, 5'000, 410, 40, 75, 90, 2000,
     false, 1, true, Path::swing, 25},
    {"flash-swing-40", "the same, the price swings by 40 %", 1, 1'000, 5'000, 410, 40, 75, 90, 2000,
     false, 1, true, Path::swing, 40},
};

const Mix* find_mix(const std::string& name) {
  for (const Mix& mix : mixes) {
    if (name == mix.name) return &mix;
  }
  return nullptr;
}

class Generator {
 public:
  Generator(const Mix& mix, const GenerateOptions& options);
  Ops run();

 private:
  void fill();
  void timed(std::uint64_t done);
  void adjust(std::uint64_t done);
  void passive();
  void crossing(OpType type);
  void cancel();
  void move();
  void emit(Op op);
  std::uint64_t victim();
  std::uint16_t pick_symbol();
  std::int64_t middle_of(std::uint16_t symbol) const { return base_ + drift_[symbol]; }
  std::int32_t passive_price(std::uint16_t symbol, OpSide side);
  OpSide pick_side() { return prng_.chance(1, 2) ? OpSide::buy : OpSide::sell; }
  std::uint32_t pick_lots() { return static_cast<std::uint32_t>(1 + prng_.below(100)); }
  void rested(std::uint64_t id);
  void gone(std::uint64_t id);
  void shuffle_ids();

  const Mix& mix_;
  const GenerateOptions& options_;
  std::uint64_t live_aim_;
  Prng prng_;
  Reference book_;
  Ops ops_;
  std::int64_t base_ = middle;
  std::vector<std::int64_t> drift_;      // Of each symbol, from base_.
  std::vector<std::uint64_t> weights_;   // Summed up: how often each symbol is chosen.
  std::vector<std::uint64_t> live_;      // In no order.
  std::vector<std::uint64_t> place_{0};  // By id: where in live_.
  std::vector<Op> first_{Op{}};          // By id: the record that made it.
  std::vector<std::uint64_t> recent_;    // Ids in the order of coming to rest.
};

// A symbol's share falls with the 0.8th power of its rank: the largest w with w^5 rank^4 <= 10^20.
std::uint64_t zipf_weight(std::uint64_t rank) {
  __extension__ using Wide = unsigned __int128;
  const Wide all = Wide{10'000'000'000} * 10'000'000'000;
  std::uint64_t low = 1;
  std::uint64_t high = 10'000;
  while (low < high) {
    const std::uint64_t w = (low + high + 1) / 2;
    const Wide value = Wide{w} * w * w * w * w * rank * rank * rank * rank;
    (value <= all ? low : high) = value <= all ? w : w - 1;
  }
  return low;
}

Generator::Generator(const Mix& mix, const GenerateOptions& options)
    : mix_(mix),
      options_(options),
      live_aim_(options.live != 0 ? options.live : mix.live),
      prng_(options.seed),
      book_(mix.symbols),
      drift_(mix.symbols, 0) {
  std::uint64_t sum = 0;
  for (std::uint64_t rank = 1; rank <= mix.symbols; ++rank) {
    sum += zipf_weight(rank);
    weights_.push_back(sum);
  }
  book_.on_rest = [this](std::uint64_t id) { rested(id); };
  book_.on_gone = [this](std::uint64_t id) { gone(id); };
  ops_.variant = mix.name;
  ops_.seed = options.seed;
  ops_.symbols = mix.symbols;
  ops_.accounts = mix.accounts;
}

Ops Generator::run() {
  fill();
  ops_.prefill = ops_.records.size();
  for (std::uint64_t done = 0; done < options_.ops; ++done) {
    if (done % 100'000 == 0) options_.progress(done, options_.ops);
    timed(done);
  }
  ops_.max_id = first_.size() - 1;
  if (mix_.random_ids) shuffle_ids();
  ops_.min_price = ops_.max_price = static_cast<std::int32_t>(middle);
  for (const Op& op : ops_.records) {
    ops_.min_price = std::min(ops_.min_price, op.price);
    ops_.max_price = std::max(ops_.max_price, op.price);
  }
  ops_.expected = reference_outcome(ops_);
  options_.progress(options_.ops, options_.ops);
  return std::move(ops_);
}

void Generator::fill() {
  while (live_.size() < live_aim_) {
    if (live_.size() % 100'000 == 0) options_.progress(live_.size(), live_aim_);
    passive();
  }
}

void Generator::timed(std::uint64_t done) {
  adjust(done);
  // The number of live orders is held by turning some cancels into adds, or the reverse.
  std::uint32_t cancels = mix_.cancels;
  if (live_.size() * 50 < live_aim_ * 49) cancels -= cancels / 4;
  std::uint32_t crossings = mix_.crossings;
  if (live_.size() * 10 < live_aim_ * 9) crossings -= crossings / 4;
  if (live_.size() * 50 > live_aim_ * 51) cancels += 100;
  if (live_.size() * 10 > live_aim_ * 11) cancels += 200;
  auto roll = static_cast<std::uint32_t>(prng_.below(1000));
  const auto falls_in = [&roll](std::uint32_t share) {
    const bool hit = roll < share;
    roll -= hit ? 0 : share;
    return hit;
  };
  if (falls_in(mix_.moves)) return move();
  if (falls_in(mix_.iocs)) return crossing(OpType::add_ioc);
  if (falls_in(crossings)) return crossing(OpType::add);
  if (falls_in(cancels)) return cancel();
  passive();
}

// Where the middle is after `done` operations.
void Generator::adjust(std::uint64_t done) {
  const auto all = static_cast<std::int64_t>(options_.ops);
  const auto now = static_cast<std::int64_t>(done);
  if (mix_.path == Path::crash) {
    // Falls in one hundredth of the time, recovers half of it in the three tenths after that.
    constexpr std::int64_t fall = middle * 3 / 10;
    const std::int64_t fallen = std::clamp<std::int64_t>((now - all / 2) * 100, 0, all);
    const std::int64_t risen =
        std::clamp<std::int64_t>((now - all / 2 - all / 100) * 10 / 3, 0, all);
    base_ = middle - fall * fallen / all + fall / 2 * risen / all;
  } else if (mix_.path == Path::swing) {
    // Twice up, down and back.
    const std::int64_t phase = now * 8 % (4 * all);
    const std::int64_t wave = phase < all       ? phase
                              : phase < 3 * all ? 2 * all - phase
                                                : phase - 4 * all;
    base_ = middle + middle * mix_.swing_percent / 100 * wave / all;
  }
  if (mix_.path == Path::still || !prng_.chance(1, 20)) return;
  std::int64_t& drift = drift_[prng_.below(mix_.symbols)];
  drift = std::clamp<std::int64_t>(drift + prng_.between(-1, 1) * (mix_.symbols > 1 ? 4 : 1),
                                   -walk_ticks, walk_ticks);
}

std::uint16_t Generator::pick_symbol() {
  if (mix_.symbols == 1) return 0;
  const auto found = std::ranges::upper_bound(weights_, prng_.below(weights_.back()));
  return static_cast<std::uint16_t>(found - weights_.begin());
}

// Most orders lie near the middle: the product of two uniform numbers.
std::int32_t Generator::passive_price(std::uint16_t symbol, OpSide side) {
  const auto depth = static_cast<std::uint64_t>(mix_.depth);
  const auto away = static_cast<std::int64_t>(1 + prng_.below(depth) * prng_.below(depth) / depth);
  return static_cast<std::int32_t>(middle_of(symbol) + (side == OpSide::buy ? -away : away));
}

void Generator::emit(Op op) {
  if (is_new(op.type)) {
    op.id = first_.size();
    op.account = static_cast<std::uint32_t>(prng_.below(mix_.accounts));
    first_.push_back(op);
    place_.push_back(0);
  } else {
    op.side = first_[op.id].side;
    op.symbol = first_[op.id].symbol;
    op.account = first_[op.id].account;
  }
  if (op.type == OpType::cancel) op.price = first_[op.id].price;
  if (op.type == OpType::move) op.price = passive_price(op.symbol, op.side);
  ops_.records.push_back(op);
  book_.apply(op);
}

void Generator::passive() {
  Op op{};
  op.type = OpType::add;
  op.symbol = pick_symbol();
  op.side = pick_side();
  op.lots = pick_lots();
  op.price = passive_price(op.symbol, op.side);
  emit(op);
}

// Through the middle, as large as the orders that it is meant to meet.
void Generator::crossing(OpType type) {
  Op op{};
  op.type = type;
  op.symbol = pick_symbol();
  op.side = pick_side();
  for (std::uint32_t i = 0; i < mix_.sweep; ++i) op.lots += pick_lots();
  const std::int64_t through = mix_.sweep == 1 ? 5 : mix_.depth;
  op.price = static_cast<std::int32_t>(middle_of(op.symbol) +
                                       (op.side == OpSide::buy ? through : -through));
  emit(op);
}

// A live order, or sometimes one that is gone.
std::uint64_t Generator::victim() {
  if (live_.empty() || prng_.chance(1, 100)) return 1 + prng_.below(first_.size() - 1);
  constexpr int tries_max = 8;
  for (int i = 0; mix_.recent_cancels && i < tries_max; ++i) {
    const std::uint64_t reach = std::min<std::uint64_t>(recent_.size(), live_aim_);
    const std::uint64_t age = prng_.below(reach) * prng_.below(reach) / reach;
    const std::uint64_t id = recent_[recent_.size() - 1 - age];
    if (book_.is_live(id)) return id;
  }
  return live_[prng_.below(live_.size())];
}

void Generator::cancel() {
  Op op{};
  op.type = OpType::cancel;
  op.id = victim();
  emit(op);
}

void Generator::move() {
  Op op{};
  op.type = OpType::move;
  op.id = victim();
  op.lots = prng_.chance(1, 4) ? pick_lots() : 0;
  emit(op);
}

void Generator::rested(std::uint64_t id) {
  place_[id] = live_.size();
  live_.push_back(id);
  if (mix_.recent_cancels) recent_.push_back(id);
}

void Generator::gone(std::uint64_t id) {
  const std::uint64_t last = live_.back();
  live_[place_[id]] = last;
  place_[last] = place_[id];
  live_.pop_back();
}

void Generator::shuffle_ids() {
  std::vector<std::uint64_t> renamed(ops_.max_id + 1);
  for (std::uint64_t id = 1; id <= ops_.max_id; ++id) {
    const std::uint64_t other = 1 + prng_.below(id);
    renamed[id] = renamed[other];
    renamed[other] = id;
  }
  for (Op& op : ops_.records) op.id = renamed[op.id];
}

}  // namespace

const std::vector<MixName>& mix_names() {
  static const std::vector<MixName> names = [] {
    std::vector<MixName> made;
    for (const Mix& mix : mixes) made.push_back({mix.name, mix.what});
    return made;
  }();
  return names;
}

Result<Ops> generate_ops(const GenerateOptions& options) {
  const Mix* const mix = find_mix(options.mix);
  if (mix == nullptr) {
    std::string known;
    for (const Mix& each : mixes) known += (known.empty() ? "" : ", ") + std::string(each.name);
    return error(Errc::invalid,
                 fmt::format("there is no mix '{}'; there are {}", options.mix, known));
  }
  const std::uint64_t live = options.live != 0 ? options.live : mix->live;
  if (options.ops < 1 || options.ops > ops_max / 2 || live > ops_max / 4) {
    return error(Errc::invalid, fmt::format("ops must be 1 to {}", ops_max / 2));
  }
  return Generator(*mix, options).run();
}

}  // namespace oki::bench
