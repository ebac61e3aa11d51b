#include <fmt/format.h>

#include <cstdio>

#include "app/data_folder.h"
#include "app/notice_commands.h"
#include "drill/mail_drill.h"
#include "host/child.h"

namespace oki::app {
namespace {

constexpr std::uint64_t mails_max = 1'000'000;
constexpr std::uint64_t kills_max = 100;

int fail(const std::string& sentence) {
  fmt::print(stderr, "okiagari drill mail: {}\n", sentence);
  return exit_code::failed;
}

int run(const Arguments& arguments) {
  const Result<std::string> binary = host::own_binary();
  if (!binary) return fail(binary.error().message);
  Result<DataFolder> folder = DataFolder::temporary();
  if (!folder) return fail(folder.error().message);
  drill::MailDrillOptions options;
  options.binary = *binary;
  options.directory = folder->path();
  options.mails = arguments.number("mails");
  options.kills = arguments.number("kills");
  options.connections = arguments.number("connections");
  if (options.mails == 0 || options.mails > mails_max || options.kills > kills_max) {
    fmt::print(stderr, "okiagari drill mail: mails are 1 to {}, kills 0 to {}\n", mails_max,
               kills_max);
    return exit_code::usage;
  }
  const auto result = drill::run_mail_drill(
      options, [](const std::string& line) { fmt::print(stderr, "{}\n", line); });
  if (!result) {
    folder->keep();
    return fail(result.error().message);
  }
  if (arguments.has("json")) {
    fmt::print("{}\n", to_json(*result));
  } else {
    fmt::print("{} mails, {} taken, {} lost, {} doubled, {} kills, {} ms\n", result->mails,
               result->taken, result->lost, result->doubled, result->kills, result->took_ms);
  }
  return result->ok() ? exit_code::ok : exit_code::verification_failed;
}

}  // namespace

CommandSpec mail_drill_command() {
  return {"drill mail",
          {"Mails a notice to many while its sender is killed, and counts what arrives",
           "送信プロセスを強制終了しながら大量のメールを送り、届いた数を確かめる"},
          {{"mails", "N", "100000", {"recipients", "宛先の数"}},
           {"kills", "N", "2", {"times the sender is killed", "強制終了の回数"}},
           {"connections", "N", "16", {"sessions at once", "同時接続数"}},
           {"json", nullptr, "", {"the last line is one JSON object", "最終行を JSON で出力"}}},
          run};
}

}  // namespace oki::app
