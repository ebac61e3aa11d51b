// `okiagari_previous`: a node of an older program, for the test of rolling upgrades. The same
// sources, with a core that knows only release 1 of the rules.
#include <vector>

#include "app/server_commands.h"

int main(int count, char** words) {
  return oki::app::CommandTable({oki::app::node_command()}).run(count, words);
}
