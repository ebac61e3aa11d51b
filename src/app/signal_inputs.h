// The doors for outside alerts in a process: their options, their two files, the listener.
#pragma once

#include <memory>
#include <vector>

#include "app/command_table.h"
#include "app/process.h"
#include "response/tell.h"
#include "watch/inputs/input_server.h"

namespace oki::app {

// --signals ADDRESS, --signal-settings FILE, --signal-tokens FILE.
std::vector<OptionSpec> signal_options();

// The sources that must be heard; none without --signals.
Result<std::vector<response::PutSpeaker>> signal_speakers(const Arguments& arguments);

// Listening and started. Null when --signals is not given. The process must outlive it.
Result<std::unique_ptr<watch::inputs::InputServer>> open_signal_inputs(Process& process,
                                                                       const Arguments& arguments,
                                                                       response::Tell tell);

}  // namespace oki::app
