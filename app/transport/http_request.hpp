// The head of an HTTP/1.x request, read strictly.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::transport {

/// Collects and splits one request head (RFC 7230 section 3). What other parsers tolerate is
/// refused, since two that read the same bytes differently can be played against each other:
/// line ends other than CRLF, folded lines, blanks before the colon, control characters.
class http_request {
public:
  enum class progress {
    incomplete,
    complete,
    malformed,
    header_too_large,
    uri_too_long,
  };

  struct limits {
    std::size_t head; ///< request line and header fields, in bytes
    std::size_t uri;  ///< the request's target, in bytes
  };

  /// Takes bytes up to the end of the head; `used` tells how many. After anything but
  /// `incomplete` it must not be called again before clear().
  progress read(std::string_view bytes, const limits& limits, std::size_t& used);

  bool empty() const { return raw_.empty(); }

  // Once complete; views hold until clear().

  std::string_view method() const { return method_; }
  std::string_view path() const { return path_; }   ///< without the query, not percent-decoded
  std::string_view query() const { return query_; } ///< without the question mark
  bool is_http_1_1() const { return version_ == "HTTP/1.1"; }

  /// How many fields have this name, in any case.
  std::size_t count(std::string_view name) const;

  /// The value; of several fields with this name the values, joined by a comma as section 3.2.2
  /// has it. Empty when there is none.
  std::string_view header(std::string_view name) const;

  /// Whether the header's comma-separated list has `token`, in any case.
  bool list_has(std::string_view name, std::string_view token) const;

  /// For the next request; keeps the memory, unless it is much.
  void clear();

private:
  progress check_partial(std::size_t from, const limits& limits) const;
  progress split(const limits& limits);
  bool split_target(std::string_view target);
  bool add_field(std::string_view line);

  std::string raw_;
  std::string_view method_, path_, query_, version_;
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
  mutable std::list<std::string> joined_;
};

/// Whether two ASCII texts are the same but for case.
bool same_without_case(std::string_view a, std::string_view b);

} // namespace holdfast::transport
