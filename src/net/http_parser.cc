// HTTP/1.1 parsing: Boost.Beast's basic_parser does the grammar, this file the refusals that it
// lacks.
//
// A header block goes to Beast only when it is there to its last byte: until then the bytes wait in
// a buffer of at most `header_bytes_max`. So every rule about lines is checked on the raw bytes
// first, and Beast never sees half a header. Bodies are passed on as they come.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/assert.h"
#include "net/http.h"

namespace oki::net {
namespace {

namespace beast_http = boost::beast::http;
using BeastError = boost::beast::error_code;
using BeastText = boost::beast::string_view;

// One long body must not hold its memory for as long as its connection lives.
constexpr std::size_t buffer_bytes_kept = 64u << 10;

// "0 CR LF CR LF": so much must follow wherever a chunk may begin. Beast asserts that it was given
// as much when it comes back to a last chunk that was cut, so it is never given less.
constexpr std::size_t last_chunk_bytes = 5;

constexpr ByteView header_end = "\r\n\r\n";

std::string to_text(BeastText text) { return {text.data(), text.size()}; }

// What a message may be refused for, with the status that says so.
struct Refusal {
  std::uint16_t status = 0;
  const char* why = "";
};

struct Framing {
  std::size_t content_lengths = 0;
  std::size_t transfer_encodings = 0;
  std::size_t hosts = 0;
  std::size_t fields = 0;
};

bool is_digits(ByteView text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(ByteView text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           ByteView(".-_:[]~%").find(c) != ByteView::npos;
  });
}

// Every line ends with CR LF, and none begins with a blank: that would fold it into the line
// before. Lines that end before `from` are known to be good.
Refusal check_lines(ByteView header, std::size_t from) {
  for (auto lf = header.find('\n', from); lf != ByteView::npos; lf = header.find('\n', lf + 1)) {
    if (lf == 0 || header[lf - 1] != '\r') return {400, "a line ends without CR"};
    if (lf + 1 < header.size() && (header[lf + 1] == ' ' || header[lf + 1] == '\t')) {
      return {400, "a header is folded"};
    }
  }
  return {};
}

Refusal refusal_of(const BeastError& fault) {
  if (fault == beast_http::error::body_limit) return {413, "the body is too long"};
  if (fault == beast_http::error::header_limit) return {431, "the header is too long"};
  if (fault == beast_http::error::bad_version) return {505, "the version is not HTTP/1.1 or 1.0"};
  return {400, "the message is malformed"};
}

// Collects one message. Message is HttpRequest or HttpResponse.
template <bool is_request, typename Message>
class Collector : public beast_http::basic_parser<is_request> {
 public:
  explicit Collector(const HttpLimits& limits) : limits_(limits) {
    this->eager(false);  // One element at a time, so that each can be checked before it is given.
    this->body_limit(limits.body_bytes_max);
    this->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max) + 1);
  }

  // What comes next is the size of a chunk, not its bytes.
  bool at_chunk_header() const { return header_done_ && this->chunked() && chunk_left_ == 0; }

  Message message;
  Refusal refusal;
  bool http_1_1 = true;
  bool keeps_alive = false;
  bool wants_continue = false;

 private:
  void refuse(std::uint16_t status, const char* why, BeastError& fault) {
    if (refusal.status == 0) refusal = {status, why};
    fault = beast_http::error::bad_value;
  }

  void on_request_impl(beast_http::verb, BeastText method, BeastText target, int version,
                       BeastError& fault) override {
    if constexpr (is_request) {
      http_1_1 = version == 11;
      message.method = to_text(method);
      message.target = to_text(target);
      const bool star = message.target == "*" && message.method == "OPTIONS";
      if (!message.target.starts_with('/') && !star) {
        refuse(400, "the target is not a path", fault);
      }
    }
  }

  void on_response_impl(int code, BeastText, int version, BeastError& fault) override {
    if constexpr (!is_request) {
      http_1_1 = version == 11;
      message.status = static_cast<std::uint16_t>(code);
      if (code < 100) refuse(400, "the status is below 100", fault);
    }
  }

  void on_field_impl(beast_http::field field, BeastText name, BeastText value,
                     BeastError& fault) override {
    if (++framing_.fields > limits_.headers_max) return refuse(431, "too many headers", fault);
    if (header_done_) return;  // A trailer must not pass for a header.
    message.headers.push_back({to_text(name), to_text(value)});
    const std::string& text = message.headers.back().value;
    if (field == beast_http::field::content_length) {
      ++framing_.content_lengths;
      if (!is_digits(text)) refuse(400, "Content-Length is not a number", fault);
    } else if (field == beast_http::field::transfer_encoding) {
      ++framing_.transfer_encodings;
      if (!equal_ignoring_case(text, "chunked")) refuse(501, "unknown transfer encoding", fault);
    } else if (field == beast_http::field::host) {
      ++framing_.hosts;
      if (!is_host(text)) refuse(400, "Host is malformed", fault);
    } else if (field == beast_http::field::expect) {
      wants_continue = equal_ignoring_case(text, "100-continue");
    }
  }

  void on_header_impl(BeastError& fault) override {
    header_done_ = true;
    if (framing_.content_lengths > 1) return refuse(400, "two Content-Length", fault);
    if (framing_.transfer_encodings > 1) return refuse(400, "two Transfer-Encoding", fault);
    if (framing_.content_lengths + framing_.transfer_encodings > 1) {
      return refuse(400, "both Content-Length and Transfer-Encoding", fault);
    }
    if (framing_.transfer_encodings > 0 && !http_1_1) {
      return refuse(400, "Transfer-Encoding in HTTP/1.0", fault);
    }
    if (is_request && (framing_.hosts > 1 || (framing_.hosts == 0 && http_1_1))) {
      return refuse(400, "not exactly one Host", fault);
    }
    keeps_alive = http_1_1 && this->keep_alive();
    wants_continue = wants_continue && http_1_1;
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) override {}

  std::size_t on_body_impl(BeastText body, BeastError&) override {
    message.body.append(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t size, BeastText, BeastError&) override {
    chunk_left_ = size;
  }

  std::size_t on_chunk_body_impl(std::uint64_t, BeastText body, BeastError&) override {
    chunk_left_ -= body.size();
    message.body.append(body.data(), body.size());
    return body.size();
  }

  void on_finish_impl(BeastError&) override {}

  const HttpLimits& limits_;
  Framing framing_;
  bool header_done_ = false;
  std::uint64_t chunk_left_ = 0;
};

