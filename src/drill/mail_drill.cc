#include "drill/mail_drill.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <map>
#include <memory>
#include <utility>

#include "base/json.h"
#include "host/child.h"
#include "host/loop.h"
#include "notify/notice.h"
#include "notify/testing/smtp_sink.h"

namespace oki::drill {
namespace {

constexpr std::int64_t look_every_ms = 10;
constexpr std::size_t mails_per_session_max = 100;

std::string recipient(std::uint64_t number) { return fmt::format("user{}@load.example", number); }

notify::Notice drill_notice(WallTimeMs now) {
  using notify::ComponentKind;
  notify::Notice notice;
  notice.incident = "maildrill";
  notice.impact = notify::Impact::major;
  notice.at = now;
  notice.began = {now.value - 4'000};
  notice.next_update_at = WallTimeMs{now.value + 15 * 60'000};
  notice.title = {"BTC/JPY の注文が受け付けられません", "BTC/JPY orders are not being accepted"};
  notice.body = {"注文の受付で障害が発生しています。原因を調査しています。",
                 "Orders are failing. We are investigating the cause."};
  notice.assets = {"お客様の資産は影響を受けていません。", "Your assets are not affected."};
  notice.affected = {{{ComponentKind::market, "btc_jpy"},
                      notify::State::operational,
                      notify::State::major_outage}};
  notice.unaffected = {{ComponentKind::ledger, "house"}};
  return notice;
}

// The log of the mail server, line by line as Postfix writes it.
class MailLog {
 public:
  explicit MailLog(const std::string& path) : file_(std::fopen(path.c_str(), "w")) {}
  ~MailLog() {
    if (file_ != nullptr) std::fclose(file_);
  }
  MailLog(const MailLog&) = delete;
  MailLog& operator=(const MailLog&) = delete;
  bool is_open() const { return file_ != nullptr; }

  void write(std::uint64_t number, const notify::SunkMail& mail) {
    const std::string lines = fmt::format(
        "sink cleanup[1]: {0:X}: message-id=<{1}>\n"
        "sink qmgr[1]: {0:X}: from=<{2}>, size={3}, nrcpt=1 (queue active)\n",
        number, mail.message_id, mail.from, mail.data.size());
    failed_ = failed_ || std::fwrite(lines.data(), 1, lines.size(), file_) != lines.size() ||
              std::fflush(file_) != 0;
  }
  bool failed() const { return failed_; }

 private:
  std::FILE* file_;
  bool failed_ = false;
};

class MailDrill {
 public:
  MailDrill(const MailDrillOptions& options, std::function<void(const std::string&)> progress)
      : options_(options), progress_(std::move(progress)), log_(path("mail.log")) {}

  Result<MailDrillResult> run();

 private:
  std::string path(const std::string& name) const { return options_.directory + "/" + name; }
  Result<void> write_files();
  Result<void> start_sender();
  void keep(const notify::SunkMail& mail);
  void look();
  void look_later();
  void stop(const std::string& why);
  std::int64_t now_ms() const { return loop_.clock().mono_now().value / ns_per_ms; }
  MailDrillResult judge() const;

  MailDrillOptions options_;
  std::function<void(const std::string&)> progress_;
  host::Loop loop_;
  MailLog log_;
  std::unique_ptr<notify::SmtpSink> sink_;
  Address address_;
  host::Child sender_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> arrivals_;  // Recipient, Message-ID.
  std::uint64_t taken_ = 0;
  std::uint64_t kills_ = 0;
  std::int64_t started_ms_ = 0;
  std::int64_t ended_ms_ = 0;
  std::int64_t last_mail_ms_ = 0;
  std::string fault_;
};

Result<void> MailDrill::write_files() {
  Bytes notice;
  append(notice, drill_notice(loop_.clock().wall_now()));
  if (auto done = host::write_file(path("notice"), notice, 0600); !done) return done;
  Bytes recipients;
  for (std::uint64_t i = 1; i <= options_.mails; ++i) {
    recipients += fmt::format("{} {} token{}\n", recipient(i), i % 2 == 0 ? "ja" : "en", i);
  }
  return host::write_file(path("recipients"), recipients, 0600);
}

Result<void> MailDrill::start_sender() {
  auto child = host::Child::start(
      {options_.binary, "notices", "send", "--dir=" + path("outbox"), "--notice=" + path("notice"),
       "--recipients=" + path("recipients"), "--smtp=" + to_string(address_),
       "--mail-log=" + path("mail.log"), "--from=status@drill.example",
       "--site=http://status.drill.example", "--ask-after-ms=1000",
       "--connections=" + std::to_string(options_.connections)},
      path("sender.log"));
  if (!child) return tl::unexpected(child.error());
  sender_ = std::move(*child);
  return {};
}

void MailDrill::keep(const notify::SunkMail& mail) {
  log_.write(++taken_, mail);
  ++arrivals_[{mail.to, mail.message_id}];
  last_mail_ms_ = now_ms();
}

void MailDrill::stop(const std::string& why) {
  fault_ = why;
  ended_ms_ = now_ms();
  loop_.stop();
}

void MailDrill::look_later() {
  loop_.timers().after_ms(look_every_ms, [this] { look(); });
}

void MailDrill::look() {
  if (log_.failed()) return stop("the log of the mail server cannot be written");
  if (now_ms() - started_ms_ > options_.patience_ms) return stop("the sender did not finish");
  if (!sender_.running()) {
    const int status = sender_.exit_status();
    return stop(status == 0 ? "" : fmt::format("the sender ended with {}", status));
  }
  const bool due = taken_ >= options_.mails * (kills_ + 1) / (options_.kills + 1);
  if (kills_ < options_.kills && due) {
    sender_.kill_now();
    ++kills_;
    progress_(fmt::format("killed the sender after {} mails", taken_));
    if (auto done = start_sender(); !done) return stop(done.error().message);
  }
  look_later();
}

MailDrillResult MailDrill::judge() const {
  MailDrillResult result;
  result.mails = options_.mails;
  result.taken = taken_;
  result.kills = kills_;
  result.sessions = sink_->sessions();
  result.took_ms = ended_ms_ - started_ms_;
  result.last_mail_ms = last_mail_ms_ - started_ms_;
  std::map<std::string, std::uint64_t> reached;  // By recipient: how many Message-IDs.
  for (const auto& [key, times] : arrivals_) {
    result.doubled += times - 1;
    if (++reached[key.first] > 1) ++result.doubled;
  }
  std::uint64_t known = 0;
  for (std::uint64_t i = 1; i <= options_.mails; ++i) known += reached.contains(recipient(i));
  result.lost = options_.mails - known;
  result.strange = reached.size() - known;
  return result;
}

Result<MailDrillResult> MailDrill::run() {
  if (!log_.is_open()) return error(Errc::io, "cannot make a file in " + options_.directory);
  if (auto done = write_files(); !done) return tl::unexpected(done.error());
  sink_ = std::make_unique<notify::SmtpSink>(
      loop_.net(), notify::SmtpSinkOptions{.mails_per_session_max = mails_per_session_max},
      [this](const notify::SunkMail& mail) { keep(mail); });
  const Result<Address> bound = sink_->listen({"127.0.0.1", 0});
  if (!bound) return tl::unexpected(bound.error());
  address_ = *bound;
  started_ms_ = now_ms();
  if (auto done = start_sender(); !done) return tl::unexpected(done.error());
  loop_.on_signal(SIGINT, [this](int) { stop("interrupted"); });
  look_later();
  loop_.run();
  if (!fault_.empty()) return error(Errc::unavailable, fault_ + "; see " + path("sender.log"));
  return judge();
}

}  // namespace

Result<MailDrillResult> run_mail_drill(const MailDrillOptions& options,
                                       const std::function<void(const std::string&)>& progress) {
  return MailDrill(options, progress).run();
}

std::string to_json(const MailDrillResult& result) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("drill", "mail").field("ok", result.ok());
  json.field("mails", result.mails).field("taken", result.taken).field("lost", result.lost);
  json.field("doubled", result.doubled).field("strange", result.strange);
  json.field("kills", result.kills).field("sessions", result.sessions);
  json.field("took_ms", result.took_ms).field("last_mail_ms", result.last_mail_ms);
  json.end_object();
  return out;
}

}  // namespace oki::drill
