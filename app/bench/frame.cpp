#include "app/bench/frame.hpp"

#include <array>
#include <cstring>

namespace holdfast::bench {

namespace {

constexpr std::size_t longest_header = 14;

// Eight bytes at a time: at 1 KiB a message the generator must not become the bottleneck.
void mask(char* data, std::size_t size, std::uint32_t key) {
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

/// Writes the header of a masked frame to `to`; says how long it is.
std::size_t write_header(char* to, const frame_view& frame, std::uint32_t key) {
  auto size = frame.payload.size();
  unsigned extended = size < 126 ? 0 : size < 65536 ? 2 : 8;
  auto length = extended == 0 ? size : extended == 2 ? 126u : 127u;
  auto* at = to;
  *at++ = static_cast<char>((frame.fin ? 0x80u : 0u) | static_cast<unsigned>(frame.op));
  *at++ = static_cast<char>(0x80u | length);
  for (auto left = extended; left-- > 0;)
    *at++ = static_cast<char>(size >> (8 * left));
  std::memcpy(at, &key, 4);
  return 2 + extended + 4;
}

bool is_control(unsigned op) {
  return op >= 8;
}

} // namespace

std::string_view to_string(opcode op) {
  switch (op) {
  case opcode::continuation: return "continuation";
  case opcode::text: return "text";
  case opcode::binary: return "binary";
  case opcode::close: return "close";
  case opcode::ping: return "ping";
  case opcode::pong: return "pong";
  }
  return "unknown";
}

void append_frame(std::string& out, const frame_view& frame, std::uint32_t key) {
  std::array<char, longest_header> header{};
  auto length = write_header(header.data(), frame, key);
  auto begin = out.size();
  out.append(header.data(), length).append(frame.payload);
  mask(out.data() + begin + length, frame.payload.size(), key);
}

take_result take_frame(std::string_view& bytes, frame_view& frame) {
  if (bytes.size() < 2)
    return take_result::incomplete;
  auto first = static_cast<unsigned char>(bytes[0]);
  auto second = static_cast<unsigned char>(bytes[1]);
  auto op = first & 0x0fu;
  if ((first & 0x70u) != 0 || (second & 0x80u) != 0 || (op > 2 && op < 8) || op > 10)
    return take_result::invalid;
  if (is_control(op) && ((first & 0x80u) == 0 || second > 125))
    return take_result::invalid;
  std::size_t header = second < 126 ? 2 : second == 126 ? 4 : 10;
  if (bytes.size() < header)
    return take_result::incomplete;
  std::uint64_t size = header == 2 ? second : read_big_endian(bytes.substr(2, header - 2));
  if (size > max_frame_payload)
    return take_result::invalid;
  if (bytes.size() - header < size)
    return take_result::incomplete;
  frame = {static_cast<opcode>(op), (first & 0x80u) != 0, bytes.substr(header, size)};
  bytes.remove_prefix(header + size);
  return take_result::frame;
}

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0)
    out.push_back(static_cast<char>(value >> (8 * bytes)));
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (auto c : bytes)
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

} // namespace holdfast::bench
