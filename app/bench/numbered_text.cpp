#include "app/bench/numbered_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace holdfast::bench {

namespace {

constexpr std::size_t most_digits = 16;
constexpr std::string_view digits_of = "0123456789abcdef";

/// "00" to "ff": the generator writes two numbers a message.
constexpr std::array<char, 512> make_pairs() {
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = digits_of[i >> 4];
    pairs[2 * i + 1] = digits_of[i & 15];
  }
  return pairs;
}

constexpr auto pairs = make_pairs();

} // namespace

numbered_text::numbered_text(std::size_t size) {
  text_.reserve(size);
  for (std::size_t i = 0; i < size; ++i)
    text_.push_back(static_cast<char>('!' + i * 7 % 94));
}

std::string_view numbered_text::with(std::uint64_t number) {
  std::array<char, most_digits> digits{};
  for (auto at = digits.size(); at > 0; number >>= 8) {
    at -= 2;
    std::memcpy(&digits[at], &pairs[2 * (number & 0xff)], 2);
  }
  auto used = std::min(most_digits, text_.size());
  std::memcpy(text_.data(), digits.data() + most_digits - used, used);
  return text_;
}

std::optional<std::uint64_t> numbered_text::number_of(std::string_view text) const {
  auto digits = std::min(most_digits, text_.size());
  if (text.size() != text_.size() || text.substr(digits) != std::string_view{text_}.substr(digits))
    return std::nullopt;
  std::uint64_t number = 0;
  auto* end = text.data() + digits;
  auto parsed = std::from_chars(text.data(), end, number, 16);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional{number} : std::nullopt;
}

} // namespace holdfast::bench
