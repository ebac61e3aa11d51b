// Mail addresses as people give them, judged narrowly: what is refused here never reaches a header,
// an SMTP command or a list.
#pragma once

#include <string>

#include "base/bytes.h"

namespace oki::notify {

// RFC 5321, 4.5.3.1.
constexpr std::size_t mail_local_bytes_max = 64;
constexpr std::size_t mail_domain_bytes_max = 255;
constexpr std::size_t mail_address_bytes_max = 254;  // RFC 3696, erratum 1690.

// A dot-atom (RFC 5322), '@', and a domain of at least two labels; UTF-8 beyond ASCII is allowed in
// the local part (RFC 6531). Quoted local parts, comments, address literals and source routes are
// refused: nobody has them, and they are how lists are attacked.
bool is_mail_address(ByteView text);

bool needs_smtputf8(ByteView address);

// The same mailbox spelled the same way: the domain in lower case. Local parts stay as they are.
std::string canonical_mail_address(ByteView address);

}  // namespace oki::notify
