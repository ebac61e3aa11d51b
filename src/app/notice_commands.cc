#include "app/notice_commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/announcing.h"
#include "app/process.h"
#include "base/json.h"
#include "notify/mail/mail_address.h"
#include "notify/mail/mail_channel.h"
#include "notify/mail/recipient_list.h"
#include "notify/outbox.h"

namespace oki::app {
namespace {

constexpr std::size_t recipients_bytes_max = 256u << 20;
constexpr std::size_t recipients_at_once = 10'000;
constexpr std::uint64_t connections_max = 256;
constexpr std::int64_t look_every_ms = 20;

struct Job {
  notify::Posting posting;
  std::vector<notify::Recipient> recipients;
  notify::SmtpOptions smtp;
  notify::MailChannelOptions mail;
  notify::ChannelRules rules;
  std::string mail_log;  // Empty: nobody can be asked.
};

Result<Job> read_job(const Arguments& arguments) {
  Job job;
  const auto server = parse_address(arguments.text("smtp"));
  if (!server) return tl::unexpected(server.error());
  job.smtp.server = *server;
  const std::uint64_t connections = arguments.number("connections");
  if (connections == 0 || connections > connections_max) {
    return error(Errc::invalid, fmt::format("connections are 1 to {}", connections_max));
  }
  job.smtp.connections_max = connections;
  job.mail.from = arguments.text("from");
  if (!notify::is_mail_address(job.mail.from)) return error(Errc::invalid, "--from is no address");
  job.mail.from_name = arguments.text("from-name");
  job.mail.links.site_url = arguments.text("site");
  if (arguments.has("faq")) job.mail.links.faq_url = arguments.text("faq");
  if (arguments.has("mail-log")) job.mail_log = arguments.text("mail-log");
  job.rules.in_flight_max = 2 * connections;
  job.rules.after_unknown =
      job.mail_log.empty() ? notify::AfterUnknown::hold : notify::AfterUnknown::ask;
  job.rules.ask_after_ms =
      static_cast<std::int64_t>(std::min<std::uint64_t>(arguments.number("ask-after-ms"), 600'000));
  auto bytes = host::read_file(arguments.text("notice"), notify::notice_bytes_max);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto notice = notify::read_notice(*bytes);
  if (!notice) return tl::unexpected(notice.error());
  job.posting = {notify::notice_posting_name(*notice), std::move(*bytes)};
  const auto list = host::read_file(arguments.text("recipients"), recipients_bytes_max);
  if (!list) return tl::unexpected(list.error());
  auto recipients = notify::parse_recipients(*list);
  if (!recipients) return tl::unexpected(recipients.error());
  job.recipients = std::move(*recipients);
  return job;
}

void print_totals(const notify::OutboxTotals& totals, bool json) {
  if (!json) {
    return fmt::print("sent {}, refused {}, unknown {}\n", totals.sent, totals.refused,
                      totals.unknown);
  }
  Bytes out;
  JsonWriter writer(out);
  writer.begin_object().field("sent", totals.sent).field("refused", totals.refused);
  writer.field("unknown", totals.unknown).end_object();
  fmt::print("{}\n", out);
}

// Adds everything, in pieces, and ends the process when nothing is left that it could do.
class Sending {
 public:
  Sending(Process& process, notify::Outbox& outbox, Job& job)
      : process_(process), outbox_(outbox), job_(job) {}

  void add_next() {
    if (added_ >= job_.recipients.size() && added_any_) return look();
    added_any_ = true;
    const std::size_t end = std::min(added_ + recipients_at_once, job_.recipients.size());
    const auto at = [&](std::size_t i) {
      return job_.recipients.begin() + static_cast<std::ptrdiff_t>(i);
    };
    std::vector<notify::Recipient> piece(at(added_), at(end));
    added_ = end;
    outbox_.add(job_.posting, "mail", std::move(piece), [this](Result<notify::Added> added) {
      if (!added) return process_.fail(added.error().message);
      add_next();
    });
  }

 private:
  // What is held for a person can only wait.
  void look() {
    if (outbox_.broken()) return process_.fail("the outbox cannot be written");
    const notify::OutboxTotals totals = outbox_.totals(job_.posting.name);
    const bool waits =
        totals.queued > 0 || totals.sending > 0 || (totals.unknown > 0 && outbox_.asking());
    if (!waits) return process_.loop().stop();
    process_.loop().timers().after_ms(look_every_ms, [this] { look(); });
  }

  Process& process_;
  notify::Outbox& outbox_;
  Job& job_;
  std::size_t added_ = 0;
  bool added_any_ = false;
};

int run_send(const Arguments& arguments) {
  Result<Job> job = read_job(arguments);
  if (!job) return usage("notices send", job.error().message);
  Process process("notices");
  host::Loop& loop = process.loop();
  Result<std::unique_ptr<Disk>> disk = loop.open_disk(arguments.text("dir"));
  if (!disk) return usage("notices send", disk.error().message);
  auto outbox = notify::Outbox::open(
      {**disk, loop.timers(), loop.clock(), process.random(), process.log(), process.metrics()},
      {});
  if (!outbox) return usage("notices send", outbox.error().message);
  notify::SmtpPool pool(loop.net(), loop.timers(), job->smtp);
  LogFileRecord record(job->mail_log);
  notify::MailChannel channel(pool, job->mail_log.empty() ? nullptr : &record, job->mail);
  (*outbox)->add_channel("mail", channel, job->rules);
  (*outbox)->start();
  Sending sending(process, **outbox, *job);
  sending.add_next();
  int code = process.run();
  const notify::OutboxTotals totals = (*outbox)->totals(job->posting.name);
  print_totals(totals, arguments.has("json"));
  if (code == exit_code::ok && totals.unknown > 0) code = exit_code::unknown_outcome;
  if (code == exit_code::ok && totals.refused > 0) code = exit_code::degraded;
  disk->reset();
  return code;
}

CommandSpec send_command() {
  return {"notices send",
          {"Sends a notice by mail to a list, once to each, also after a kill",
           "お知らせを一覧の宛先へメールで送る（途中で落ちても各宛先に1通）"},
          {{"dir", "DIR", "", {"the outbox", "送信箱の場所"}, true},
           {"notice", "FILE", "", {"the notice (docs/formats/notice.md)", "お知らせ"}, true},
           {"recipients", "FILE", "", {"lines ADDRESS ja|en [TOKEN]", "宛先の一覧"}, true},
           {"smtp", "ADDRESS", "127.0.0.1:25", {"the mail server", "メールサーバー"}},
           {"mail-log", "FILE", "", {"its log, asked after a kill", "そのログ（再開時に照合）"}},
           {"ask-after-ms", "N", "5000", {"by then it has finished", "照合までの待ち時間"}},
           {"from", "ADDRESS", "", {"the sender's address", "差出人"}, true},
           {"from-name", "NAME", "Okiagari", {"the sender's name", "差出人名"}},
           {"site", "URL", "", {"the status site", "状況サイトの URL"}, true},
           {"faq", "URL", "", {"questions and answers", "FAQ の URL"}},
           {"connections", "N", "8", {"sessions at once", "同時接続数"}},
           {"json", nullptr, "", {"the result as JSON", "結果を JSON で出力"}}},
          run_send};
}

}  // namespace

std::vector<CommandSpec> notice_commands() {
  return {send_command(), publish_command(), preview_command(), channels_command(),
          settle_command()};
}

}  // namespace oki::app
