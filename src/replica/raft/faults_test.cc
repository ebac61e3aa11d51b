// Many short lives of a cluster under faults that a seed chooses: crashes that tear what the disk
// was doing, cut-off nodes, lost messages, wiped seats, frequent snapshots. The simulator does the
// same at length with the whole exchange; here a failure points at this room.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash64.h"
#include "replica/testing/cluster.h"

namespace oki::replica {
namespace {

ReplicaOptions eager_options() {
  ReplicaOptions options = Cluster::small_options();
  options.snapshot_every_entries = 60;
  options.keep_entries = 5;
  return options;
}

// A client that repeats a command until it is answered.
class Client {
 public:
  Client(Cluster& cluster, std::uint32_t name) : cluster_(cluster), name_(name) {}

  void step() {
    if (busy_) {
      if (++waited_ms_ > 300) busy_ = false;  // The node died with it.
      return;
    }
    const auto leader = cluster_.leader();
    if (!leader) return;
    busy_ = true;
    waited_ms_ = 0;
    const std::uint64_t attempt = ++attempts_;
    ClientCommand command;
    if (session_.value > 0) command = {session_, number_, number_, body()};
    cluster_[*leader].submit(command, [this, attempt](const SubmitAnswer& answer) {
      if (attempt == attempts_) on_answer(answer);
    });
  }

  std::vector<Bytes> acknowledged;

 private:
  Bytes body() const { return std::to_string(name_) + ":" + std::to_string(number_); }

  void on_answer(const SubmitAnswer& answer) {
    busy_ = false;
    if (answer.result != SubmitResult::applied) {
      ASSERT_NE(answer.result, SubmitResult::session_unknown);
      ASSERT_NE(answer.result, SubmitResult::too_old);
      return;
    }
    if (session_.value == 0) {
      session_ = {answer.index.value};
      return;
    }
    acknowledged.push_back(body());
    ++number_;
  }

  Cluster& cluster_;
  std::uint32_t name_;
  SessionId session_;
  std::uint64_t number_ = 1;
  std::uint64_t attempts_ = 0;
  bool busy_ = false;
  int waited_ms_ = 0;
};

// A seat whose disk is lost and that asks until it has an id; one seat at a time, as operators
// must.
class Replacement {
 public:
  explicit Replacement(Cluster& cluster) : cluster_(cluster) {}

  bool under_way() const { return seat_ != 0; }
  bool waits_for_id(std::uint32_t seat) const { return seat == seat_ && id_.value == 0; }

  void begin(std::uint32_t seat) {
    cluster_.crash(seat);
    cluster_.wipe(seat);
    seat_ = seat;
    id_ = {};
  }

  void step() {
    const auto leader = cluster_.leader();
    if (seat_ == 0 || !leader) return;
    if (id_.value == 0) {
      if (++waited_ms_ % 100 == 0) ask(*leader);
      return;
    }
    const Members& members = cluster_[*leader].status().members;
    const Members::Member* member = find_member(members, id_);
    if (member && !member->learner && members.all.size() == 3) {
      seat_ = 0;
      ++done;
    }
  }

  int done = 0;

 private:
  void ask(std::uint32_t leader) {
    cluster_[leader].admit(seat_, [this, seat = seat_](const SubmitAnswer& answer) {
      if (answer.result != SubmitResult::applied || !waits_for_id(seat)) return;
      id_ = {Reader(answer.reply).u64()};
      cluster_.join(seat, id_);
    });
  }

  Cluster& cluster_;
  std::uint32_t seat_ = 0;
  NodeId id_;
  int waited_ms_ = 0;
};

class Faults {
 public:
  Faults(Cluster& cluster, std::uint64_t seed)
      : cluster_(cluster), prng_(seed), replacement_(cluster) {}

