#include "drill/case_faults.h"

#include "base/assert.h"
#include "drill/flood.h"
#include "host/child.h"
#include "net/json_reader.h"

namespace oki::drill {
namespace {

constexpr std::uint64_t usual_per_second = 200;  // Of the customers whose answers are counted.
constexpr std::int64_t minute_ms = 60'000;
constexpr std::uint64_t times = 5;
constexpr std::uint64_t usual_percent = 40;  // Of what the edges can serve.
constexpr std::int64_t calibration_ms = 2'000;
constexpr std::size_t surge_connections = 300;
constexpr std::size_t flood_connections = 400;
constexpr std::int64_t flood_ms = 25'000;
constexpr std::int64_t flood_noticed_ms = 8'000;
constexpr std::size_t output_bytes_max = 64u << 10;

RateProfile usual_load() {
  RateProfile profile;
  profile.usual_per_second = profile.high_per_second = usual_per_second;
  return profile;
}

// Requests by a process of their own.
class Sender {
 public:
  explicit Sender(Trial& trial) : trial_(trial) {}

  Result<void> start(const FloodOptions& options) {
    const std::string& directory = trial_.session().cluster().directory();
    const std::string file = directory + "/flood.json";
    output_ = directory + "/flood" + std::to_string(++runs_) + ".out";
    if (auto done = host::write_file(file, encode(options), 0600); !done) return done;
    const auto binary = host::own_binary();
    if (!binary) return tl::unexpected(binary.error());
    auto child = host::Child::start({*binary, "drill", "flood", file}, output_);
    if (!child) return tl::unexpected(child.error());
    child_ = std::move(*child);
    return {};
  }

  bool running() { return child_.running(); }
  const std::string& output() const { return output_; }

  // Of what it wrote at its end.
  Result<std::uint64_t> sent() const {
    const auto text = host::read_file(output_, output_bytes_max);
    if (!text) return tl::unexpected(text.error());
    const auto json = net::parse_json(*text, output_bytes_max);
    const net::Json* sent = json ? json->find("sent") : nullptr;
    if (sent == nullptr) return error(Errc::io, "the sender of requests failed: " + *text);
    return static_cast<std::uint64_t>(sent->integer().value_or(0));
  }

 private:
  Trial& trial_;
  host::Child child_;
  std::string output_;
  std::uint32_t runs_ = 0;
};

// Load from many readers at once; nobody did anything wrong. What the edges can serve is measured
// first, on this machine; the usual load is a part of it, and five times that is more than all.
class Surge : public Case {
 public:
  Surge(bool quick, Trial& trial, CaseRecord& record)
      : quick_(quick), trial_(trial), record_(record), sender_(trial) {}

  const char* en() const override {
    return "Load rises to five times the usual, twice what the edges can serve on this machine";
  }
  const char* ja() const override {
    return "負荷が通常の5倍（この機械のエッジが処理できる量の2倍）に増加";
  }
  const char* cause_en() const override { return "Far more requests than usual arrived at once."; }
  const char* cause_ja() const override { return "通常をはるかに超える要求が一度に届いたため。"; }
  RateProfile load() const override { return usual_load(); }

  Result<void> prepare() override {
    FloodOptions options = reads();
    options.length_ms = calibration_ms;
    if (auto done = sender_.start(options); !done) return done;
    trial_.steps().wait_for(2 * calibration_ms + 5'000, [this] { return !sender_.running(); });
    const auto sent = sender_.sent();
    if (!sent) return tl::unexpected(sent.error());
    usual_ = *sent * 1'000 / static_cast<std::uint64_t>(calibration_ms) * usual_percent / 100;
    if (usual_ == 0) return error(Errc::unavailable, "the edges served nothing");
    if (!trial_.wait_until_well()) return error(Errc::unavailable, "it did not come to rest again");
    return {};
  }

  Result<void> begin() override {
    RateProfile profile;
    profile.usual_per_second = usual_;
    profile.high_per_second = usual_ * times;
    profile.usual_ms = 0;
    profile.rise_ms = quick_ ? 20'000 : 4 * minute_ms;
    profile.high_ms = quick_ ? 15'000 : minute_ms;
    profile.fall_ms = quick_ ? 5'000 : minute_ms / 2;
    FloodOptions options = reads();
    options.profile = profile;
    options.length_ms = profile.rise_ms + profile.high_ms + profile.fall_ms;
    return sender_.start(options);
  }

  StepName step() const override { return {"case-1-surge", "shed-queries"}; }
  bool hand_is_needed() const override { return true; }

  // Reads of everybody together get one and a half times the usual, signed ones half of theirs.
  Result<void> by_hand() override {
    record_.moment("by hand: public reads are limited");
    const std::uint64_t edges = trial_.session().cluster().edges().size();
    return trial_.harm().administer_all(
        "tighten", R"({"set":{"query_percent":50,"public_per_second_max":)" +
                       std::to_string(usual_ * 3 / 2 / edges) +
                       R"(},"for_ms":900000,"by":"operations","words":"surge"})");
  }

  bool over() override { return !sender_.running(); }

  Result<void> finish() override {
    auto done =
        record_.keep_file("load.json", "what the surge sent and was answered", sender_.output());
    if (!done) return done;
    return trial_.harm().administer_all("restore",
                                        R"({"by":"operations","words":"surge is over"})");
  }

 private:
  FloodOptions reads() {
    FloodOptions options;
    options.edges = trial_.session().cluster().edge_addresses();
    options.read = "/" + load_markets(trial_.session().exchange()).front().name + "/ticker";
    options.connections = surge_connections;
    return options;
  }

  bool quick_;
  Trial& trial_;
  CaseRecord& record_;
  Sender sender_;
  std::uint64_t usual_ = 0;  // Requests a second.
};

// For most limits 0 stands for none; for this one it stands for nothing at all.
class WrongSetting : public Case {
 public:
  WrongSetting(Trial& trial, CaseRecord& record) : trial_(trial), record_(record) {}

