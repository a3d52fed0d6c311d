// A second reading of an opening handshake: RFC 7230 sections 3 and 5, RFC 6455 section 4.2.1.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::fuzz {

/// What may be answered to the bytes that have come. Where a request is wrong in several ways
/// each of the answers is right; whether it is to be upgraded has one answer.
class reference_request {
public:
  struct limits {
    std::size_t head;
    std::size_t target;
  };

  reference_request(std::string_view sent, const limits& limits) : limits_{limits} {
    auto end = sent.find("\r\n\r\n");
    complete_ = end != std::string_view::npos;
    head_ = sent.substr(0, complete_ ? end + 4 : end);
    judge_size();
    if (has_bare_line_feed())
      answers_.push_back(400);
    if (!complete_)
      return;
    bool well_formed = split();
    if (!well_formed)
      answers_.push_back(400);
    refusals_ = answers_;
    if (answers_.empty())
      judge_meaning();
  }

  /// The answers to what is no HTTP, or too large, whatever the request means.
  const std::vector<unsigned>& refusals() const { return complete_ ? refusals_ : answers_; }

  /// A request to upgrade that is right: the application is asked.
  bool upgrade() const { return upgrade_; }

  /// Statuses with which the transport may refuse or answer. None: there is nothing to say yet.
  const std::vector<unsigned>& answers() const { return answers_; }
  bool may_answer(unsigned status) const {
    return std::find(answers_.begin(), answers_.end(), status) != answers_.end();
  }

  bool complete() const { return complete_; }
  std::size_t head_size() const { return head_.size(); }
  std::string_view method() const { return method_; }
  std::string_view path() const { return path_; }
  std::string_view query() const { return query_; }

  /// All values of this name, as RFC 7230 section 3.2.2 joins them.
  std::string header(std::string_view name) const {
    std::string joined;
    for (auto& value : values(name))
      joined.append(joined.empty() && &value == &values_.front() ? "" : ", ").append(value);
    return joined;
  }

  /// All values of this name; until it is asked for another.
  const std::vector<std::string>& values(std::string_view name) const {
    values_.clear();
    for (auto& field : fields_) {
      if (same(field.first, name))
        values_.emplace_back(field.second);
    }
    return values_;
  }

  /// Whether one of them is a list that has it.
  bool lists(std::string_view name, std::string_view wanted) const {
    for (auto value : values(name)) {
      value += ',';
      for (std::size_t at = 0; at < value.size(); at = value.find(',', at) + 1) {
        if (same(strip(std::string_view{value}.substr(at, value.find(',', at) - at)), wanted))
          return true;
      }
    }
    return false;
  }

private:
  static char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

