#include "drill/mailed_customer.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "net/http.h"
#include "notify/subscriber_tokens.h"

namespace oki::drill {
namespace {

constexpr std::int64_t mail_patience_ms = 10'000;
constexpr std::int64_t desk_patience_ms = 10'000;
constexpr ByteView link = "/confirm?t=";

}  // namespace

// Of this project's own mails: the first part is the plain text, in base64.
std::optional<std::string> confirm_token(ByteView mail) {
  constexpr ByteView head = "Content-Transfer-Encoding: base64\r\n\r\n";
  const std::size_t begin = mail.find(head);
  if (begin == ByteView::npos) return std::nullopt;
  const ByteView part = mail.substr(begin + head.size());
  Bytes packed(part.substr(0, part.find("--")));
  std::erase_if(packed, [](char c) { return c == '\r' || c == '\n'; });
  const auto text = crypto::from_base64(packed);
  const std::size_t at = text ? text->find(link) : Bytes::npos;
  if (at == Bytes::npos) return std::nullopt;
  std::string token = text->substr(at + link.size(), notify::subscriber_token_bytes);
  if (token.size() != notify::subscriber_token_bytes) return std::nullopt;
  return token;
}

MailedCustomer::MailedCustomer(Steps& steps, const Telling& told, std::vector<Address> desks,
                               std::string address)
    : steps_(steps), told_(told), desks_(std::move(desks)), address_(std::move(address)) {}

bool MailedCustomer::post(const std::string& target, const std::string& form) {
  return steps_.wait_for(desk_patience_ms, [&] {
    return std::ranges::any_of(desks_, [&](const Address& desk) {
      net::HttpRequest request;
      request.method = "POST";
      request.target = target;
      request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
      request.body = form;
      const auto answer = steps_.ask(desk, std::move(request));
      return answer && answer->status == 200;
    });
  });
}

Result<void> MailedCustomer::subscribe() {
  if (!post("/en/subscribe", "address=" + net::percent_encode(address_))) {
    return error(Errc::unavailable, "no watch took a subscription");
  }
  std::optional<std::string> token;
  steps_.wait_for(mail_patience_ms, [&] {
    for (const KeptMail& mail : told_.mails()) {
      if (!token && mail.mail.to == address_) token = confirm_token(mail.mail.data);
    }
    return token.has_value();
  });
  if (!token) return error(Errc::unavailable, "no mail came by which to confirm");
  if (!post("/en/confirm", "t=" + *token)) {
    return error(Errc::unavailable, "no watch took the link of the mail");
  }
  before_ = told_.mails().size();
  return {};
}

std::vector<MonoTimeNs> MailedCustomer::mails(MonoTimeNs from) const {
  std::vector<MonoTimeNs> arrived;
  for (std::size_t i = before_; i < told_.mails().size(); ++i) {
    const KeptMail& mail = told_.mails()[i];
    if (mail.at >= from && mail.mail.to == address_) arrived.push_back(mail.at);
  }
  return arrived;
}

}  // namespace oki::drill
