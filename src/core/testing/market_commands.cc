#include "core/testing/market_commands.h"

#include "base/assert.h"
#include "base/bytes.h"

namespace oki::core {
namespace {

constexpr WallTimeMs begin{1'700'000'000'000};
constexpr std::size_t open_orders_usual = 260;  // Above, orders are cancelled first.

template <typename E>
constexpr std::uint8_t kind_of = [] {
  std::uint8_t kind = 0;
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    ((std::is_same_v<E, std::variant_alternative_t<i, Event>> ? kind = i + 1 : 0), ...);
  }(std::make_index_sequence<std::variant_size_v<Event>>{});
  return kind;
}();

}  // namespace

MarketCommands::MarketCommands(std::uint64_t seed)
    : prng_(seed),
      crowd_(is_crowd(seed)),
      accounts_(crowd_ ? accounts_crowd : accounts_usual),
      nonces_(accounts_crowd + 1) {
  timed_.time = begin;
  set_up();
}

const MarketCommands::Timed& MarketCommands::next() {
  if (given_ < set_up_.size()) {
    timed_.command = encode(set_up_[given_++]);
    return timed_;
  }
  timed_.time.value += pause_ms();
  timed_.command = encode(crowd_ ? crowd() : any());
  if (one_in(150)) damage(timed_.command);
  return timed_;
}

// Mostly some hundred commands a second; now and then over a second, an hour, midnight, a lifetime.
std::int64_t MarketCommands::pause_ms() {
  const std::uint64_t choice = upto(20'000);
  if (choice >= 300) return choice % 2 == 0 ? 0 : prng_.between(0, 50);
  if (choice >= 12) return prng_.between(0, 3'000);
  if (choice >= 6) return prng_.between(0, 100'000);
  if (choice >= 2) return prng_.between(0, 5'000'000);
  if (choice == 1) return prng_.between(0, 3 * 86'400'000);
  return one_in(5) ? 15'600'000'000 : prng_.between(0, 86'400'000);
}

Command MarketCommands::any() {
  if (orders_.size() > open_orders_usual && one_in(3)) return one_in(4) ? cancel_all() : cancel();
  const std::uint64_t choice = upto(1'000);
  if (choice < 590) return place();
  if (choice < 670) return amend();
  if (choice < 743) return cancel();
  if (choice < 746) return cancel_all();
  if (choice < 776) return batch();
  if (choice < 781) return dead_man();
  if (choice < 786) return CloseSession{one_in(20) ? SessionId{} : session()};
  // The third edge is often silent.
  if (choice < 820) return EdgeAlive{static_cast<std::uint32_t>(1 + upto(one_in(10) ? 3 : 2))};
  if (choice < 870) return Tick{};
  if (choice < 885) return deposit();
  return operate();
}

// Orders pile up for long auctions and behind walls; otherwise as ever.
Command MarketCommands::crowd() {
  const std::uint64_t choice = upto(100);
  if (choice < 50) return crowd_order();
  if (choice < 65) return wall_order();
  if (choice < 66) {
    const MarketId market{static_cast<std::uint16_t>(upto(2))};
    if (market_[market.value].mode != MarketMode::none) return Tick{};
    const WallTimeMs reopen_at{timed_.time.value + prng_.between(60'000, 120'000)};
    return StartAuction{market, MarketMode::listing, {}, reopen_at};
  }
  return any();
}

// Bytes as a stranger would send them.
void MarketCommands::damage(Bytes& command) {
  switch (upto(4)) {
    case 0:
      command.resize(upto(command.size()));
      break;
    case 1:
      command.push_back(static_cast<char>(upto(256)));
      break;
    case 2:
      command.front() = static_cast<char>(upto(256));
      break;
    default: {
      // Enums and flags of trading commands; amounts of the house's money stay sensible.
      const auto kind = static_cast<std::uint8_t>(command.front());
      const bool trading = kind >= 6 && kind <= 11;
      if (trading) command[upto(command.size())] = static_cast<char>(upto(256));
      break;
    }
  }
}

void MarketCommands::saw(ByteView reply, ByteView events) {
  ASSERT(!reply.empty());
  Reader reader(events);
  while (reader.left() > 0) {
    const ByteView body = reader.blob(reader.left());
    ASSERT(reader.ok() && !body.empty());
    saw_event(static_cast<std::uint8_t>(body.front()), body.substr(1));
  }
}

// Reads only what it needs, in the order of docs/formats/events.md: it has to be fast.
void MarketCommands::saw_event(std::uint8_t kind, ByteView fields) {
  Reader in(fields);
  if (kind == kind_of<OrderAccepted>) {
    KnownOrder order;
    order.id = in.u64();
    order.account = in.u64();
    order.market = in.u16();
    order.side = static_cast<Side>(in.u8());
    order.type = static_cast<OrderType>(in.u8());
    in.raw(3);
    order.position = static_cast<PositionSide>(in.u8());
    in.raw(2);
    order.price = in.u64();
    order.trigger = in.u64();
    order.amount = in.u64();
    if (order.market < markets) orders_.add(order);
  } else if (kind == kind_of<OrderChanged>) {
    const std::uint64_t id = in.u64();
    in.raw(8 + 2);
    const auto status = static_cast<OrderStatus>(in.u8());
    if (is_final(status)) orders_.remove(id);
  } else if (kind == kind_of<MarketChanged>) {
    const std::uint16_t number = in.u16();
    if (number >= markets) return;
    Market& market = market_[number];
    market.status = static_cast<MarketStatus>(in.u8());
    market.mode = static_cast<MarketMode>(in.u8());
    in.u8();
    market.stops = in.u16();
    market.reference = in.u64();
  } else if (kind == kind_of<PositionChanged>) {
    KnownPositions::Known position;
    position.account = in.u64();
    position.market = in.u16();
    position.side = static_cast<PositionSide>(in.u8());
    position.open = in.u64();
    if (position.market < markets) positions_.saw(position);
  } else if (kind == kind_of<WithdrawalChanged>) {
    const std::uint64_t id = in.u64();
    if (in.u8() == 0) withdrawals_.add(id);
  } else if (kind == kind_of<CreditChanged>) {
    const std::uint64_t id = in.u64();
    if (in.u8() == 0) credits_.add(id);
  } else if (kind == kind_of<NonceUsed>) {
    const std::uint64_t key = in.u64();
    if (key < nonces_.size()) nonces_[key] = in.u64();  // Damaged commands may jump.
  } else if (kind == kind_of<ReleaseActivated>) {
    release_ = in.u32();
  }
}

// Some trade more than others, so that they meet themselves.
std::uint64_t MarketCommands::account() {
  if (one_in(150)) return one_in(2) ? 0 : 500 + upto(3);
  return 1 + (one_in(2) ? upto(accounts_) : upto(6));
}

std::uint16_t MarketCommands::market() { return static_cast<std::uint16_t>(upto(markets)); }

MarketId MarketCommands::market_or_none() {
  return MarketId{one_in(100) ? static_cast<std::uint16_t>(markets + upto(3)) : market()};
}

AssetId MarketCommands::asset() {
  return AssetId{static_cast<std::uint16_t>(upto(one_in(20) ? assets + 2 : assets))};
}

Signed MarketCommands::auth(std::uint64_t account) {
  if (one_in(2) || account == 0 || account > accounts_usual) return {};
  Signed auth{KeyId{one_in(60) ? 1 + upto(accounts_usual + 4) : account}, 0};
  if (one_in(3)) return auth;
  auth.nonce = one_in(40) ? 1 + upto(nonces_[account] + 1) : ++nonces_[account];
  return auth;
}

}  // namespace oki::core
