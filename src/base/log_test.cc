#include "base/log.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"

namespace oki {
namespace {

TEST(Log, WritesOneJsonObjectALine) {
  testing::StepClock clock;
  std::string lines;
  Log log(clock, "edge 1", [&](ByteView line) { lines += line; });
  log.info("replica", "leader changed", {{"term", std::uint64_t{7}}, {"node", 2}});
  log.warning("store", "slow disk", {{"ms", std::int64_t{-1}}});
  log.error("host", "a \"quoted\"\nline", {{"path", "/x"}});
  log.write(LogLevel::debug, "net", "no fields");
  EXPECT_EQ(lines, R"({"time":"2023-11-14T22:13:21.000Z","level":"info","process":"edge 1",)"
                   R"("room":"replica","what":"leader changed","term":7,"node":2})"
                   "\n"
                   R"({"time":"2023-11-14T22:13:21.000Z","level":"warning","process":"edge 1",)"
                   R"("room":"store","what":"slow disk","ms":-1})"
                   "\n"
                   R"({"time":"2023-11-14T22:13:21.000Z","level":"error","process":"edge 1",)"
                   R"("room":"host","what":"a \"quoted\"\nline","path":"/x"})"
                   "\n"
                   R"({"time":"2023-11-14T22:13:21.000Z","level":"debug","process":"edge 1",)"
                   R"("room":"net","what":"no fields"})"
                   "\n");
}

TEST(Log, WithoutASinkDropsEveryLine) {
  testing::StepClock clock;
  Log log(clock, "p", {});
  log.error("room", "what");
}

}  // namespace
}  // namespace oki
