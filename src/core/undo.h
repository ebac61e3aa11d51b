// Whether a structure of the core can take a command back. `keep` costs one small entry for each
// change; `none` costs nothing. What is kept begins with the last `commit` and ends with
// `rollback`.
#pragma once

namespace oki::core {

enum class Undo : bool { none, keep };

}  // namespace oki::core
