// Any bytes as a lease, a document, a board, an envelope or a saved status: refused, or taken
// whole.
//
// Input: the first byte says what the rest is. What is taken must encode to the same bytes, and
// every page and every JSON of it must be written without a stop.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "notify/incident_text.h"
#include "notify/status_page.h"
#include "notify/statuspage_json.h"
#include "notify/testing/parts.h"

namespace {

using oki::Bytes;
using oki::ByteView;
namespace notify = oki::notify;

void show(const oki::testing::StepClock& clock, const Bytes& envelope) {
  notify::StatusTruth truth(clock, notify::test_key().public_key);
  ASSERT(truth.accept(envelope) == notify::Acceptance::accepted);
  const notify::StatusView view = truth.view();
  const notify::StatuspageOptions options;
  for (const auto language : {notify::Language::ja, notify::Language::en}) {
    ASSERT(!notify::home_page(language, view, {}).empty());
    ASSERT(!notify::history_page(language, view, {}).empty());
    for (const notify::Notice& notice : view.board->notices) {
      ASSERT(!notify::notice_page(language, view, {}, notice.incident).empty());
    }
    for (const notify::Incident& incident : view.incidents) {
      ASSERT(!notify::incident_page(language, view, {}, incident).empty());
    }
  }
  ASSERT(!notify::summary_json(view, options).empty());
  ASSERT(!notify::incidents_json(view, options, false).empty());
  notify::StatusTruth again(clock, notify::test_key().public_key);
  ASSERT(again.restore(truth.save()).has_value());
}

void try_lease(const oki::testing::StepClock& clock, ByteView bytes) {
  const auto lease = notify::decode_lease(bytes);
  if (!lease) return;
  ASSERT(notify::encode(*lease) == bytes);
  if (lease->serial > 0) show(clock, notify::signed_lease(*lease));
}

void try_document(const oki::testing::StepClock& clock, ByteView bytes) {
  const auto document = notify::decode_status_document(bytes);
  if (!document) return;
  ASSERT(notify::encode(*document) == bytes);
  if (document->sequence > 0) show(clock, notify::signed_document(*document));
}

void try_board(const oki::testing::StepClock& clock, ByteView bytes) {
  const auto board = notify::decode_notice_board(bytes);
  if (!board) return;
  ASSERT(notify::encode(*board) == bytes);
  if (board->sequence == 0) return;
  show(clock, notify::sign_envelope(notify::test_key(), notify::EnvelopeKind::notices, bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const oki::testing::StepClock clock;
  const ByteView bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      try_lease(clock, bytes);
      break;
    case 1:
      try_document(clock, bytes);
      break;
    case 2:
      try_board(clock, bytes);
      break;
    case 3: {
      notify::StatusTruth stranger(clock, notify::test_key('x').public_key);
      ASSERT(stranger.accept(bytes) != notify::Acceptance::accepted);
      break;
    }
    default: {
      notify::StatusTruth truth(clock, notify::test_key().public_key);
      if (!truth.restore(bytes)) return 0;
      const bool is_current = bytes[4] == truth.save()[4];  // After the magic: the version.
      ASSERT(!is_current || truth.save() == bytes);
      break;
    }
  }
  return 0;
}
