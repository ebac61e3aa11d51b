#include "edge/gateway.h"

#include <algorithm>
#include <memory>

#include "net/asker.h"

namespace oki::edge {
namespace {

constexpr ByteView requests_name = "okiagari_edge_requests_total";
constexpr ByteView requests_help = "Requests by what they count as";

bool connected_to_any(const replica::ClusterView& view) {
  return std::find(view.connected.begin(), view.connected.end(), true) != view.connected.end();
}

// As answers.h writes it for Code::order_not_found; a longer one says more than that.
constexpr ByteView no_such_order = R"({"success":0,"data":{"code":50009}})";
constexpr std::uint16_t too_many_requests = 429;

std::int64_t seconds_up(std::int64_t ms) { return (ms + 999) / 1000; }

}  // namespace

Gateway::Gateway(const Parts& parts, const EdgeOptions& options)
    : parts_(parts),
      options_(options),
      applied_(parts.timers, parts.clock, options.applied_wait_ms, options.waiting_max),
      authenticator_(parts.clock, options.sealing_key, options.keys_max),
      rate_limits_(options.rate_accounts_max),
      update_limits_(options.rate_accounts_max),
      throttles_told_(options.rate_accounts_max),
      public_api_(parts.clock, parts.projection, parts.books),
      account_api_(parts.projection),
      sessions_({parts.timers, parts.cluster, parts.metrics}, options.sessions),
      order_desk_({parts.clock, parts.cluster, applied_, parts.projection, parts.metrics, sessions_,
                   parts.control == nullptr ? nullptr : &parts.control->settings()},
                  options),
      refusals_(std::make_shared<Refusals>(parts.timers, parts.metrics)),
      public_requests_(parts.metrics.counter(requests_name, requests_help, "class=\"public\"")),
      queries_(parts.metrics.counter(requests_name, requests_help, "class=\"query\"")),
      updates_(parts.metrics.counter(requests_name, requests_help, "class=\"update\"")),
      refused_(parts.metrics.counter("okiagari_edge_unauthenticated_total",
                                     "Requests refused before anyone was known to send them")),
      throttled_(
          parts.metrics.counter("okiagari_edge_throttled_total", "Queries refused for their rate")),
      unserved_(parts.metrics.counter("okiagari_edge_unserved_total",
                                      "Requests refused because this edge could not serve them")) {}

void Gateway::handle(const net::HttpRequest& request, Respond respond, std::uint64_t connection,
                     const Address* peer) {
  const auto match = find_route(request.method, request.path());
  if (!match) {
    refuse_unnamed(request, peer);
    return respond(refused(match.error()));
  }
  const Route& route = *match->route;
  if (route.endpoint == Endpoint::health) return respond(health());
  const bool updates = route.access == Access::update;
  if ((draining() || !ready_) && updates && records_ != nullptr) records_->add_unnamed();
  if (draining()) return respond(not_taken("This edge is being taken out, use another one"));
  if (!ready_) {
    (route.access == Access::everyone ? public_requests_
     : route.access == Access::query  ? queries_
                                      : updates_)
        .add();
    unserved_.add();
    return respond(not_taken("This edge has not read the exchange's state yet"));
  }
  if (route.access == Access::everyone) return answer_public(*match, respond);
  handle_signed(route, request, std::move(respond), connection, peer);
}

void Gateway::refuse_unnamed(const net::HttpRequest& request, const Address* peer) {
  refused_.add();
  if (peer != nullptr) refusals_->add_unnamed(net::asker_of(*peer, request));
}

const Settings& Gateway::settings() const {
  static const Settings defaults;
  return parts_.control == nullptr ? defaults : parts_.control->settings();
}

void Gateway::answer_public(const Match& match, const Respond& respond) {
  public_requests_.add();
  const RateGrant grant =
      public_limit_.take({}, settings().public_per_second_max, parts_.clock.mono_now());
  if (!grant.granted) {
    throttled_.add();
    return respond(throttled("Too many requests at this edge", seconds_up(grant.retry_ms)));
  }
  const bool can_trade = parts_.cluster.view().leader_known;
  respond(public_api_.answer(match.route->endpoint, match.args, can_trade));
}

bool Gateway::within_tightened(core::AccountId account, const Respond& respond) {
  const std::uint32_t per_second = settings().updates_per_second_max;
  const auto& house = options_.house_accounts;
  if (per_second == 0 || std::find(house.begin(), house.end(), account) != house.end()) return true;
  const RateGrant grant = update_limits_.take(account, per_second, parts_.clock.mono_now());
  if (grant.granted) return true;
  throttled_.add();
  remember_throttled(account);
  respond(throttled("Too many orders per second at this edge", seconds_up(grant.retry_ms)));
  return false;
}

void Gateway::remember_throttled(core::AccountId account) {
  if (records_ == nullptr) return;
  if (!throttles_told_.take(account, 1, parts_.clock.mono_now()).granted) return;
  FailedRequest record;
  record.at = parts_.clock.wall_now();
  record.account = account;
  record.ending = Ending::throttled;
  records_->add(record);
}

Respond Gateway::counting(const Route& route, core::AccountId account, Respond respond) {
  const bool updates = route.access == Access::update;
  if (!updates && route.endpoint != Endpoint::order) return respond;
  return [refusals = refusals_, account, updates,
          respond = std::move(respond)](net::HttpResponse response) {
    if (updates && response.status == too_many_requests) refusals->add_throttled(account);
    if (response.body == no_such_order) refusals->add_unknown_id(account);
    respond(std::move(response));
  };
}

void Gateway::handle_signed(const Route& route, const net::HttpRequest& request, Respond respond,
                            std::uint64_t connection, const Address* peer) {
  const auto caller =
      authenticator_.check(request, parts_.projection, settings().time_window_max_ms);
  if (!caller) {
    refuse_unnamed(request, peer);
    const auto* key = parts_.projection.api_key(request.header("ACCESS-KEY"));
    if (key != nullptr) refusals_->add_wrong(key->account);
    return respond(refused(caller.error()));
  }
  respond = counting(route, caller->account, std::move(respond));
  (route.access == Access::query ? queries_ : updates_).add();
  if (route.access == Access::update && !within_tightened(caller->account, respond)) return;
  auto limited = within_limits(route, caller->account, std::move(respond));
  if (!limited) return;
  auto params = request.method == "POST" ? Params::from_body(request.body)
                                         : Params::from_query(request.query());
  if (!params) return (*limited)(refused(params.error()));
  if (route.access == Access::update) {
    return order_desk_.take(
        route.endpoint, *caller, *params,
        [this, connection](ByteView sid) { return find_session(sid, connection); },
        std::move(*limited), connection);
  }
  read(route.endpoint, caller->account, std::move(*params), std::move(*limited));
}

Checked<core::SessionId> Gateway::find_session(ByteView sid, std::uint64_t connection) {
  if (!sid.empty()) {
    const auto stream = find_stream_ ? find_stream_(sid) : std::nullopt;
    if (!stream) return tl::unexpected(field::cancel_on_disconnect.invalid);
    connection = *stream;
  }
  if (connection == 0) return tl::unexpected(field::cancel_on_disconnect.invalid);
  const auto session = sessions_.of(connection);
  if (!session) return tl::unexpected(Code::system_busy);
  return *session;
}

// Reads answer from this edge's own copy: they may miss what was done through another edge a
// moment ago, never what was answered here.
void Gateway::read(Endpoint endpoint, core::AccountId account, Params params, Respond respond) {
  const LogIndex lagging = order_desk_.lagging(account);
  if (lagging.value == 0) return answer_query(endpoint, account, params, std::move(respond));
  applied_.when(lagging, [this, endpoint, account, respond = std::move(respond),
                          params = std::make_shared<Params>(std::move(params))](bool reached) {
    if (!reached) {
      unserved_.add();
      return respond(not_taken("This edge is behind the exchange, ask again"));
    }
    answer_query(endpoint, account, *params, respond);
  });
}

void Gateway::answer_query(Endpoint endpoint, core::AccountId account, const Params& params,
                           Respond respond) {
  const bool old =
      history_ != nullptr && history_->takes(endpoint, account, params, applied_.index(), respond);
  if (!old) respond(account_api_.answer(endpoint, account, params));
}

// 0 stands for no limit, so a small share of a limit is still one.
std::uint32_t Gateway::share_of(std::uint32_t per_second) const {
  if (per_second == 0) return 0;
  const std::uint64_t parts = std::uint64_t{options_.edges} * 100;
  return static_cast<std::uint32_t>(
      (std::uint64_t{per_second} * settings().query_percent + parts - 1) / parts);
}

std::optional<Respond> Gateway::within_limits(const Route& route, core::AccountId account,
                                              Respond respond) {
  const history::Projection::Account* known = parts_.projection.account(account);
  if (!options_.rate_limits || known == nullptr) return respond;
  if (route.access == Access::update) {
    const std::uint32_t limit = known->updates_per_second;
    if (limit == 0) return respond;
    return [limit, respond = std::move(respond)](net::HttpResponse response) {
      response.headers.push_back({"X-RateLimit-Limit", std::to_string(limit)});
      respond(std::move(response));
    };
  }
  const std::uint32_t share = share_of(known->queries_per_second);
  const RateGrant grant = rate_limits_.take(account, share, parts_.clock.mono_now());
  if (grant.limit == 0) return respond;
  const std::int64_t reset_s = seconds_up(parts_.clock.wall_now().value + grant.reset_ms);
  auto with_limits = [grant, reset_s, respond = std::move(respond)](net::HttpResponse response) {
    response.headers.push_back({"X-RateLimit-Limit", std::to_string(grant.limit)});
    response.headers.push_back({"X-RateLimit-Remaining", std::to_string(grant.remaining)});
    response.headers.push_back({"X-RateLimit-Reset", std::to_string(reset_s)});
    respond(std::move(response));
  };
  if (grant.granted) return with_limits;
  throttled_.add();
  refusals_->add_throttled(account);
  with_limits(throttled("Too many queries per second", seconds_up(grant.retry_ms)));
  return std::nullopt;
}

// 200 as long as this edge can serve reads that are not stale; who has no leader is not at fault.
net::HttpResponse Gateway::health() const {
  const replica::ClusterView& view = parts_.cluster.view();
  const bool healthy = ready_ && connected_to_any(view) && !draining();
  const std::int64_t age_ms = (parts_.clock.mono_now() - reached_at_) / ns_per_ms;
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("healthy", healthy).field("ready", ready_);
  json.field("draining", draining());
  json.field("leader_known", view.leader_known).field("leader_seat", int(view.leader_seat));
  json.field("term", view.term.value).field("index", applied_.index().value);
  json.field("block_age_ms", age_ms).field("in_flight", std::uint64_t{order_desk_.in_flight()});
  json.end_object();
  return net::json_response(healthy ? 200 : 503, std::move(body));
}

void Gateway::reached(LogIndex index) {
  ready_ = true;
  reached_at_ = parts_.clock.mono_now();
  applied_.reached(index);
}

}  // namespace oki::edge
