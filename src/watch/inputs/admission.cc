#include "watch/inputs/admission.h"

#include "base/json.h"

namespace oki::watch::inputs {

std::uint16_t status_of(Refused refused) {
  switch (refused) {
    case Refused::none:
      return 200;
    case Refused::unauthenticated:
      return 401;
    case Refused::other_door:
      return 403;
    case Refused::too_long:
      return 413;
    case Refused::too_many:
      return 429;
    case Refused::malformed:
      return 400;
    case Refused::media_type:
      return 415;
  }
  return 400;
}

const char* name(Refused refused) {
  switch (refused) {
    case Refused::none:
      return "none";
    case Refused::unauthenticated:
      return "unauthenticated";
    case Refused::other_door:
      return "other_door";
    case Refused::too_long:
      return "too_long";
    case Refused::too_many:
      return "too_many";
    case Refused::malformed:
      return "malformed";
    case Refused::media_type:
      return "media_type";
  }
  return "";
}

net::HttpResponse refusal(Refused refused, const std::string& why) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("error", name(refused));
  if (!why.empty()) json.field("message", ByteView(why));
  json.end_object();
  net::HttpResponse response = net::json_response(status_of(refused), std::move(body));
  if (refused == Refused::unauthenticated) {
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
  }
  if (refused == Refused::too_many) response.headers.push_back({"Retry-After", "60"});
  return response;
}

}  // namespace oki::watch::inputs
