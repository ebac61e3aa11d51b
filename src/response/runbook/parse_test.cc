#include "response/runbook/parse.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "response/runbook/actions_config.h"
#include "response/runbook/catalogue.h"
#include "response/runbook/step_block.h"

namespace oki::response {
namespace {

const std::string whole = R"(# Drain / 外す

EN: When to use it.
More of it.

JA: いつ使うか。

## drain: Take it out / 外す

EN: By hand:

```sh
okiagari edge drain
```

JA: 手で行う。

```toml
name = "drain"
action = "edge.drain"
each = "affected edge"
with = { edge = "{edge}", for = "30m" }
approval = "one_person"
timeout = "20s"
verify = "edge {edge} is draining"
within = "2m"
on_failure = "stop"
```
)";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = whole;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string fault(const std::string& text) {
  const auto book = parse_book("drain", text);
  return book ? "no fault" : book.error().message;
}

TEST(ParseBook, ReadsWhatPeopleAndTheMachineAreTold) {
  const auto book = parse_book("drain", whole);
  ASSERT_TRUE(book) << book.error().message;
  EXPECT_EQ(book->title_en, "Drain");
  EXPECT_EQ(book->title_ja, "外す");
  EXPECT_EQ(book->text_en, "When to use it.\nMore of it.");
  ASSERT_EQ(book->steps.size(), 1u);
  const BookStep& step = book->steps[0];
  EXPECT_EQ(step.text_en, "By hand:\n\n```sh\nokiagari edge drain\n```");
  EXPECT_EQ(step.text_ja, "手で行う。");
  EXPECT_EQ(step.action, "edge.drain");
  EXPECT_EQ(step.each, Each::affected_edge);
  EXPECT_EQ(step.with, (Values{{"edge", "{edge}"}, {"for", "30m"}}));
  EXPECT_EQ(step.approval, Approval::one_person);
  EXPECT_EQ(step.timeout_ms, 20'000);
  EXPECT_EQ(step.within_ms, 120'000);
  EXPECT_TRUE(step.stop_on_failure);
  EXPECT_EQ(step.line, 8u);
}

TEST(ParseBook, ItsDigestIsThatOfItsBytes) {
  const auto one = parse_book("drain", whole);
  const auto other = parse_book("drain", whole + "\n");
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->digest.size(), 64u);
  EXPECT_NE(one->digest, other->digest);
  EXPECT_EQ(house_entry(*one).digest, one->digest);
  EXPECT_EQ(house_entry(*one).steps, (std::vector<RunbookStep>{{"drain", Approval::one_person}}));
}

TEST(ParseBook, EveryFaultIsToldWithFileAndLine) {
  const struct {
    const char* from;
    const char* to;
    const char* fault;
  } rows[] = {
      {"# Drain / 外す", "# Drain",
       "drain.md:1: the first line must be '# English title / "
       "Japanese title'"},
      {"EN: When to use it.\nMore of it.\n", "", "drain.md:1: the English text (EN:) is missing"},
      {"JA: いつ使うか。\n", "", "drain.md:1: the Japanese text (JA:) is missing"},
      {"JA: 手で行う。", "", "drain.md:8: the Japanese text (JA:) is missing"},
      {"## drain: Take it out / 外す", "## drain: Take it out",
       "drain.md:8: a step's heading is '## name: English / Japanese'"},
      {"## drain: Take", "## Drain: Take",
       "drain.md:8: a step's heading is '## name: English / Japanese'"},
      {"## drain: Take", "### drain: Take", "drain.md:8: only steps have headings, with two #"},
      {"EN: By hand", "By hand", "drain.md:10: this text has neither EN: nor JA: before it"},
      {"name = \"drain\"", "name = \"other\"", "drain.md:19: 'name' is not the one of the heading"},
      {"name = \"drain\"\n", "", "drain.md:19: 'name' is missing"},
      {"edge.drain\"", "edge.burn\"", "drain.md:20: there is no action 'edge.burn'"},
      {"affected edge", "any edge", "drain.md:21: 'each' is like 'affected edge' or 'every edge'"},
      {", for = \"30m\"", "", "drain.md:22: the parameter 'for' is missing"},
      {"for = \"30m\"", "for = \"30m\", to = \"1\"",
       "drain.md:22: 'edge.drain' has no parameter 'to'"},
      {"for = \"30m\"", "for = 30", "drain.md:22: 'with.for' must be a text in quotes"},
      {"for = \"30m\"", "for = \"30\"", "drain.md:22: 'for' must be like '30m'"},
      {"\"{edge}\"", "\"{edge; reboot}\"",
       "drain.md:22: a brace without a placeholder's name in it"},
      {"\"{edge}\"", "\"{host}\"", "drain.md:22: unknown placeholder in '{host}'"},
      {"one_person", "nobody", "drain.md:23: 'approval' is automatic, one_person or two_people"},
      {"\"20s\"", "\"11m\"", "drain.md:24: 'timeout' must be like 30s or 2m, at most 10m"},
      {"\"20s\"", "20", "drain.md:24: 'timeout' must be a text in quotes"},
      {"is draining", "is gone",
       "drain.md:25: 'edge 1 is gone' is no condition, see docs/runbooks.md"},
      {"edge {edge} is draining", "nothing",
       "drain.md:25: only a task has nothing to verify, and it has nothing else"},
      {"\"2m\"", "\"31m\"", "drain.md:26: 'within' must be like 30s or 2m, at most 30m"},
      {"on_failure = \"stop\"", "on_failure = \"retry\"",
       "drain.md:27: 'on_failure' is stop or continue"},
      {"on_failure = \"stop\"", "on_failure = \"stop\"\nretries = 3",
       "drain.md:28: unknown key 'retries'"},
      {"on_failure = \"stop\"", "on_failure = ", "drain.md:27: the block is no TOML"}};
  for (const auto& row : rows) EXPECT_EQ(fault(replaced(row.from, row.to)), row.fault) << row.to;
}

TEST(ParseBook, BlocksBelongToStepsAndFencesAreClosed) {
  EXPECT_EQ(fault(replaced("```toml", "```sh")), "drain.md:8: the step has no ```toml block");
  EXPECT_EQ(fault(replaced("```sh", "```toml")), "drain.md:13: the block is no TOML");
  EXPECT_EQ(fault(whole.substr(0, whole.rfind("```"))), "drain.md:18: the fence is never closed");
  const std::string block = whole.substr(whole.find("```toml"));
  EXPECT_EQ(fault(whole + block), "drain.md:29: a block must be the only one of its step");
  EXPECT_EQ(fault(whole.substr(0, whole.find("## "))), "drain.md:7: it has no steps");
  const std::string step = whole.substr(whole.find("## "));
  EXPECT_EQ(fault(whole + step), "drain.md:29: this step is there twice");
}

TEST(ParseBook, DeepAndLongBlocksAreRefusedBeforeTheyAreRead) {
  const std::string deep = "on_failure = " + std::string(block_brackets_max + 1, '[');
  EXPECT_EQ(fault(replaced("on_failure = \"stop\"", deep)),
            "drain.md:19: the block is too long or too deep");
  const std::string too_long = "# " + std::string(block_bytes_max, 'x');
  EXPECT_EQ(fault(replaced("on_failure = \"stop\"", too_long)),
            "drain.md:19: the block is too long or too deep");
}

TEST(ParseBook, LimitsAndBytesThatAreNoTextAreRefused) {
  EXPECT_FALSE(parse_book("Drain", whole));
  EXPECT_FALSE(parse_book("", whole));
  EXPECT_EQ(fault(""), "drain.md:1: the English text (EN:) is missing");
  EXPECT_EQ(fault(whole + "\xff"), "drain.md:1: it is no plain UTF-8");
  EXPECT_EQ(fault(whole + "\r\n"), "drain.md:1: it is no plain UTF-8");
  EXPECT_EQ(fault(whole + std::string(book_bytes_max, 'x')),
            "drain.md:1: it is longer than 64 KiB");
  std::string many = whole.substr(0, whole.find("## "));
  const std::string step = whole.substr(whole.find("## "));
  for (std::size_t i = 0; i <= runbook_steps_max; ++i) {
    std::string one = step;
    for (std::size_t at; (at = one.find("drain\"\na")) != std::string::npos;) {
      one.replace(at, 5, "d" + std::to_string(i));
    }
    many += one.replace(one.find("drain"), 5, "d" + std::to_string(i));
  }
  EXPECT_NE(fault(many).find("too many steps"), std::string::npos) << fault(many);
}

TEST(ParseBook, IsNeverConfusedByATruncatedFile) {
  for (std::size_t size = 0; size + 4 < whole.size(); ++size) {
    EXPECT_FALSE(parse_book("drain", whole.substr(0, size))) << size;
  }
}

// --- What is shipped.

std::string file(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(ShippedRunbooks, AllParseAndTheirStepsCanBeDone) {
  const auto config = read_actions_config(file("deploy/actions.toml"));
  ASSERT_TRUE(config) << config.error().message;
  Scene scene;
  scene.incident = {12};
  scene.components = {{notify::ComponentKind::market, "btc_jpy"},
                      {notify::ComponentKind::edge, "1"},
                      {notify::ComponentKind::node, "3"}};
  scene.changed_edges = {"2"};
  scene.leader = 1;
  scene.follower = 2;
  scene.edges = 2;
  scene.nodes = 3;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("runbooks")) {
    const auto book = parse_book(entry.path().stem(), file(entry.path()));
    ASSERT_TRUE(book) << book.error().message;
    ++count;
    for (const BookStep& step : book->steps) {
      ASSERT_NE(find_action(step.action), nullptr);
      const auto calls = calls_of(step, scene);
      ASSERT_TRUE(calls) << book->name << " " << step.name << ": " << calls.error().message;
      for (const Call& call : *calls) {
        const auto words = command_line(*config, call, scene.incident);
        ASSERT_TRUE(words) << book->name << " " << step.name << ": " << words.error().message;
        EXPECT_EQ(words->empty(), find_action(step.action)->is_task);
      }
    }
  }
  EXPECT_EQ(count, 13u);
}

}  // namespace
}  // namespace oki::response
