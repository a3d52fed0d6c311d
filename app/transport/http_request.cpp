#include "app/transport/http_request.hpp"

#include <algorithm>
#include <cstring>

namespace holdfast::transport {

namespace {

constexpr std::size_t max_fields = 100;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_alphanumeric(char c) {
  auto l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

/// RFC 7230 section 3.2.6.
bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

/// Printable ASCII; a fragment never reaches a server (RFC 6455 section 3).
bool is_target(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

/// RFC 3986 section 3.1.
bool is_scheme(std::string_view text) {
  auto first = lower(text.empty() ? ' ' : text.front());
  return first >= 'a' && first <= 'z' && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
         });
}

std::string_view trim(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && blank(text.back()))
    text.remove_suffix(1);
  return text;
}

} // namespace

bool same_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

http_request::progress http_request::read(std::string_view bytes, const limits& limits,
                                          std::size_t& used) {
  auto had = raw_.size();
  // One byte above the limit is enough to know.
  auto room = limits.head + 1 - std::min(had, limits.head + 1);
  auto taken = std::min(bytes.size(), room);
  raw_.append(bytes.substr(0, taken));
  auto end = raw_.find("\r\n\r\n", had < 3 ? 0 : had - 3);
  if (end == std::string::npos) {
    used = bytes.size();
    return check_partial(had, limits);
  }
  used = end + 4 - had;
  if (end + 4 > limits.head)
    return progress::header_too_large;
  raw_.resize(end + 2); // every line now ends in CRLF
  return split(limits);
}

http_request::progress http_request::check_partial(std::size_t from, const limits& limits) const {
  for (auto at = raw_.find('\n', from); at != std::string::npos; at = raw_.find('\n', at + 1)) {
    if (at == 0 || raw_[at - 1] != '\r')
      return progress::malformed;
  }
  auto blank = raw_.find(' ');
  if (blank != std::string::npos) {
    auto end = raw_.find_first_of(" \r", blank + 1);
    if (std::min(end, raw_.size()) - blank - 1 > limits.uri)
      return progress::uri_too_long;
  }
  return raw_.size() > limits.head ? progress::header_too_large : progress::incomplete;
}

http_request::progress http_request::split(const limits& limits) {
  std::string_view rest{raw_};
  auto next_line = [&rest] {
    auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    return line;
  };
  auto first = next_line();
  auto a = first.find(' ');
  auto b = first.rfind(' ');
  if (a == std::string_view::npos || a == b)
    return progress::malformed;
  method_ = first.substr(0, a);
  version_ = first.substr(b + 1);
  auto target = first.substr(a + 1, b - a - 1);
  if (target.size() > limits.uri)
    return progress::uri_too_long;
  if (!is_token(method_) || (version_ != "HTTP/1.1" && version_ != "HTTP/1.0")
      || !split_target(target))
    return progress::malformed;
  while (!rest.empty()) {
    if (fields_.size() == max_fields)
      return progress::header_too_large;
    if (!add_field(next_line()))
      return progress::malformed;
  }
  return progress::complete;
}

bool http_request::split_target(std::string_view target) {
  if (!is_target(target))
    return false;
  if (target == "*" && method_ == "OPTIONS") {
    path_ = target;
    return true;
  }
  if (target.substr(0, 1) != "/") {
    // The absolute form, which RFC 7230 section 5.3.2 has every server accept.
    auto scheme = target.find("://");
    if (scheme == std::string_view::npos || !is_scheme(target.substr(0, scheme)))
      return false;
    target.remove_prefix(scheme + 3);
    // Without a path the first slash may be the query's.
    auto host = target.substr(0, target.find_first_of("/?"));
    if (host.empty() || target.substr(host.size(), 1) != "/")
      return false;
    target.remove_prefix(host.size());
  }
  auto mark = target.find('?');
  path_ = target.substr(0, mark);
  query_ = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  return true;
}

bool http_request::add_field(std::string_view line) {
  auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return false;
  auto name = line.substr(0, colon);
  auto value = trim(line.substr(colon + 1));
  if (!is_token(name) || !is_field_value(value))
    return false;
  fields_.emplace_back(name, value);
  return true;
}

std::size_t http_request::count(std::string_view name) const {
  return static_cast<std::size_t>(
    std::count_if(fields_.begin(), fields_.end(),
                  [name](auto& field) { return same_without_case(field.first, name); }));
}

std::string_view http_request::header(std::string_view name) const {
  std::string_view found;
  std::string* joined = nullptr;
  bool any = false;
  for (auto& [field, value] : fields_) {
    if (!same_without_case(field, name))
      continue;
    if (!any) {
      any = true;
      found = value;
      continue;
    }
    if (joined == nullptr)
      joined = &joined_.emplace_back(found);
    joined->append(", ").append(value);
  }
  return joined != nullptr ? std::string_view{*joined} : found;
}

bool http_request::list_has(std::string_view name, std::string_view token) const {
  for (auto& [field, value] : fields_) {
    if (!same_without_case(field, name))
      continue;
    for (auto rest = value; !rest.empty();) {
      auto item = rest.substr(0, rest.find(','));
      if (same_without_case(trim(item), token))
        return true;
      rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    }
  }
  return false;
}

void http_request::clear() {
  constexpr std::size_t kept = 4096;
  // It may have had a token, and this memory lives on.
  ::explicit_bzero(raw_.data(), raw_.size());
  for (auto& text : joined_)
    ::explicit_bzero(text.data(), text.size());
  raw_.clear();
  if (raw_.capacity() > kept)
    raw_.shrink_to_fit();
  method_ = path_ = query_ = version_ = {};
  fields_.clear();
  joined_.clear();
}

} // namespace holdfast::transport
