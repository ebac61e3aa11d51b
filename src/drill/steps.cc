#include "drill/steps.h"

namespace oki::drill {
namespace {

constexpr std::size_t attempts_max = 20;
constexpr std::int64_t again_ms = 250;
constexpr std::int64_t look_ms = 50;

}  // namespace

// The loop ends for many reasons; one that nobody here asked for is the user's.
void Steps::run_until(const std::function<bool()>& holds) {
  if (interrupted_ || holds()) return;
  session_.run();
  if (!holds()) interrupted_ = true;
}

ApiAnswer Steps::once(const Send& send) {
  auto answer = std::make_shared<std::optional<ApiAnswer>>();
  Session& session = session_;
  send([answer, &session](const ApiAnswer& given) {
    *answer = given;
    session.stop_running();
  });
  run_until([&] { return answer->has_value(); });
  return answer->value_or(ApiAnswer{});
}

ApiAnswer Steps::repeated(const Send& send) {
  ApiAnswer answer;
  for (std::size_t attempt = 0; attempt < attempts_max && !interrupted_; ++attempt) {
    answer = once(send);
    const bool again =
        answer.outcome == ApiOutcome::throttled || answer.outcome == ApiOutcome::not_taken;
    if (!again) break;
    wait_ms(again_ms);
  }
  return answer;
}

ApiAnswer Steps::get(const DrillAccount& account, const std::string& target) {
  return repeated([&](ApiClient::Done done) {
    session_.api().get(0, account.key, account.secret, target, std::move(done));
  });
}

ApiAnswer Steps::post(const DrillAccount& account, const std::string& target,
                      const std::string& body) {
  return repeated([&](ApiClient::Done done) {
    session_.api().post(0, account.key, account.secret, target, body, std::move(done));
  });
}

std::optional<net::HttpResponse> Steps::ask(const Address& server, net::HttpRequest request) {
  auto& client = servers_[to_string(server)];
  if (!client) {
    host::Loop& loop = session_.loop();
    client = std::make_unique<net::HttpClient>(loop.net(), loop.timers(), server,
                                               net::HttpClientOptions{});
  }
  auto answer = std::make_shared<std::optional<Result<net::HttpResponse>>>();
  Session& session = session_;
  client->request(std::move(request), [answer, &session](Result<net::HttpResponse> given) {
    *answer = std::move(given);
    session.stop_running();
  });
  run_until([&] { return answer->has_value(); });
  if (!answer->has_value() || !**answer) return std::nullopt;
  return std::move(***answer);
}

std::optional<net::HttpResponse> Steps::page(const Address& server, const std::string& target) {
  net::HttpRequest request;
  request.method = "GET";
  request.target = target;
  return ask(server, std::move(request));
}

std::optional<core::Reply> Steps::submit(const core::Command& command) {
  auto reply = std::make_shared<std::optional<replica::Answer>>();
  Session& session = session_;
  session_.submit(command, [reply, &session](const replica::Answer& answer) {
    *reply = answer;
    session.stop_running();
  });
  run_until([&] { return reply->has_value(); });
  const bool answered = *reply && (*reply)->outcome == replica::Outcome::answered;
  return answered ? core::decode_reply((*reply)->reply) : std::nullopt;
}

void Steps::wait_ms(std::int64_t ms) {
  auto over = std::make_shared<bool>(false);
  Session& session = session_;
  session_.loop().timers().after_ms(ms, [over, &session] {
    *over = true;
    session.stop_running();
  });
  run_until([&] { return *over; });
}

bool Steps::wait_for(std::int64_t patience_ms, const std::function<bool()>& holds) {
  const Clock& clock = session_.loop().clock();
  const MonoTimeNs deadline = clock.mono_now() + patience_ms * ns_per_ms;
  while (!interrupted_) {
    if (holds()) return true;
    if (clock.mono_now() >= deadline) return false;
    wait_ms(look_ms);
  }
  return false;
}

bool Steps::check(const std::string& what, const std::string& expected, const std::string& seen) {
  checks_.push_back({what, expected, seen});
  return checks_.back().ok();
}

std::string text_of(const net::Json& object, ByteView name) {
  const net::Json* value = object.find(name);
  if (value == nullptr) return "absent";
  if (value->is_null()) return "null";
  if (const auto text = value->string()) return std::string(*text);
  if (const auto number = value->number_text()) return std::string(*number);
  if (const auto truth = value->boolean()) return *truth ? "true" : "false";
  return "of another kind";
}

std::int64_t number_of(const net::Json& object, ByteView name) {
  const net::Json* value = object.find(name);
  return value == nullptr ? 0 : value->integer().value_or(0);
}

}  // namespace oki::drill
