// Bytes written down in test/golden, one line per value: its name, a blank, hexadecimal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "base/bytes.h"

namespace oki::core {

inline std::string hex(ByteView bytes) {
  constexpr ByteView digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<std::uint8_t>(byte) >> 4];
    text += digits[static_cast<std::uint8_t>(byte) & 15];
  }
  return text;
}

inline std::map<std::string, std::string> golden(const char* file) {
  std::map<std::string, std::string> lines;
  std::FILE* in = std::fopen((std::string("test/golden/") + file).c_str(), "r");
  if (in == nullptr) return lines;
  std::string words[2];
  int word = 0;
  for (int c = std::fgetc(in); c != EOF; c = std::fgetc(in)) {
    if (c == ' ') {
      word = 1;
    } else if (c != '\n') {
      words[word] += static_cast<char>(c);
    } else {
      lines[words[0]] = words[1];
      words[0].clear();
      words[1].clear();
      word = 0;
    }
  }
  std::fclose(in);
  return lines;
}

}  // namespace oki::core
