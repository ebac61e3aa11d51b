// A channel whose other side is the test: it counts what arrives under which key, and answers.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "notify/delivery.h"

namespace oki::notify {

class FakeChannel : public Channel {
 public:
  struct Held {
    std::string key, recipient;
    Sent sent;
  };

  void send(const Letter& letter, Sent sent) override {
    held.push_back({idempotency_key(letter), std::string(letter.recipient), std::move(sent)});
  }
  void ask(const std::vector<Letter>& letters, Told told) override {
    ++asked;
    std::vector<FoundResult> found;
    for (const Letter& letter : letters) {
      const bool here = arrived.contains(idempotency_key(letter));
      found.push_back(
          {knows ? (here ? Found::arrived : Found::did_not_arrive) : Found::cannot_tell, "log"});
    }
    told(std::move(found));
  }

  // Takes the oldest letter; true when there was one.
  bool answer(Attempt outcome, std::string text = "", std::optional<std::int64_t> wait_ms = {}) {
    if (held.empty()) return false;
    const Held one = std::move(held.front());
    held.pop_front();
    if (outcome == Attempt::sent) ++arrived[one.key];
    one.sent({outcome, std::move(text), wait_ms});
    return true;
  }

  // The other side has it, but the answer is lost.
  void take_without_answer() {
    ++arrived[held.front().key];
    held.pop_front();
  }

  std::deque<Held> held;
  std::map<std::string, int> arrived;
  bool knows = true;
  int asked = 0;
};

}  // namespace oki::notify
