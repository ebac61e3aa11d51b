#include "notify/channels/bluesky_channel.h"

#include <charconv>
#include <utility>

#include "base/calendar.h"
#include "base/json.h"
#include "net/json_reader.h"
#include "notify/channels/request.h"

namespace oki::notify {
namespace {

constexpr std::size_t answer_bytes_max = 1u << 20;
constexpr std::uint32_t posts_per_minute_max = 30;
constexpr std::uint32_t burst = 10;
constexpr const char* collection = "app.bsky.feed.post";

std::string member(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  const auto text = found == nullptr ? std::nullopt : found->string();
  return text ? std::string(*text) : "";
}

// The address becomes a link only where the record says which bytes it is.
void append_facets(JsonWriter& json, const Post& post) {
  if (post.url.empty() || !ByteView(post.text).ends_with(post.url)) return;
  const std::size_t start = post.text.size() - post.url.size();
  json.key("facets").begin_array().begin_object().key("index").begin_object();
  json.field("byteStart", std::uint64_t{start});
  json.field("byteEnd", std::uint64_t{post.text.size()}).end_object();
  json.key("features").begin_array().begin_object();
  json.field("$type", "app.bsky.richtext.facet#link").field("uri", post.url);
  json.end_object().end_array().end_object().end_array();
}

Bytes record_of(const Post& post) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("$type", collection).field("text", post.text);
  json.key("langs").begin_array().string(post.language == Language::ja ? "ja" : "en").end_array();
  append_facets(json, post);
  json.field("createdAt", rfc3339_utc(post.at)).end_object();
  return body;
}

// Of an answer that refuses a token: it has ended, or the server has forgotten it.
bool is_token_refused(const Result<net::HttpResponse>& response) {
  if (!response) return false;
  if (response->status == 401) return true;
  if (response->status != 400) return false;
  const auto json = net::parse_json(response->body, answer_bytes_max);
  if (!json) return false;
  const std::string code = member(*json, "error");
  return code == "ExpiredToken" || code == "InvalidToken";
}

}  // namespace

std::string record_name(const Letter& letter, WallTimeMs at) {
  constexpr std::uint64_t us_per_ms = 1000;
  constexpr unsigned clock_bits = 10;
  const std::string key = idempotency_key(letter);
  std::uint64_t hash = 0;
  std::from_chars(key.data(), key.data() + 15, hash, 16);
  const std::uint64_t us =
      static_cast<std::uint64_t>(at.value) * us_per_ms + (hash >> clock_bits) % us_per_ms;
  std::uint64_t rest = (us << clock_bits | (hash & ((1u << clock_bits) - 1))) & ~(1ull << 63);
  std::string out(13, '2');
  for (std::size_t i = out.size(); i-- > 0; rest >>= 5) {
    out[i] = "234567abcdefghijklmnopqrstuvwxyz"[rest & 31];
  }
  return out;
}

ChannelRules bluesky_rules() {
  ChannelRules rules;
  rules.per_minute_max = posts_per_minute_max;
  rules.burst = burst;
  rules.after_unknown = AfterUnknown::resend;
  return rules;
}

BlueskyChannel::BlueskyChannel(net::HttpClient& client, Timers& timers, const Clock& clock,
                               BlueskyOptions options, PostWriter writer)
    : client_(client),
      clock_(clock),
      options_(std::move(options)),
      writer_(std::move(writer)),
      soon_(timers) {}

void BlueskyChannel::send(const Letter& letter, Sent sent) {
  const Result<Post> post = writer_(letter, bluesky_length);
  if (!post) return soon_.refuse(std::move(sent), post.error().message);
  jobs_.push_back({record_name(letter, post->at), record_of(*post), std::move(sent)});
  if (jobs_.size() == 1) next();
}

void BlueskyChannel::next() {
  if (jobs_.empty()) return;
  if (access_.empty()) return log_in();
  put();
}

void BlueskyChannel::call(const char* method, const std::string& token, Bytes body, Answered then) {
  net::HttpRequest request = post_of(std::string("/xrpc/com.atproto.") + method, std::move(body));
  if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
  client_.request(std::move(request),
                  [this, then](Result<net::HttpResponse> response) { (this->*then)(response); });
}

void BlueskyChannel::log_in() {
  jobs_.front().logged_in = true;
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("identifier", options_.identifier);
  json.field("password", options_.password).end_object();
  call("server.createSession", "", std::move(body), &BlueskyChannel::on_logged_in);
}

bool BlueskyChannel::take_session(const Result<net::HttpResponse>& response) {
  if (!response || response->status != 200) return false;
  const auto json = net::parse_json(response->body, answer_bytes_max);
  if (!json) return false;
  access_ = member(*json, "accessJwt");
  refresh_ = member(*json, "refreshJwt");
  did_ = member(*json, "did");
  if (access_.empty() || did_.empty()) access_.clear();
  return !access_.empty();
}

void BlueskyChannel::on_logged_in(const Result<net::HttpResponse>& response) {
  if (take_session(response)) return put();
  finish(before_the_post(response));
}

void BlueskyChannel::on_refreshed(const Result<net::HttpResponse>& response) {
  if (take_session(response)) return put();
  if (is_token_refused(response) && !jobs_.front().logged_in) return log_in();
  finish(before_the_post(response));
}

void BlueskyChannel::put() {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("repo", did_).field("collection", collection);
  json.field("rkey", jobs_.front().record_name).key("record").raw(jobs_.front().record);
  json.end_object();
  call("repo.putRecord", access_, std::move(body), &BlueskyChannel::on_put);
}

void BlueskyChannel::on_put(const Result<net::HttpResponse>& response) {
  if (!is_token_refused(response)) return finish(http_result(response, clock_.wall_now()));
  access_.clear();
  if (jobs_.front().logged_in) return finish(before_the_post(response));
  const std::string token = std::exchange(refresh_, {});
  if (token.empty() || std::exchange(jobs_.front().refreshed, true)) return log_in();
  call("server.refreshSession", token, {}, &BlueskyChannel::on_refreshed);
}

// Nothing has been posted yet, so an answer that tells nothing is no doubt about the letter.
AttemptResult BlueskyChannel::before_the_post(const Result<net::HttpResponse>& response) const {
  AttemptResult result = http_result(response, clock_.wall_now());
  result.text = "no session: " + result.text;
  if (result.outcome != Attempt::retry) result.outcome = Attempt::absent;
  return result;
}

void BlueskyChannel::finish(AttemptResult result) {
  const Job job = std::move(jobs_.front());
  jobs_.pop_front();
  const bool more = !jobs_.empty();
  job.sent(std::move(result));
  if (more) next();
}

}  // namespace oki::notify
