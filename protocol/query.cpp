#include "protocol/query.hpp"

namespace holdfast {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0
        && hex_digit(text[i + 2]) >= 0) {
      result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

/// Takes the first pair off the query.
std::string_view next_pair(std::string_view& query) {
  auto end = query.find('&');
  auto pair = query.substr(0, end);
  query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  return pair;
}

std::string name_of(std::string_view pair) {
  return decode(pair.substr(0, pair.find('=')));
}

std::string value_of(std::string_view pair) {
  auto equals = pair.find('=');
  return equals == std::string_view::npos ? std::string{} : decode(pair.substr(equals + 1));
}

} // namespace

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    auto pair = next_pair(query);
    if (name_of(pair) == name)
      return value_of(pair);
  }
  return {};
}

std::vector<std::string> query_values(std::string_view query, std::string_view name) {
  std::vector<std::string> result;
  while (!query.empty()) {
    auto pair = next_pair(query);
    if (name_of(pair) == name)
      result.push_back(value_of(pair));
  }
  return result;
}

std::string query_without(std::string_view query, std::string_view name) {
  std::string result;
  while (!query.empty()) {
    auto pair = next_pair(query);
    if (name_of(pair) != name)
      result.append(result.empty() ? "" : "&").append(pair);
  }
  return result;
}

} // namespace holdfast
