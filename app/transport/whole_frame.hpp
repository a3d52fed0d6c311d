// The common case of a frame: all of it is there, and it is all of a message.
#pragma once

#include "app/transport/fast_payload.hpp"
#include "protocol/shared_frame.hpp"

#include <optional>
#include <string_view>

namespace holdfast::transport {

/// A frame in the buffer that it was read into, still masked.
struct whole_frame {
  frame_opcode opcode;
  std::uint8_t* payload;
  std::size_t payload_size;
  std::size_t size; ///< header and payload

  std::uint8_t* end() const { return payload + payload_size; }
};

/// The unfragmented text, binary, ping or pong frame of a client that `data` begins with, if it is
/// complete and its header breaks no rule (RFC 6455 section 5.2). Nothing otherwise, and then it
/// is for the parser to say what is wrong, or missing. Messages of 64 KiB or more are the
/// parser's as well.
inline std::optional<whole_frame> peek_whole_frame(std::uint8_t* data, std::size_t size,
                                                   std::size_t max_message_size) {
  constexpr std::size_t mask_size = 4;
  constexpr std::uint8_t final_bit = 0x80; // and no reserved bit
  constexpr std::uint8_t mask_bit = 0x80;
  constexpr std::size_t most_of_short = 125;
  if (size < 2 + mask_size || (data[0] & 0xf0) != final_bit || (data[1] & mask_bit) == 0)
    return std::nullopt;
  auto opcode = static_cast<frame_opcode>(data[0] & 0x0f);
  bool is_message = opcode == frame_opcode::text || opcode == frame_opcode::binary;
  if (!is_message && opcode != frame_opcode::ping && opcode != frame_opcode::pong)
    return std::nullopt;
  std::size_t length = data[1] & 0x7f;
  std::size_t header = 2 + mask_size;
  if (length > most_of_short) {
    if (length != 126 || !is_message)
      return std::nullopt;
    length = static_cast<std::size_t>(data[2]) << 8 | data[3];
    header += 2;
    if (length <= most_of_short)
      return std::nullopt; // not minimal
  }
  if (size < header + length || (is_message && length > max_message_size))
    return std::nullopt;
  return whole_frame{opcode, data + header, length, header + length};
}

/// Unmasks the payload where it is. A second call masks it again.
inline std::string_view open_payload(const whole_frame& frame) {
  std::uint8_t key[8];
  std::memcpy(key, frame.payload - 4, 4);
  std::memcpy(key + 4, frame.payload - 4, 4);
  std::uint64_t doubled = 0;
  std::memcpy(&doubled, key, sizeof doubled);
  unmask(frame.payload, frame.payload_size, doubled);
  return {reinterpret_cast<const char*>(frame.payload), frame.payload_size};
}

} // namespace holdfast::transport
