#include "app/process.h"
#include "app/server_commands.h"
#include "notify/status_site.h"

namespace oki::app {
namespace {

constexpr std::size_t public_key_bytes = 32;

// One key for each watch, by seat.
Result<std::vector<Bytes>> watch_keys(const Arguments& arguments) {
  const char* option = arguments.has("watch-key") ? "watch-key" : "verify-key";
  std::vector<Bytes> keys;
  for (const std::string& path : split(arguments.text(option), ',')) {
    Result<Bytes> key = read_key_file(path, public_key_bytes);
    if (!key) return tl::unexpected<Error>(std::move(key.error()));
    keys.push_back(std::move(*key));
  }
  if (keys.size() != 1 && keys.size() != 3) {
    return error(Errc::invalid, "--watch-key must name the keys of one watch or of three");
  }
  return keys;
}

int run_status(const Arguments& arguments) {
  const Result<Address> listen = parse_address(arguments.text("listen"));
  if (!listen) return usage("status", listen.error().message);
  Result<std::vector<Bytes>> keys = watch_keys(arguments);
  if (!keys) return usage("status", keys.error().message);
  Process process("status");
  host::Loop& loop = process.loop();
  Result<std::unique_ptr<Disk>> disk = loop.open_disk(arguments.text("dir"));
  if (!disk) return usage("status", disk.error().message);
  notify::StatusSiteOptions options;
  options.watch_public_keys = std::move(*keys);
  const auto given = [&](const char* option) {
    return arguments.has(option) ? arguments.text(option) : std::string();
  };
  options.site.links = {given("faq"), given("support"), given("subscribe")};
  options.site.security_contact = given("security-contact");
  notify::StatusSite site({loop.clock(), **disk, process.log(), process.metrics()}, options);
  net::HttpServer server(loop.net(), loop.timers(), loop.clock(), site, {});
  site.start();
  const Result<Address> bound = server.listen(*listen);
  if (bound) {
    const bool named = arguments.has("url");
    site.set_public_url(named ? arguments.text("url") : "http://" + to_string(*bound));
  } else {
    process.fail(bound.error().message);
  }
  if (auto done = process.serve_metrics(arguments); !done) process.fail(done.error().message);
  const int code = process.run();
  disk->reset();  // Waits for what is being written, while the site is still there to be told.
  return code;
}

}  // namespace

CommandSpec status_command() {
  return {"status",
          {"Serves the status site: pages, and JSON in the Statuspage v2 shape",
           "状況サイト（ページと Statuspage v2 形式の JSON）を公開する"},
          {{"listen", "ADDRESS", "127.0.0.1:8090", {"for everyone", "公開用アドレス"}},
           {"metrics", "ADDRESS", "", {"for /metrics", "/metrics 用アドレス"}},
           {"dir",
            "DIR",
            "",
            {"keeps the last signed messages", "最後の署名付き通知を保存する場所"},
            true},
           {"watch-key",
            "FILES",
            "",
            {"public key of each watch, by seat: one, or three",
             "各監視プロセスの公開鍵（席順に1つまたは3つ）"}},
           {"verify-key", "FILE", "", {"the same, of one watch", "同上（監視が1つの場合）"}},
           {"url", "URL", "", {"public address of the site", "サイトの公開 URL"}},
           {"subscribe", "URL", "", {"where people ask for mail", "メール登録の URL"}},
           {"faq", "URL", "", {"answers to common questions", "よくある質問の URL"}},
           {"support", "URL", "", {"where people ask for help", "お問い合わせの URL"}},
           {"security-contact", "URI", "", {"for security.txt", "security.txt の連絡先"}}},
          run_status};
}

}  // namespace oki::app
