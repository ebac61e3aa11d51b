#include "core/testing/oracle.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "core/events.h"
#include "core/testing/describe.h"
#include "core/testing/golden.h"

namespace oki::core {
namespace {

constexpr int lines_shown_max = 12;
constexpr ByteView replay_head = "okiagari oracle 1 ";

std::string kind_at(ByteView events) {
  if (events.size() < 5) return "end";
  return event_name(static_cast<std::uint8_t>(events[4]));
}

// What a list of events says, from the first that differs.
Difference differing(const char* what, ByteView first, ByteView second) {
  std::size_t same = 0;
  while (!first.empty() && !second.empty()) {
    ByteView next_first = first;
    ByteView next_second = second;
    const std::string one = take_described_event(next_first);
    const std::string other = take_described_event(next_second);
    if (one != other) break;
    first = next_first;
    second = next_second;
    ++same;
  }
  Difference difference;
  difference.kind = std::string(what) + " " + kind_at(first) + ", " + kind_at(second);
  difference.text = std::string(what) + " differ after " + std::to_string(same) + " equal ones\n";
  for (const auto& [name, events] : {std::pair{"first ", first}, {"second", second}}) {
    ByteView left = events;
    for (int i = 0; i < lines_shown_max && !left.empty(); ++i) {
      difference.text += std::string("  ") + name + "  " + take_described_event(left) + "\n";
    }
    if (events.empty()) difference.text += std::string("  ") + name + "  (no more)\n";
  }
  return difference;
}

// A step that was undone is a fault of the core that did it, also when both agree.
bool has_quarantine(ByteView events) {
  constexpr std::size_t kind = 25;
  static_assert(std::is_same_v<std::variant_alternative_t<kind - 1, Event>, Quarantined>);
  Reader reader(events);
  while (reader.left() > 0) {
    if (reader.blob(reader.left()).substr(0, 1) == ByteView("\x19")) return true;
  }
  return false;
}

std::string refusal_of(ByteView reply) {
  return reply.empty() ? "nothing" : name(static_cast<Refusal>(reply.front()));
}

}  // namespace

std::optional<Difference> Oracle::apply(const OracleCommand& command) {
  for (int i = 0; i < 2; ++i) {
    replies_[i].clear();
    events_[i].clear();
    (i == 0 ? first_ : second_)->apply(command.time, command.bytes, replies_[i], events_[i]);
  }
  if (replies_[0] != replies_[1]) {
    Difference difference;
    difference.kind = "reply " + refusal_of(replies_[0]) + ", " + refusal_of(replies_[1]);
    difference.text = "replies differ\n  first   " + describe_reply(replies_[0]) + "\n  second  " +
                      describe_reply(replies_[1]) + "\n";
    if (events_[0] != events_[1]) {
      difference.text += differing("events", events_[0], events_[1]).text;
    }
    return difference;
  }
  if (events_[0] != events_[1]) return differing("events", events_[0], events_[1]);
  if (has_quarantine(events_[0])) {
    Difference difference{"quarantined", "a step was undone\n"};
    ByteView left = events_[0];
    while (!left.empty()) difference.text += "  both    " + take_described_event(left) + "\n";
    return difference;
  }
  return std::nullopt;
}

std::optional<Difference> Oracle::compare_state() const {
  first_->verify();
  second_->verify();
  const Bytes first = first_->view();
  const Bytes second = second_->view();
  if (first != second) return differing("state", first, second);
  if (pair_.same_snapshots && first_->snapshot() != second_->snapshot()) {
    return Difference{"snapshot", "the snapshots differ\n"};
  }
  return std::nullopt;
}

std::optional<Difference> Oracle::check() {
  if (auto difference = compare_state()) return difference;
  OracleCore& core = checks_++ % 2 == 0 ? *first_ : *second_;
  const char* which = &core == first_.get() ? "first" : "second";
  const Bytes snapshot = core.snapshot();
  if (!core.restore(snapshot)) {
    return Difference{"restore", std::string(which) + " refuses its own snapshot\n"};
  }
  if (core.snapshot() != snapshot) {
    return Difference{"restore", std::string(which) + " differs after its own snapshot\n"};
  }
  return compare_state();
}

namespace {

// New ids in the place of those that the whole list made.
class Ids {
 public:
  void learn(const OracleList::Made& before, const OracleList::Made& now) {
    for (std::size_t i = 0; i < before.orders.size() && i < now.orders.size(); ++i) {
      orders_[before.orders[i]] = now.orders[i];
    }
    if (before.id != 0 && now.id != 0) others_[before.id] = now.id;
  }

