#include "drill/telling.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/crypto.h"
#include "host/loop.h"
#include "net/json_reader.h"

namespace oki::drill {
namespace {

constexpr const char* notices_path = "/notices";
constexpr const char* calls_path = "/calls";
constexpr std::size_t body_bytes_max = 1u << 20;

// Of the newest update of the incident that a post is about; nothing when it is about none.
std::optional<std::string> status_told(const SunkPost& post) {
  if (!ByteView(post.path).starts_with(notices_path)) return std::nullopt;
  const auto json = net::parse_json(post.body, body_bytes_max);
  const net::Json* incident = json ? json->find("incident") : nullptr;
  const net::Json* status = incident != nullptr ? incident->find("status") : nullptr;
  if (status == nullptr || !status->string()) return std::nullopt;
  return std::string(*status->string());
}

}  // namespace

Result<void> Telling::start(const std::string& directory, Random& random) {
  if (auto done = posts_.listen(); !done) return done;
  if (auto done = mails_.listen(); !done) return done;
  const std::string secret_file = directory + "/webhook.secret";
  const std::string secret = "whsec_" + crypto::base64(random.bytes(32)) + "\n";
  if (auto done = host::write_file(secret_file, secret, 0600); !done) return done;
  const std::string posts = to_string(posts_.address());
  const std::string toml = fmt::format(
      "[site]\nurl = \"https://status.drill\"\nname = \"Okiagari\"\n\n"
      "[mail]\nserver = \"{}\"\nhello = \"status.drill\"\nfrom = \"status@example.jp\"\n"
      "from_name = \"Okiagari\"\n\n"
      "[[channel]]\nservice = \"webhook\"\nname = \"notices\"\nlanguages = [\"en\"]\n"
      "format = \"statuspage\"\nurl = \"http://{}{}\"\nsecret_file = \"{}\"\n\n"
      "[pages]\noperator_url = \"https://operators.drill/{{incident}}\"\n\n"
      "[[pages.way]]\nkind = \"webhook\"\nname = \"calls\"\nurl = \"http://{}{}\"\n"
      "secret_file = \"{}\"\n",
      to_string(mails_.address()), posts, notices_path, secret_file, posts, calls_path,
      secret_file);
  channels_file_ = directory + "/channels.toml";
  return host::write_file(channels_file_, toml, 0600);
}

std::optional<MonoTimeNs> Telling::first_notice(MonoTimeNs from) const {
  for (const SunkPost& post : posts_.posts()) {
    if (post.at >= from && status_told(post)) return post.at;
  }
  return std::nullopt;
}

std::size_t Telling::notices(MonoTimeNs from) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      posts_.posts(), [&](const SunkPost& post) { return post.at >= from && status_told(post); }));
}

std::optional<MonoTimeNs> Telling::first_notice_of(ByteView status, MonoTimeNs from) const {
  for (const SunkPost& post : posts_.posts()) {
    if (post.at >= from && status_told(post) == std::string(status)) return post.at;
  }
  return std::nullopt;
}

std::optional<MonoTimeNs> Telling::first_call(MonoTimeNs from) const {
  const SunkPost* post = posts_.first(calls_path, from);
  if (post == nullptr) return std::nullopt;
  return post->at;
}

}  // namespace oki::drill
