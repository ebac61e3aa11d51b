#include "app/status_copy.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "host/loop.h"

namespace oki::app {
namespace {

constexpr int file_mode = 0644;
constexpr mode_t folder_mode = 0755;

std::string hash_of(const notify::CopyFile& file) { return crypto::hex(crypto::sha256(file.body)); }

bool is_manifest(const std::string& name) {
  return name == notify::manifest_name || name == notify::manifest_signature_name;
}

std::vector<std::string> names_gone(const std::map<std::string, std::string>& had,
                                    const notify::SiteCopy& copy) {
  std::set<std::string> names;
  for (const notify::CopyFile& file : copy.files) names.insert(file.name);
  std::vector<std::string> gone;
  for (const auto& [name, hash] : had) {
    if (!names.contains(name)) gone.push_back(name);
  }
  return gone;
}

Result<notify::Manifest> read_manifest(const std::string& path, ByteView public_key) {
  const auto read = [&](const char* name) {
    return host::read_file(path + "/" + name, notify::copy_file_bytes_max);
  };
  const Result<Bytes> manifest = read(notify::manifest_name);
  if (!manifest) return tl::unexpected(manifest.error());
  const Result<Bytes> signature = read(notify::manifest_signature_name);
  if (!signature) return tl::unexpected(signature.error());
  return notify::open_manifest(*manifest, *signature, public_key);
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return names;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(folder);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

CopyFolder::CopyFolder(std::string path, Bytes public_key)
    : path_(std::move(path)), public_key_(std::move(public_key)) {
  learn_earlier();
}

void CopyFolder::learn_earlier() {
  const Result<notify::Manifest> earlier = read_manifest(path_, public_key_);
  if (!earlier) return;
  for (const auto& [name, hash] : earlier->hashes) hashes_[name] = "";  // Written anew.
}

Result<void> CopyFolder::write(const notify::SiteCopy& copy) {
  if (::mkdir(path_.c_str(), folder_mode) != 0 && errno != EEXIST) {
    return error(Errc::io, "cannot make " + path_);
  }
  for (const notify::CopyFile& file : copy.files) {
    const std::string hash = hash_of(file);
    if (hashes_[file.name] == hash) continue;
    Result<void> written = host::write_file(path_ + "/" + file.name, file.body, file_mode);
    if (!written) return written;
    hashes_[file.name] = hash;
  }
  for (const std::string& name : names_gone(hashes_, copy)) {
    ::unlink((path_ + "/" + name).c_str());
    hashes_.erase(name);
  }
  return {};
}

void CopyBucket::write(notify::SiteCopy copy, std::function<void(Result<void>)> done) {
  copy_ = std::move(copy);
  done_ = std::move(done);
  position_ = 0;
  gone_ = names_gone(hashes_, copy_);
  next();
}

void CopyBucket::next() {
  while (position_ < copy_.files.size() &&
         hashes_[copy_.files[position_].name] == hash_of(copy_.files[position_])) {
    ++position_;
  }
  const bool removes = position_ == copy_.files.size();
  if (removes && gone_.empty()) return finish({});
  const std::string name = removes ? gone_.back() : copy_.files[position_].name;
  net::HttpRequest request = removes
                                 ? notify::s3_delete(bucket_, keys_, name, clock_.wall_now())
                                 : notify::s3_put(bucket_, keys_, name, copy_.files[position_].type,
                                                  copy_.files[position_].body, clock_.wall_now());
  client_.request(std::move(request), [this, name, removes](Result<net::HttpResponse> response) {
    if (!response) return finish(tl::unexpected<Error>(std::move(response.error())));
    if (response->status / 100 != 2) {
      return finish(
          error(Errc::io, fmt::format("the bucket answered {} to {}", response->status, name)));
    }
    if (removes) {
      hashes_.erase(name);
      gone_.pop_back();
    } else {
      hashes_[name] = hash_of(copy_.files[position_]);
    }
    next();
  });
}

void CopyBucket::finish(Result<void> result) {
  const auto done = std::move(done_);
  done(std::move(result));
}

Result<std::vector<std::string>> check_copy_folder(const std::string& path, ByteView public_key,
                                                   notify::Manifest& manifest) {
  Result<notify::Manifest> opened = read_manifest(path, public_key);
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()));
  manifest = std::move(*opened);
  std::vector<std::string> faults;
  for (const auto& [name, hash] : manifest.hashes) {
    const Result<Bytes> file = host::read_file(path + "/" + name, notify::copy_file_bytes_max);
    if (!file) {
      faults.push_back(name + ": cannot be read");
    } else if (crypto::hex(crypto::sha256(*file)) != hash) {
      faults.push_back(name + ": is not what was signed");
    }
  }
  for (const std::string& name : names_in(path)) {
    if (!is_manifest(name) && !manifest.hashes.contains(name)) {
      faults.push_back(name + ": is not in the manifest");
    }
  }
  return faults;
}

}  // namespace oki::app
