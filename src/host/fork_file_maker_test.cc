#include "host/fork_file_maker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/assert.h"

namespace oki::host {
namespace {

bool out_of_step() { return getpid() == 0; }

struct ForkFileMakerTest : ::testing::Test {
  ForkFileMakerTest() {
    char name[] = "/tmp/okiagari_fork_XXXXXX";
    path = mkdtemp(name);
    loop.timers().after_ms(20'000, [this] {
      ADD_FAILURE() << "the loop was not stopped in time";
      loop.stop();
    });
  }
  ~ForkFileMakerTest() override { std::filesystem::remove_all(path); }

  Result<Bytes> make(FileMaker::Write write, const ForkOptions& options = {}) {
    ForkFileMaker maker(loop, path, options);
    Result<Bytes> result = error(Errc::invalid, "no answer came");
    maker.make("file", std::move(write), [&](Result<Bytes> made) {
      result = std::move(made);
      loop.stop();
    });
    loop.run();
    EXPECT_EQ(maker.child(), 0);
    return result;
  }

  Bytes file() { return read_file(path + "/file", 64u << 20).value_or("no file"); }

  std::string path;
  Loop loop;
};

TEST_F(ForkFileMakerTest, WritesTheStateOfTheMomentAndGivesTheSummary) {
  Bytes state = "as it was";
  ForkFileMaker maker(loop, path);
  std::optional<Result<Bytes>> made;
  maker.make(
      "file",
      [&](Sink& out) {
        for (int i = 0; i < 3'000'000; ++i) out.write(state);
        return "summary of " + state;
      },
      [&](Result<Bytes> result) {
        made = std::move(result);
        loop.stop();
      });
  state = "changed!!";
  EXPECT_FALSE(made.has_value());
  loop.run();
  ASSERT_TRUE(made && made->has_value()) << (*made).error().message;
  EXPECT_EQ(**made, "summary of as it was");
  const Bytes bytes = file();
  EXPECT_EQ(bytes.size(), 27'000'000u);
  EXPECT_EQ(bytes.find("changed"), Bytes::npos);
}

TEST_F(ForkFileMakerTest, AnAssertInTheChildIsAMismatch) {
  const auto made = make([](Sink& out) -> Bytes {
    out.write("half");
    fclose(stderr);
    const bool rule_kept = out_of_step();
    ASSERT(rule_kept);
    return {};
  });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::mismatch) << made.error().message;
}

TEST_F(ForkFileMakerTest, AChildThatIsKilledComesToNothingAndTheNextOneWorks) {
  const auto killed = make([](Sink&) -> Bytes {
    raise(SIGKILL);
    return {};
  });
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().code, Errc::unavailable);
  EXPECT_EQ(make([](Sink&) { return Bytes("again"); }).value_or(""), "again");
}

TEST_F(ForkFileMakerTest, AChildThatTakesTooLongIsEnded) {
  ForkOptions options;
  options.seconds_max = 1;
  const auto made = make(
      [](Sink&) -> Bytes {
        while (true) pause();
      },
      options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::unavailable);
  EXPECT_NE(made.error().message.find("time"), std::string::npos);
}

TEST_F(ForkFileMakerTest, WhatCannotBeWrittenIsAnError) {
  std::filesystem::create_directory(path + "/file");
  const auto made = make([](Sink&) { return Bytes("summary"); });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::io);
}

TEST_F(ForkFileMakerTest, TheChildHasNoneOfTheParentsDescriptorsAndIsNice) {
  int sockets[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  const auto made = make([](Sink&) {
    Bytes open;
    for (int fd = 5; fd < 100; ++fd) {
      if (fcntl(fd, F_GETFD) >= 0) open += std::to_string(fd) + " ";
    }
    errno = 0;
    return open + "nice " + std::to_string(getpriority(PRIO_PROCESS, 0));
  });
  EXPECT_EQ(made.value_or("failed"), "nice 10");
  ::close(sockets[0]);
  ::close(sockets[1]);
}

// The parent is a process of its own here, killed while its child works.
TEST_F(ForkFileMakerTest, TheChildDiesWithItsParent) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    Loop own;
    ForkFileMaker maker(own, path);
    maker.make(
        "file",
        [](Sink&) -> Bytes {
          while (true) pause();
        },
        [](const Result<Bytes>&) {});
    const pid_t child = maker.child();
    if (::write(ends[1], &child, sizeof child) < 0) _exit(1);
    pause();
  }
  pid_t child = 0;
  ASSERT_EQ(::read(ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  EXPECT_EQ(kill(child, 0), 0);
  ASSERT_EQ(kill(parent, SIGKILL), 0);
  ASSERT_EQ(waitpid(parent, nullptr, 0), parent);
  ::close(ends[1]);  // The end of the pipe comes when the last process that holds it is gone.
  ::close(ends[0]);
  const std::string status = "/proc/" + std::to_string(child) + "/status";
  for (int look = 0; look < 1000; ++look) {
    const Result<Bytes> text = read_file(status, 65536);
    if (!text || text->find("State:\tZ") != Bytes::npos) return;
    sched_yield();
  }
  FAIL() << "the child lives on";
}

TEST_F(ForkFileMakerTest, DestroyingTheMakerEndsTheChild) {
  pid_t child = 0;
  {
    ForkFileMaker maker(loop, path);
    maker.make(
        "file",
        [](Sink&) -> Bytes {
          while (true) pause();
        },
        [](const Result<Bytes>&) { FAIL(); });
    child = maker.child();
    ASSERT_GT(child, 0);
  }
  EXPECT_EQ(waitpid(child, nullptr, 0), -1);
}

}  // namespace
}  // namespace oki::host
