#include "response/runbook/library.h"

#include <dirent.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <utility>

#include "host/loop.h"
#include "response/runbook/parse.h"

namespace oki::response {
namespace {

constexpr ByteView ending = ".md";

Result<std::set<std::string>> names_in(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), closedir);
  if (!open) return error(Errc::io, directory + ": " + std::strerror(errno));
  std::set<std::string> names;
  while (const dirent* entry = readdir(open.get())) {
    const std::string name = entry->d_name;
    if (!name.ends_with(ending) || name.starts_with('.')) continue;
    names.insert(name.substr(0, name.size() - ending.size()));
  }
  return names;
}

}  // namespace

Result<std::map<std::string, Book>> read_books(const std::string& directory) {
  const auto names = names_in(directory);
  if (!names) return tl::unexpected<Error>(names.error());
  if (names->empty()) return error(Errc::invalid, directory + " holds no runbooks");
  if (names->size() > runbooks_max) return error(Errc::invalid, directory + " holds too many");
  std::map<std::string, Book> books;
  for (const std::string& name : *names) {
    const auto text = host::read_file(directory + "/" + name + ".md", book_bytes_max);
    if (!text) return tl::unexpected<Error>(text.error());
    auto book = parse_book(name, *text);
    if (!book) return tl::unexpected<Error>(book.error());
    books.emplace(name, std::move(*book));
  }
  return books;
}

}  // namespace oki::response
