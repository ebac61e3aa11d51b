#include "net/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/calendar.h"

namespace oki::net {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

const HttpHeader* find_header(const std::vector<HttpHeader>& headers, ByteView name) {
  for (const HttpHeader& header : headers) {
    if (equal_ignoring_case(header.name, name)) return &header;
  }
  return nullptr;
}

ByteView trimmed(ByteView text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Reason {
  std::uint16_t status;
  const char* phrase;
};

constexpr Reason reasons[] = {
    {200, "OK"},
    {100, "Continue"},
    {101, "Switching Protocols"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char* reason_phrase(std::uint16_t status) {
  for (const Reason& reason : reasons) {
    if (reason.status == status) return reason.phrase;
  }
  return "Status";
}

void append_number(Bytes& out, std::uint64_t value) {
  const fmt::format_int digits(value);
  out.append(digits.data(), digits.size());
}

void append_line(Bytes& out, ByteView name, ByteView value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// Anything else could end the line and begin one of its author's choice, or contradict the length
// that is written here.
bool may_be_written(const HttpHeader& header) {
  return !header.name.empty() && header.name.find(':') == std::string::npos &&
         std::none_of(header.name.begin(), header.name.end(), is_control) &&
         std::none_of(header.value.begin(), header.value.end(), is_control) &&
         !equal_ignoring_case(header.name, "Content-Length") &&
         !equal_ignoring_case(header.name, "Transfer-Encoding") &&
         !equal_ignoring_case(header.name, "Host");
}

void append_headers(Bytes& out, const std::vector<HttpHeader>& headers) {
  for (const HttpHeader& header : headers) {
    if (may_be_written(header)) append_line(out, header.name, header.value);
  }
}

bool has_no_body(std::uint16_t status) { return status < 200 || status == 204 || status == 304; }

bool is_plain(ByteView text) {
  return !text.empty() &&
         std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) || c == ' '; });
}

HttpResponse typed_response(std::uint16_t status, const char* type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.push_back({"Content-Type", type});
  response.body = std::move(body);
  return response;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::optional<std::string> decode_form(ByteView text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

}  // namespace

bool equal_ignoring_case(ByteView a, ByteView b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return x == y || lower(x) == lower(y);
         });
}

bool has_token(ByteView list, ByteView token) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (equal_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

ByteView HttpRequest::path() const { return ByteView(target).substr(0, target.find('?')); }

ByteView HttpRequest::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? ByteView() : ByteView(target).substr(mark + 1);
}

ByteView HttpRequest::header(ByteView name) const {
  const HttpHeader* found = find_header(headers, name);
  return found == nullptr ? ByteView() : ByteView(found->value);
}

bool HttpRequest::has_header(ByteView name) const { return find_header(headers, name) != nullptr; }

ByteView HttpResponse::header(ByteView name) const {
  const HttpHeader* found = find_header(headers, name);
  return found == nullptr ? ByteView() : ByteView(found->value);
}

bool HttpResponse::has_header(ByteView name) const { return find_header(headers, name) != nullptr; }

HttpResponse json_response(std::uint16_t status, std::string body) {
  return typed_response(status, "application/json; charset=utf-8", std::move(body));
}

HttpResponse text_response(std::uint16_t status, std::string body) {
  return typed_response(status, "text/plain; charset=utf-8", std::move(body));
}

std::string http_date(WallTimeMs time) {
  constexpr const char* days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Date date = utc_date(time);
  const std::int64_t seconds = (time.value - start_of_day(date).value) / 1000;
  const std::int64_t weekday = ((days_since_1970(date) % 7) + 7) % 7;
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[weekday], date.day,
                     months[date.month - 1], date.year, seconds / 3600, seconds / 60 % 60,
                     seconds % 60);
}

void append_response_header(Bytes& out, const HttpResponse& response,
                            const ResponseFraming& framing) {
  ASSERT(response.status >= 100 && response.status <= 999);
  out += "HTTP/1.1 ";
  append_number(out, response.status);
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  append_headers(out, response.headers);
  if (!framing.date.empty()) append_line(out, "Date", framing.date);
  if (!has_no_body(response.status)) {
    out += "Content-Length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  if (!framing.keep_alive) append_line(out, "Connection", "close");
  out += "\r\n";
}

void append_response(Bytes& out, const HttpResponse& response, const ResponseFraming& framing) {
  append_response_header(out, response, framing);
  if (!framing.head && !has_no_body(response.status)) out += response.body;
}

Bytes write_response(const HttpResponse& response, bool keep_alive) {
  Bytes out;
  out.reserve(256 + response.body.size());
  append_response(out, response, {.keep_alive = keep_alive});
  return out;
}

Bytes write_request(const HttpRequest& request, ByteView host) {
  ASSERT(is_plain(request.method) && is_plain(request.target) && is_plain(host));
  Bytes out;
  out.reserve(256 + request.body.size());
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  append_line(out, "Host", host);
  append_headers(out, request.headers);
  const bool wants_length = request.method == "POST" || request.method == "PUT";
  if (wants_length || !request.body.empty()) {
    out += "Content-Length: ";
    append_number(out, request.body.size());
    out += "\r\n";
  }
  if (!request.keep_alive) append_line(out, "Connection", "close");
  out += "\r\n";
  out += request.body;
  return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(ByteView query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const ByteView pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decode_form(pair.substr(0, equals));
    auto value = decode_form(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return std::nullopt;
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

std::string percent_encode(ByteView text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const char small = lower(c);
    const bool plain = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
      continue;
    }
    const auto code = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(digits[code >> 4]);
    out.push_back(digits[code & 15]);
  }
  return out;
}

}  // namespace oki::net