  Bytes rewritten(const Bytes& bytes) const {
    std::optional<Command> command = decode_command(bytes);
    if (!command) return bytes;
    if (auto* cancel = std::get_if<CancelOrders>(&*command)) {
      for (OrderId& id : cancel->orders) put(orders_, id);
    } else if (auto* amend = std::get_if<AmendOrder>(&*command)) {
      put(orders_, amend->order);
    } else if (auto* credit = std::get_if<ApproveCredit>(&*command)) {
      put(others_, credit->credit);
    } else if (auto* approve = std::get_if<ApproveWithdrawal>(&*command)) {
      put(others_, approve->withdrawal);
    } else if (auto* reject = std::get_if<RejectWithdrawal>(&*command)) {
      put(others_, reject->withdrawal);
    } else if (auto* settle = std::get_if<SettleWithdrawal>(&*command)) {
      put(others_, settle->withdrawal);
    } else {
      return bytes;
    }
    return encode(*command);
  }

 private:
  using Map = std::unordered_map<std::uint64_t, std::uint64_t>;

  template <typename Id>
  static void put(const Map& map, Id& id) {
    const auto found = map.find(id.value);
    if (found != map.end()) id.value = found->second;
  }

  Map orders_;
  Map others_;  // Withdrawals and credits: their numbers may meet, but not in one command.
};

OracleList::Made made_by(const Bytes& reply, const Bytes& events) {
  OracleList::Made made;
  ByteView left = events;
  while (const auto event = take_event(left)) {
    if (const auto* accepted = std::get_if<OrderAccepted>(&*event)) {
      made.orders.push_back(accepted->order.id.value);
    }
  }
  if (const auto decoded = decode_reply(reply)) made.id = decoded->id;
  return made;
}

}  // namespace

void OracleList::learn() {
  const std::unique_ptr<OracleCore> core = pair_.first(limits_);
  for (std::size_t i = 0; i < commands_.size(); ++i) {
    Bytes reply;
    Bytes events;
    core->apply(commands_[i].time, commands_[i].bytes, reply, events);
    made_[i] = made_by(reply, events);
  }
}

std::optional<Difference> OracleList::run(const std::vector<std::size_t>& places,
                                          std::size_t check_every, const Record& record) const {
  Oracle oracle(pair_, limits_);
  Ids ids;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t place = places[i];
    const OracleCommand command{commands_[place].time, ids.rewritten(commands_[place].bytes)};
    if (record) record(command);
    if (auto difference = oracle.apply(command)) return difference;
    ids.learn(made_[place], made_by(oracle.reply(), oracle.events()));
    const bool last = i + 1 == places.size();
    if (!last && (check_every == 0 || (i + 1) % check_every != 0)) continue;
    if (auto difference = oracle.check()) return difference;
  }
  return std::nullopt;
}

namespace {

using Places = std::vector<std::size_t>;

Places without(const Places& places, std::size_t from, std::size_t count) {
  Places left(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(from));
  const std::size_t behind = std::min(places.size(), from + count);
  left.insert(left.end(), places.begin() + static_cast<std::ptrdiff_t>(behind), places.end());
  return left;
}

}  // namespace

