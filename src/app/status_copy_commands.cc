#include <fmt/format.h>

#include <memory>
#include <optional>

#include "app/process.h"
#include "app/server_commands.h"
#include "app/status_copy.h"
#include "base/calendar.h"
#include "host/names.h"
#include "host/tls_net.h"
#include "net/json_reader.h"

namespace oki::app {
namespace {

constexpr std::size_t seed_bytes = 32;
constexpr std::size_t public_key_bytes = 32;
constexpr std::size_t copy_bytes_max = 32u << 20;
constexpr std::int64_t request_ms_max = 10'000;

struct ExportOptions {
  Address from;
  std::vector<std::string> folders;
  crypto::SigningKey key;
  std::int64_t every_ms = 0;  // 0: once.
  std::optional<Address> s3;
  bool s3_tls = false;
  notify::S3Bucket bucket;
  notify::S3Keys s3_keys;
};

// {"access_key":"…","secret_key":"…"}
Result<notify::S3Keys> read_s3_keys(const std::string& path) {
  const Result<Bytes> text = host::read_file(path, 4096);
  if (!text) return tl::unexpected(text.error());
  const Result<net::Json> json = net::parse_json(*text, 4096);
  const net::Json* access = json ? json->find("access_key") : nullptr;
  const net::Json* secret = json ? json->find("secret_key") : nullptr;
  if (access == nullptr || secret == nullptr || !access->string() || !secret->string()) {
    return error(Errc::invalid, path + " must hold access_key and secret_key");
  }
  return notify::S3Keys{std::string(*access->string()), std::string(*secret->string())};
}

// "https://s3.example.jp", "https://s3.example.jp:8443", or "192.0.2.1:9000" without TLS.
Result<Address> parse_store(std::string text, ExportOptions& options) {
  constexpr const char* scheme = "https://";
  options.s3_tls = text.starts_with(scheme);
  if (!options.s3_tls) return parse_address(text);
  text.erase(0, 8);
  const bool has_port = text.find(':') != std::string::npos;
  return parse_address(has_port ? text : text + ":443");
}

Result<void> take_bucket(const Arguments& arguments, ExportOptions& options) {
  if (!arguments.has("s3")) return {};
  const Result<Address> address = parse_store(arguments.text("s3"), options);
  if (!address) return tl::unexpected(address.error());
  if (!arguments.has("s3-bucket") || !arguments.has("s3-keys")) {
    return error(Errc::invalid, "--s3 needs --s3-bucket and --s3-keys");
  }
  Result<notify::S3Keys> keys = read_s3_keys(arguments.text("s3-keys"));
  if (!keys) return tl::unexpected<Error>(std::move(keys.error()));
  std::string prefix = arguments.has("s3-prefix") ? arguments.text("s3-prefix") : "";
  if (!prefix.empty() && prefix.back() != '/') prefix.push_back('/');
  options.s3 = *address;
  options.s3_keys = std::move(*keys);
  const bool usual_port = options.s3_tls && address->port == 443;
  options.bucket = {usual_port ? address->host : to_string(*address), arguments.text("s3-bucket"),
                    prefix, arguments.text("s3-region")};
  return {};
}

Result<ExportOptions> export_options(const Arguments& arguments) {
  ExportOptions options;
  const Result<Address> from = parse_address(arguments.text("from"));
  if (!from) return tl::unexpected(from.error());
  options.from = *from;
  if (arguments.has("to")) options.folders = split(arguments.text("to"), ',');
  const Result<Bytes> seed = read_key_file(arguments.text("key"), seed_bytes);
  if (!seed) return tl::unexpected(seed.error());
  options.key = crypto::signing_key_from_seed(*seed);
  if (arguments.has("every")) {
    const auto every_ms = parse_duration_ms(arguments.text("every"));
    if (!every_ms || *every_ms < 1000) return error(Errc::invalid, "--every is at least 1s");
    options.every_ms = *every_ms;
  }
  if (auto taken = take_bucket(arguments, options); !taken) {
    return tl::unexpected<Error>(std::move(taken.error()));
  }
  if (options.folders.empty() && !options.s3) {
    return error(Errc::invalid, "--to or --s3 must say where to");
  }
  return options;
}

class Exporter {
 public:
  Exporter(Process& process, ExportOptions options)
      : process_(process),
        options_(std::move(options)),
        site_(process.loop().net(), process.loop().timers(), options_.from,
              {.limits = {.body_bytes_max = copy_bytes_max}, .deadline_ms = request_ms_max}),
        failures_(process.metrics().counter("okiagari_notify_copy_failures_total",
                                            "Copies that could not be made or brought away.")),
        copied_at_(process.metrics().gauge("okiagari_notify_copied_at_ms",
                                           "When the newest copy that is everywhere was made.")) {
    for (const std::string& path : options_.folders) {
      folders_.emplace_back(path, options_.key.public_key);
    }
  }

  // Once, before begin().
  Result<void> open_store() {
    if (!options_.s3) return {};
    host::Loop& loop = process_.loop();
    if (options_.s3_tls) {
      auto tls = host::TlsNet::make(loop.net(), names_, loop.timers(), process_.log(), {});
      if (!tls) return tl::unexpected<Error>(std::move(tls.error()));
      tls_ = std::move(*tls);
    }
    Net& net = options_.s3_tls ? *tls_ : loop.net();
    net::HttpClientOptions client;
    client.deadline_ms = request_ms_max;
    client.host = options_.bucket.host;
    store_ = std::make_unique<net::HttpClient>(net, loop.timers(), *options_.s3, client);
    bucket_.emplace(loop.clock(), *store_, options_.bucket, options_.s3_keys);
    return {};
  }

