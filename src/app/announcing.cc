#include "app/announcing.h"

#include <utility>

#include "notify/mail/recipient_list.h"

namespace oki::app {
namespace {

constexpr std::size_t mail_log_bytes_max = 2u << 30;
constexpr std::size_t recipients_bytes_max = 256u << 20;

}  // namespace

Result<std::set<std::string>> LogFileRecord::taken(const std::set<std::string>& message_ids) {
  const Result<Bytes> log = host::read_file(path_, mail_log_bytes_max);
  if (!log) return tl::unexpected(log.error());
  return notify::taken_in_log(*log, message_ids);
}

Result<notify::ChannelsConfig> read_channels(const std::string& path) {
  const Result<Bytes> text = host::read_file(path, notify::channels_file_bytes_max);
  if (!text) return tl::unexpected(text.error());
  Result<notify::ChannelsConfig> config = notify::parse_channels(*text);
  if (!config) return error(config.error().code, path + ": " + config.error().message);
  if (Result<void> loaded = notify::load_secrets(*config, host::read_file); !loaded) {
    return error(loaded.error().code, path + ": " + loaded.error().message);
  }
  return config;
}

Result<std::unique_ptr<Outward>> Outward::open(Process& process, const std::string& ca_file) {
  std::unique_ptr<Outward> outward(new Outward(process.loop()));
  auto tls = host::TlsNet::make(process.loop().net(), outward->names_, process.loop().timers(),
                                process.log(), {.ca_file = ca_file});
  if (!tls) return tl::unexpected(tls.error());
  outward->tls_ = std::move(*tls);
  return outward;
}

notify::ChannelWorld Outward::world(Process& process) {
  host::Loop& loop = process.loop();
  return {loop.net(), *tls_, loop.timers(), loop.clock(), process.random()};
}

Result<std::unique_ptr<Announcing>> Announcing::open(Process& process, const std::string& channels,
                                                     const std::string& directory) {
  Result<notify::ChannelsConfig> config = read_channels(channels);
  if (!config) return tl::unexpected(config.error());
  Bytes texts;
  if (!config->texts_file.empty()) {
    Result<Bytes> file = host::read_file(config->texts_file, notify::template_file_bytes_max);
    if (!file) return tl::unexpected(file.error());
    texts = std::move(*file);
  }
  std::unique_ptr<Announcing> all(new Announcing());
  auto outward = Outward::open(process, config->ca_file);
  if (!outward) return tl::unexpected(outward.error());
  all->outward_ = std::move(*outward);
  if (config->mail && !config->mail->log_file.empty()) {
    all->record_ = std::make_unique<LogFileRecord>(config->mail->log_file);
  }
  auto disk = process.loop().open_disk(directory);
  if (!disk) return tl::unexpected(disk.error());
  all->disk_ = std::move(*disk);
  auto announcer = notify::Announcer::open({all->outward_->world(process), *all->disk_,
                                            process.log(), process.metrics(), all->record_.get()},
                                           std::move(*config), texts);
  if (!announcer) return tl::unexpected(announcer.error());
  all->announcer_ = std::move(*announcer);
  return all;
}

// The disk first: it finishes nothing after the outbox is gone.
Announcing::~Announcing() { disk_.reset(); }

notify::Announcer::Subscribers subscribers_of_file(std::string path) {
  return [path = std::move(path)](const std::vector<notify::ComponentId>&,
                                  const notify::Announcer::Recipients& then) {
    const Result<Bytes> text = host::read_file(path, recipients_bytes_max);
    if (!text) return then(tl::unexpected(text.error()));
    Result<std::vector<notify::Recipient>> list = notify::parse_recipients(*text);
    if (!list) return then(error(list.error().code, path + ": " + list.error().message));
    then(std::move(list));
  };
}

}  // namespace oki::app
