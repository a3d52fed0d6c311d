// Unmasking and UTF-8, eight bytes at a time. websocketpp goes byte by byte, which was measured
// to be two thirds of all CPU at messages of 1 KiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace holdfast::transport {

/// Removes the mask (RFC 6455 section 5.3) in place. `key` is the masking key twice, rotated so
/// that its first byte in memory applies to data[0]; returns it rotated for what follows.
inline std::uint64_t unmask(std::uint8_t* data, std::size_t size, std::uint64_t key) {
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + at, 8);
    word ^= key;
    std::memcpy(data + at, &word, 8);
  }
  std::uint8_t bytes[8];
  std::memcpy(bytes, &key, 8);
  auto rest = size - at;
  for (std::size_t i = 0; i < rest; ++i)
    data[at + i] ^= bytes[i];
  std::uint8_t rotated[8];
  for (std::size_t i = 0; i < 8; ++i)
    rotated[i] = bytes[(i + rest) % 8];
  std::memcpy(&key, rotated, 8);
  return key;
}

/// Length of the ASCII text at the front of `data`.
inline std::size_t ascii_prefix(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t high_bits = 0x8080808080808080u;
  std::size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    std::uint64_t words[4];
    std::memcpy(words, data + at, 32);
    if (((words[0] | words[1] | words[2] | words[3]) & high_bits) != 0)
      break;
  }
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + at, 8);
    if ((word & high_bits) != 0)
      break;
  }
  while (at < size && data[at] < 0x80)
    ++at;
  return at;
}

} // namespace holdfast::transport
