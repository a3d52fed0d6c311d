// Messages that can be told from each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::bench {

/// Texts of one length: a number in 16 hexadecimal digits (the last ones, where there is no room
/// for all), then printable characters, no two neighbours alike, so that a shifted text is noticed.
class numbered_text {
public:
  explicit numbered_text(std::size_t size);

  /// The text with this number; valid until the next call.
  std::string_view with(std::uint64_t number);

  /// The number of a text of this length that is whole; nothing for any other.
  std::optional<std::uint64_t> number_of(std::string_view text) const;

private:
  std::string text_;
};

} // namespace holdfast::bench
