#include "protocol/json_text.hpp"

#include "protocol/json_string.hpp"

#include <algorithm>

namespace holdfast {

namespace {

/// The grammar of RFC 8259, from left to right.
class grammar {
public:
  explicit grammar(std::string_view text) : text_{text} {}

  bool text(std::size_t depth) {
    if (!value(depth))
      return false;
    space();
    return at_ == text_.size();
  }

private:
  bool value(std::size_t depth) {
    space();
    if (at_ == text_.size())
      return false;
    switch (text_[at_]) {
    case '{': return depth > 0 && object(depth - 1);
    case '[': return depth > 0 && array(depth - 1);
    case '"': return string();
    case 't': return word("true");
    case 'f': return word("false");
    case 'n': return word("null");
    default: return number();
    }
  }

  bool object(std::size_t depth) {
    ++at_;
    space();
    if (take('}'))
      return true;
    do {
      space();
      if (!string())
        return false;
      space();
      if (!take(':') || !value(depth))
        return false;
      space();
    } while (take(','));
    return take('}');
  }

  bool array(std::size_t depth) {
    ++at_;
    space();
    if (take(']'))
      return true;
    do {
      if (!value(depth))
        return false;
      space();
    } while (take(','));
    return take(']');
  }

  bool string() {
    if (at_ == text_.size() || text_[at_] != '"')
      return false;
    auto end = check_json_string(text_, at_);
    if (!end)
      return false;
    at_ = *end;
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits())
      return false;
    if (take('.') && !digits())
      return false;
    if (!take('e') && !take('E'))
      return true;
    if (!take('+'))
      take('-');
    return digits();
  }

  bool digits() {
    auto from = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9')
      ++at_;
    return at_ > from;
  }

  bool word(std::string_view expected) {
    auto there = text_.substr(at_, expected.size()) == expected;
    at_ += expected.size();
    return there;
  }

  bool take(char c) {
    auto there = at_ < text_.size() && text_[at_] == c;
    at_ += there ? 1 : 0;
    return there;
  }

  void space() { at_ = skip_json_space(text_, at_); }

  std::string_view text_;
  std::size_t at_ = 0;
};

} // namespace

bool nests_deeper(std::string_view text, std::size_t depth) {
  std::size_t open = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto c = text[at];
    if (c == '"') {
      at = end_of_json_string(text, at);
      continue;
    }
    if ((c == '{' || c == '[') && ++open > depth)
      return true;
    if ((c == '}' || c == ']') && open > 0)
      --open;
    ++at;
  }
  return false;
}

bool is_json(std::string_view text, std::size_t depth) {
  return grammar{text}.text(depth);
}

std::size_t skip_json_space(std::string_view text, std::size_t at) {
  while (at < text.size()
         && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
    ++at;
  return at;
}

std::size_t end_of_json_value(std::string_view text, std::size_t at) {
  if (text[at] == '"')
    return end_of_json_string(text, at);
  if (text[at] != '{' && text[at] != '[')
    return std::min(text.find_first_of(",]} \t\r\n", at), text.size());
  std::size_t open = 0;
  do {
    auto c = text[at];
    if (c == '"') {
      at = end_of_json_string(text, at);
      continue;
    }
    if (c == '{' || c == '[')
      ++open;
    else if (c == '}' || c == ']')
      --open;
    ++at;
  } while (open > 0);
  return at;
}

} // namespace holdfast
