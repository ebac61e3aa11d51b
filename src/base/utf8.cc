#include "base/utf8.h"

#include <cstring>

namespace oki {
namespace {

bool begins_with_eight_of_ascii(ByteView text) {
  std::uint64_t word = 0;
  if (text.size() < sizeof word) return false;
  std::memcpy(&word, text.data(), sizeof word);
  return (word & 0x8080808080808080u) == 0;
}

struct Sequence {
  std::size_t size = 0;         // 0: no sequence begins with this byte.
  unsigned second_low = 0x80;   // The narrowed range of the second byte is what keeps out
  unsigned second_high = 0xBF;  // overlong forms, surrogates and what is above U+10FFFF.
};

Sequence sequence_of(unsigned first) {
  if (first >= 0xC2 && first <= 0xDF) return {2, 0x80, 0xBF};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {3, 0x80, 0xBF};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return {4, 0x80, 0xBF};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

unsigned byte_at(ByteView text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

}  // namespace

std::size_t utf8_sequence(ByteView text) {
  if (text.empty()) return 0;
  if (byte_at(text, 0) < 0x80) return 1;
  const Sequence sequence = sequence_of(byte_at(text, 0));
  if (sequence.size == 0 || text.size() < sequence.size) return 0;
  const unsigned second = byte_at(text, 1);
  if (second < sequence.second_low || second > sequence.second_high) return 0;
  for (std::size_t i = 2; i < sequence.size; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  }
  return sequence.size;
}

bool is_utf8(ByteView text) {
  while (!text.empty()) {
    const std::size_t size = begins_with_eight_of_ascii(text) ? 8 : utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace oki
