// The bytes of signals, commands, events, replies and snapshots: golden, and every kind of damage.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "crypto/crypto.h"
#include "response/testing/response_world.h"

namespace oki::response {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};
constexpr IncidentId first{1};

Signal some_signal() {
  Signal signal = proof("cross", "btc_jpy");
  signal.since = signal.seen = noon;
  signal.expires_ms = 5'000;
  signal.facts = {{"failed", "2"}};
  return signal;
}

std::vector<Command> commands_of_sources() {
  return {
      Tick{},
      Observe{"prober 1", some_signal()},
      Prove{"prober 1", {noon.value - 1'000}, noon, 4, 1},
      Check{"checker", CheckKind::error_rate, true, noon},
      Alive{"prober 2"},
      RecordChange{
          {noon, ChangeKind::release, {{notify::ComponentKind::node, "1"}}, "Aki", "Release 7."}}};
}

std::vector<Change> some_changes() {
  Schedule schedule;
  schedule.title = "First line";
  schedule.layers = {{noon, {}, 86'400'000, 60, 120, {aki, ben}}};
  schedule.overrides = {{noon, {noon.value + 1}, ben}};
  Escalation escalation;
  escalation.steps = {{{{TargetKind::role, {}, "", Role::security}}, 60'000}};
  return {
      SetTopology{{{{notify::ComponentKind::market, "btc_jpy"}, 1, {}}},
                  {{"trading", "取引", "Trading", {}}}},
      PutPerson{aki, {"Aki", {"mail:aki"}, rights_all, false, notify::Language::en}},
      PutSchedule{"primary", schedule},
      SetEscalation{Severity::sev2, escalation},
      PutSuppression{1, {noon, {noon.value + 60'000}, {}, "Work.", {"作業", "Work"}, {"止", "No"}}},
      PutSpeaker{"prober 1", true, {3'000, notify::State::major_outage, {}}},
      PutRunbook{"restart edge", {"abc", {{"look", Approval::automatic}}}},
      SetRules{}};
}

std::vector<Command> commands_of_people() {
  std::vector<Command> commands = {
      DecideWish{ben, 1, true},
      Declare{aki, true, Severity::sev2, notify::State::partial_outage, noon, {}, "Odd", "Seen."},
      Acknowledge{aki, first},
      TakeRole{aki, first, Role::scribe},
      HandOver{aki, first, Role::scribe, ben, "Go on."},
      SetSeverity{aki, first, Severity::sev1, "Worse."},
      SetPhase{aki, first, Phase::identified, "The disk."},
      AddNote{aki, first, "Noted."},
      Merge{aki, first, {2}},
      RequestResolve{aki, first},
      Close{aki, first},
      Dismiss{aki, first, "Nothing."},
      ProposeNotice{aki, first, "bytes"},
      DecideNotice{aki, first, 1, true, "Read."},
      Promise{aki, first, noon},
      RequestStep{aki, first, "restart edge", "look"},
      DecideStep{aki, first, 1, true},
      RecordStep{{}, first, 1, StepState::done, "abc", "Out.", 2},
      AddItem{aki, first, "Better.", ben, noon},
      AssignItem{aki, first, 1, ben, noon},
      FinishItem{aki, first, 1, "Done."},
      SubmitPostmortem{aki, first, "abc"},
      DecidePostmortem{aki, first, "abc", true},
      Take{2, Telling::page, first, 3, 1},
      Take{2, Telling::planned_work, first, 1, 0},
      RecordTold{2, Telling::notice, first, 1, "slack", ToldOutcome::sent, "ts 7", true},
      RecordDraft{2, first, "abc"}};
  for (const Change& change : some_changes()) commands.push_back(Configure{aki, change});
  return commands;
}

std::vector<Event> some_events() {
  Row row;
  row.at = noon;
  row.kind = RowKind::note;
  row.by = aki;
  row.words = "Noted.";
  return {RowAdded{first, row},
          IncidentChanged{first, Phase::monitoring, Severity::sev1, notify::State::partial_outage,
                          true},
          PageDue{7, first, aki, PageReason::everybody, 1, 2, false},
          NoticeApproved{first, "bytes"},
          StepDue{first, 1, "restart edge", "look", false},
          HouseChanged{3, aki, ben},
          WishChanged{4, aki, true}};
}

std::map<std::string, Bytes> some_formats() {
  std::map<std::string, Bytes> formats;
  append(formats["signal"], some_signal());
  std::vector<Command> commands = commands_of_sources();
  for (Command& command : commands_of_people()) commands.push_back(std::move(command));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::size_t number = 100 + i;
    formats["command_" + std::to_string(number).substr(1)] = encode(commands[i]);
  }
  const std::vector<Event> events = some_events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    append(formats["event_" + std::to_string(i + 1)], events[i]);
  }
  append(formats["reply"], Reply{Refusal::gate_not_met, 7, gate::ledger | gate::one_prober});
  World world;
  world.furnish();
  world.confirm_one();
  formats["snapshot"] = world.machine.snapshot();
  return formats;
}

TEST(ResponseFormatTest, BytesAreThoseWrittenDown) {
  std::ifstream file("test/golden/response.txt");
  std::map<std::string, std::string> lines;
  for (std::string name, hex; file >> name >> hex;) lines[name] = hex;
  const auto now = some_formats();
  EXPECT_EQ(lines.size(), now.size());
  for (const auto& [name, bytes] : now) {
    EXPECT_EQ(lines[name], crypto::hex(bytes)) << "should hold\n"
                                               << name << ' ' << crypto::hex(bytes);
  }
}

TEST(ResponseFormatTest, EveryCommandIsReadAsItWasWritten) {
  std::vector<Command> commands = commands_of_sources();
  for (Command& command : commands_of_people()) commands.push_back(std::move(command));
  std::vector<bool> kinds(std::variant_size_v<Command>, false);
  for (const Command& command : commands) {
    kinds[command.index()] = true;
    const Bytes bytes = encode(command);
    EXPECT_EQ(decode_command(bytes), command) << command.index();
    EXPECT_FALSE(decode_command(bytes + '\0')) << command.index();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode_command(ByteView(bytes).substr(0, size))) << command.index();
    }
  }
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), true), std::ssize(kinds));
  EXPECT_FALSE(decode_command(Bytes(1, static_cast<char>(std::variant_size_v<Command> + 1))));
}

TEST(ResponseFormatTest, EveryEventIsReadAsItWasWritten) {
  Bytes all;
  for (const Event& event : some_events()) append(all, event);
  ByteView left = all;
  for (const Event& event : some_events()) EXPECT_EQ(take_event(left), event);
  EXPECT_TRUE(left.empty());
  ByteView cut = ByteView(all).substr(0, 5);
  EXPECT_FALSE(take_event(cut));
}

// A snapshot in which one byte is another is refused, or is another state that keeps the rules.
TEST(ResponseFormatTest, DamagedSnapshotsAreRefusedOrStates) {
  World world;
  world.furnish();
  world.confirm_one();
  const Bytes snapshot = world.machine.snapshot();
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    Bytes damaged = snapshot;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x41);
    ResponseMachine machine;
    if (!machine.restore(damaged)) continue;
    EXPECT_EQ(machine.snapshot(), damaged);
    machine.verify();
  }
}

}  // namespace
}  // namespace oki::response