// What both directions share: the buffer, the wait for a whole header, the refusal that stays.
template <bool is_request, typename Message>
class Stream {
 public:
  explicit Stream(const HttpLimits& limits) : limits_(limits) {}

  void feed(ByteView bytes) {
    if (used_ > 0 && used_ == buffer_.size()) clear();
    buffer_.append(bytes);
  }

  ByteView unused() const { return ByteView(buffer_).substr(used_); }
  bool within() const { return collector_.has_value(); }
  std::uint16_t refusal_status() const { return refusal_.status; }
  bool last_keeps_alive() const { return last_keeps_alive_; }
  void expect_no_body() { no_body_ = true; }

  bool take_continue_wanted() {
    const bool wanted = collector_ && collector_->wants_continue && unused().empty();
    if (wanted) collector_->wants_continue = false;
    return wanted;
  }

  Bytes take_rest() {
    Bytes rest(unused());
    clear();
    return rest;
  }

  Result<std::optional<Message>> next() {
    if (refusal_.status != 0) return refused();
    if (!collector_) {
      if (!begin()) return refusal_.status != 0 ? refused() : nothing();
    }
    while (!collector_->is_done() && used_ < buffer_.size()) {
      const bool chunk = collector_->at_chunk_header();
      const Progress progress = chunk && !may_read_chunk_header() ? stalled() : put(unused());
      if (progress == Progress::refused) return refused();
      if (progress == Progress::made) continue;
      if (unused().size() <= limits_.header_bytes_max) return nothing();
      refusal_ = {400, "a chunk header is too long"};
      return refused();
    }
    return collector_->is_done() ? finished() : nothing();
  }

  // The peer has closed its side.
  Result<std::optional<Message>> finish() {
    if (refusal_.status != 0) return refused();
    if (!collector_ && unused().empty()) return nothing();
    BeastError fault = beast_http::error::partial_message;
    if (collector_ && unused().empty()) collector_->put_eof(fault);
    if (!fault) return finished();
    refusal_ = {400, "the message is cut short"};
    return refused();
  }

 private:
  static Result<std::optional<Message>> nothing() { return std::optional<Message>(); }
  Result<std::optional<Message>> refused() const { return error(Errc::invalid, refusal_.why); }

  void clear() {
    if (buffer_.capacity() > buffer_bytes_kept) Bytes().swap(buffer_);
    buffer_.clear();
    used_ = searched_ = 0;
  }

  Result<std::optional<Message>> finished() {
    last_keeps_alive_ = collector_->keeps_alive;
    std::optional<Message> message(std::move(collector_->message));
    if constexpr (!is_request) no_body_ = no_body_ && message->status < 200;
    collector_.reset();
    if (used_ == buffer_.size()) clear();
    return message;
  }

  enum class Progress { made, needs_more, refused };

  Progress stalled() const {
    return refusal_.status != 0 ? Progress::refused : Progress::needs_more;
  }

  // Whether the line with the size of a chunk is there to its end, and one that Beast reads without
  // looking beyond it: it takes a quote in a chunk extension for the start of a text that goes on
  // behind the line.
  bool may_read_chunk_header() {
    const ByteView bytes = unused();
    const std::size_t start = bytes.starts_with("\r\n") ? 2 : 0;  // The end of the chunk before.
    const auto end = bytes.find("\r\n", start);
    if (end == ByteView::npos || bytes.size() < last_chunk_bytes) return false;
    if (bytes.substr(start, end - start).find('"') != ByteView::npos) {
      refusal_ = {400, "a chunk extension is quoted"};
    }
    return refusal_.status == 0;
  }

