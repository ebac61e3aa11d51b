#include "app/operator_run.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "app/operator_words.h"
#include "app/process.h"
#include "base/decimal.h"
#include "crypto/crypto.h"

namespace oki::app {
namespace {

constexpr std::int64_t patience_ms = 10'000;
constexpr std::int64_t deadline_ms = 5'000;

// A copy of the exchange, from a node's snapshot and the events behind it.
class Copy final : public replica::EventFollower {
 public:
  explicit Copy(std::function<void()> moved) : moved_(std::move(moved)) {}

  Result<void> on_snapshot(LogIndex index, std::uint64_t, ByteView snapshot) override {
    auto restored = history::Projection::restore(snapshot, {});
    if (!restored) return tl::unexpected<Error>(std::move(restored.error()));
    exchange_ = std::move(*restored);
    on_up_to(index);
    return {};
  }

  void on_block(const replica::EventBlock& block) override {
    if (!exchange_ || !exchange_->apply(block)) return exchange_.reset();
    on_up_to(block.index);
  }

  void on_up_to(LogIndex index) override {
    up_to_ = index;
    moved_();
  }

  bool has_copy() const override { return exchange_.has_value(); }

  bool has(LogIndex index) const { return exchange_ && up_to_ >= index; }
  const history::Projection& exchange() const { return *exchange_; }

 private:
  std::function<void()> moved_;
  std::optional<history::Projection> exchange_;
  LogIndex up_to_;
};

// One run: an index that holds all that was ever answered, a copy that has reached it, the command,
// its answer.
class Run {
 public:
  Run(const char* name, const Arguments& arguments, std::vector<Address> nodes, Prepare prepare,
      Show show)
      : name_(name),
        arguments_(arguments),
        prepare_(std::move(prepare)),
        show_(std::move(show)),
        process_(name),
        copy_([this] { look(); }),
        client_({process_.loop().clock(), process_.loop().timers(), process_.loop().net(),
                 process_.random(), process_.log(), process_.metrics()},
                client_options(arguments, std::move(nodes))) {}

  int run() {
    client_.follow(copy_);
    process_.loop().timers().after_ms(patience_ms,
                                      [this] { end(exit_code::unavailable, "no leader answers"); });
    ask();
    const int ended = process_.run();
    return ended == exit_code::ok ? code_ : ended;
  }

 private:
  static replica::ClientOptions client_options(const Arguments& arguments,
                                               std::vector<Address> nodes) {
    replica::ClientOptions options;
    options.cluster = arguments.number("cluster");
    options.nodes = std::move(nodes);
    options.deadline_ms = deadline_ms;
    return options;
  }

  void ask() {
    client_.read_index([this](LogIndex index) {
      if (index.value == 0) return ask();
      wanted_ = index;
      look();
    });
  }

  void look() {
    if (begun_ || wanted_.value == 0 || !copy_.has(wanted_)) return;
    begun_ = true;
    // The connections to all nodes may still be on their way: a moment shows who is there.
    process_.loop().timers().after_ms(200, [this] { begin(); });
  }

  void begin() {
    const Seen seen{copy_.exchange(), client_.view(), process_.loop().clock().wall_now()};
    if (show_) {
      const Result<std::string> text = show_(arguments_, seen);
      if (!text) return end(exit_code::usage, text.error().message);
      fmt::print("{}", *text);
      return end(exit_code::ok, "");
    }
    const Result<Prepared> prepared = prepare_(arguments_, seen);
    if (!prepared) {
      const Errc why = prepared.error().code;
      const bool wrong_words = why == Errc::invalid || why == Errc::not_found;
      return end(wrong_words ? exit_code::usage : exit_code::failed, prepared.error().message);
    }
    const Bytes bytes = encode(prepared->command);
    fmt::print("{}\n", prepared->says);
    std::fflush(stdout);  // Before a refusal, which goes to stderr.
    if (arguments_.has("dry-run")) {
      fmt::print("dry run, nothing is sent: {}\n", crypto::hex(bytes));
      return end(exit_code::ok, "");
    }
    client_.submit(bytes, [this](const replica::Answer& answer) { take(answer); });
  }

