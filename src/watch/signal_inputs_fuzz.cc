// Any bytes as a request at every door for outside alerts, as an Alertmanager's list, as settings
// and as tokens.
//
// Input: the first byte says what the rest is. Whatever comes is answered; every signal that is
// told keeps the limits of response/signal.h, is no proof and is sent no more often than the
// budgets say.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "watch/inputs/input_server.h"
#include "watch/inputs/outside_words.h"
#include "watch/inputs/testing/outside.h"

namespace {

using oki::ByteView;
using namespace oki::watch::inputs;
namespace response = oki::response;

constexpr std::size_t told_max = 100;

struct Door {
  const char* path;
  const char* source;
  const char* type;
};
constexpr Door doors[] = {
    {"/alertmanager", "am", "application/json"},
    {"/v2/enqueue", "pd", "application/json"},
    {"/v1/metrics", "otel", "application/json"},
    {"/v1/logs", "otel", "application/json"},
    {"/v1/traces", "otel", "application/json"},
    {"/cloudevents", "events", "application/cloudevents+json"},
    {"/cloudevents", "events", "application/cloudevents-batch+json"},
};

void try_words(ByteView bytes) {
  const std::string line = clean_line(bytes, 100);
  ASSERT(line.size() <= 100 && clean_line(line, 100) == line);
  ASSERT(!key_part(bytes).empty() && key_part(bytes).size() <= key_part_bytes_max);
  (void)parse_rfc3339(bytes);
  (void)parse_unix_nanos(bytes);
  const auto milli = parse_milli(bytes);
  ASSERT(!milli || (*milli <= milli_max && *milli >= -milli_max));
}

void try_files(ByteView bytes) {
  (void)read_settings(bytes);
  (void)Tokens::read(bytes);
  (void)tokens_for_tests().owner_by_header(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t what = data[0] % (std::size(doors) + 3);
  if (what == std::size(doors) + 1) {
    try_words(bytes);
    return 0;
  }
  if (what == std::size(doors) + 2) {
    try_files(bytes);
    return 0;
  }
  oki::Metrics metrics;
  std::size_t told = 0;
  static const Settings settings = settings_for_tests();
  static const Tokens tokens = tokens_for_tests();
  Inputs inputs(
      settings, tokens,
      [&told](const response::Command& command) {
        ++told;
        const auto* said = std::get_if<response::Observe>(&command);
        if (said == nullptr) return;
        ASSERT(response::check(said->signal).has_value());
        ASSERT(said->signal.trust < response::Trust::proof);
      },
      metrics);
  Now now{{1'000'000'000'000}, {1'700'000'000'000}};
  for (int round = 0; round < 2; ++round) {
    if (what == std::size(doors)) {
      (void)inputs.on_polled(0, oki::net::json_response(200, std::string(bytes)), now);
    } else {
      const Door& door = doors[what];
      const auto answer =
          inputs.respond(post(door.path, door.source, std::string(bytes), door.type), now);
      ASSERT(answer.status >= 200 && answer.status < 500);
    }
    now.mono = now.mono + 6'000 * oki::ns_per_ms;
    now.wall.value += 6'000;
    inputs.tick(now);
  }
  ASSERT(told <= 2 * told_max);
  return 0;
}
