// What an announcer of a process needs of the world: names, TLS, the disk, the mail server's log.
#pragma once

#include <memory>
#include <string>

#include "app/process.h"
#include "host/names.h"
#include "host/tls_net.h"
#include "notify/announcer.h"

namespace oki::app {

// The mail server's log file, read as a whole when somebody asks: only after a kill.
class LogFileRecord : public notify::MailRecord {
 public:
  explicit LogFileRecord(std::string path) : path_(std::move(path)) {}
  Result<std::set<std::string>> taken(const std::set<std::string>& message_ids) override;

 private:
  std::string path_;
};

// The file with its secrets.
Result<notify::ChannelsConfig> read_channels(const std::string& path);

// Connections outward: HTTPS by names.
class Outward {
 public:
  static Result<std::unique_ptr<Outward>> open(Process& process, const std::string& ca_file);
  notify::ChannelWorld world(Process& process);

 private:
  explicit Outward(host::Loop& loop) : names_(loop) {}
  host::SystemNames names_;
  std::unique_ptr<host::TlsNet> tls_;
};

class Announcing {
 public:
  // Blocking. `channels` is the file (deploy/channels.toml), `directory` that of the outbox.
  static Result<std::unique_ptr<Announcing>> open(Process& process, const std::string& channels,
                                                  const std::string& directory);
  ~Announcing();

  notify::Announcer& announcer() { return *announcer_; }

 private:
  Announcing() = default;
  std::unique_ptr<Outward> outward_;
  std::unique_ptr<LogFileRecord> record_;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<notify::Announcer> announcer_;
};

// Subscribers from a file of lines ADDRESS ja|en [TOKEN], read anew for every notice: everybody in
// it gets every notice.
notify::Announcer::Subscribers subscribers_of_file(std::string path);

}  // namespace oki::app
