#include <fmt/format.h>

#include <optional>

#include "app/notice_commands.h"
#include "app/process.h"
#include "base/json.h"
#include "notify/outbox.h"

namespace oki::app {
namespace {

constexpr const char* command = "notices settle";
constexpr std::size_t listed_max = 1'000;

std::optional<notify::Decision> decision_of(const std::string& word) {
  if (word == "arrived") return notify::Decision::it_arrived;
  if (word == "again") return notify::Decision::send_again;
  if (word == "give-up") return notify::Decision::give_up;
  return std::nullopt;
}

void list(const notify::Outbox& outbox, bool json) {
  for (const notify::DeliveryView& view : outbox.unknown(listed_max)) {
    if (!json) {
      fmt::print("{:>8}  {:<24} {:<20} {}  {}\n", view.id.value, view.posting, view.channel,
                 view.recipient, view.text);
      continue;
    }
    Bytes out;
    JsonWriter writer(out);
    writer.begin_object().field("id", view.id.value).field("posting", view.posting);
    writer.field("channel", view.channel).field("recipient", view.recipient);
    writer.field("text", view.text).end_object();
    fmt::print("{}\n", out);
  }
}

std::string given(const Arguments& arguments, const char* option) {
  return arguments.has(option) ? arguments.text(option) : "";
}

Result<std::size_t> settle(const Arguments& arguments, notify::Outbox& outbox) {
  const auto decision = decision_of(given(arguments, "decision"));
  const std::string by = given(arguments, "by");
  if (!decision || by.empty()) {
    return error(Errc::invalid, "what is to be settled needs --decision and --by");
  }
  if (arguments.has("posting")) {
    return outbox.settle_all(arguments.text("posting"), given(arguments, "channel"), *decision, by);
  }
  const Result<void> done = outbox.settle({arguments.number("id")}, *decision, by);
  if (!done) return tl::unexpected(done.error());
  return 1;
}

// Nothing to send to: the outbox is opened without channels, so that all it does is to remember.
int run(const Arguments& arguments) {
  Process process("notices");
  host::Loop& loop = process.loop();
  Result<std::unique_ptr<Disk>> disk = loop.open_disk(arguments.text("dir"));
  if (!disk) return usage(command, disk.error().message);
  auto outbox = notify::Outbox::open(
      {**disk, loop.timers(), loop.clock(), process.random(), process.log(), process.metrics()},
      {});
  if (!outbox) return usage(command, outbox.error().message);
  int code = exit_code::ok;
  if (arguments.has("id") || arguments.has("posting")) {
    const Result<std::size_t> settled = settle(arguments, **outbox);
    if (!settled) return usage(command, settled.error().message);
    fmt::print("{}\n", *settled);
    (*outbox)->when_stored([&](const Result<void>& stored) {
      if (!stored) return process.fail(stored.error().message);
      loop.stop();
    });
    code = process.run();
  } else {
    list(**outbox, arguments.has("json"));
  }
  disk->reset();
  return code;
}

}  // namespace

CommandSpec settle_command() {
  return {
      command,
      {"Lists deliveries that nobody knows of, or says what became of one; the watch is stopped",
       "届いたか分からない配信の一覧と、その判断の記録（watch は停止しておく）"},
      {{"dir", "DIR", "", {"the outbox", "送信箱の場所"}, true},
       {"id", "N", "", {"which one", "配信の番号"}},
       {"posting", "NAME", "", {"all of this one, with --channel", "このお知らせのすべて"}},
       {"channel", "NAME", "", {"by this channel", "この経路の"}},
       {"decision", "WORD", "", {"arrived, again or give-up", "arrived・again・give-up"}},
       {"by", "NAME", "", {"who decides", "判断した人"}},
       {"json", nullptr, "", {"a line of JSON for each", "1 行に 1 つの JSON"}}},
      run};
}

}  // namespace oki::app
