#include "drill/case_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "host/loop.h"

namespace oki::drill {
namespace {

constexpr std::size_t artefact_bytes_max = 64u << 20;

}  // namespace

CaseRecord::CaseRecord(const Clock& clock, std::string directory,
                       std::function<void(const std::string&)> progress)
    : clock_(clock),
      directory_(std::move(directory)),
      progress_(std::move(progress)),
      fault_(clock.mono_now()) {}

void CaseRecord::fault_begins() {
  fault_ = clock_.mono_now();
  moment("fault");
}

void CaseRecord::moment(const std::string& what) { moment(what, clock_.mono_now()); }

void CaseRecord::moment(const std::string& what, MonoTimeNs at) {
  if (after_ms(what)) return;
  moments_.push_back({what, (at - fault_) / ns_per_ms});
  progress_(
      fmt::format("{:>8.1f} s  {}", static_cast<double>(moments_.back().after_ms) / 1000, what));
}

std::optional<std::int64_t> CaseRecord::after_ms(const std::string& what) const {
  for (const Moment& moment : moments_) {
    if (moment.what == what) return moment.after_ms;
  }
  return std::nullopt;
}

Result<void> CaseRecord::keep(const std::string& path, const std::string& what, ByteView content) {
  const std::string file = directory_ + "/" + path;
  std::error_code fault;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), fault);
  if (fault) return error(Errc::io, file + ": " + fault.message());
  if (auto done = host::write_file(file, content, 0600); !done) return done;
  artefacts_.push_back({path, what, content.size()});
  return {};
}

Result<void> CaseRecord::keep_file(const std::string& path, const std::string& what,
                                   const std::string& from) {
  const auto content = host::read_file(from, artefact_bytes_max);
  if (!content) return tl::unexpected(content.error());
  return keep(path, what, *content);
}

}  // namespace oki::drill
