#include "watch/inquiries/inquiry.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/utf8.h"
#include "notify/mail/mail_address.h"

namespace oki::watch::inquiries {
namespace {

struct Hint {
  Topic topic;
  ByteView word;
};

// Lower case. Japanese words are whole or stems.
constexpr Hint hints[] = {
    {Topic::login, "ログイン"},    {Topic::login, "login"},       {Topic::login, "log in"},
    {Topic::login, "sign in"},     {Topic::login, "パスワード"},  {Topic::login, "password"},
    {Topic::login, "認証"},        {Topic::login, "two-factor"},  {Topic::order, "注文"},
    {Topic::order, "約定"},        {Topic::order, "取消"},        {Topic::order, "キャンセル"},
    {Topic::order, "売買"},        {Topic::order, "order"},       {Topic::order, "cancel"},
    {Topic::order, "trade"},       {Topic::withdrawal, "出金"},   {Topic::withdrawal, "出庫"},
    {Topic::withdrawal, "送金"},   {Topic::withdrawal, "引き出"}, {Topic::withdrawal, "withdraw"},
    {Topic::withdrawal, "payout"}, {Topic::deposit, "入金"},      {Topic::deposit, "入庫"},
    {Topic::deposit, "着金"},      {Topic::deposit, "deposit"},   {Topic::price, "価格"},
    {Topic::price, "チャート"},    {Topic::price, "板"},          {Topic::price, "表示"},
    {Topic::price, "price"},       {Topic::price, "chart"},
};

std::string lower_case(ByteView text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// U+202A to U+202E and U+2066 to U+2069 reorder what a person reads.
bool reorders(ByteView sequence) {
  if (sequence.size() != 3 || sequence[0] != '\xe2') return false;
  const auto second = static_cast<unsigned char>(sequence[1]);
  const auto third = static_cast<unsigned char>(sequence[2]);
  return (second == 0x80 && third >= 0xaa && third <= 0xae) ||
         (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

bool is_control(ByteView sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return (first < 0x20 && first != '\n') || first == 0x7f;
  return sequence.size() == 2 && first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

// Carriage returns go, other controls become spaces.
std::string without_controls(ByteView text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(1, utf8_sequence(text));
    const ByteView sequence = text.substr(0, size);
    if (is_control(sequence)) {
      if (sequence != "\r") out += ' ';
    } else if (!reorders(sequence)) {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

bool is_account(ByteView text) {
  return text.size() <= account_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
         });
}

bool is_blank(ByteView text) { return text.find_first_not_of(" \n") == ByteView::npos; }

}  // namespace

const char* name(Topic topic) {
  constexpr std::array<const char*, topics> names = {"login",   "order", "withdrawal",
                                                     "deposit", "price", "other"};
  return names[static_cast<std::size_t>(topic)];
}

const char* name(Way way) {
  constexpr std::array<const char*, ways> names = {"form", "staff", "mail"};
  return names[static_cast<std::size_t>(way)];
}

const char* name(State state) {
  constexpr std::array<const char*, states> names = {"open", "answered", "closed"};
  return names[static_cast<std::size_t>(state)];
}

Topic classify(ByteView words) {
  const std::string text = lower_case(words);
  std::array<std::uint32_t, topics> hits = {};
  for (const Hint& hint : hints) {
    hits[static_cast<std::size_t>(hint.topic)] += text.find(hint.word) != std::string::npos;
  }
  const auto most = std::max_element(hits.begin(), hits.end());
  return *most == 0 ? Topic::other : static_cast<Topic>(most - hits.begin());
}

Result<Draft> clean(Draft draft) {
  if (!is_utf8(draft.words)) return error(Errc::invalid, "The text is not UTF-8.");
  if (draft.words.size() > words_bytes_max) return error(Errc::invalid, "The text is too long.");
  draft.words = without_controls(draft.words);
  if (is_blank(draft.words)) return error(Errc::invalid, "The text is empty.");
  if (!is_account(draft.account)) {
    return error(Errc::invalid, "An account has letters, digits, '-' and '_' only.");
  }
  if (draft.contact.empty() && draft.way == Way::form) {
    return error(Errc::invalid, "A mail address is needed for the answer.");
  }
  if (!draft.contact.empty()) {
    if (!notify::is_mail_address(draft.contact)) {
      return error(Errc::invalid, "This is no mail address.");
    }
    draft.contact = notify::canonical_mail_address(draft.contact);
  }
  return draft;
}

}  // namespace oki::watch::inquiries
