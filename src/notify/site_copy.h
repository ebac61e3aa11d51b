// The status site as files, for any static host: what to put where, and how to prove whose it is.
//
// A copy never says that all is well now, it says that it was at a time: every page of it says when
// it was made, nothing in it is green, and the JSON of the present (summary, status, components) is
// left out, because a file that says "none" goes on saying it when nobody writes any more.
// All files lie in one folder and link each other by name alone, so that a copy works from a
// folder, a bucket, or a disk without a server.
//
// manifest.txt lists the SHA-256 of every file and when the copy was made; manifest.sig is its
// Ed25519 signature by the publication key of the site (hexadecimal). Formats:
// docs/formats/copy.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/crypto.h"
#include "notify/site_content.h"

namespace oki::notify {

constexpr std::size_t copied_incidents_max = 100;  // The newest ones have pages in a copy.
constexpr std::size_t copy_files_max = 1'000;
constexpr std::size_t copy_file_bytes_max = 1u << 20;
constexpr std::size_t copy_name_bytes_max = 100;
constexpr const char* manifest_name = "manifest.txt";
constexpr const char* manifest_signature_name = "manifest.sig";

struct CopyFile {
  std::string name;  // Of a-z, 0-9, '.', '-' and '_'; begins with a letter or a digit.
  std::string type;
  Bytes body;
  friend bool operator==(const CopyFile&, const CopyFile&) = default;
};

struct SiteCopy {
  WallTimeMs as_of;
  std::vector<CopyFile> files;  // By rising name.
  friend bool operator==(const SiteCopy&, const SiteCopy&) = default;
};

SiteCopy render_copy(StatusView view, const SiteOptions& options);

// "/en/incidents/o18c" is "en-incidents-o18c.html".
std::string copy_name(ByteView path);

// From the site to whoever writes the files.
Bytes encode(const SiteCopy& copy);
Result<SiteCopy> decode_site_copy(ByteView bytes);

// Adds manifest.txt and manifest.sig, in this order, at the end: who writes them last never leaves
// a manifest that speaks of files that are not there yet.
void sign_copy(SiteCopy& copy, const crypto::SigningKey& key);

struct Manifest {
  WallTimeMs as_of;
  std::map<std::string, std::string> hashes;  // SHA-256 in hexadecimal, by name.
};

// Errc::mismatch: not signed by this key. Errc::invalid: no manifest.
Result<Manifest> open_manifest(ByteView manifest, ByteView signature, ByteView public_key);

}  // namespace oki::notify
