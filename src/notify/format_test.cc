// The bytes between watch and status sites: golden, round trips, and every kind of damage.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "notify/testing/notices.h"
#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

// One line per value: its name, a blank, its bytes in hexadecimal.
std::map<std::string, std::string> golden() {
  std::ifstream file("test/golden/status.txt");
  std::map<std::string, std::string> lines;
  for (std::string name, hex; file >> name >> hex;) lines[name] = hex;
  return lines;
}

TEST(StatusFormatTest, BytesAreThoseWrittenDown) {
  const std::map<std::string, std::string> now = {
      {"lease_green", crypto::hex(signed_lease(green_lease(42, noon)))},
      {"lease_red", crypto::hex(signed_lease(red_lease(43, noon)))},
      {"document_outage", crypto::hex(signed_document(document_with_outage(noon)))},
      {"board", crypto::hex(encode(small_board(noon)))}};
  const auto lines = golden();
  EXPECT_EQ(lines.size(), now.size());
  for (const auto& [name, hex] : now) {
    const auto line = lines.find(name);
    EXPECT_EQ(line == lines.end() ? "" : line->second, hex) << "should hold\n"
                                                            << name << ' ' << hex;
  }
}

TEST(StatusFormatTest, ReadsWhatItWrote) {
  const Lease lease = red_lease(9, noon);
  EXPECT_EQ(decode_lease(encode(lease)).value(), lease);
  const StatusDocument document = document_with_outage(noon);
  EXPECT_EQ(decode_status_document(encode(document)).value(), document);
}