  static bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
             return small(x) == small(y);
           });
  }

  static bool letter(char c) { return small(c) >= 'a' && small(c) <= 'z'; }
  static bool digit(char c) { return c >= '0' && c <= '9'; }

  static bool token(std::string_view text) {
    for (auto c : text) {
      if (!letter(c) && !digit(c) && (c == 0 || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) > 15))
        return false;
    }
    return !text.empty();
  }

  static std::string_view strip(std::string_view text) {
    auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
      return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
  }

  void judge_size() {
    if (head_.size() > limits_.head)
      answers_.push_back(431);
    auto blank = head_.find(' ');
    if (blank == std::string_view::npos)
      return;
    auto target = head_.substr(blank + 1);
    // With a blank in it, which is wrong in another way.
    auto line = head_.substr(0, head_.find("\r\n"));
    bool long_anyhow = complete_ && line.rfind(' ') - blank - 1 > limits_.target;
    if (target.substr(0, target.find_first_of(" \r")).size() > limits_.target || long_anyhow)
      answers_.push_back(414);
  }

  bool has_bare_line_feed() const {
    for (std::size_t i = 0; i < head_.size(); ++i) {
      if (head_[i] == '\n' && (i == 0 || head_[i - 1] != '\r'))
        return true;
    }
    return false;
  }

  /// False when it is no HTTP.
  bool split() {
    auto rest = head_.substr(0, head_.size() - 2);
    auto line = [&rest] {
      auto end = rest.find("\r\n");
      auto one = rest.substr(0, end);
      rest.remove_prefix(end + 2);
      return one;
    };
    bool right = split_first(line());
    while (!rest.empty()) {
      auto field = line();
      auto colon = field.find(':');
      auto name = field.substr(0, colon);
      auto value = colon == std::string_view::npos ? field : strip(field.substr(colon + 1));
      right = right && colon != std::string_view::npos && token(name) && printable(value);
      fields_.emplace_back(name, value);
    }
    if (fields_.size() > 100)
      answers_.push_back(431);
    return right;
  }

  static bool printable(std::string_view value) {
    return std::none_of(value.begin(), value.end(), [](char c) {
      return c != '\t' && (static_cast<unsigned char>(c) < 32 || c == 127);
    });
  }

  bool split_first(std::string_view line) {
    auto a = line.find(' ');
    auto b = a == std::string_view::npos ? a : line.find(' ', a + 1);
    if (b == std::string_view::npos || line.find(' ', b + 1) != std::string_view::npos)
      return false;
    method_ = line.substr(0, a);
    version_ = line.substr(b + 1);
    return token(method_) && (version_ == "HTTP/1.1" || version_ == "HTTP/1.0")
           && split_target(line.substr(a + 1, b - a - 1));
  }

  bool split_target(std::string_view target) {
    for (auto c : target) {
      if (c < 33 || c > 126 || c == '#')
        return false;
    }
    if (target == "*") {
      path_ = target;
      return method_ == "OPTIONS";
    }
    if (target.empty() || target[0] != '/') {
      auto colon = target.find("://");
      if (colon == std::string_view::npos || !scheme(target.substr(0, colon)))
        return false;
      target.remove_prefix(colon + 3);
      auto authority = target.find_first_of("/?");
      if (authority == 0 || authority == std::string_view::npos || target[authority] != '/')
        return false;
      target.remove_prefix(authority);
    }
    auto mark = target.find('?');
    path_ = target.substr(0, mark);
    query_ = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
    return true;
  }

  /// RFC 3986 section 3.1.
  static bool scheme(std::string_view text) {
    return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
      return letter(c) || digit(c) || c == '+' || c == '-' || c == '.';
    });
  }

  bool alone(std::string_view name, std::string_view value) const {
    auto& found = values(name);
    return found.size() == 1 && found[0] == value;
  }

  bool key_is_right() const {
    auto& keys = values("sec-websocket-key");
    if (keys.size() != 1 || keys[0].size() != 24 || keys[0].compare(22, 2, "==") != 0)
      return false;
    return std::all_of(keys[0].begin(), keys[0].begin() + 22,
                       [](char c) { return letter(c) || digit(c) || c == '+' || c == '/'; });
  }

  /// RFC 6455 section 4.3.
  static bool version(const std::string& text) {
    for (int number = 0; number < 256; ++number) {
      if (text == std::to_string(number))
        return true;
    }
    return false;
  }

  void judge_meaning() {
    bool body = !values("transfer-encoding").empty()
                || (!values("content-length").empty() && !alone("content-length", "0"));
    bool hosts = values("host").size() > 1 || (values("host").empty() && version_ == "HTTP/1.1");
    if (body || hosts || values("sec-websocket-version").size() > 1
        || values("sec-websocket-key").size() > 1)
      answers_.push_back(400);
    if (method_ != "GET" && method_ != "HEAD")
      answers_.push_back(405);
    if (!answers_.empty())
      return;
    bool wanted = method_ == "GET" && lists("upgrade", "websocket");
    if (!wanted) {
      if (path_ == "/healthz")
        answers_ = {200, 503};
      else
        answers_ = {426, 404};
      if (!values("sec-websocket-key").empty())
        answers_.push_back(400); // a request to upgrade that forgot to say so
      return;
    }
    if (version_ != "HTTP/1.1" || !lists("connection", "upgrade") || !key_is_right())
      answers_.push_back(400);
    if (!alone("sec-websocket-version", "13")) {
      answers_.push_back(426);
      answers_.push_back(404);
      if (!version(header("sec-websocket-version")))
        answers_.push_back(400);
    }
    upgrade_ = answers_.empty();
  }

  limits limits_;
  std::string_view head_;
  bool complete_ = false;
  bool upgrade_ = false;
  std::vector<unsigned> answers_, refusals_;
  std::string_view method_, version_, path_, query_;
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
  mutable std::vector<std::string> values_;
};

} // namespace holdfast::fuzz
