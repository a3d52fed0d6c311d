// A client's frames, right and wrong ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::fuzz {

struct frame_flaws {
  bool unmasked = false;
  bool long_length = false;    ///< a longer form of the length than it takes
  bool only_announced = false; ///< the payload does not follow
};

inline std::string client_frame(unsigned first_byte, std::string_view payload, std::uint32_t key,
                                frame_flaws flaws = {}) {
  auto size = payload.size();
  int form = size < 126 ? 0 : size < 65536 ? 1 : 2;
  if (flaws.long_length && form < 2)
    ++form;
  std::string frame{static_cast<char>(first_byte)};
  char mask_bit = flaws.unmasked ? '\0' : '\x80';
  frame += static_cast<char>(mask_bit
                             | static_cast<char>(form == 0   ? size
                                                 : form == 1 ? 126
                                                             : 127));
  for (int shift = form == 0 ? -8 : form == 1 ? 8 : 56; shift >= 0; shift -= 8)
    frame += static_cast<char>(static_cast<std::uint64_t>(size) >> shift);
  const char mask[] = {static_cast<char>(key >> 24), static_cast<char>(key >> 16),
                       static_cast<char>(key >> 8), static_cast<char>(key)};
  if (!flaws.unmasked)
    frame.append(mask, sizeof mask);
  if (flaws.only_announced)
    return frame;
  auto begin = frame.size();
  frame.append(payload);
  for (std::size_t i = 0; i < size && !flaws.unmasked; ++i)
    frame[begin + i] = static_cast<char>(frame[begin + i] ^ mask[i % 4]);
  return frame;
}

} // namespace holdfast::fuzz