  void begin() {
    net::HttpRequest request;
    request.method = "GET";
    request.target = "/internal/copy";
    site_.request(std::move(request), [this](Result<net::HttpResponse> response) {
      if (!response) return end("the status site does not answer: " + response.error().message);
      if (response->status != 200) return end("the status site makes no copy");
      Result<notify::SiteCopy> copy = notify::decode_site_copy(response->body);
      if (!copy) return end(copy.error().message);
      notify::sign_copy(*copy, options_.key);
      bring(std::move(*copy));
    });
  }

 private:
  // Each place for itself: one that fails keeps nothing from the others.
  void bring(notify::SiteCopy copy) {
    std::string fault;
    for (CopyFolder& folder : folders_) {
      const Result<void> written = folder.write(copy);
      if (!written) fault = folder.path() + ": " + written.error().message;
    }
    const WallTimeMs as_of = copy.as_of;
    const auto done = [this, as_of, fault](const Result<void>& stored) {
      const std::string why = stored ? fault : stored.error().message;
      if (why.empty()) copied_at_.set(as_of.value);
      end(why);
    };
    if (!bucket_) return done({});
    bucket_->write(std::move(copy), done);
  }

  void end(const std::string& fault) {
    if (!fault.empty()) failures_.add();
    if (options_.every_ms == 0) {
      if (fault.empty()) return process_.loop().stop();
      return process_.fail(fault);
    }
    // Said once for each change, not every few seconds.
    if (!fault.empty() && fault != last_fault_) {
      process_.log().warning("app", "no copy was made", {{"why", fault}});
    }
    last_fault_ = fault;
    process_.loop().timers().after_ms(options_.every_ms, [this] { begin(); });
  }

  Process& process_;
  ExportOptions options_;
  net::HttpClient site_;
  host::SystemNames names_{process_.loop()};
  std::unique_ptr<host::TlsNet> tls_;
  std::unique_ptr<net::HttpClient> store_;
  std::vector<CopyFolder> folders_;
  std::optional<CopyBucket> bucket_;
  Counter& failures_;
  Gauge& copied_at_;
  std::string last_fault_;
};

int run_export(const Arguments& arguments) {
  Result<ExportOptions> options = export_options(arguments);
  if (!options) return usage("status export", options.error().message);
  Process process("status export");
  if (auto done = process.serve_metrics(arguments); !done) process.fail(done.error().message);
  Exporter exporter(process, std::move(*options));
  if (auto done = exporter.open_store(); !done) process.fail(done.error().message);
  exporter.begin();
  return process.run();
}

int run_verify(const Arguments& arguments) {
  const Result<Bytes> key = read_key_file(arguments.text("key"), public_key_bytes);
  if (!key) return usage("status verify", key.error().message);
  notify::Manifest manifest;
  const auto faults = check_copy_folder(arguments.text("dir"), *key, manifest);
  if (!faults) {
    fmt::print(stderr, "okiagari status verify: {}\n", faults.error().message);
    return exit_code::verification_failed;
  }
  for (const std::string& fault : *faults) fmt::print(stderr, "{}\n", fault);
  const std::string as_of = rfc3339_utc(manifest.as_of);
  if (!faults->empty()) {
    fmt::print(stderr, "okiagari status verify: {} faults in the copy of {}\n", faults->size(),
               as_of);
    return exit_code::verification_failed;
  }
  const char* words = arguments.say({"{} files as they were signed, made at {}\n",
                                     "{} 個のファイルは署名のとおりです（作成時刻 {}）\n"});
  fmt::print(fmt::runtime(words), manifest.hashes.size(), as_of);
  return exit_code::ok;
}

CommandSpec export_command() {
  return {
      "status export",
      {"Writes signed copies of the status site for static hosts",
       "状況サイトの署名付きの写しを、静的な公開先に書き出す"},
      {{"from", "ADDRESS", "127.0.0.1:8090", {"of the status site", "状況サイトのアドレス"}},
       {"to", "DIRS", "", {"folders, each with a whole copy", "写しを置くフォルダー（複数可）"}},
       {"key", "FILE", "", {"seed that signs the manifest", "目録に署名する鍵"}, true},
       {"every", "TIME", "", {"again and again; else once", "繰り返す間隔（なければ1回）"}},
       {"s3",
        "ADDRESS",
        "",
        {"a host that speaks S3: https://NAME, or an address",
         "S3互換ホスト（https://名前、またはアドレス）"}},
       {"s3-bucket", "NAME", "", {"its bucket", "バケット"}},
       {"s3-prefix", "PATH", "", {"before every name", "名前の前に付ける部分"}},
       {"s3-region", "NAME", "us-east-1", {"of the bucket", "リージョン"}},
       {"s3-keys", "FILE", "", {"access_key and secret_key, as JSON", "鍵（JSON）"}},
       {"metrics", "ADDRESS", "", {"for /metrics", "/metrics 用アドレス"}}},
      run_export};
}

CommandSpec verify_command() {
  return {"status verify",
          {"Checks a copy of the status site against its signed manifest",
           "状況サイトの写しを、署名付きの目録と照合する"},
          {{"key", "FILE", "", {"public key of the copies", "写しの公開鍵"}, true}},
          run_verify,
          "dir"};
}

}  // namespace

std::vector<CommandSpec> status_copy_commands() { return {export_command(), verify_command()}; }

}  // namespace oki::app
