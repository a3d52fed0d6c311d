// What Sec-WebSocket-Accept has to say (RFC 6455 section 4.2.2), computed anew.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::fuzz {

/// RFC 3174.
inline std::array<std::uint8_t, 20> sha1(std::string text) {
  auto bits = static_cast<std::uint64_t>(text.size()) * 8;
  text += '\x80';
  while (text.size() % 64 != 56)
    text += '\0';
  for (int shift = 56; shift >= 0; shift -= 8)
    text += static_cast<char>(bits >> shift);
  auto turn = [](std::uint32_t x, int by) { return x << by | x >> (32 - by); };
  std::uint32_t h[] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (std::size_t block = 0; block < text.size(); block += 64) {
    std::uint32_t w[80];
    for (std::size_t t = 0; t < 80; ++t) {
      if (t >= 16) {
        w[t] = turn(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        continue;
      }
      w[t] = 0;
      for (std::size_t i = 0; i < 4; ++i)
        w[t] = w[t] << 8 | static_cast<std::uint8_t>(text[block + 4 * t + i]);
    }
    auto a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int t = 0; t < 80; ++t) {
      auto f = t < 20   ? ((b & c) | (~b & d)) + 0x5a827999
               : t < 40 ? (b ^ c ^ d) + 0x6ed9eba1
               : t < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                        : (b ^ c ^ d) + 0xca62c1d6;
      auto next = turn(a, 5) + f + e + w[t];
      e = d;
      d = c;
      c = turn(b, 30);
      b = a;
      a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  std::array<std::uint8_t, 20> digest;
  for (std::size_t i = 0; i < 20; ++i)
    digest[i] = static_cast<std::uint8_t>(h[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

inline std::string accept_key(std::string_view key) {
  constexpr std::string_view letters
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  auto digest = sha1(std::string{key}.append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
  std::string text;
  std::uint32_t gathered = 0;
  int bits = 0;
  for (auto byte : digest) {
    gathered = gathered << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6)
      text += letters[gathered >> (bits - 6) & 63];
  }
  text += letters[gathered << (6 - bits) & 63]; // 160 bits leave 4
  return text + "=";
}

} // namespace holdfast::fuzz
