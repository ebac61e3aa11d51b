#include "notify/s3_request.h"

#include <fmt/format.h>

#include <utility>

#include "base/calendar.h"
#include "crypto/crypto.h"

namespace oki::notify {
namespace {

// "20130524T000000Z"
std::string stamp(WallTimeMs time) {
  const Date date = utc_date(time);
  const std::int64_t seconds = (time.value - days_since_1970(date) * ms_per_day) / 1000;
  return fmt::format("{}T{:02}{:02}{:02}Z", yyyymmdd(date), seconds / 3600, seconds / 60 % 60,
                     seconds % 60);
}

// RFC 3986, slashes kept.
std::string encoded(ByteView path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || c == '/';
    if (plain) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

net::HttpRequest signed_request(S3Signed request, const S3Keys& keys, const S3Bucket& bucket,
                                Bytes body, WallTimeMs now) {
  request.payload_hash = crypto::hex(crypto::sha256(body));
  request.headers["host"] = bucket.host;
  request.headers["x-amz-content-sha256"] = request.payload_hash;
  request.headers["x-amz-date"] = stamp(now);
  net::HttpRequest out;
  out.method = request.method;
  out.target = request.path;
  out.body = std::move(body);
  for (const auto& [name, value] : request.headers) {
    if (name != "host") out.headers.push_back({name, value});
  }
  out.headers.push_back({"Authorization", s3_authorization(request, keys, bucket.region)});
  return out;
}

std::string path_of(const S3Bucket& bucket, const std::string& name) {
  return encoded("/" + bucket.bucket + "/" + bucket.prefix + name);
}

}  // namespace

net::HttpRequest s3_put(const S3Bucket& bucket, const S3Keys& keys, const std::string& name,
                        const std::string& type, Bytes body, WallTimeMs now) {
  S3Signed request{"PUT", path_of(bucket, name), {{"content-type", type}}, {}};
  // Whoever reads a copy is to get the newest one.
  request.headers["cache-control"] = "max-age=10";
  return signed_request(std::move(request), keys, bucket, std::move(body), now);
}

net::HttpRequest s3_delete(const S3Bucket& bucket, const S3Keys& keys, const std::string& name,
                           WallTimeMs now) {
  return signed_request({"DELETE", path_of(bucket, name), {}, {}}, keys, bucket, {}, now);
}

std::string s3_authorization(const S3Signed& request, const S3Keys& keys,
                             const std::string& region) {
  std::string names;
  std::string canonical = request.method + "\n" + request.path + "\n\n";
  for (const auto& [name, value] : request.headers) {
    canonical += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  canonical += "\n" + names + "\n" + request.payload_hash;
  const std::string& time = request.headers.at("x-amz-date");
  const std::string day = time.substr(0, 8);
  const std::string scope = day + "/" + region + "/s3/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + crypto::hex(crypto::sha256(canonical));
  Bytes key = crypto::hmac_sha256("AWS4" + keys.secret_key, day);
  for (const ByteView part : {ByteView(region), ByteView("s3"), ByteView("aws4_request")}) {
    key = crypto::hmac_sha256(key, part);
  }
  return "AWS4-HMAC-SHA256 Credential=" + keys.access_key + "/" + scope +
         ",SignedHeaders=" + names + ",Signature=" + crypto::hex(crypto::hmac_sha256(key, to_sign));
}

}  // namespace oki::notify
