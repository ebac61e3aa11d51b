#include "edge/admin.h"

#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/decimal.h"
#include "crypto/crypto.h"
#include "edge/settings_json.h"

namespace oki::edge {
namespace {

constexpr std::int64_t version_max = 1'000'000'000;

net::HttpResponse refusal(std::uint16_t status, ByteView sentence) {
  Bytes body;
  JsonWriter(body).begin_object().field("error", sentence).end_object();
  return net::json_response(status, std::move(body));
}

// "/admin/state?after=7"; without it, all of them.
std::optional<std::uint64_t> after_of(const net::HttpRequest& request) {
  constexpr ByteView name = "after=";
  const ByteView query = request.query();
  if (query.empty()) return 0;
  if (!query.starts_with(name)) return std::nullopt;
  return parse_decimal(query.substr(name.size()), 0);
}

std::uint16_t status_of(Errc code) {
  switch (code) {
    case Errc::invalid:
      return 400;
    case Errc::not_found:
    case Errc::exists:
      return 409;
    default:
      return 503;
  }
}

// The members of a request's body; each is asked for once, and what nobody asked for is refused.
class Members {
 public:
  explicit Members(const net::Json& json) : json_(json) {}

  std::optional<std::string> text(ByteView name) {
    ++asked_;
    const net::Json* found = json_.find(name);
    if (found == nullptr || !found->string()) return std::nullopt;
    return std::string(*found->string());
  }
  std::optional<std::int64_t> number(ByteView name) {
    ++asked_;
    const net::Json* found = json_.find(name);
    return found == nullptr ? std::nullopt : found->integer();
  }
  Result<SettingChanges> settings(ByteView name) {
    ++asked_;
    const net::Json* found = json_.find(name);
    if (found == nullptr) return error(Errc::invalid, "'set' is missing");
    return read_setting_changes(*found);
  }
  bool has_more() const { return json_.object() == nullptr || json_.object()->size() > asked_; }

 private:
  const net::Json& json_;
  std::size_t asked_ = 0;
};

Result<Control::Try> change_with_settings(ByteView what, Members& members, const Said& said) {
  const auto set = members.settings("set");
  if (!set) return tl::unexpected<Error>(set.error());
  if (what == "apply") {
    return [set = *set, said](SettingsBook& book, WallTimeMs now) {
      return book.apply(set, said, now);
    };
  }
  const auto for_ms = members.number("for_ms");
  if (!for_ms) return error(Errc::invalid, "'for_ms' is missing");
  return [set = *set, for_ms = *for_ms, said](SettingsBook& book, WallTimeMs now) {
    return book.tighten(set, for_ms, said, now);
  };
}

Result<Control::Try> change_of(ByteView what, Members& members, const Said& said) {
  if (what == "apply" || what == "tighten") return change_with_settings(what, members, said);
  if (what == "rollback") {
    const auto to = members.number("to");
    if (!to || *to < 0 || *to > version_max) {
      return error(Errc::invalid, "'to' must be a version");
    }
    return [to = static_cast<std::uint32_t>(*to), said](SettingsBook& book, WallTimeMs now) {
      return book.roll_back(to, said, now);
    };
  }
  if (what == "drain") {
    const auto for_ms = members.number("for_ms");
    if (!for_ms) return error(Errc::invalid, "'for_ms' is missing");
    return [for_ms = *for_ms, said](SettingsBook& book, WallTimeMs now) {
      return book.drain(for_ms, said, now);
    };
  }
  if (what == "restore") {
    return [said](SettingsBook& book, WallTimeMs now) { return book.restore(said, now); };
  }
  if (what == "undrain") {
    return [said](SettingsBook& book, WallTimeMs now) { return book.undrain(said, now); };
  }
  return error(Errc::unavailable, "no such page");
}

Result<Control::Try> read_change(ByteView what, ByteView body) {
  const auto json = net::parse_json(body, admin_body_bytes_max);
  if (!json) return error(Errc::invalid, "the body is not a JSON object");
  Members members(*json);
  const auto by = members.text("by");
  const auto words = members.text("words");
  if (!by || !words) return error(Errc::invalid, "'by' and 'words' must be texts");
  auto change = change_of(what, members, {*by, *words});
  if (change && members.has_more()) return error(Errc::invalid, "there is an unknown member");
  return change;
}

}  // namespace

Admin::Admin(Control& control, Metrics& metrics, Bytes token)
    : control_(control),
      token_(std::move(token)),
      refused_(metrics.counter("okiagari_edge_admin_refused_total",
                               "Requests of operators without the token")) {
  ASSERT(token_.size() >= admin_token_bytes_min);
}

void Admin::handle(const net::HttpRequest& request, Respond respond) {
  if (!crypto::equal_constant_time(request.header("Authorization"), "Bearer " + token_)) {
    refused_.add();
    net::HttpResponse response = refusal(401, "the token is missing or wrong");
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return respond(std::move(response));
  }
  if (request.method == "GET" && request.path() == "/admin/state") {
    const auto after = after_of(request);
    return respond(after ? state(*after) : refusal(400, "'after' must be a change's number"));
  }
  if (request.method == "POST") return change(request, respond);
  respond(refusal(404, "no such page"));
}

void Admin::change(const net::HttpRequest& request, const Respond& respond) {
  constexpr ByteView prefix = "/admin/";
  const ByteView path = request.path();
  auto change = read_change(path.substr(std::min(prefix.size(), path.size())), request.body);
  if (!change) {
    const bool unknown = change.error().code == Errc::unavailable;
    return respond(refusal(unknown ? 404 : 400, change.error().message));
  }
  control_.change(*change, [this, respond](Result<void> done) {
    if (!done) return respond(refusal(status_of(done.error().code), done.error().message));
    respond(state(0));
  });
}

net::HttpResponse Admin::state(std::uint64_t after) const {
  const SettingsBook& book = control_.book();
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("version", std::uint64_t{book.version()}).key("settings");
  write(json, book.version_settings());
  json.key("in_force");
  write(json, book.in_force());
  const auto until = [](const std::optional<WallTimeMs>& time) {
    return time ? time->value : std::int64_t{0};
  };
  json.field("tightened_until", until(book.tightened_until()));
  json.field("draining_until", until(book.draining_until()));
  json.field("last_change", std::uint64_t{book.changes().back().number});
  json.key("changes").begin_array();
  for (const Change& change : book.changes()) {
    if (change.number > after) write(json, change);
  }
  json.end_array().end_object();
  return net::json_response(200, std::move(body));
}

}  // namespace oki::edge