  Progress put(ByteView bytes) {
    BeastError fault;
    used_ += collector_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), fault);
    if (!fault) return Progress::made;
    if (fault == beast_http::error::need_more) return Progress::needs_more;
    refusal_ = collector_->refusal.status != 0 ? collector_->refusal : refusal_of(fault);
    return Progress::refused;
  }

  // Starts a message when its whole header is in the buffer; otherwise, or when it must be refused,
  // gives false.
  bool begin() {
    // RFC 9112 section 2.2: empty lines before a request are passed over.
    while (is_request && unused().starts_with("\r\n")) {
      used_ += 2;
      searched_ = 0;
    }
    compact();
    const ByteView bytes = unused();
    const auto found = bytes.find(header_end, searched_);
    const bool whole = found != ByteView::npos;
    const ByteView header = whole ? bytes.substr(0, found + header_end.size()) : bytes;
    refusal_ = check_lines(header, searched_);
    if (refusal_.status != 0) return false;
    if (header.size() > limits_.header_bytes_max) {
      const bool in_first_line = header.find('\n') >= limits_.header_bytes_max;
      refusal_ = in_first_line ? Refusal{414, "the request line is too long"}
                               : Refusal{431, "the header is too long"};
      return false;
    }
    searched_ = whole ? 0 : bytes.size() - std::min(bytes.size(), header_end.size() - 1);
    if (!whole) return false;
    collector_.emplace(limits_);
    if (no_body_) collector_->skip(true);
    // Only the header, so that a malformed one cannot borrow the bytes behind it.
    if (put(header) == Progress::needs_more) refusal_ = {400, "the message is malformed"};
    return refusal_.status == 0;
  }

  // Drops used bytes when they are most of the buffer, so that each byte moves at most once.
  void compact() {
    if (used_ == 0 || used_ < buffer_.size() / 2) return;
    buffer_.erase(0, used_);
    used_ = 0;
  }

  HttpLimits limits_;
  Bytes buffer_;
  std::size_t used_ = 0;      // Bytes at the front of buffer_ that are done with.
  std::size_t searched_ = 0;  // Unused bytes known not to hold the end of a header.
  Refusal refusal_;
  bool no_body_ = false;
  bool last_keeps_alive_ = false;
  std::optional<Collector<is_request, Message>> collector_;
};

}  // namespace

struct HttpRequestParser::State : Stream<true, HttpRequest> {
  using Stream::Stream;
};

HttpRequestParser::HttpRequestParser(const HttpLimits& limits)
    : state_(std::make_unique<State>(limits)) {}
HttpRequestParser::~HttpRequestParser() = default;
HttpRequestParser::HttpRequestParser(HttpRequestParser&&) noexcept = default;
HttpRequestParser& HttpRequestParser::operator=(HttpRequestParser&&) noexcept = default;

void HttpRequestParser::feed(ByteView bytes) { state_->feed(bytes); }

Result<std::optional<HttpRequest>> HttpRequestParser::next() {
  auto request = state_->next();
  if (request && *request) (*request)->keep_alive = state_->last_keeps_alive();
  return request;
}

std::uint16_t HttpRequestParser::refusal_status() const { return state_->refusal_status(); }
bool HttpRequestParser::within_request() const {
  return state_->within() || !state_->unused().empty();
}
bool HttpRequestParser::take_continue_wanted() { return state_->take_continue_wanted(); }
std::size_t HttpRequestParser::buffered_bytes() const { return state_->unused().size(); }
Bytes HttpRequestParser::take_rest() { return state_->take_rest(); }

struct HttpResponseParser::State : Stream<false, HttpResponse> {
  using Stream::Stream;
};

HttpResponseParser::HttpResponseParser(const HttpLimits& limits)
    : state_(std::make_unique<State>(limits)) {}
HttpResponseParser::~HttpResponseParser() = default;
HttpResponseParser::HttpResponseParser(HttpResponseParser&&) noexcept = default;
HttpResponseParser& HttpResponseParser::operator=(HttpResponseParser&&) noexcept = default;

void HttpResponseParser::expect_head() { state_->expect_no_body(); }
void HttpResponseParser::feed(ByteView bytes) { state_->feed(bytes); }

Result<std::optional<HttpResponse>> HttpResponseParser::next() {
  for (;;) {
    auto response = state_->next();
    if (!response || !*response) return response;
    const std::uint16_t status = (*response)->status;
    if (status >= 200 || status == 101) return response;
  }
}

Result<std::optional<HttpResponse>> HttpResponseParser::finish() { return state_->finish(); }
bool HttpResponseParser::keep_alive() const { return state_->last_keeps_alive(); }
Bytes HttpResponseParser::take_rest() { return state_->take_rest(); }

}  // namespace oki::net
