// WebSocket frames as a client writes and reads them (RFC 6455, section 5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::bench {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

std::string_view to_string(opcode op);

/// Larger frames than this, and larger messages of several frames, are taken for garbage.
inline constexpr std::uint64_t max_frame_payload = 16u << 20;

/// A frame inside a receive buffer.
struct frame_view {
  opcode op = opcode::continuation;
  bool fin = true;
  std::string_view payload;
};

enum class take_result : std::uint8_t { frame, incomplete, invalid };

/// Appends one frame, masked with `key`, to `out`. The payload may not be part of `out`.
void append_frame(std::string& out, const frame_view& frame, std::uint32_t key);

/// Takes the first frame off `bytes`. `invalid`: no server may send this (masked, with extension
/// bits, an unknown opcode, a control frame in fragments or of more than 125 bytes, or beyond
/// `max_frame_payload`).
take_result take_frame(std::string_view& bytes, frame_view& frame);

/// Appends the lowest `bytes` bytes of `value`, the highest first.
void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes);

/// The number that `bytes` are, the highest byte first.
std::uint64_t read_big_endian(std::string_view bytes);

} // namespace holdfast::bench
