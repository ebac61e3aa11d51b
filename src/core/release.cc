#include "core/core.h"

namespace oki::core {

std::uint32_t known_release() { return core_release_max; }

}  // namespace oki::core
