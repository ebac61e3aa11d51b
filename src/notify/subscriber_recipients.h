// The subscribers of the book as recipients of a notice.
#pragma once

#include <vector>

#include "notify/outbox.h"
#include "notify/subscriber_tokens.h"
#include "notify/subscribers.h"

namespace oki::notify {

// Confirmed ones who chose one of the components or everything, each with the word of his own
// address of leaving; all of them when the list is empty.
std::vector<Recipient> recipients_of(const SubscriberBook& book, const SubscriberTokens& tokens,
                                     const std::vector<ComponentId>& components);

}  // namespace oki::notify
