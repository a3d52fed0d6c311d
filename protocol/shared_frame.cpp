#include "protocol/shared_frame.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace holdfast {

std::string_view to_string(frame_opcode opcode) {
  switch (opcode) {
  case frame_opcode::text: return "text";
  case frame_opcode::binary: return "binary";
  case frame_opcode::close: return "close";
  case frame_opcode::ping: return "ping";
  case frame_opcode::pong: return "pong";
  }
  return "unknown";
}

std::size_t write_frame_header(char* out, frame_opcode opcode, std::size_t payload_size) {
  if (is_control(opcode) && payload_size > max_control_payload) {
    std::fputs("holdfast: a control frame with more than 125 bytes of payload\n", stderr);
    std::abort();
  }
  constexpr unsigned final_fragment = 0x80;
  out[0] = static_cast<char>(final_fragment | static_cast<unsigned>(opcode));
  auto length = frame_header_size(payload_size);
  if (length == 2) {
    out[1] = static_cast<char>(payload_size);
    return length;
  }
  out[1] = static_cast<char>(length == 4 ? 126 : 127);
  auto rest = static_cast<std::uint64_t>(payload_size);
  for (auto at = length; at-- > 2; rest >>= 8)
    out[at] = static_cast<char>(rest & 0xff);
  return length;
}

/// Stands at the front of the allocation; the bytes follow.
struct shared_frame::block {
  std::atomic<std::uint32_t> handles;
  std::uint32_t header_size;
  std::size_t size;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }

  static block* make(std::size_t header_size, std::size_t size) {
    auto* room = ::operator new(sizeof(block) + size);
    return ::new (room) block{{1}, static_cast<std::uint32_t>(header_size), size};
  }
};

shared_frame shared_frame::encode(frame_opcode opcode, std::string_view payload) {
  char header[max_frame_header];
  auto header_size = write_frame_header(header, opcode, payload.size());
  auto* made = block::make(header_size, header_size + payload.size());
  std::memcpy(made->bytes(), header, header_size);
  if (!payload.empty())
    std::memcpy(made->bytes() + header_size, payload.data(), payload.size());
  return shared_frame{made};
}

shared_frame shared_frame::copy_of(std::string_view encoded) {
  auto* made = block::make(0, encoded.size());
  if (!encoded.empty())
    std::memcpy(made->bytes(), encoded.data(), encoded.size());
  return shared_frame{made};
}

shared_frame::shared_frame(const shared_frame& other) noexcept : block_{other.block_} {
  // Whoever copies has a handle already, so that there is nothing to be ordered against.
  if (block_ != nullptr)
    block_->handles.fetch_add(1, std::memory_order_relaxed);
}

shared_frame::~shared_frame() {
  // Acquire and release, so that the thread that frees has seen the others' last reads.
  if (block_ != nullptr && block_->handles.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    block_->~block();
    ::operator delete(block_);
  }
}

std::string_view shared_frame::bytes() const {
  return block_ == nullptr ? std::string_view{} : std::string_view{block_->bytes(), block_->size};
}

std::size_t shared_frame::payload_size() const {
  return block_ == nullptr ? 0 : block_->size - block_->header_size;
}

frame_opcode shared_frame::opcode() const {
  return static_cast<frame_opcode>(bytes().front() & 0xf);
}

std::size_t shared_frame::use_count() const {
  return block_ == nullptr ? 0 : block_->handles.load(std::memory_order_relaxed);
}

} // namespace holdfast
