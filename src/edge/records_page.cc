#include "edge/records_page.h"

#include <fmt/format.h>

#include <utility>

#include "edge/params.h"

namespace oki::edge {
namespace {

constexpr Field from_field = field::added("from", "from must be a time in milliseconds");
constexpr Field to_field = field::added("to", "to must be a time in milliseconds, not before from");
constexpr Field segment_field = field::added("segment", "segment must be a number");
constexpr Field offset_field = field::added("offset", "offset must be a number below 2^32");

struct Wanted {
  WallTimeMs from, to;
  RecordPlace place;
};

Checked<Wanted> wanted_by(const net::HttpRequest& request) {
  const auto params = Params::from_query(request.query());
  if (!params) return tl::unexpected(params.error());
  const auto from = params->whole(from_field);
  const auto to = params->whole(to_field);
  const auto segment = params->whole(segment_field);
  const auto offset = params->whole(offset_field);
  if (!from || !*from) return tl::unexpected(from_field.invalid);
  if (!to || !*to || **to < **from) return tl::unexpected(to_field.invalid);
  if (!segment) return tl::unexpected(segment_field.invalid);
  if (!offset || offset->value_or(0) > 0xffff'ffff) return tl::unexpected(offset_field.invalid);
  return Wanted{{**from},
                {**to},
                {static_cast<std::uint64_t>(segment->value_or(0)),
                 static_cast<std::uint32_t>(offset->value_or(0))}};
}

net::HttpResponse response_of(const Result<RecordPage>& page) {
  if (!page && page.error().code == Errc::full) {
    return net::text_response(503, page.error().message + '\n');
  }
  if (!page) return net::text_response(500, page.error().message + '\n');
  net::HttpResponse response;
  response.headers.push_back({"Content-Type", "application/octet-stream"});
  response.headers.push_back({"Cache-Control", "no-store"});
  response.body = encode(*page);
  return response;
}

}  // namespace

void answer_records(Records& records, const net::HttpRequest& request, Respond respond) {
  if (request.method != "GET") return respond(net::text_response(405, "only GET\n"));
  const auto wanted = wanted_by(request);
  if (!wanted) {
    return respond(net::text_response(400, std::string(wanted.error().reason()) + '\n'));
  }
  records.page(wanted->from, wanted->to, wanted->place,
               [respond = std::move(respond)](const Result<RecordPage>& page) {
                 respond(response_of(page));
               });
}

std::string records_target(WallTimeMs from, WallTimeMs to, RecordPlace place) {
  std::string target = fmt::format("{}?from={}&to={}", records_path, from.value, to.value);
  if (place.segment != 0) {
    target += fmt::format("&segment={}&offset={}", place.segment, place.offset);
  }
  return target;
}

}  // namespace oki::edge
