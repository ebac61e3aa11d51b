#include "app/data_folder.h"

#include <cstdlib>
#include <filesystem>

namespace oki::app {

Result<DataFolder> DataFolder::temporary() {
  const char* parent = std::getenv("TMPDIR");
  std::string path = std::string(parent != nullptr ? parent : "/tmp") + "/okiagari-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return error(Errc::io, path + " cannot be made");
  return DataFolder(path, true);
}

Result<DataFolder> DataFolder::named(const std::string& path) {
  std::error_code fault;
  std::filesystem::create_directories(path, fault);
  const bool empty = !fault && std::filesystem::is_empty(path, fault);
  if (fault) return error(Errc::io, path + ": " + fault.message());
  if (!empty) return error(Errc::exists, path + " is not an empty folder; name another one");
  return DataFolder(path, false);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), remove_at_end_(other.remove_at_end_) {
  other.remove_at_end_ = false;
}

DataFolder::~DataFolder() {
  std::error_code ignored;
  if (remove_at_end_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace oki::app
