#include "response/markdown_html.h"

#include <algorithm>
#include <vector>

#include "notify/html.h"

namespace oki::response {
namespace {

using notify::Html;

constexpr const char* page_style =
    "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #767676;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}code{font-family:monospace}";

// What markdown.h made of a text, back again.
std::string plain(ByteView text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const ByteView rest = text.substr(i);
    if (rest.starts_with("&lt;")) {
      out += '<';
      i += 3;
    } else if (rest.starts_with("&amp;")) {
      out += '&';
      i += 4;
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      out += text[++i];
    } else {
      out += text[i];
    }
  }
  return out;
}

// Where `mark` stands next without a backslash before it.
std::size_t find_mark(ByteView text, ByteView mark, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text.substr(at).starts_with(mark)) {
      return at;
    }
  }
  return ByteView::npos;
}

// Text with code and bold in it.
void write_text(Html& html, ByteView text) {
  while (!text.empty()) {
    const std::size_t code = find_mark(text, "`", 0);
    const std::size_t bold = find_mark(text, "**", 0);
    const std::size_t begin = std::min(code, bold);
    const ByteView mark = begin == code ? "`" : "**";
    const std::size_t end =
        begin == ByteView::npos ? ByteView::npos : find_mark(text, mark, begin + mark.size());
    if (end == ByteView::npos) {
      html.text(plain(text));
      return;
    }
    html.text(plain(text.substr(0, begin)));
    html.element(begin == code ? "code" : "strong",
                 plain(text.substr(begin + mark.size(), end - begin - mark.size())));
    text.remove_prefix(end + mark.size());
  }
}

std::vector<ByteView> cells_of(ByteView line) {
  std::vector<ByteView> cells;
  std::size_t begin = 1;  // Behind the first bar.
  for (std::size_t bar = find_mark(line, "|", begin); bar != ByteView::npos;
       bar = find_mark(line, "|", begin)) {
    ByteView cell = line.substr(begin, bar - begin);
    while (cell.starts_with(' ')) cell.remove_prefix(1);
    while (cell.ends_with(' ')) cell.remove_suffix(1);
    cells.push_back(cell);
    begin = bar + 1;
  }
  return cells;
}

class Page {
 public:
  explicit Page(Html& html) : html_(html) {}
  ~Page() { close_blocks(); }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  void line(ByteView text) {
    if (text.starts_with("|")) return table_row(text);
    if (text.starts_with("- ")) return item(1, text.substr(2));
    if (text.starts_with("  - ")) return item(2, text.substr(4));
    close_blocks();
    if (text.starts_with("# ")) return element("h1", text.substr(2));
    if (text.starts_with("## ")) return element("h2", text.substr(3));
    if (!text.empty()) element("p", text);
  }

 private:
  void element(const char* tag, ByteView text) {
    html_.open(tag);
    write_text(html_, text);
    html_.close();
  }

  void close_blocks() {
    if (in_table_) html_.close();
    in_table_ = false;
    close_lists(0);
    rows_ = 0;
  }

  // Each level is an open list with an open item.
  void close_lists(std::size_t depth) {
    for (; depth_ > depth; --depth_) html_.close().close();
  }

  void item(std::size_t depth, ByteView text) {
    if (in_table_) close_blocks();
    close_lists(depth);
    if (depth_ == depth) html_.close();
    while (depth_ < depth) {
      html_.open("ul");
      if (++depth_ < depth) html_.open("li");
    }
    html_.open("li");
    write_text(html_, text);
  }

  void table_row(ByteView text) {
    if (text.starts_with("|---")) return;
    close_lists(0);
    if (!in_table_) html_.open("table");
    in_table_ = true;
    const char* tag = rows_++ == 0 ? "th" : "td";
    bool empty = true;
    const std::vector<ByteView> cells = cells_of(text);
    for (const ByteView cell : cells) empty = empty && cell.empty();
    if (empty) return;
    html_.open("tr");
    for (const ByteView cell : cells) element(tag, cell);
    html_.close();
  }

  Html& html_;
  bool in_table_ = false;
  std::size_t rows_ = 0;
  std::size_t depth_ = 0;
};

// "# Postmortem …": the first heading.
std::string title_of(ByteView markdown) {
  const ByteView line = markdown.substr(0, markdown.find('\n'));
  return plain(line.starts_with("# ") ? line.substr(2) : line);
}

}  // namespace

std::string markdown_page(notify::Language language, ByteView markdown) {
  std::string out;
  Html html(out);
  html.open("html", {{"lang", language == notify::Language::ja ? "ja" : "en"}}).open("head");
  html.empty("meta", {{"charset", "utf-8"}});
  html.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.element("title", title_of(markdown));
  html.open("style").literal(page_style).close().close();
  html.open("body").open("main");
  {
    Page page(html);
    while (!markdown.empty()) {
      const std::size_t end = std::min(markdown.find('\n'), markdown.size());
      page.line(markdown.substr(0, end));
      markdown.remove_prefix(std::min(end + 1, markdown.size()));
    }
  }
  html.close().close().close();
  return out;
}

}  // namespace oki::response
