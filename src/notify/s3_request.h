// Requests to hosts that speak S3, signed by Signature Version 4 of Amazon ("Authenticating
// Requests: Using the Authorization Header", AWS General Reference). Path-style addresses only:
// /BUCKET/PREFIX/NAME, as every self-hosted store takes them.
#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/strong.h"
#include "net/http.h"

namespace oki::notify {

struct S3Keys {
  std::string access_key, secret_key;
};

struct S3Bucket {
  std::string host;  // As the client writes it into Host: "192.0.2.1:9000".
  std::string bucket;
  std::string prefix;  // Empty, or ends with a slash.
  std::string region = "us-east-1";
};

net::HttpRequest s3_put(const S3Bucket& bucket, const S3Keys& keys, const std::string& name,
                        const std::string& type, Bytes body, WallTimeMs now);
net::HttpRequest s3_delete(const S3Bucket& bucket, const S3Keys& keys, const std::string& name,
                           WallTimeMs now);

// The value of Authorization. `headers` are all that are signed, names in lower case, with host and
// x-amz-date among them; `path` is encoded already; no query.
struct S3Signed {
  std::string method, path;
  std::map<std::string, std::string> headers;
  std::string payload_hash;  // SHA-256 in hexadecimal.
};
std::string s3_authorization(const S3Signed& request, const S3Keys& keys,
                             const std::string& region);

}  // namespace oki::notify