  void step() {
    replacement_.step();
    if (!prng_.chance(1, 150)) return;
    const auto seat = static_cast<std::uint32_t>(prng_.between(1, 3));
    switch (prng_.below(5)) {
      case 0:
        if (cluster_.running(seat)) cluster_.crash(seat);
        break;
      case 1:
        cluster_.cut(seat);
        break;
      case 2:
        heal();
        break;
      case 3:
        if (cluster_.running(seat) && !replacement_.under_way()) replacement_.begin(seat);
        break;
      default:
        cluster_.lose(prng_.below(100));
        break;
    }
  }

  void heal() {
    cluster_.heal();
    cluster_.lose(0);
    for (std::uint32_t seat = 1; seat <= 3; ++seat) {
      // A joining node's identity may still be on its way to the disk.
      if (!cluster_.running(seat) && !replacement_.waits_for_id(seat))
        (void)cluster_.try_start(seat);
    }
  }

  // Until the seat whose disk was lost last is back.
  void finish() {
    const bool back = cluster_.run_until([&] {
      replacement_.step();
      heal();
      return !replacement_.under_way();
    });
    EXPECT_TRUE(back) << "a lost seat does not come back";
  }

  int replaced() const { return replacement_.done; }

 private:
  Cluster& cluster_;
  Prng prng_;
  Replacement replacement_;
};

void expect_exactly_once(Cluster& cluster, const std::vector<Client>& clients) {
  const std::vector<Bytes>& list = cluster.machine(1).commands;
  for (std::uint32_t seat = 2; seat <= 3; ++seat) EXPECT_EQ(cluster.machine(seat).commands, list);
  std::vector<Bytes> sorted = list;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end()) << "doubled";
  for (const Client& client : clients) {
    for (const Bytes& body : client.acknowledged) {
      EXPECT_TRUE(std::binary_search(sorted.begin(), sorted.end(), body)) << "lost " << body;
    }
  }
}

struct Totals {
  std::size_t acknowledged = 0;
  int replaced = 0;
};

std::uint64_t run(std::uint64_t seed, Totals* totals) {
  seed_raft_engine(seed);
  Cluster cluster(3, make_raft_engine, seed, eager_options());
  for (std::uint32_t seat = 1; seat <= 3; ++seat) {
    cluster.disk(seat).delay_with(cluster.timers, 0, static_cast<std::int64_t>(seed % 5));
  }
  std::vector<Client> clients;
  for (std::uint32_t name = 1; name <= 4; ++name) clients.emplace_back(cluster, name);
  Faults faults(cluster, seed);
  Hash64 hash;
  for (int ms = 0; ms < 8'000; ++ms) {
    faults.step();
    for (Client& client : clients) client.step();
    cluster.run_ms(1);
    for (std::uint32_t seat = 1; seat <= 3; ++seat) {
      EXPECT_FALSE(cluster.stopped(seat)) << cluster.stopped(seat)->message;
      if (cluster.running(seat)) hash.add(cluster[seat].status().event_hash);
    }
    if (::testing::Test::HasFailure()) return 0;
  }
  faults.finish();
  faults.heal();
  EXPECT_TRUE(cluster.settle()) << "seed " << seed << " does not come to rest";
  for (std::uint32_t seat = 1; seat <= 3; ++seat) cluster[seat].verify();
  expect_exactly_once(cluster, clients);
  for (const Client& client : clients) totals->acknowledged += client.acknowledged.size();
  totals->replaced += faults.replaced();
  return hash.value();
}

TEST(Faults, NothingAcknowledgedIsLostOrDoubled) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    run(seed, &totals);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(totals.acknowledged, 3000u);
  EXPECT_GT(totals.replaced, 10);
}

TEST(Faults, OneSeedGivesOneHistory) {
  Totals first;
  Totals second;
  EXPECT_EQ(run(5, &first), run(5, &second));
  EXPECT_EQ(first.acknowledged, second.acknowledged);
}

}  // namespace
}  // namespace oki::replica
