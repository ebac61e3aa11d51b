// `okiagari drill detect` and `drill run`, small: three faults on a real exchange, seen from
// outside.
//
// OKI_CURRENT is the binary (CMakeLists). Times are judged loosely here, because other tests may
// have the machine: what must hold on any machine is that nothing is green falsely.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "host/child.h"
#include "host/loop.h"
#include "net/json_reader.h"

namespace oki::app {
namespace {

constexpr int patience_ms = 200'000;
constexpr std::size_t output_bytes_max = 1u << 20;
constexpr std::int64_t nongreen_ms_max = 2'500;

class DrillDetectTest : public ::testing::Test {
 protected:
  DrillDetectTest() {
    char name[] = "/tmp/okiagari_drill_XXXXXX";
    path_ = mkdtemp(name);
  }
  ~DrillDetectTest() override { std::filesystem::remove_all(path_); }

  int run(std::vector<std::string> words) {
    words.insert(words.begin(), OKI_CURRENT);
    std::filesystem::remove(path_ + "/out");
    auto child = host::Child::start(words, path_ + "/out");
    EXPECT_TRUE(child.has_value());
    EXPECT_TRUE(child->wait(patience_ms));
    child->running();
    return child->exit_status();
  }
  std::string output() { return host::read_file(path_ + "/out", output_bytes_max).value_or(""); }

  net::Json last_line() {
    const std::string text = output();
    const std::size_t line = text.rfind("\n{");
    auto json =
        net::parse_json(text.substr(line == std::string::npos ? 0 : line + 1), output_bytes_max);
    EXPECT_TRUE(json.has_value()) << text;
    return json ? *json : net::Json();
  }

  std::int64_t number(const net::Json& json, const char* name) {
    const net::Json* value = json.find(name);
    EXPECT_NE(value, nullptr) << name << " in " << output();
    return value == nullptr ? -1 : value->integer().value_or(-1);
  }

  std::string path_;
};

TEST_F(DrillDetectTest, ThreeHardFaultsShowAndNothingIsGreenFalsely) {
  const int code = run({"drill", "detect", "--runs", "1", "--json", "--data", path_ + "/data",
                        "--kinds", "nodes-killed,edge-frozen,exchange-halted"});
  EXPECT_TRUE(code == 0 || code == 7) << code << output();
  const net::Json json = last_line();
  EXPECT_EQ(number(json, "hard_kinds"), 3);
  EXPECT_EQ(number(json, "runs"), 3);
  EXPECT_EQ(number(json, "falsely_green_ms"), 0) << output();
  EXPECT_GE(number(json, "nongreen_max_ms"), 0);
  EXPECT_LE(number(json, "nongreen_max_ms"), nongreen_ms_max) << output();
}

TEST_F(DrillDetectTest, AScenarioFileIsPlayedToItsEnd) {
  const int code = run(
      {"drill", "run", "test/scenarios/leader_and_edge.toml", "--json", "--data", path_ + "/data"});
  EXPECT_EQ(code, 0) << output();
  EXPECT_EQ(number(last_line(), "falsely_green_ms"), 0) << output();
}

TEST_F(DrillDetectTest, WhatIsNotInTheCatalogueIsRefused) {
  EXPECT_EQ(run({"drill", "detect", "--kinds", "no-such-fault"}), 2);
  EXPECT_NE(output().find("no-such-fault"), std::string::npos) << output();
  EXPECT_EQ(run({"drill", "detect", "--runs", "0"}), 2);
  EXPECT_EQ(run({"drill", "run", "/nowhere.toml"}), 2);
  EXPECT_EQ(run({"drill", "detect", "--list"}), 0);
  EXPECT_NE(output().find("nodes-killed"), std::string::npos);
}

}  // namespace
}  // namespace oki::app
