#include "response/runbook/parse.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "crypto/crypto.h"
#include "response/runbook/step_block.h"

namespace oki::response {
namespace {

// Splits "English / Japanese".
bool read_titles(ByteView text, std::string& en, std::string& ja) {
  const std::size_t slash = text.find(" / ");
  if (slash == ByteView::npos) return false;
  en = text.substr(0, slash);
  ja = text.substr(slash + 3);
  const auto fits = [](const std::string& title) {
    return !title.empty() && title.size() <= title_bytes_max;
  };
  return fits(en) && fits(ja);
}

bool is_name(ByteView name) {
  return !name.empty() && name.size() <= name_bytes_max && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

class Reading {
 public:
  explicit Reading(const std::string& name) { book_.name = name; }

  Result<Book> read(ByteView text) {
    if (!is_name(book_.name)) return fault("the file's name is none for a runbook");
    if (text.size() > book_bytes_max) return fault("it is longer than 64 KiB");
    if (!is_utf8(text) || text.find('\r') != ByteView::npos) return fault("it is no plain UTF-8");
    while (!text.empty() && fault_.empty()) {
      const std::size_t end = text.find('\n');
      ++line_;
      take(text.substr(0, end));
      text.remove_prefix(end == ByteView::npos ? text.size() : end + 1);
    }
    if (fault_.empty()) finish();
    if (!fault_.empty()) return error(Errc::invalid, fault_);
    return std::move(book_);
  }

 private:
  tl::unexpected<Error> fault(const std::string& sentence, std::size_t line = 0) {
    if (fault_.empty()) {
      fault_ = book_.name +
               ".md:" + std::to_string(line != 0 ? line : std::max<std::size_t>(line_, 1)) + ": " +
               sentence;
    }
    return error(Errc::invalid, fault_);
  }

  void take(ByteView line) {
    if (fence_) return take_fenced(line);
    if (line_ == 1) return take_title(line);
    if (line.starts_with("```")) return open_fence(line);
    if (line.starts_with("## ")) return take_heading(line.substr(3));
    if (line.starts_with("#")) return void(fault("only steps have headings, with two #"));
    if (line.starts_with("EN:") || line.starts_with("JA:")) {
      text_ = line.starts_with("EN:") ? &english() : &japanese();
      if (!text_->empty()) *text_ += '\n';
      line.remove_prefix(std::min<std::size_t>(line.size(), line.size() > 3 ? 4 : 3));
    }
    add_text(line);
  }

  std::string& english() { return step_ ? step_->text_en : book_.text_en; }
  std::string& japanese() { return step_ ? step_->text_ja : book_.text_ja; }

  void add_text(ByteView line) {
    if (text_ != nullptr) {
      text_->append(line);
      *text_ += '\n';
    } else if (!line.empty()) {
      fault("this text has neither EN: nor JA: before it");
    }
  }

  void take_title(ByteView line) {
    if (!line.starts_with("# ") || !read_titles(line.substr(2), book_.title_en, book_.title_ja)) {
      fault("the first line must be '# English title / Japanese title'");
    }
  }

  void take_heading(ByteView heading) {
    finish_step();
    const std::size_t colon = heading.find(": ");
    BookStep step;
    step.line = line_;
    step.name = heading.substr(0, colon);
    const bool fine = colon != ByteView::npos && is_name(step.name) &&
                      read_titles(heading.substr(colon + 2), step.title_en, step.title_ja);
    if (!fine) return void(fault("a step's heading is '## name: English / Japanese'"));
    if (book_.find(step.name) != nullptr) return void(fault("this step is there twice"));
    if (book_.steps.size() >= runbook_steps_max) return void(fault("too many steps"));
    text_ = nullptr;
    has_block_ = false;
    step_ = std::move(step);
  }

  void open_fence(ByteView line) {
    fence_ = line_;
    block_.clear();
    is_block_ = line == "```toml";
    if (is_block_ && (!step_ || has_block_)) fault("a block must be the only one of its step");
    if (!is_block_) add_text(line);
  }

  void take_fenced(ByteView line) {
    const bool closes = line.starts_with("```");
    if (!is_block_) add_text(line);
    if (is_block_ && !closes) block_.append(line) += '\n';
    if (!closes) return;
    const std::size_t begun = *std::exchange(fence_, std::nullopt);
    if (!is_block_) return;
    has_block_ = true;
    text_ = nullptr;
    if (const auto wrong = read_step_block(block_, *step_)) {
      fault(wrong->sentence, begun + wrong->line);
    }
  }

  void finish_step() {
    check_texts(english(), japanese(), step_ ? step_->line : 1);
    if (!step_) return;
    if (!has_block_) fault("the step has no ```toml block", step_->line);
    book_.steps.push_back(std::move(*step_));
    step_.reset();
  }

  void check_texts(std::string& en, std::string& ja, std::size_t line) {
    for (std::string* text : {&en, &ja}) {
      while (text->ends_with('\n')) text->pop_back();
    }
    if (en.empty()) fault("the English text (EN:) is missing", line);
    if (ja.empty()) fault("the Japanese text (JA:) is missing", line);
  }

  void finish() {
    if (fence_) return void(fault("the fence is never closed", *fence_));
    finish_step();
    if (book_.steps.empty()) fault("it has no steps");
  }

  Book book_;
  std::optional<BookStep> step_;
  std::string* text_ = nullptr;  // Where text goes now.
  bool has_block_ = false;
  std::optional<std::size_t> fence_;  // The line that opened it.
  bool is_block_ = false;
  std::string block_;
  std::size_t line_ = 0;
  std::string fault_;
};

}  // namespace

Result<Book> parse_book(const std::string& name, ByteView text) {
  Result<Book> book = Reading(name).read(text);
  if (book) book->digest = crypto::hex(crypto::sha256(text));
  return book;
}

const BookStep* Book::find(const std::string& step) const {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const BookStep& one) { return one.name == step; });
  return found == steps.end() ? nullptr : &*found;
}

Runbook house_entry(const Book& book) {
  Runbook entry;
  entry.digest = book.digest;
  for (const BookStep& step : book.steps) entry.steps.push_back({step.name, step.approval});
  return entry;
}

}  // namespace oki::response
