// What must not leave a log line: secrets, addresses of people, and whatever looks like either.
//
// A template goes into signals, timelines and terminals, so a line is masked before anything is
// made of it. Masked, as <*>: what stands behind the name of a secret ("password=", "token: x",
// "Bearer x"), to the end of the line where more than a word can belong to it (cookies, seeds);
// mail addresses; what follows "://"; runs of run_bytes_max and more letters, digits and +/_=-,
// which keys and signatures are made of. Too much is masked rather than too little: a template
// only has to be known again.
#pragma once

#include <string>

#include "base/bytes.h"

namespace oki::watch::logs {

constexpr std::size_t run_bytes_max = 20;

std::string mask_secrets(ByteView line);

}  // namespace oki::watch::logs
