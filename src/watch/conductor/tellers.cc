#include "watch/conductor/tellers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "watch/speakers.h"

namespace oki::watch {
namespace {

using response::IncidentId;
using response::RecordTold;
using response::Take;
using response::Telling;
using response::ToldOutcome;

constexpr std::int64_t gone_ms = 5'000;
constexpr std::int64_t retry_ms = 1'000;
constexpr std::int64_t proofs_every_ms = 500;
constexpr std::size_t remembered_max = 10'000;

// Cut between characters.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  text.resize(end);
  return text;
}

}  // namespace

bool is_gone(const WatchNode& node, std::uint32_t seat, std::int64_t ms) {
  if (seat == node.seat()) return false;
  const auto& heard = node.state().heard;
  const auto found = heard.find(watch_speaker(seat));
  return found == heard.end() || node.state().now.value - found->second.at.value > ms;
}

// Forgetting is harmless: the outbox and the machine know.
void Tellers::forget_old() {
  if (handed_over_.size() > remembered_max) handed_over_.clear();
  if (calls_told_.size() > remembered_max) calls_told_.clear();
}

void Tellers::look(bool leads) {
  forget_old();
  look_at_notices(leads);
  look_at_plans(leads);
  look_at_calls(leads);
}

void Tellers::look_at_notices(bool leads) {
  for (const auto& [id, incident] : node_.state().incidents) {
    look_at(Telling::notice, id, "notice", incident.notices, leads);
  }
}

void Tellers::look_at_plans(bool leads) {
  for (const auto& [number, work] : node_.state().works) {
    look_at(Telling::planned_work, {number}, "work", work.notices, leads);
  }
}

void Tellers::look_at(Telling what, IncidentId id, const char* word,
                      const std::vector<response::NoticeRecord>& records, bool leads) {
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    const response::NoticeRecord& record = records[i];
    if (record.state != response::NoticeState::approved || record.told) continue;
    const Thing thing{what,
                      id,
                      i + 1,
                      record.taken_by,
                      record.taken_over,
                      fmt::format("{} {} {}", word, id.value, i + 1)};
    if (is_mine(thing, leads)) work_on(thing, record);
  }
}

void Tellers::look_at_calls(bool leads) {
  for (const auto& [number, owed] : node_.state().pages) {
    const Thing thing{Telling::page, owed.incident,   number,
                      owed.taken_by, owed.taken_over, fmt::format("page {}", number)};
    if (is_mine(thing, leads)) work_on(thing, owed);
  }
}

bool Tellers::is_mine(const Thing& thing, bool leads) {
  if (thing.taken_by == node_.seat()) return true;
  const bool free = thing.taken_by == 0 || is_gone(node_, thing.taken_by, gone_ms);
  if (leads && free && errands_.begin("take " + thing.name)) {
    submit("take " + thing.name,
           Take{node_.seat(), thing.what, thing.incident, thing.number, thing.taken_by});
  }
  return false;
}

void Tellers::work_on(const Thing& thing, const response::NoticeRecord& record) {
  const auto notice = notify::read_notice(record.notice);
  if (!notice || !hooks_.publish) return tell(thing, {}, true);
  if (!handed_over_.contains(thing.name)) {
    return hand_over(thing, [this, &notice, &thing](WorldHooks::Done done) {
      hooks_.publish(*notice, thing.in_doubt, std::move(done));
    });
  }
  if (!errands_.begin("proofs " + thing.name)) return;
  errands_.fail("proofs " + thing.name, proofs_every_ms);
  std::map<std::string, ToldOutcome> known;
  for (const response::ChannelTold& told : record.channels) known[told.channel] = told.outcome;
  this->record(thing, hooks_.notice_proofs(*notice), known);
}

void Tellers::work_on(const Thing& thing, const response::PageOwed& owed) {
  if (!hooks_.call) return tell(thing, {}, true);
  const Call call{thing.number, owed.incident, owed.person,
                  static_cast<response::PageReason>(owed.reason), owed.drill};
  if (!handed_over_.contains(thing.name)) {
    return hand_over(thing, [this, &call, &thing](WorldHooks::Done done) {
      hooks_.call(call, thing.in_doubt, std::move(done));
    });
  }
  if (!errands_.begin("proofs " + thing.name)) return;
  errands_.fail("proofs " + thing.name, proofs_every_ms);
  record(thing, hooks_.call_proofs(call), calls_told_[thing.name]);
}

void Tellers::hand_over(const Thing& thing, const std::function<void(WorldHooks::Done)>& send) {
  if (!errands_.begin("send " + thing.name)) return;
  send([this, thing](const Result<void>& done) {
    if (done) {
      handed_over_.insert(thing.name);
      return errands_.end("send " + thing.name);
    }
    errands_.fail("send " + thing.name, retry_ms);
    log_.error("watch", "what is to be told could not be stored",
               {{"what", thing.name}, {"why", done.error().message}});
    if (done.error().code == Errc::not_found) {
      tell(thing, {"none", false, ToldOutcome::refused, done.error().message}, true);
    }
  });
}

// What the log does not know yet. What is unknown stays open: a person may still decide.
void Tellers::record(const Thing& thing, const std::vector<TellingProof>& proofs,
                     const std::map<std::string, ToldOutcome>& known) {
  bool all_final = true;
  const TellingProof* last = nullptr;
  for (const TellingProof& proof : proofs) {
    const bool is_final = !proof.waiting && proof.outcome != ToldOutcome::unknown;
    all_final = all_final && is_final;
    if (proof.waiting) continue;
    const auto before = known.find(proof.channel);
    if (before != known.end() && before->second == proof.outcome) continue;
    if (last != nullptr) tell(thing, *last, false);
    last = &proof;
  }
  if (last != nullptr) {
    tell(thing, *last, all_final);
  } else if (all_final) {
    tell(thing, {}, true);
  }
}

void Tellers::tell(const Thing& thing, const TellingProof& proof, bool last) {
  const std::string errand = fmt::format("told {} {}", thing.name, proof.channel);
  if (!errands_.begin(errand)) return;
  if (thing.what == Telling::page) calls_told_[thing.name][proof.channel] = proof.outcome;
  submit(errand, RecordTold{node_.seat(), thing.what, thing.incident, thing.number,
                            cut(proof.channel, response::channel_bytes_max), proof.outcome,
                            cut(proof.text, response::proof_bytes_max), last});
}

// Answered means that the state shows what became of it, also when it was refused.
void Tellers::submit(const std::string& errand, const response::Command& command) {
  node_.submit(command, [this, errand](const Result<response::Reply>& reply) {
    if (reply && reply->refusal == response::Refusal::none) return errands_.end(errand);
    errands_.fail(errand, retry_ms);
  });
}

}  // namespace oki::watch
