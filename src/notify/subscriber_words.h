// Every sentence of the pages and mails for subscribers, in Japanese and English.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "notify/time_text.h"

namespace oki::notify {

enum class SubscriberText : std::uint8_t {
  ask_title,
  ask_words,
  address,
  one_mail,
  which,
  none_is_all,
  ask_button,
  bad_address,
  asked_title,
  asked_words,
  confirm_title,
  confirm_words,
  confirm_button,
  confirmed_title,
  confirmed_words,
  manage_title,
  leave_button,
  left_title,
  left_words,
  choose_title,
  choose_button,
  chosen_title,
  chosen_words,
  dead_title,
  dead_words,
  later_title,
  later_words,
  often_words,
  mail_confirm_subject,
  mail_confirm_words,
  mail_manage_subject,
  mail_manage_words,
  mail_ignore,
  count,
};

ByteView say(Language language, SubscriberText id);

}  // namespace oki::notify
