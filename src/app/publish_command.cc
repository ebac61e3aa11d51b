#include <fmt/format.h>

#include "app/announcing.h"
#include "app/notice_commands.h"
#include "base/json.h"

namespace oki::app {
namespace {

constexpr const char* command = "notices publish";
constexpr std::int64_t look_every_ms = 20;

// One approved notice by every channel, until nothing is left that this process could do.
class Publishing {
 public:
  Publishing(Process& process, notify::Announcer& announcer, notify::Notice notice)
      : process_(process), announcer_(announcer), notice_(std::move(notice)) {}

  void begin(notify::Doubt doubt) {
    announcer_.publish(
        notice_,
        [this](const Result<notify::Published>& published) {
          if (!published) return process_.fail(published.error().message);
          look();
        },
        doubt);
  }

  bool all_sent() const {
    bool all = true;
    for (const notify::Proof& proof : announcer_.proofs(notice_)) {
      all = all && proof.sent == proof.recipients;
    }
    return all;
  }

  bool any_unknown() const {
    bool any = false;
    for (const notify::Proof& proof : announcer_.proofs(notice_)) any = any || proof.unknown > 0;
    return any;
  }

  void print(bool json) const {
    for (const notify::Proof& proof : announcer_.proofs(notice_)) {
      if (!json) {
        fmt::print("{:<24} sent {}, refused {}, unknown {}, waiting {}: {}\n", proof.channel,
                   proof.sent, proof.refused, proof.unknown, proof.waiting, proof.text);
        continue;
      }
      Bytes out;
      JsonWriter writer(out);
      writer.begin_object().field("channel", proof.channel);
      writer.field("recipients", proof.recipients).field("sent", proof.sent);
      writer.field("refused", proof.refused).field("unknown", proof.unknown);
      writer.field("waiting", proof.waiting).field("text", proof.text).end_object();
      fmt::print("{}\n", out);
    }
  }

 private:
  // What is held for a person can only wait.
  void look() {
    const notify::Outbox& outbox = announcer_.outbox();
    if (outbox.broken()) return process_.fail("the outbox cannot be written");
    bool waits = false;
    for (const notify::Proof& proof : announcer_.proofs(notice_)) {
      waits = waits || proof.waiting > 0 || (proof.unknown > 0 && outbox.asking());
    }
    if (!waits) return process_.loop().stop();
    process_.loop().timers().after_ms(look_every_ms, [this] { look(); });
  }

  Process& process_;
  notify::Announcer& announcer_;
  notify::Notice notice_;
};

int run(const Arguments& arguments) {
  const auto bytes = host::read_file(arguments.text("notice"), notify::notice_bytes_max);
  if (!bytes) return usage(command, bytes.error().message);
  auto notice = notify::read_notice(*bytes);
  if (!notice) return usage(command, notice.error().message);
  Process process("notices");
  auto announcing = Announcing::open(process, arguments.text("channels"), arguments.text("dir"));
  if (!announcing) return usage(command, announcing.error().message);
  notify::Announcer& announcer = (*announcing)->announcer();
  announcer.start(arguments.has("recipients") ? subscribers_of_file(arguments.text("recipients"))
                                              : notify::Announcer::Subscribers{});
  Publishing publishing(process, announcer, std::move(*notice));
  publishing.begin(arguments.has("in-doubt") ? notify::Doubt::may_have_left : notify::Doubt::none);
  const int code = process.run();
  publishing.print(arguments.has("json"));
  if (code != exit_code::ok || publishing.all_sent()) return code;
  return publishing.any_unknown() ? exit_code::unknown_outcome : exit_code::degraded;
}

}  // namespace

CommandSpec publish_command() {
  return {command,
          {"Publishes an approved notice by every channel of a configuration, once",
           "承認済みのお知らせを設定された全経路に1回ずつ出す"},
          {{"dir", "DIR", "", {"the outbox", "送信箱の場所"}, true},
           {"channels", "FILE", "", {"deploy/channels.toml", "設定ファイル"}, true},
           {"notice", "FILE", "", {"the notice (docs/formats/notice.md)", "お知らせ"}, true},
           {"recipients", "FILE", "", {"of mail: lines ADDRESS ja|en [TOKEN]", "メールの宛先"}},
           {"in-doubt",
            nullptr,
            "",
            {"another sender may have published it", "別の送信元が出した可能性がある"}},
           {"json", nullptr, "", {"a line of JSON for each channel", "経路ごとに 1 行の JSON"}}},
          run};
}

}  // namespace oki::app
