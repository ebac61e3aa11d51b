// Any bytes as a letter's content, an address or a list of recipients: refused, or taken whole.
//
// Input: the first byte says what the rest is. What is taken must encode to the same bytes, and
// what every channel would say of it must be within its length.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "notify/channels/endpoint.h"
#include "notify/channels/signature.h"
#include "notify/channels/webhook_body.h"
#include "notify/mail/recipient_list.h"
#include "notify/notice_template.h"

namespace {

using oki::Bytes;
using oki::ByteView;
namespace notify = oki::notify;

const notify::WebhookWords words{
    notify::Language::en, {"https://status.example.jp", "", ""}, "Okiagari"};

void try_notice(ByteView bytes) {
  const auto notice = notify::read_notice(bytes);
  if (!notice) return;
  Bytes again;
  notify::append(again, *notice);
  ASSERT(again == bytes);
  for (const notify::NoticePreview& one : notify::preview(*notice, words.links)) {
    ASSERT(one.length_max == 0 || one.length <= one.length_max);
  }
  ASSERT(!notify::statuspage_incident({*notice}, words).empty());
  ASSERT(!notify::cloud_event(*notice, words).empty());
}

void try_page(ByteView bytes) {
  const auto page = notify::read_page(bytes);
  if (!page) return;
  Bytes again;
  notify::append(again, *page);
  ASSERT(again == bytes);
  ASSERT(!notify::page_text(*page, {"https://ops.example.jp/{incident}", ""}).empty());
}

void try_component(ByteView bytes) {
  const auto update = notify::read_component_update(bytes);
  if (!update) return;
  Bytes again;
  notify::append(again, *update);
  ASSERT(again == bytes);
  ASSERT(!notify::statuspage_component(*update, words).empty());
}

void try_texts(ByteView bytes) {
  const auto endpoint = notify::parse_endpoint(bytes);
  if (endpoint) ASSERT(!endpoint->address.host.empty() && endpoint->path[0] == '/');
  const auto key = notify::parse_webhook_key(bytes);
  if (key) ASSERT(key->size() >= notify::webhook_key_bytes_min);
  const auto recipients = notify::parse_recipients(bytes);
  if (!recipients) return;
  for (const notify::Recipient& recipient : *recipients) ASSERT(!recipient.address.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      try_notice(bytes);
      break;
    case 1:
      try_page(bytes);
      break;
    case 2:
      try_component(bytes);
      break;
    default:
      try_texts(bytes);
  }
  return 0;
}
