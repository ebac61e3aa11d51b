// A feed with two edges and two nodes whose pages answer, hang or lie as a test tells them, a crowd
// of customers and the test trades of four probers, all on a stepped clock.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/testing/stepped.h"
#include "watch/feed.h"

namespace oki::watch {

using response::Check;
using response::CheckKind;
using response::Observe;
using response::Prove;

// One page of one process, which answers, hangs or lies as it is told.
struct FakePage {
  enum class Mode { answers, hangs, fails } mode = Mode::answers;
  std::function<std::string(const std::string& target)> body;
  std::vector<net::HttpClient::Done> hanging;
  std::uint64_t break_each = 0;  // Every so manieth request breaks; 0: none.
  std::uint64_t asked = 0;
  std::uint16_t broken_status = 0;  // With it they do not break but are answered so.

  Send send(Timers& timers) {
    return [this, &timers](net::HttpRequest request, net::HttpClient::Done done) {
      if (mode == Mode::hangs) return hanging.push_back(std::move(done));
      if (break_each > 0 && ++asked % break_each == 0) {
        timers.after_ms(1, [this, done = std::move(done)] {
          if (broken_status == 0) return done(error(Errc::io, "reset"));
          done(net::text_response(broken_status, "no"));
        });
        return;
      }
      timers.after_ms(1, [this, target = request.target, done = std::move(done)] {
        if (mode != Mode::answers) return done(error(Errc::unavailable, "nobody there"));
        done(net::text_response(200, body(target)));
      });
    };
  }
};

class FeedWorld {
 protected:
  void make(std::uint32_t watches = 1) {
    Feed::Options options;
    options.number = 1;
    options.watches = watches;
    options.edges = 2;
    options.nodes = 2;
    options.markets = {"btc_jpy", "eth_jpy"};
    for (std::size_t i = 0; i < 2; ++i) {
      edges_[i].body = [this, i](const std::string&) { return edge_page(i); };
      nodes_[i].body = [this, i](const std::string& target) { return node_page(i, target); };
      options.edge_pages.push_back(edges_[i].send(timers_));
      options.node_pages.push_back(nodes_[i].send(timers_));
      pulses_[i].body = [](const std::string&) { return "{}"; };
      options.pulses.push_back(pulses_[i].send(timers_));
    }
    feed_ = std::make_unique<Feed>(
        Feed::Parts{clock_, timers_, metrics_,
                    [this](response::Command command) { told_.push_back(std::move(command)); }},
        std::move(options));
    feed_->start();
  }

  std::string edge_page(std::size_t edge) {
    const std::uint64_t count = requests_[edge];
    return "okiagari_edge_requests_total{class=\"query\"} " + std::to_string(reads_[edge] + count) +
           "\nokiagari_edge_requests_total{class=\"update\"} " + std::to_string(count) +
           "\nokiagari_edge_unserved_total 0\nokiagari_edge_commands_not_taken_total " +
           std::to_string(errors_[edge]) +
           "\nokiagari_edge_commands_unknown_total 0\nokiagari_edge_command_seconds_count " +
           std::to_string(count) + "\nokiagari_edge_command_seconds_sum " +
           std::to_string(count / 250) + ".004\n";
  }
  std::string node_page(std::size_t node, const std::string& target) {
    if (target == "/metrics") {
      const std::uint64_t ended = std::min(syncs_, sync_stuck_[node]);
      return "okiagari_replica_fsync_seconds_count " + std::to_string(ended) +
             "\nokiagari_replica_fsyncs_begun_total " + std::to_string(ended + 1) +
             "\nokiagari_replica_fsync_seconds_sum " + std::to_string(sync_s_) + ".0\n";
    }
    const std::string leader = leaderless_ ? "0" : "1";
    return "{\"started\":true,\"leader_seat\":" + leader +
           ",\"applied\":" + std::to_string(applied_[node]) + ",\"event_hash\":\"" +
           std::to_string(applied_[node]) + "\",\"quarantined\":" + std::to_string(quarantined_) +
           "}";
  }

