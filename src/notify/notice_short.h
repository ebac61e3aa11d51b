// A notice in as few characters as a channel allows: the headline and the address of the full text
// always, then what people need most, line by line, as long as there is room.
#pragma once

#include <cstdint>
#include <string>

#include "notify/notice_words.h"

namespace oki::notify {

enum class Counting : std::uint8_t {
  code_points,  // Never fewer than graphemes, so that a limit on those holds too.
  utf16_units,  // Telegram, LINE.
  x_weights,    // X counts most scripts of Asia double, and every address as 23.
};

struct LengthRule {
  std::size_t length_max = 500;
  Counting counting = Counting::code_points;
};

constexpr LengthRule x_length{280, Counting::x_weights};
constexpr LengthRule mastodon_length{500, Counting::code_points};
constexpr LengthRule bluesky_length{300, Counting::code_points};
constexpr LengthRule line_length{5'000, Counting::utf16_units};
constexpr LengthRule telegram_length{4'096, Counting::utf16_units};
constexpr LengthRule discord_length{2'000, Counting::code_points};

std::size_t text_length(ByteView text, Counting counting);

// As much of the text as fits, cut between characters, with a sign that it was cut.
std::string fitting(ByteView text, std::size_t length_max, Counting counting);

// Of a text that notice_short() made: its last line is an address.
std::size_t short_length(ByteView text, const LengthRule& rule);

// REQUIRES: the address alone fits with 40 to spare.
std::string notice_short(Language language, const Notice& notice, const NoticeLinks& links,
                         const LengthRule& rule);

}  // namespace oki::notify
