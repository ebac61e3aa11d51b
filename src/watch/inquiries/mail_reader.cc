#include "watch/inquiries/mail_reader.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "crypto/crypto.h"
#include "net/http.h"
#include "notify/mail/mail_address.h"
#include "watch/inquiries/mail_words.h"

namespace oki::watch::inquiries {
namespace {

constexpr ByteView no_text = "(本文なし / no text)";

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

void start_library() {
  // Once in the life of the process; the library keeps its tables until then.
  static const bool started = [] {
    g_mime_init();
    return true;
  }();
  (void)started;
}

// Depth and number of parts follow from these, whatever the parser makes of them.
Result<void> check_shape(ByteView data, const MailLimits& limits) {
  constexpr ByteView type = "content-type";
  if (data.size() > limits.bytes_max) return error(Errc::invalid, "The mail is too long.");
  std::size_t parts = 0;
  std::size_t borders = 0;
  for (std::size_t at = 0; at < data.size(); ++at) {
    const char c = data[at];
    if (c == '-' && (at == 0 || data[at - 1] == '\n') && data.substr(at, 2) == "--") ++borders;
    if ((c == 'c' || c == 'C') && begins_with(data.substr(at), type)) ++parts;
  }
  const bool fine = parts <= limits.parts_max && borders <= limits.borders_max;
  if (!fine) return error(Errc::invalid, "The mail has too many parts.");
  return {};
}

Owned<GMimeMessage> parse(ByteView data) {
  start_library();
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(data.data(), data.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  return Owned<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

// The best text of a mail: the first plain one, else the first HTML.
struct Texts {
  std::string plain, html;
};

void collect_text(GMimeObject* part, Texts& texts) {
  const std::string disposition = text_of(g_mime_object_get_disposition(part));
  if (net::equal_ignoring_case(disposition, "attachment")) return;
  GMimeContentType* type = g_mime_object_get_content_type(part);
  const bool is_html = g_mime_content_type_is_type(type, "text", "html") != 0;
  std::string& text = is_html ? texts.html : texts.plain;
  const bool wanted = is_html || g_mime_content_type_is_type(type, "text", "plain") != 0;
  if (!wanted || !text.empty()) return;
  char* decoded = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
  text = text_of(decoded);
  g_free(decoded);
}

void collect(GMimeObject* part, std::size_t depth, Texts& texts) {
  if (part == nullptr || depth == 0) return;
  if (GMIME_IS_TEXT_PART(part)) return collect_text(part, texts);
  if (!GMIME_IS_MULTIPART(part)) return;
  GMimeMultipart* all = GMIME_MULTIPART(part);
  const int count = g_mime_multipart_get_count(all);
  for (int i = 0; i < count; ++i) collect(g_mime_multipart_get_part(all, i), depth - 1, texts);
}

// The first mailbox of the list that can be written to; empty when there is none.
std::string first_address(InternetAddressList* list) {
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < std::min(count, 10); ++i) {
    InternetAddress* one = internet_address_list_get_address(list, i);
    if (!INTERNET_ADDRESS_IS_MAILBOX(one)) continue;
    const std::string address =
        text_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
    if (notify::is_mail_address(address)) return notify::canonical_mail_address(address);
  }
  return {};
}

std::string contact_of(GMimeMessage* message, ByteView sender) {
  for (InternetAddressList* list :
       {g_mime_message_get_reply_to(message), g_mime_message_get_from(message)}) {
    std::string address = first_address(list);
    if (!address.empty()) return address;
  }
  return notify::is_mail_address(sender) ? notify::canonical_mail_address(sender) : std::string();
}

bool is_automatic(GMimeMessage* message, ByteView sender) {
  if (sender.empty()) return true;
  const auto header = [message](const char* name) {
    return text_of(g_mime_object_get_header(GMIME_OBJECT(message), name));
  };
  const std::string submitted = header("Auto-Submitted");
  if (!submitted.empty() && !begins_with(submitted, "no")) return true;
  const std::string precedence = header("Precedence");
  for (const char* bulk : {"bulk", "junk", "list", "auto_reply", "auto-reply"}) {
    if (begins_with(precedence, bulk)) return true;
  }
  if (!header("X-Autoreply").empty() || !header("X-Autorespond").empty()) return true;
  GMimeObject* part = g_mime_message_get_mime_part(message);
  if (part == nullptr) return false;
  return g_mime_content_type_is_type(g_mime_object_get_content_type(part), "multipart", "report");
}

// The same mail once more, and no other one. 0: it has no name of its own.
std::uint64_t key_of(GMimeMessage* message, const Draft& draft) {
  const std::string id = text_of(g_mime_message_get_message_id(message));
  if (id.empty()) return 0;
  const Bytes hash = crypto::sha256(id + '\n' + draft.contact + '\n' + draft.words);
  return Reader(ByteView(hash).substr(0, 8)).u64();
}

std::string words_of(GMimeMessage* message, const MailLimits& limits) {
  Texts texts;
  collect(g_mime_message_get_mime_part(message), limits.depth_max, texts);
  const std::string subject = tidy_text(text_of(g_mime_message_get_subject(message)));
  std::string text = tidy_text(texts.plain);
  if (text.empty()) text = tidy_text(html_to_text(texts.html));
  if (text.empty()) text = no_text;
  if (!subject.empty()) text = subject + "\n\n" + text;
  return cut(std::move(text), words_bytes_max);
}

}  // namespace

Result<Draft> read_mail(ByteView data, ByteView sender, ByteView recipient,
                        const MailLimits& limits) {
  if (auto fine = check_shape(data, limits); !fine) return tl::unexpected(fine.error());
  const Owned<GMimeMessage> message = parse(data);
  if (!message) return error(Errc::invalid, "This is no mail.");
  Draft draft;
  draft.way = Way::mail;
  draft.contact = contact_of(message.get(), sender);
  draft.words = words_of(message.get(), limits);
  draft.account = account_in_address(recipient);
  if (draft.account.empty()) draft.account = account_in(draft.words);
  draft.automatic = is_automatic(message.get(), sender);
  draft.mail = key_of(message.get(), draft);
  return clean(std::move(draft));
}

}  // namespace oki::watch::inquiries
