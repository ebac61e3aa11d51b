#include "watch/speakers.h"

#include "watch/lease_keeper.h"

namespace oki::watch {

std::string watch_speaker(std::uint32_t watch) { return "watch " + std::to_string(watch); }

std::string prober_speaker(std::uint32_t watch, std::size_t prober) {
  return watch_speaker(watch) + " prober " + std::to_string(prober + 1);
}

std::vector<response::PutSpeaker> speakers(std::uint32_t watches, std::size_t edges) {
  std::vector<response::PutSpeaker> all;
  for (std::uint32_t watch = 1; watch <= watches; ++watch) {
    response::PutSpeaker must{watch_speaker(watch), true, {}};
    must.speaker.silent_ms = watch_silent_ms;
    all.push_back(std::move(must));
    for (std::size_t prober = 0; prober < edges * probers_per_edge; ++prober) {
      all.push_back({prober_speaker(watch, prober), true, {}});
    }
  }
  return all;
}

}  // namespace oki::watch
