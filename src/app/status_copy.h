// Brings the files of a site copy to where people read them: folders of this machine, and a bucket.
//
// Only what changed is written; the manifest last, and only when everything before it is there.
// What an earlier copy had and this one has not is removed; other people's files are left alone.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http_client.h"
#include "notify/s3_request.h"
#include "notify/site_copy.h"

namespace oki::app {

// A folder, written with blocking calls: a process that answers nobody may wait for a disk.
class CopyFolder {
 public:
  // `public_key`: whose earlier copy may be cleaned up.
  CopyFolder(std::string path, Bytes public_key);

  Result<void> write(const notify::SiteCopy& copy);
  const std::string& path() const { return path_; }

 private:
  void learn_earlier();

  std::string path_;
  Bytes public_key_;
  std::map<std::string, std::string> hashes_;  // Of what is there, as far as we wrote it.
};

class CopyBucket {
 public:
  CopyBucket(const Clock& clock, net::HttpClient& client, notify::S3Bucket bucket,
             notify::S3Keys keys)
      : clock_(clock), client_(client), bucket_(std::move(bucket)), keys_(std::move(keys)) {}

  // One request after the other. REQUIRES: the last write has called back.
  void write(notify::SiteCopy copy, std::function<void(Result<void>)> done);

 private:
  void next();
  void finish(Result<void> result);

  const Clock& clock_;
  net::HttpClient& client_;
  notify::S3Bucket bucket_;
  notify::S3Keys keys_;
  std::map<std::string, std::string> hashes_;
  notify::SiteCopy copy_;
  std::size_t position_ = 0;
  std::vector<std::string> gone_;
  std::function<void(Result<void>)> done_;
};

// The manifest's word on a folder: what is wrong with it, one sentence each; none when all is well.
Result<std::vector<std::string>> check_copy_folder(const std::string& path, ByteView public_key,
                                                   notify::Manifest& manifest);

}  // namespace oki::app
