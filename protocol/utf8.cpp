#include "protocol/utf8.hpp"

namespace holdfast {

utf8_subpart read_utf8(std::string_view text, std::size_t at) {
  auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0xc2 || lead > 0xf4)
    return {1, false};
  std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte's range keeps out overlong forms, surrogates and what is beyond U+10FFFF.
  unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (std::size_t read = 1; read < size; ++read) {
    if (at + read == text.size())
      return {read, false};
    auto c = static_cast<unsigned char>(text[at + read]);
    if (c < low || c > high)
      return {read, false};
    low = 0x80;
    high = 0xbf;
  }
  return {size, true};
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto beyond_ascii = static_cast<unsigned char>(text[at]) > 0x7f;
    auto part = beyond_ascii ? read_utf8(text, at) : utf8_subpart{1, true};
    if (!part.whole)
      return false;
    at += part.size;
  }
  return true;
}

} // namespace holdfast