// Delta debugging: takes pieces away, large ones first, as long as what is left still fails
// (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002).
Places shrink(const OracleParts& parts, const std::function<bool(const Places&)>& fails,
              const std::function<bool()>& go_on) {
  Places places(parts.size);
  for (std::size_t i = 0; i < parts.size; ++i) places[i] = i;
  const auto pass = [&](std::size_t from, std::size_t piece) {
    bool shorter = false;
    while (from + 1 < places.size() && go_on()) {
      // The last command shows the difference and stays.
      const std::size_t count = std::min(piece, places.size() - 1 - from);
      Places tried = without(places, from, count);
      if (fails(tried)) {
        places = std::move(tried);
        shorter = true;
      } else {
        from += count;
      }
    }
    return shorter;
  };
  for (const std::size_t from : {parts.set_up, parts.fixed}) {
    std::size_t piece =
        std::max<std::size_t>(1, (places.size() - std::min(from, places.size())) / 2);
    while (go_on()) {
      const bool shorter = pass(from, piece);
      if (piece == 1 && !shorter) break;
      piece = std::max<std::size_t>(1, piece / 2);
    }
  }
  return places;
}

std::vector<OracleCommand> unsigned_commands(std::vector<OracleCommand> commands) {
  for (OracleCommand& command : commands) {
    std::optional<Command> decoded = decode_command(command.bytes);
    if (!decoded) continue;
    std::visit(
        [](auto& x) {
          if constexpr (requires { x.auth; }) x.auth = {};
        },
        *decoded);
    if (auto* batch = std::get_if<PlaceOrders>(&*decoded)) {
      for (PlaceOrder& order : batch->orders) order.auth = {};
    }
    command.bytes = encode(*decoded);
  }
  return commands;
}

std::size_t fixed_part(const std::vector<OracleCommand>& commands) {
  std::size_t count = 0;
  for (const OracleCommand& command : commands) {
    const auto decoded = decode_command(command.bytes);
    const bool adds = decoded && (std::holds_alternative<AddAsset>(*decoded) ||
                                  std::holds_alternative<AddMarket>(*decoded));
    if (!adds) break;
    ++count;
  }
  return count;
}

std::string write_replay(bool crowd, const std::vector<OracleCommand>& commands) {
  std::string out = std::string(replay_head) + (crowd ? "crowd\n" : "usual\n");
  for (const OracleCommand& command : commands) {
    out += std::to_string(command.time.value) + " " + hex(command.bytes) + " " +
           describe_command(command.bytes) + "\n";
  }
  return out;
}

namespace {

ByteView take_word(ByteView& text, char end) {
  const std::size_t size = text.find(end);
  const ByteView word = text.substr(0, size);
  text.remove_prefix(size == ByteView::npos ? text.size() : size + 1);
  return word;
}

std::optional<Bytes> from_hex(ByteView text) {
  Bytes bytes;
  if (text.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const char* end = text.data() + i + 2;
    const auto parsed = std::from_chars(text.data() + i, end, byte, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

}  // namespace

std::optional<Replay> read_replay(ByteView text) {
  Replay replay;
  if (!text.starts_with(replay_head)) return std::nullopt;
  text.remove_prefix(replay_head.size());
  const ByteView limits = take_word(text, '\n');
  if (limits != "crowd" && limits != "usual") return std::nullopt;
  replay.crowd = limits == "crowd";
  while (!text.empty()) {
    ByteView line = take_word(text, '\n');
    const ByteView time = take_word(line, ' ');
    const std::optional<Bytes> bytes = from_hex(take_word(line, ' '));
    OracleCommand command;
    const char* end = time.data() + time.size();
    const auto parsed = std::from_chars(time.data(), end, command.time.value);
    if (!bytes || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    command.bytes = *bytes;
    const bool back = !replay.commands.empty() && command.time < replay.commands.back().time;
    if (back) return std::nullopt;
    replay.commands.push_back(std::move(command));
  }
  return replay;
}

}  // namespace oki::core