  // 100 ms in which customers come, with a round of test trades through every edge.
  void step() {
    for (std::size_t edge = 0; edge < 2; ++edge) {
      requests_[edge] += 50;
      reads_[edge] += more_reads_;
      owed_ppm_[edge] += 100 * error_ppm_;
      errors_[edge] += static_cast<std::uint64_t>(owed_ppm_[edge] / 1'000'000);
      owed_ppm_[edge] %= 1'000'000;
    }
    errors_[0] += errors_per_step_;
    for (std::size_t node = 0; node < 2; ++node) {
      if (!stuck_[node]) applied_[node] += 10;
    }
    syncs_ += 10;
    timers_.advance_ms(50);
    // What is not answered takes its time to fail.
    const bool ends = !is_transport(probes_) || step_ % 5 == 0;
    for (std::size_t prober = 0; ends && prober < 4; ++prober) probe(prober);
    timers_.advance_ms(50);
    if (step_ % 10 == 0) feed_->on_ledger(ledger_explained_);
    ++step_;
  }
  void probe(std::size_t prober) {
    ProbeResult result;
    result.check = static_cast<std::size_t>(step_ % 3);
    result.reason = drained_ == prober / 2 ? ProbeReason::unavailable : probes_;
    result.ok = result.reason == ProbeReason::none;
    result.reached = result.ok || !is_transport(probes_);
    result.started = clock_.mono_now() + -20 * ns_per_ms;
    result.ended = clock_.mono_now();
    result.started_wall = {clock_.wall_now().value - 20};
    result.reads.made = 1;
    result.orders = {2, orders_turned_away_};
    feed_->on_probe(prober, result);
  }
  // Until a signal of the kind fires; the time it took, or -1.
  std::int64_t ms_until(response::SignalKind kind, std::int64_t limit_ms = 20'000) {
    for (std::int64_t ms = 100; ms <= limit_ms; ms += 100) {
      step();
      if (signal(kind) != nullptr) return ms;
    }
    return -1;
  }
  void run_ms(std::int64_t ms) {
    for (std::int64_t i = 0; i < ms / 100; ++i) step();
  }
  // The last firing signal of the kind.
  const response::Signal* signal(response::SignalKind kind) const {
    const response::Signal* found = nullptr;
    for (const response::Command& command : told_) {
      const auto* observe = std::get_if<Observe>(&command);
      if (observe == nullptr || observe->signal.kind != kind) continue;
      found = observe->signal.firing ? &observe->signal : nullptr;
    }
    return found;
  }
  bool hears_nothing() const {
    bool firing = false;
    for (const Observe& observe : all<Observe>()) {
      if (observe.signal.key == "watch 1/hears nothing") firing = observe.signal.firing;
    }
    return firing;
  }
  bool claims_down() const {
    for (const Observe& observe : all<Observe>()) {
      const response::Signal& signal = observe.signal;
      if (signal.firing && signal.kind == response::SignalKind::down &&
          signal.trust == response::Trust::proof) {
        return true;
      }
    }
    return false;
  }
  template <typename Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const response::Command& command : told_) {
      if (const auto* one = std::get_if<Kind>(&command)) found.push_back(*one);
    }
    return found;
  }
  // The last word on it, if there is one.
  std::optional<bool> fine(CheckKind kind) const {
    std::optional<bool> last;
    for (const Check& check : all<Check>()) {
      if (check.kind == kind) last = check.fine;
    }
    return last;
  }

  testing::StepClock clock_;
  testing::StepTimers timers_{clock_};
  Metrics metrics_;
  std::array<FakePage, 2> edges_, nodes_, pulses_;
  std::array<std::uint64_t, 2> requests_{1000, 1000}, errors_{}, applied_{100, 100};
  std::array<std::uint64_t, 2> reads_{};
  std::uint64_t more_reads_ = 0;
  std::array<std::int64_t, 2> owed_ppm_{};
  std::array<bool, 2> stuck_{};
  std::int64_t error_ppm_ = 0;
  std::uint64_t quarantined_ = 3;
  std::uint64_t syncs_ = 10, sync_s_ = 1;
  std::array<std::uint64_t, 2> sync_stuck_{UINT64_MAX, UINT64_MAX};  // Which of them never ends.
  bool leaderless_ = false;
  bool ledger_explained_ = true;
  ProbeReason probes_ = ProbeReason::none;
  std::uint32_t orders_turned_away_ = 0;  // Of each test trade.
  std::optional<std::size_t> drained_;    // The edge that refuses everything.
  std::uint64_t errors_per_step_ = 0;     // Of the first edge.
  std::int64_t step_ = 0;
  std::deque<response::Command> told_;
  std::unique_ptr<Feed> feed_;
};

}  // namespace oki::watch
