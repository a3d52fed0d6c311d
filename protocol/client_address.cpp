#include "protocol/client_address.hpp"

#include <algorithm>
#include <vector>

namespace holdfast {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    auto end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos || end == 0 || end > 3 || (end > 1 && text[0] == '0'))
      return std::nullopt;
    unsigned value = 0;
    for (char c : text.substr(0, end)) {
      if (c < '0' || c > '9')
        return std::nullopt;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255)
      return std::nullopt;
    address = address << 8 | value;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return address;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4)
    return std::nullopt;
  unsigned value = 0;
  for (char c : text) {
    auto digit = hex_digits.find(lower(c));
    if (digit == std::string_view::npos)
      return std::nullopt;
    value = value << 4 | static_cast<unsigned>(digit);
  }
  return static_cast<std::uint16_t>(value);
}

// The groups on one side of "::", appended as bytes; the last may be an IPv4 address.
bool parse_groups(std::string_view text, bool may_end_in_v4, std::vector<std::uint8_t>& bytes) {
  while (!text.empty()) {
    auto colon = text.find(':');
    auto group = text.substr(0, colon);
    bool last = colon == std::string_view::npos;
    if (last && may_end_in_v4 && group.find('.') != std::string_view::npos) {
      auto v4 = parse_v4(group);
      if (!v4)
        return false;
      for (int shift : {24, 16, 8, 0})
        bytes.push_back(static_cast<std::uint8_t>(*v4 >> shift));
      return true;
    }
    auto value = parse_group(group);
    if (!value)
      return false;
    bytes.push_back(static_cast<std::uint8_t>(*value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(*value));
    if (last)
      return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) // it ended in a single colon
      return false;
  }
  return true;
}

std::string v4_text(const client_address& address) {
  std::string text;
  for (auto byte = address.bytes.begin() + 12; byte != address.bytes.end(); ++byte)
    text.append(text.empty() ? "" : ".").append(std::to_string(unsigned{*byte}));
  return text;
}

constexpr std::size_t group_count = 8;

unsigned group_at(const client_address& address, std::size_t index) {
  return unsigned{address.bytes[2 * index]} << 8 | address.bytes[2 * index + 1];
}

// Without leading zeros, as RFC 5952 section 4.1 has it.
std::string group_text(unsigned group) {
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4)
    if (auto digit = group >> shift & 0xf; digit != 0 || !text.empty() || shift == 0)
      text += hex_digits[digit];
  return text;
}

struct zero_run {
  std::size_t first = group_count;
  std::size_t length = 1; // one group alone is not shortened (section 4.2.2)
};

// The longest one, of two the first (section 4.2.3).
zero_run longest_zeros(const client_address& address) {
  zero_run best;
  for (std::size_t i = 0; i < group_count; ++i) {
    auto end = i;
    while (end < group_count && group_at(address, end) == 0)
      ++end;
    if (end - i > best.length)
      best = {i, end - i};
  }
  return best;
}

} // namespace

client_address client_address::from_v4(std::uint32_t address) {
  client_address result;
  auto out = std::copy(mapped_prefix.begin(), mapped_prefix.end(), result.bytes.begin());
  for (int shift : {24, 16, 8, 0})
    *out++ = static_cast<std::uint8_t>(address >> shift);
  return result;
}

bool client_address::is_v4() const {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
}

std::uint64_t client_address::network() const {
  // An IPv4 address goes where multicast is in IPv6 (ff00::/8), from which no client comes.
  std::uint64_t key = is_v4() ? 0xffffffff : 0;
  auto first = is_v4() ? bytes.begin() + 12 : bytes.begin();
  auto last = is_v4() ? bytes.end() : bytes.begin() + 8;
  for (; first != last; ++first)
    key = key << 8 | *first;
  return key;
}

std::string to_string(const client_address& address) {
  if (address.is_v4())
    return v4_text(address);
  auto zeros = longest_zeros(address);
  std::string text;
  for (std::size_t i = 0; i < group_count;) {
    if (i == zeros.first) {
      text += "::";
      i += zeros.length;
      continue;
    }
    if (!text.empty() && text.back() != ':')
      text += ':';
    text += group_text(group_at(address, i++));
  }
  return text;
}

std::optional<client_address> parse_client_address(std::string_view text) {
  constexpr std::size_t longest = 45; // eight groups of which two are written as IPv4
  if (text.size() > longest)
    return std::nullopt;
  if (text.find(':') == std::string_view::npos) {
    auto v4 = parse_v4(text);
    return v4 ? std::optional{client_address::from_v4(*v4)} : std::nullopt;
  }
  auto gap = text.find("::");
  bool has_gap = gap != std::string_view::npos;
  std::vector<std::uint8_t> head;
  std::vector<std::uint8_t> tail;
  if (!parse_groups(text.substr(0, gap), !has_gap, head))
    return std::nullopt;
  if (has_gap && !parse_groups(text.substr(gap + 2), true, tail))
    return std::nullopt;
  client_address result;
  auto given = head.size() + tail.size();
  // "::" stands for at least one group.
  if (has_gap ? given > result.bytes.size() - 2 : given != result.bytes.size())
    return std::nullopt;
  std::copy(head.begin(), head.end(), result.bytes.begin());
  std::copy_backward(tail.begin(), tail.end(), result.bytes.end());
  return result;
}

} // namespace holdfast
