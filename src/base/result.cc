#include "base/result.h"

namespace oki {

const char* name(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::corrupt:
      return "corrupt";
    case Errc::not_found:
      return "not found";
    case Errc::exists:
      return "exists";
    case Errc::full:
      return "full";
    case Errc::io:
      return "i/o";
    case Errc::unavailable:
      return "unavailable";
    case Errc::mismatch:
      return "mismatch";
  }
  return "unknown";
}

}  // namespace oki
