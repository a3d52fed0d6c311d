// The fuzzer's bytes, taken one after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast::fuzz {

class input {
public:
  input(const std::uint8_t* data, std::size_t size)
    : rest_{reinterpret_cast<const char*>(data), size} {}

  bool empty() const { return rest_.empty(); }

  /// 0 at the end.
  std::uint8_t byte() {
    if (rest_.empty())
      return 0;
    auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }

  /// Fewer at the end.
  std::string_view bytes(std::size_t most) {
    auto taken = rest_.substr(0, most);
    rest_.remove_prefix(taken.size());
    return taken;
  }

private:
  std::string_view rest_;
};

} // namespace holdfast::fuzz
