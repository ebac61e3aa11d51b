// What the tests of this room share: a signing key, a disk in memory, a small healthy world.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/disk.h"
#include "base/testing/stepped.h"
#include "crypto/crypto.h"
#include "notify/envelope.h"
#include "notify/lease.h"
#include "notify/status_document.h"

namespace oki::notify {

inline crypto::SigningKey test_key(char fill = 'k') {
  return crypto::signing_key_from_seed(Bytes(32, fill));
}

// Finishes everything at once; `broken` makes every change fail.
class MemoryDisk : public Disk {
 public:
  Result<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    for (const auto& [name, data] : files) names.push_back(name);
    return names;
  }
  Result<std::uint64_t> size(const std::string& name) override { return files[name].size(); }
  Result<Bytes> read(const std::string& name, std::uint64_t offset, std::uint64_t size) override {
    if (unreadable) return error(Errc::io, "the disk cannot be read");
    return files[name].substr(offset, size);
  }
  void create(const std::string& name, std::uint64_t size, Done done) override {
    files[name] = Bytes(size, '\0');
    done({});
  }
  void write(const std::string& name, std::uint64_t offset, Bytes data, Done done) override {
    files[name].replace(offset, data.size(), data);
    done({});
  }
  void replace(const std::string& name, Bytes data, Done done) override {
    ++replaced;
    if (broken) return done(error(Errc::full, "no space left"));
    files[name] = std::move(data);
    done({});
  }
  void rename(const std::string& from, const std::string& to, Done done) override {
    files[to] = files[from];
    files.erase(from);
    done({});
  }
  void remove(const std::string& name, Done done) override {
    files.erase(name);
    done({});
  }

  std::map<std::string, Bytes> files;
  bool broken = false;
  bool unreadable = false;
  int replaced = 0;
};

inline std::vector<LeaseRow> healthy_rows(WallTimeMs since) {
  return {{{ComponentKind::market, "btc_jpy"}, State::operational, since},
          {{ComponentKind::market, "eth_jpy"}, State::operational, since},
          {{ComponentKind::edge, "1"}, State::operational, since},
          {{ComponentKind::edge, "2"}, State::operational, since},
          {{ComponentKind::node, "1"}, State::operational, since},
          {{ComponentKind::node, "2"}, State::operational, since},
          {{ComponentKind::node, "3"}, State::operational, since},
          {{ComponentKind::ledger, "house"}, State::operational, since}};
}

inline Lease green_lease(std::uint64_t serial, WallTimeMs now) {
  Lease lease;
  lease.serial = serial;
  lease.issued_at = now;
  lease.expires_at = {now.value + lease_duration_ms_max};
  lease.overall = State::operational;
  lease.reason = Reason::none;
  lease.since = now;
  lease.leader_seat = 2;
  lease.leader_term = {7};
  lease.rows = healthy_rows(now);
  return lease;
}

inline Lease red_lease(std::uint64_t serial, WallTimeMs now) {
  Lease lease = green_lease(serial, now);
  lease.overall = State::major_outage;
  lease.reason = Reason::test_trades_failing;
  for (LeaseRow& row : lease.rows) row.state = State::major_outage;
  return lease;
}

inline Bytes signed_lease(const Lease& lease) {
  return sign_envelope(test_key(), EnvelopeKind::lease, encode(lease));
}

inline Bytes signed_document(const StatusDocument& document) {
  return sign_envelope(test_key(), EnvelopeKind::document, encode(document));
}

// An outage of ten seconds with a leader change in it, beginning at `began`.
inline StatusDocument document_with_outage(WallTimeMs began) {
  StatusDocument document;
  for (const LeaseRow& row : healthy_rows(began)) component_position(document, row.id, began);
  const auto add = [&](std::int64_t ms, TimelineEvent event) {
    event.at = {began.value + ms};
    add_event(document, event);
  };
  add(0, {.kind = EventKind::process_down, .component = 4});
  add(0, {.kind = EventKind::outage_began,
          .state = State::partial_outage,
          .reason = Reason::test_trades_failing,
          .affected = 0b0101});
  add(900, {.kind = EventKind::outage_changed,
            .state = State::major_outage,
            .reason = Reason::test_trades_failing,
            .affected = 0b1111});
  add(9000, {.kind = EventKind::leader_changed,
             .old_seat = 1,
             .new_seat = 2,
             .term = {7},
             .gap_ms = 9000});
  add(10'000, {.kind = EventKind::outage_ended});
  add(11'000, {.kind = EventKind::process_up, .component = 4});
  return document;
}

}  // namespace oki::notify
