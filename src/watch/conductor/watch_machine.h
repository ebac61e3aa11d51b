// Everything that the watches keep together, as one replicated machine made of parts: incidents,
// subscribers. A part has a number that stays its own for ever.
//
// A command is the number of its part and the part's command; 0 alone is a tick for every part that
// is due. An unknown number is answered with nothing and changes nothing. Events of one command:
// the part's number and its events as a blob; a command without events writes none.
//
// Snapshot: "OKIWTCH1", then for each part with rising numbers its number and its snapshot as a
// blob. A part that a snapshot does not know yet starts empty; a part that this program does not
// know is an error. docs/formats/response.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "replica/state_machine.h"

namespace oki::watch {

enum class Part : std::uint8_t { all = 0, incidents = 1, subscribers = 2 };

Bytes to_part(Part part, ByteView command);

class WatchMachine final : public replica::StateMachine {
 public:
  // REQUIRES: rising numbers from 1, machines that outlive this one and are empty.
  struct NumberedPart {
    Part number = Part::incidents;
    replica::StateMachine& machine;
  };
  explicit WatchMachine(std::vector<NumberedPart> parts);

  // Called after every entry of the log and after a snapshot was taken over. It must not call back.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) override;
  void end_block(const replica::EventBlock& block) override;
  std::optional<WallTimeMs> next_timer() const override;
  Bytes tick_command() const override;
  Bytes snapshot() const override;

  // All or nothing.
  Result<void> restore(ByteView snapshot) override;
  std::uint64_t hash() const override;
  std::uint64_t running_hash() const override;
  Bytes reader_snapshot() const override { return snapshot(); }
  void verify() const override;

 private:
  void apply_to(const NumberedPart& part, WallTimeMs time, ByteView command, Bytes& reply,
                Bytes& events);

  std::vector<NumberedPart> parts_;
  std::vector<Bytes> empty_;  // Snapshots of parts that nothing has happened to.
  std::function<void()> changed_;
};

}  // namespace oki::watch
