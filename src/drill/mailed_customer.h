// A customer who wants to be told by mail: asks at the public page of a watch, confirms by the link
// of the mail that comes, and from then on only reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drill/steps.h"
#include "drill/telling.h"

namespace oki::drill {

class MailedCustomer {
 public:
  // `desks`: where the watches serve the pages for subscribers. The mails end in `told`. Both must
  // outlive the customer.
  MailedCustomer(Steps& steps, const Telling& told, std::vector<Address> desks,
                 std::string address);

  // Errc::unavailable: no watch took it, or the mail with the link did not come.
  Result<void> subscribe();

  // When each mail since then arrived that is not about subscribing, in order.
  std::vector<MonoTimeNs> mails(MonoTimeNs from) const;

 private:
  bool post(const std::string& target, const std::string& form);

  Steps& steps_;
  const Telling& told_;
  std::vector<Address> desks_;
  std::string address_;
  std::size_t before_ = 0;  // Mails of subscribing; those after them are notices.
};

// The token of the link to confirm, from the mail as it was sent; nothing when it holds none.
std::optional<std::string> confirm_token(ByteView mail);

}  // namespace oki::drill