TEST(StatusFormatTest, RefusesEveryTruncationAndEveryExtraByte) {
  const Bytes lease = encode(green_lease(1, noon));
  const Bytes document = encode(document_with_outage(noon));
  for (std::size_t size = 0; size < lease.size(); ++size) {
    EXPECT_FALSE(decode_lease(ByteView(lease).substr(0, size))) << size;
  }
  for (std::size_t size = 0; size < document.size(); ++size) {
    EXPECT_FALSE(decode_status_document(ByteView(document).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_lease(lease + '\0'));
  EXPECT_FALSE(decode_status_document(document + '\0'));
}

TEST(StatusFormatTest, RefusesALeaseThatLastsTooLongOrEndsBeforeItBegins) {
  Lease lease = green_lease(1, noon);
  lease.expires_at = {noon.value + lease_duration_ms_max + 1};
  EXPECT_FALSE(decode_lease(encode(lease)));
  lease.expires_at = {noon.value - 1};
  EXPECT_FALSE(decode_lease(encode(lease)));
  lease.expires_at = noon;
  EXPECT_TRUE(decode_lease(encode(lease)));
}

TEST(StatusFormatTest, RefusesAClaimOfUnknownAndReasonsThatDoNotFit) {
  Lease lease = green_lease(1, noon);
  lease.overall = State::unknown;
  lease.reason = Reason::no_proof;
  EXPECT_FALSE(decode_lease(encode(lease)));
  lease.overall = State::operational;
  EXPECT_FALSE(decode_lease(encode(lease)));
  lease.overall = State::major_outage;
  lease.reason = Reason::monitoring_lost;
  EXPECT_FALSE(decode_lease(encode(lease)));
  lease.reason = Reason::none;
  EXPECT_FALSE(decode_lease(encode(lease)));
}

TEST(StatusFormatTest, RefusesRowsTwiceTooManyOrWithStrangeNames) {
  Lease lease = green_lease(1, noon);
  lease.rows.push_back(lease.rows.front());
  EXPECT_FALSE(decode_lease(encode(lease)));
  lease.rows.clear();
  for (std::size_t i = 0; i <= components_max; ++i) {
    lease.rows.push_back({{ComponentKind::node, std::to_string(i)}, State::operational, noon});
  }
  EXPECT_FALSE(decode_lease(encode(lease)));
  lease.rows.pop_back();
  EXPECT_TRUE(decode_lease(encode(lease)));
  for (const char* bad :
       {"", "BTC", "a b", "<b>", "../x", "a\"b", "a_name_that_is_one_longer_than_33c"}) {
    lease.rows = {{{ComponentKind::market, bad}, State::operational, noon}};
    EXPECT_FALSE(decode_lease(encode(lease))) << bad;
  }
}

TEST(StatusFormatTest, RefusesTimesThatHaveNoSpelling) {
  for (const std::int64_t ms : {std::int64_t{-1}, time_max.value + 1, INT64_MIN, INT64_MAX}) {
    Lease lease = green_lease(1, noon);
    lease.since = {ms};
    EXPECT_FALSE(decode_lease(encode(lease))) << ms;
  }
}

TEST(StatusFormatTest, RefusesEventsThatPointNowhereOrDoNotRise) {
  StatusDocument document = document_with_outage(noon);
  document.events.front().component = 8;
  EXPECT_FALSE(decode_status_document(encode(document)));
  document = document_with_outage(noon);
  document.events.front().affected = 1u << 8;
  EXPECT_FALSE(decode_status_document(encode(document)));
  document = document_with_outage(noon);
  document.events[1].id = document.events[0].id;
  EXPECT_FALSE(decode_status_document(encode(document)));
}

TEST(StatusFormatTest, TheLargestDocumentAndLeaseFitAnEnvelope) {
  StatusDocument document;
  for (std::size_t i = 0; i < components_max; ++i) {
    component_position(document, {ComponentKind::market, std::string(31, 'm') + std::to_string(i)},
                       noon);
  }
  for (std::size_t i = 0; i < timeline_events_max; ++i) add_event(document, {.at = noon});
  EXPECT_LE(encode(document).size(), envelope_payload_bytes_max);
  EXPECT_TRUE(decode_status_document(encode(document)));
  Lease lease = red_lease(1, noon);
  lease.rows.clear();
  for (const DocumentComponent& component : document.components) {
    lease.rows.push_back({component.id, State::major_outage, noon});
  }
  EXPECT_LE(encode(lease).size(), envelope_payload_bytes_max);
  EXPECT_TRUE(decode_lease(encode(lease)));
}

TEST(StatusFormatTest, AnEnvelopeOpensOnlyWithItsKeyKindAndEveryBit) {
  const Bytes envelope = signed_lease(green_lease(1, noon));
  const Bytes key = test_key().public_key;
  EXPECT_TRUE(open_envelope(key, EnvelopeKind::lease, envelope));
  EXPECT_FALSE(open_envelope(key, EnvelopeKind::document, envelope));
  const auto other = open_envelope(test_key('x').public_key, EnvelopeKind::lease, envelope);
  EXPECT_EQ(other.error().code, Errc::mismatch);
  for (std::size_t i = 0; i < envelope.size(); ++i) {
    Bytes changed = envelope;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open_envelope(key, EnvelopeKind::lease, changed)) << i;
  }
  for (std::size_t size = 0; size < envelope.size(); ++size) {
    EXPECT_FALSE(open_envelope(key, EnvelopeKind::lease, ByteView(envelope).substr(0, size)));
  }
}

TEST(StatusFormatTest, ADocumentIsNotALeaseEvenWhenItsKindByteIsChanged) {
  Bytes envelope = signed_document(document_with_outage(noon));
  envelope[4] = 1;
  EXPECT_EQ(envelope_kind(envelope), EnvelopeKind::lease);
  EXPECT_FALSE(open_envelope(test_key().public_key, EnvelopeKind::lease, envelope));
}

TEST(StatusDocumentTest, DropsTheOldestEventButNeverAnOpenBeginning) {
  StatusDocument document;
  add_event(document, {.at = noon, .kind = EventKind::leader_changed});
  add_event(document, {.at = noon, .kind = EventKind::outage_began, .state = State::major_outage});
  for (std::size_t i = 0; i < 2 * timeline_events_max; ++i) {
    add_event(document, {.at = noon, .kind = EventKind::leader_changed});
  }
  EXPECT_EQ(document.events.size(), timeline_events_max);
  EXPECT_EQ(document.events.front().kind, EventKind::outage_began);
  ASSERT_NE(open_outage(document), nullptr);
  add_event(document, {.at = noon, .kind = EventKind::outage_ended});
  add_event(document, {.at = noon, .kind = EventKind::leader_changed});
  EXPECT_EQ(document.events.front().kind, EventKind::leader_changed);
  EXPECT_EQ(open_outage(document), nullptr);
}

TEST(StatusDocumentTest, IdsAndSequenceRiseAlsoWhenTheClockGoesBack) {
  StatusDocument document;
  add_event(document, {.at = noon});
  const auto id = document.events.back().id;
  const auto sequence = document.sequence;
  EXPECT_EQ(id, static_cast<std::uint64_t>(noon.value));
  add_event(document, {.at = {noon.value - 3'600'000}});
  EXPECT_GT(document.events.back().id, id);
  EXPECT_GT(document.sequence, sequence);
}

}  // namespace
}  // namespace oki::notify
