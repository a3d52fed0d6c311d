// The only chance in a simulation: a sequence that follows from a seed, on every machine alike.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::simulation {

/// splitmix64.
class dice {
public:
  explicit dice(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() {
    auto z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

  /// 0 to `n` - 1; `n` is at least 1.
  std::uint64_t below(std::uint64_t n) { return next() % n; }

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }

  bool chance(unsigned percent) { return below(100) < percent; }

private:
  std::uint64_t state_;
};

/// FNV-1a over everything that can be observed.
class trace_hash {
public:
  void add(std::uint64_t x) {
    for (int i = 0; i < 8; ++i)
      value_ = (value_ ^ (x >> (8 * i) & 0xff)) * 0x100000001b3ull;
  }

  void add_text(std::string_view text) {
    for (char c : text)
      value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    add(text.size());
  }

  std::uint64_t value() const { return value_; }

private:
  std::uint64_t value_ = 0xcbf29ce484222325ull;
};

} // namespace holdfast::simulation
