// Two implementations of the core side by side: the same commands into both, and everything that
// comes out compared byte by byte. What differs is shrunk to the shortest list of commands that
// still shows it.
//
// A list of commands can lose members and still make sense: order, withdrawal and credit ids are
// given by the core, so they are written anew for the commands that are left.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/commands.h"
#include "core/core.h"
#include "core/testing/core_view.h"

namespace oki::core {

// One implementation, whichever it is.
class OracleCore {
 public:
  virtual ~OracleCore() = default;
  virtual void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) = 0;
  virtual Bytes snapshot() const = 0;
  virtual bool restore(ByteView snapshot) = 0;  // Becomes what the snapshot says.
  virtual void verify() const = 0;
  virtual Bytes view() const = 0;  // All that the interface shows; see core_view.h.
};
using MakeCore = std::unique_ptr<OracleCore> (*)(const CoreLimits&);

template <typename T>
class OracleCoreOf final : public OracleCore {
 public:
  explicit OracleCoreOf(const CoreLimits& limits) : limits_(limits), core_(limits) {}

  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) override {
    core_.apply(time, command, reply, events);
  }
  Bytes snapshot() const override { return core_.snapshot(); }
  bool restore(ByteView snapshot) override {
    auto restored = T::restore(snapshot, limits_);
    if (restored) core_ = std::move(*restored);
    return restored.has_value();
  }
  void verify() const override { core_.verify(); }
  Bytes view() const override { return view_of(core_); }

 private:
  CoreLimits limits_;
  T core_;
};

template <typename T>
std::unique_ptr<OracleCore> make_core(const CoreLimits& limits) {
  return std::make_unique<OracleCoreOf<T>>(limits);
}

struct CorePair {
  MakeCore first, second;
  bool same_snapshots = true;  // Whether their snapshots must be equal bytes.
};

struct OracleCommand {
  WallTimeMs time;
  Bytes bytes;
  friend bool operator==(const OracleCommand&, const OracleCommand&) = default;
};

struct Difference {
  std::string kind;  // Such as "reply ok, exists"; the same fault has the same kind.
  std::string text;  // For people, some lines.
};

class Oracle {
 public:
  Oracle(const CorePair& pair, const CoreLimits& limits)
      : pair_(pair), first_(pair.first(limits)), second_(pair.second(limits)) {}

  std::optional<Difference> apply(const OracleCommand& command);

  // Compares all of the state, and lets one of the two go on from its snapshot, in turns.
  std::optional<Difference> check();

  const Bytes& reply() const { return replies_[0]; }  // Of the first core.
  const Bytes& events() const { return events_[0]; }

 private:
  std::optional<Difference> compare_state() const;

  CorePair pair_;
  std::unique_ptr<OracleCore> first_, second_;
  Bytes replies_[2], events_[2];
  std::uint64_t checks_ = 0;
};

// A list of commands, and which ids of orders, withdrawals and credits each of them made.
class OracleList {
 public:
  // Called with each command before it is applied, with the ids that it really has.
  using Record = std::function<void(const OracleCommand&)>;

  OracleList(const CorePair& pair, const CoreLimits& limits, std::vector<OracleCommand> commands)
      : pair_(pair), limits_(limits), commands_(std::move(commands)), made_(commands_.size()) {}

  std::size_t size() const { return commands_.size(); }
  const OracleCommand& operator[](std::size_t place) const { return commands_[place]; }

  // Applies all to the first core alone, to learn which ids they make. A core that ends the process
  // ends it here too; what was learned until then is in `learned`, by command.
  struct Made {
    std::vector<std::uint64_t> orders;
    std::uint64_t id = 0;  // Of the withdrawal or credit.
  };
  void learn();

  // Runs the commands at `places` (rising) in two new cores, with a check at the end and after
  // every `check_every`-th; 0: only at the end.
  std::optional<Difference> run(const std::vector<std::size_t>& places, std::size_t check_every,
                                const Record& record) const;

 private:
  CorePair pair_;
  CoreLimits limits_;
  std::vector<OracleCommand> commands_;
  std::vector<Made> made_;
};

// The parts of a list: the first `fixed` commands always stay (assets and markets, whose ids are
// their places), those below `set_up` are tried last.
struct OracleParts {
  std::size_t size = 0, set_up = 0, fixed = 0;
};

// The smallest set of places that still fails, as `fails` says. `go_on` bounds the search: false
// ends it with the best so far.
std::vector<std::size_t> shrink(const OracleParts& parts,
                                const std::function<bool(const std::vector<std::size_t>&)>& fails,
                                const std::function<bool()>& go_on);

// The same commands, each signed by the house itself: then no list needs API keys. Most lists still
// show what they showed; to be tried before shrinking.
std::vector<OracleCommand> unsigned_commands(std::vector<OracleCommand> commands);

// How many commands at the beginning add assets and markets.
std::size_t fixed_part(const std::vector<OracleCommand>& commands);

// A list of commands as a text file: one line each, time, bytes in hexadecimal and, for people,
// what they say. The first line says which limits hold.
std::string write_replay(bool crowd, const std::vector<OracleCommand>& commands);
struct Replay {
  bool crowd = false;
  std::vector<OracleCommand> commands;
};
std::optional<Replay> read_replay(ByteView text);

}  // namespace oki::core
