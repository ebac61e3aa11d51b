#include "notify/site_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/calendar.h"
#include "notify/copy_script.h"
#include "notify/html.h"

namespace oki::notify {
namespace {

constexpr ByteView magic = "OKCP";
constexpr std::uint8_t version = 1;
constexpr ByteView manifest_title = "okiagari site copy 1\n";
constexpr ByteView as_of_label = "as-of-ms ";
constexpr const char* script_name = "live.js";
constexpr std::size_t hash_digits = 64;

bool is_copy_name(ByteView name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= copy_name_bytes_max && name[0] != '.' && name[0] != '-' &&
         name[0] != '_' && std::all_of(name.begin(), name.end(), is_plain);
}

// What a link of a page becomes: the name of another file, or the address of the live site.
std::string link_of(ByteView path, const std::set<std::string>& names, const std::string& url) {
  const std::string name = copy_name(path);
  if (names.contains(name)) return name;
  Bytes out;
  append_escaped(out, url.empty() ? std::string(path) : url + std::string(path));
  return out;
}

// Only attributes of ours look like this: in texts, quotes are escaped.
Bytes with_links(ByteView page, const std::set<std::string>& names, const std::string& url) {
  constexpr ByteView mark = " href=\"/";
  Bytes out;
  while (true) {
    const std::size_t at = page.find(mark);
    if (at == ByteView::npos) break;
    const std::size_t start = at + mark.size() - 1;
    const std::size_t end = page.find('"', start);
    out += page.substr(0, start);
    out += link_of(page.substr(start, end - start), names, url);
    page.remove_prefix(end);
  }
  out += page;
  return out;
}

// What the script needs to know stands in its own element, where no text browser shows it.
std::string script_element(Language language, const StatusView& view) {
  const WallTimeMs proven = view.proven_at.value_or(WallTimeMs{0});
  Bytes stale;
  append_escaped(stale, text(language, Text::copy_stale));
  return fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'self'; img-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'\">\n"
      "<script src=\"{}\" defer data-as-of=\"{}\" data-proven=\"{}\" data-state=\"{}\" "
      "data-stale=\"{}\"></script>\n",
      script_name, view.now.value, proven.value, name(view.overall), stale);
}

void make_page(Bytes& page, ByteView path, const StatusView& view,
               const std::set<std::string>& names, const SiteOptions& options) {
  const bool english = path.substr(0, 4) == "/en/";
  const std::size_t head_ends = page.find("</head>");
  page.insert(head_ends, script_element(english ? Language::en : Language::ja, view));
  page = with_links(page, names, options.page.url);
}

std::optional<std::int64_t> read_number(ByteView digits) {
  if (digits.empty() || digits.size() > 15) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Takes the first line off, without its line feed; nothing when there is none.
std::optional<ByteView> take_line(ByteView& text) {
  const std::size_t end = text.find('\n');
  if (end == ByteView::npos) return std::nullopt;
  const ByteView line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<Manifest> read_manifest(ByteView text) {
  const auto invalid = [] { return error(Errc::invalid, "not the manifest of a site copy"); };
  if (text.substr(0, manifest_title.size()) != manifest_title) return invalid();
  text.remove_prefix(manifest_title.size());
  const auto time = take_line(text);
  if (!time || time->substr(0, as_of_label.size()) != as_of_label) return invalid();
  const auto as_of = read_number(time->substr(as_of_label.size()));
  if (!as_of) return invalid();
  Manifest manifest{{*as_of}, {}};
  while (const auto line = take_line(text)) {
    if (line->size() < hash_digits + 3 || line->substr(hash_digits, 2) != "  ") return invalid();
    const std::string name(line->substr(hash_digits + 2));
    const std::string hash(line->substr(0, hash_digits));
    const bool is_new = manifest.hashes.emplace(name, hash).second;
    if (!is_new || !is_copy_name(name)) return invalid();
  }
  if (!text.empty()) return invalid();
  return manifest;
}

}  // namespace

std::string copy_name(ByteView path) {
  if (path == "/") return "index.html";
  constexpr ByteView hidden = "/.well-known/";
  if (path.substr(0, hidden.size()) == hidden) path.remove_prefix(hidden.size() - 1);
  std::string name(path.substr(path.empty() ? 0 : 1));
  while (!name.empty() && name.back() == '/') name.pop_back();
  std::replace(name.begin(), name.end(), '/', '-');
  return name.find('.') == std::string::npos ? name + ".html" : name;
}

SiteCopy render_copy(StatusView view, const SiteOptions& options) {
  view.is_copy = true;
  if (view.incidents.size() > copied_incidents_max) view.incidents.resize(copied_incidents_max);
  const std::vector<std::string> paths = copied_paths(view, options);
  std::set<std::string> names;
  for (const std::string& path : paths) names.insert(copy_name(path));
  SiteCopy copy{view.now, {{script_name, "text/javascript; charset=utf-8", Bytes(copy_script())}}};
  for (const std::string& path : paths) {
    std::optional<Content> content = site_content(path, view, options);
    if (!content) continue;
    const std::string name = copy_name(path);
    if (name.ends_with(".html")) make_page(content->body, path, view, names, options);
    copy.files.push_back({name, content->type, std::move(content->body)});
  }
  std::sort(copy.files.begin(), copy.files.end(),
            [](const CopyFile& a, const CopyFile& b) { return a.name < b.name; });
  return copy;
}

Bytes encode(const SiteCopy& copy) {
  Bytes out;
  Writer writer(out);
  writer.raw(magic);
  writer.u8(version);
  writer.i64(copy.as_of.value);
  writer.u32(static_cast<std::uint32_t>(copy.files.size()));
  for (const CopyFile& file : copy.files) {
    writer.blob(file.name);
    writer.blob(file.type);
    writer.blob(file.body);
  }
  return out;
}

Result<SiteCopy> decode_site_copy(ByteView bytes) {
  Reader in(bytes);
  const bool is_ours = in.raw(magic.size()) == magic;
  if (in.u8() != version || !is_ours) return error(Errc::invalid, "not a copy of a status site");
  SiteCopy copy;
  copy.as_of = read_time(in);
  const std::size_t count = in.u32();
  if (count > copy_files_max) in.fail();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    CopyFile file;
    file.name = std::string(in.blob(copy_name_bytes_max));
    file.type = std::string(in.blob(copy_name_bytes_max));
    file.body = Bytes(in.blob(copy_file_bytes_max));
    const bool rises = copy.files.empty() || copy.files.back().name < file.name;
    if (!rises || !is_copy_name(file.name)) in.fail();
    copy.files.push_back(std::move(file));
  }
  if (!in.done()) return error(Errc::invalid, "a malformed copy of a status site");
  return copy;
}

void sign_copy(SiteCopy& copy, const crypto::SigningKey& key) {
  Bytes manifest(manifest_title);
  manifest += as_of_label;
  manifest += std::to_string(copy.as_of.value) + "\n";
  for (const CopyFile& file : copy.files) {
    manifest += crypto::hex(crypto::sha256(file.body)) + "  " + file.name + "\n";
  }
  const std::string signature = crypto::hex(crypto::sign(key, manifest)) + "\n";
  copy.files.push_back({manifest_name, "text/plain; charset=utf-8", std::move(manifest)});
  copy.files.push_back({manifest_signature_name, "text/plain; charset=utf-8", signature});
}

Result<Manifest> open_manifest(ByteView manifest, ByteView signature, ByteView public_key) {
  while (!signature.empty() && signature.back() == '\n') signature.remove_suffix(1);
  const auto bytes = crypto::from_hex(signature);
  if (!bytes || !crypto::verify(public_key, manifest, *bytes)) {
    return error(Errc::mismatch, "the manifest is not signed by this key");
  }
  return read_manifest(manifest);
}

}  // namespace oki::notify