  const char* en() const override {
    return "in_flight_max = 0 is applied to running edges by somebody who takes it for no limit";
  }
  const char* ja() const override {
    return "「0 は無制限」との思い込みで in_flight_max = 0 を稼働中のエッジに適用";
  }
  const char* cause_en() const override {
    return "A setting of the gateways was wrong. It has been taken back.";
  }
  const char* cause_ja() const override {
    return "ゲートウェイの設定に誤りがあったため。設定は元に戻しました。";
  }
  RateProfile load() const override { return usual_load(); }

  Result<void> begin() override {
    return trial_.harm().administer_all(
        "apply",
        R"({"set":{"in_flight_max":0},"by":"operations","words":"no limit for the sale"})");
  }

  StepName step() const override { return {"case-2-wrong-setting", "roll-back"}; }
  void step_done() override { over_ = true; }

  Result<void> by_hand() override {
    record_.moment("by hand: the change is taken back");
    auto done = trial_.harm().administer_all(
        "rollback", R"({"to":0,"by":"operations","words":"wrong setting"})");
    over_ = done.has_value();
    return done;
  }

  bool over() override { return over_; }

 private:
  Trial& trial_;
  CaseRecord& record_;
  bool over_ = false;
};

// Few senders, far more than anybody trades.
class ApiFlood : public Case {
 public:
  ApiFlood(Trial& trial, CaseRecord& record) : trial_(trial), record_(record), sender_(trial) {}

  const char* en() const override {
    return "A flood of signed orders from many keys and addresses";
  }
  const char* ja() const override { return "多数のキーとアドレスからの大量注文（API）"; }
  const char* cause_en() const override {
    return "A flood of orders came from a few senders. They are limited now.";
  }
  const char* cause_ja() const override {
    return "少数の送信者から大量の注文が届いたため。現在は制限しています。";
  }
  RateProfile load() const override { return usual_load(); }

  Result<void> begin() override {
    FloodOptions options;
    options.edges = trial_.session().cluster().edge_addresses();
    options.accounts = trial_.session().accounts().intruders;
    options.order = oracle_order(oracle_markets(trial_.session().exchange()).front());
    options.connections = flood_connections;
    options.length_ms = flood_ms;
    return sender_.start(options);
  }

  StepName step() const override { return {"case-3-api-flood", "tighten"}; }

  Result<void> by_hand() override {
    record_.moment("by hand: every account is limited at every edge");
    return trial_.harm().administer_all(
        "tighten", R"({"set":{"updates_per_second_max":10,"query_percent":50},"for_ms":900000,)"
                   R"("by":"operations","words":"flood"})");
  }

  std::int64_t seen_within_ms() const override { return flood_noticed_ms; }
  bool over() override { return !sender_.running(); }

  Result<void> finish() override {
    if (auto done = record_.keep_file("flood.json", "what the flood sent and was answered",
                                      sender_.output());
        !done) {
      return done;
    }
    return trial_.harm().administer_all("restore",
                                        R"({"by":"operations","words":"flood is over"})");
  }

 private:
  Trial& trial_;
  CaseRecord& record_;
  Sender sender_;
};

}  // namespace

std::unique_ptr<Case> make_case(unsigned number, bool quick, Trial& trial, CaseRecord& record) {
  ASSERT(number >= 1 && number <= 3);
  if (number == 1) return std::make_unique<Surge>(quick, trial, record);
  if (number == 2) return std::make_unique<WrongSetting>(trial, record);
  return std::make_unique<ApiFlood>(trial, record);
}

}  // namespace oki::drill
