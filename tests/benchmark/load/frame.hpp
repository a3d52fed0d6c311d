// WebSocket frames as a client writes and reads them (RFC 6455, section 5).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace holdfast::load {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Larger frames than this are taken for garbage.
inline constexpr std::uint64_t max_frame_payload = 16u << 20;

/// A frame inside a receive buffer.
struct frame_view {
  opcode op = opcode::continuation;
  bool fin = true;
  std::string_view payload;
};

enum class take_result : std::uint8_t { frame, incomplete, invalid };

namespace detail {

inline void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0)
    out.push_back(static_cast<char>(value >> (8 * bytes)));
}

inline std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (auto c : bytes)
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// Eight bytes at a time: at 1 KiB a message the generator must not become the bottleneck.
inline void mask(char* data, std::size_t size, std::uint32_t key) {
  std::array<char, 8> keys{};
  std::memcpy(keys.data(), &key, 4);
  std::memcpy(keys.data() + 4, &key, 4);
  std::uint64_t wide = 0;
  std::memcpy(&wide, keys.data(), 8);
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + i, 8);
    word ^= wide;
    std::memcpy(data + i, &word, 8);
  }
  for (; i < size; ++i)
    data[i] = static_cast<char>(data[i] ^ keys[i % 4]);
}

} // namespace detail

/// Appends one whole frame, masked with `key`, to `out`.
inline void append_frame(std::string& out, opcode op, std::string_view payload, std::uint32_t key) {
  out.push_back(static_cast<char>(0x80 | static_cast<unsigned>(op)));
  auto size = payload.size();
  if (size < 126) {
    out.push_back(static_cast<char>(0x80 | size));
  } else if (size < 65536) {
    out.push_back(static_cast<char>(0x80 | 126));
    detail::append_big_endian(out, size, 2);
  } else {
    out.push_back(static_cast<char>(0x80 | 127));
    detail::append_big_endian(out, size, 8);
  }
  out.append(reinterpret_cast<const char*>(&key), 4);
  auto begin = out.size();
  out.append(payload);
  detail::mask(out.data() + begin, size, key);
}

/// Takes the first frame off `bytes`. `invalid`: no server may send this (masked, with extension
/// bits, an unknown opcode, or beyond `max_frame_payload`).
inline take_result take_frame(std::string_view& bytes, frame_view& frame) {
  if (bytes.size() < 2)
    return take_result::incomplete;
  auto first = static_cast<unsigned char>(bytes[0]);
  auto second = static_cast<unsigned char>(bytes[1]);
  auto op = first & 0x0fu;
  if ((first & 0x70u) != 0 || (second & 0x80u) != 0 || (op > 2 && op < 8) || op > 10)
    return take_result::invalid;
  std::size_t header = second < 126 ? 2 : second == 126 ? 4 : 10;
  if (bytes.size() < header)
    return take_result::incomplete;
  std::uint64_t size = header == 2 ? second : detail::read_big_endian(bytes.substr(2, header - 2));
  if (size > max_frame_payload)
    return take_result::invalid;
  if (bytes.size() - header < size)
    return take_result::incomplete;
  frame = {static_cast<opcode>(op), (first & 0x80u) != 0, bytes.substr(header, size)};
  bytes.remove_prefix(header + size);
  return take_result::frame;
}

} // namespace holdfast::load
