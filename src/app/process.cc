#include "app/process.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <utility>

namespace oki::app {

// What the process says about its machine and about itself.
class ProcessVitals {
 public:
  ProcessVitals(host::Loop& loop, Log& log, const std::string& directory)
      : probe_disk_(open(loop, log, directory)),
        sampler_({loop.clock(), loop.timers(), files_, probe_disk_.get()}, paths(directory)) {}

  const watch::HostSampler& sampler() const { return sampler_; }

 private:
  static std::vector<std::string> paths(const std::string& directory) {
    if (directory.empty()) return {};
    return {directory};
  }

  static std::unique_ptr<Disk> open(host::Loop& loop, Log& log, const std::string& directory) {
    if (directory.empty()) return nullptr;
    auto disk = loop.open_disk(directory + "/fsync_probe");
    if (disk) return std::move(*disk);
    log.warning("app", "fsync is not measured", {{"reason", disk.error().message}});
    return nullptr;
  }

  watch::KernelFiles files_;
  std::unique_ptr<Disk> probe_disk_;
  watch::HostSampler sampler_;
};

Process::Process(std::string name)
    : name_(std::move(name)),
      log_(loop_.clock(), name_,
           [](ByteView line) { std::fwrite(line.data(), 1, line.size(), stderr); }),
      server_(loop_.net(), loop_.timers(), loop_.clock(), metrics_) {}

Process::~Process() = default;

Result<void> Process::serve_metrics(const Arguments& arguments) {
  if (!arguments.has("metrics")) return {};
  const Result<Address> address = parse_address(arguments.text("metrics"));
  if (!address) return tl::unexpected(address.error());
  const Result<Address> bound = server_.listen(*address);
  if (!bound) return tl::unexpected(bound.error());
  const std::string directory = arguments.has("dir") ? arguments.text("dir") : "";
  vitals_ = std::make_unique<ProcessVitals>(loop_, log_, directory);
  server_.add_text([this] { return vitals_->sampler().prometheus_text(); });
  return {};
}

std::vector<watch::HostGauge> Process::host_gauges() const {
  if (!vitals_) return {};
  return vitals_->sampler().gauges();
}

int Process::run() {
  for (const int signal : {SIGINT, SIGTERM}) {
    loop_.on_signal(signal, [this](int) {
      if (const auto action = std::exchange(on_end_, nullptr)) {
        action([this] { loop_.stop(); });
      } else {
        loop_.stop();
      }
    });
  }
  if (exit_code_ == exit_code::ok) loop_.run();
  return exit_code_;
}

void Process::fail(const std::string& sentence) {
  fmt::print(stderr, "okiagari {}: {}\n", name_, sentence);
  log_.error("app", "process ends", {{"reason", sentence}});
  exit_code_ = exit_code::failed;
  loop_.stop();
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<std::vector<Address>> parse_addresses(std::string_view text) {
  std::vector<Address> addresses;
  for (const std::string& part : split(text, ',')) {
    Result<Address> address = parse_address(part);
    if (!address) return tl::unexpected(address.error());
    addresses.push_back(std::move(*address));
  }
  if (addresses.empty()) return error(Errc::invalid, "no address is given");
  return addresses;
}

Result<Bytes> read_key_file(const std::string& path, std::size_t bytes) {
  Result<Bytes> text = host::read_file(path, 4096);
  if (!text) return text;
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  std::optional<Bytes> key = crypto::from_hex(*text);
  if (!key || key->size() != bytes) {
    return error(Errc::invalid, fmt::format("{} must hold {} hexadecimal digits", path, 2 * bytes));
  }
  return std::move(*key);
}

int usage(const char* command, const std::string& sentence) {
  fmt::print(stderr, "okiagari {}: {}; see okiagari {} --help\n", command, sentence, command);
  return exit_code::usage;
}

}  // namespace oki::app
