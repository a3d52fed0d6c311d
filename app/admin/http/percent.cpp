#include "app/admin/http/percent.hpp"

#include "protocol/utf8.hpp"

#include <algorithm>

namespace holdfast::admin {

namespace {

/// Below zero: no hexadecimal digit.
int digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  auto l = c | 0x20;
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// RFC 3986 section 2.3.
bool is_unreserved(char c) {
  auto l = c | 0x20;
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
         || c == '~';
}

std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      auto high = i + 1 < text.size() ? digit(text[i + 1]) : -1;
      auto low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return std::nullopt;
      decoded += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  if (std::any_of(decoded.begin(), decoded.end(), is_control) || !is_utf8(decoded))
    return std::nullopt;
  return decoded;
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  return decode(text, false);
}

std::optional<query_list> decode_query(std::string_view text) {
  query_list list;
  while (!text.empty()) {
    auto item = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    if (item.empty())
      continue;
    auto sign = std::min(item.find('='), item.size());
    auto name = decode(item.substr(0, sign), true);
    auto value = decode(item.substr(std::min(sign + 1, item.size())), true);
    if (!name || !value)
      return std::nullopt;
    list.emplace_back(std::move(*name), std::move(*value));
  }
  return list;
}

std::string percent_encode(std::string_view text, bool keep_slashes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (auto c : text) {
    if (is_unreserved(c) || (keep_slashes && c == '/'))
      encoded += c;
    else
      encoded.append({'%', digits[static_cast<unsigned char>(c) >> 4],
                      digits[static_cast<unsigned char>(c) & 15]});
  }
  return encoded;
}

} // namespace holdfast::admin
