// WebSocket frames that are encoded once and written to any number of connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace holdfast {

/// What a frame is: the opcodes of RFC 6455 section 5.2 that a server sends. There is no
/// continuation, because every message leaves as one frame.
enum class frame_opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

std::string_view to_string(frame_opcode opcode);

/// True for close, ping and pong (RFC 6455 section 5.5).
constexpr bool is_control(frame_opcode opcode) {
  return (static_cast<std::uint8_t>(opcode) & 0x8) != 0;
}

/// The longest header of an unmasked frame, in bytes.
inline constexpr std::size_t max_frame_header = 10;

/// The longest payload of a control frame, in bytes (RFC 6455 section 5.5).
inline constexpr std::size_t max_control_payload = 125;

/// Length of the header in front of `payload_size` bytes: 2, 4 or 10.
constexpr std::size_t frame_header_size(std::size_t payload_size) {
  return payload_size < 126 ? 2 : payload_size <= 0xffff ? 4 : 10;
}

/// Writes the header of a final, unmasked frame without extensions to `out`, which has room for
/// max_frame_header bytes. Returns its length. A control frame with a payload longer than
/// max_control_payload is a defect of the caller and aborts.
std::size_t write_frame_header(char* out, frame_opcode opcode, std::size_t payload_size);

/// A handle, one pointer wide, of immutable bytes ready to be written to a socket: one frame, or
/// what is left of a run of frames. Copies refer to the same bytes, which die with the last
/// copy. Different handles of the same bytes may be used by different threads at once.
class shared_frame {
public:
  /// Refers to nothing; has no bytes.
  shared_frame() = default;

  /// A final, unmasked frame around `payload`, in one allocation. Throws std::bad_alloc.
  static shared_frame encode(frame_opcode opcode, std::string_view payload);

  /// A copy of bytes that are frames already, such as the unwritten end of a buffer of replies.
  /// All of it counts as payload. Throws std::bad_alloc.
  static shared_frame copy_of(std::string_view encoded);

  shared_frame(const shared_frame& other) noexcept;
  shared_frame(shared_frame&& other) noexcept : block_{std::exchange(other.block_, nullptr)} {}
  shared_frame& operator=(shared_frame other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~shared_frame();

  explicit operator bool() const { return block_ != nullptr; }

  /// Header and payload, valid while any copy of this handle lives.
  std::string_view bytes() const;

  /// Length of bytes() without the header.
  std::size_t payload_size() const;

  /// The opcode in the first byte. The handle must refer to an encode()d frame.
  frame_opcode opcode() const;

  /// How many handles refer to the same bytes; exact only while no other thread has one.
  std::size_t use_count() const;

private:
  struct block;

  explicit shared_frame(block* owned) : block_{owned} {}

  block* block_ = nullptr;
};

} // namespace holdfast
