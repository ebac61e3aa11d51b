// A folder for a run's data: a temporary one, removed at the end, or one that the user named.
#pragma once

#include <string>

#include "base/result.h"

namespace oki::app {

class DataFolder {
 public:
  // Below $TMPDIR or /tmp, readable by its owner only.
  static Result<DataFolder> temporary();

  // Made when missing. REQUIRES an empty one: data of another run is never mixed in.
  static Result<DataFolder> named(const std::string& path);

  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  const std::string& path() const { return path_; }

  // The folder outlives this object.
  void keep() { remove_at_end_ = false; }

 private:
  DataFolder(std::string path, bool remove_at_end)
      : path_(std::move(path)), remove_at_end_(remove_at_end) {}

  std::string path_;
  bool remove_at_end_;
};

}  // namespace oki::app
