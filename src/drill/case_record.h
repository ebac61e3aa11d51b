// What a case drill leaves behind: measured moments, and files in one directory, each with what it
// is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace oki::drill {

struct Artefact {
  std::string path;  // Below the directory.
  std::string what;
  std::uint64_t bytes = 0;
};

struct Moment {
  std::string what;
  std::int64_t after_ms = 0;  // The fault; negative before it.
};

class CaseRecord {
 public:
  // `directory` exists. REQUIRES: `clock` outlives the record.
  CaseRecord(const Clock& clock, std::string directory,
             std::function<void(const std::string&)> progress);

  void fault_begins();  // Now; moments count from here.
  MonoTimeNs fault() const { return fault_; }

  // The first time that something of this name happened.
  void moment(const std::string& what);
  void moment(const std::string& what, MonoTimeNs at);
  std::optional<std::int64_t> after_ms(const std::string& what) const;

  // Folders are made as needed; a name is used once.
  Result<void> keep(const std::string& path, const std::string& what, ByteView content);
  Result<void> keep_file(const std::string& path, const std::string& what, const std::string& from);

  const std::string& directory() const { return directory_; }
  const std::vector<Artefact>& artefacts() const { return artefacts_; }
  const std::vector<Moment>& moments() const { return moments_; }

 private:
  const Clock& clock_;
  std::string directory_;
  std::function<void(const std::string&)> progress_;
  MonoTimeNs fault_;
  std::vector<Artefact> artefacts_;
  std::vector<Moment> moments_;
};

}  // namespace oki::drill