  void take(const replica::Answer& answer) {
    if (answer.outcome == replica::Outcome::not_taken) {
      return end(exit_code::unavailable, "not done: " + answer.why);
    }
    if (answer.outcome == replica::Outcome::unknown) {
      return end(exit_code::unknown_outcome,
                 "the outcome is unknown, look before trying again: " + answer.why);
    }
    const std::optional<core::Reply> reply = core::decode_reply(answer.reply);
    if (!reply) return end(exit_code::failed, "the answer does not decode");
    if (reply->refusal != core::Refusal::ok) {
      return end(exit_code::failed, std::string("refused: ") + core::name(reply->refusal));
    }
    fmt::print("done at log index {}", answer.index.value);
    if (reply->id != 0) fmt::print(", id {}", reply->id);
    fmt::print("\n");
    end(exit_code::ok, "");
  }

  void end(int code, const std::string& sentence) {
    if (std::exchange(ended_, true)) return;
    if (!sentence.empty()) fmt::print(stderr, "okiagari {}: {}\n", name_, sentence);
    code_ = code;
    process_.loop().stop();
  }

  const char* name_;
  const Arguments& arguments_;
  const Prepare prepare_;
  const Show show_;
  Process process_;
  Copy copy_;
  replica::Client client_;  // Calls the copy, which must be there.
  LogIndex wanted_;
  bool begun_ = false;
  bool ended_ = false;
  int code_ = exit_code::ok;
};

int run_operator(const char* name, const Arguments& arguments, const Prepare& prepare,
                 const Show& show) {
  auto nodes = parse_addresses(arguments.text("nodes"));
  if (!nodes) return usage(name, nodes.error().message);
  return Run(name, arguments, std::move(*nodes), prepare, show).run();
}

std::vector<OptionSpec> with_cluster(std::vector<OptionSpec> options) {
  options.push_back({"cluster", "N", "", {"the cluster's number", "クラスター番号"}, true});
  options.push_back(
      {"nodes", "ADDRESSES", "", {"of all nodes, by seat", "全ノードのアドレス（席順）"}, true});
  return options;
}

}  // namespace

CommandSpec operator_command(const char* name, Words summary, const char* operand,
                             std::vector<OptionSpec> options, Prepare prepare) {
  options = with_cluster(std::move(options));
  options.push_back({"dry-run",
                     nullptr,
                     "",
                     {"show the command, send nothing", "コマンドを表示するだけで送らない"}});
  return {name, summary, std::move(options),
          [name, prepare = std::move(prepare)](const Arguments& arguments) {
            return run_operator(name, arguments, prepare, nullptr);
          },
          operand};
}

CommandSpec operator_view(const char* name, Words summary, const char* operand, Show show) {
  return {name, summary, with_cluster({}),
          [name, show = std::move(show)](const Arguments& arguments) {
            return run_operator(name, arguments, nullptr, show);
          },
          operand};
}

Result<core::MarketId> market_named(const Seen& seen, const std::string& name) {
  if (const auto market = seen.exchange.market(name)) return *market;
  return error(Errc::not_found, "there is no market '" + name + "'");
}

Result<core::AssetId> asset_named(const Seen& seen, const std::string& name) {
  if (const auto asset = seen.exchange.asset(name)) return *asset;
  return error(Errc::not_found, "there is no asset '" + name + "'");
}

const core::AssetSpec& asset_spec(const Seen& seen, core::AssetId asset) {
  return seen.exchange.assets()[asset.value];
}

Result<core::Amount> amount_of(const Arguments& arguments, const char* option,
                               const core::AssetSpec& asset) {
  const auto units = parse_units(arguments.text(option), asset.decimals, "the amount");
  if (!units) return tl::unexpected<Error>(units.error());
  return core::Amount{*units};
}

Result<std::uint64_t> id_of(const std::string& text, const char* what) {
  const auto id = parse_decimal(text, 0);
  if (id && *id > 0) return *id;
  return error(Errc::invalid, std::string(what) + " must be a positive whole number");
}

}  // namespace oki::app
